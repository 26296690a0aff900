"""Catalogues as files: what is read, what is wrong with it, what is written, what is chosen and compared."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.texts import shown
from indicators.catalogues.entries import (
    Act,
    BoardEntry,
    Catalogue,
    NotThere,
    StepEntry,
    StrandEntry,
    choose,
    choose_usual,
    compare,
    list_texts,
)
from indicators.catalogues.files import CatalogueRefused, read_catalogue, read_starter, write_catalogue

SMALL = """\
[catalogue]
name = "Small"
[[board]]
code = "csp"
name = "Community Safety Partnership"
short_name = "Community Safety"
[[agency]]
code = "police"
name = "Police"
kind = "police"
[[section]]
code = "arrests"
title = "Arrests"
[[indicator]]
code = "arrests"
section = "arrests"
title = "Arrests"
question = "How many?"
unit_one = "arrest"
unit_many = "arrests"
owner = "police"
boards = ["csp"]
polarity_reason = "More can mean better work."
definition = "Arrests in the month."
"""


def read(text: str) -> Catalogue:
    return read_catalogue(text.encode())


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(CatalogueRefused) as refused:
        read(text)
    return refused.value.faults


def test_a_catalogue_is_read_and_written():
    small = read(SMALL)
    assert small.indicator[0].boards == ("csp",)
    assert small.indicator[0].polarity == "neutral"
    assert read(write_catalogue(small)) == small


def test_the_starter_set_is_read_as_it_is_written():
    assert read(write_catalogue(read_starter())) == read_starter()


# Not halves of characters, which TOML can't have, nor the one that no database keeps.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


@settings(max_examples=50)
@given(name=TEXT.filter(shown), texts=st.lists(TEXT), summary=TEXT)
def test_any_text_comes_back(name: str, texts: list[str], summary: str):
    board = BoardEntry(code="csp", name=name, short_name="CSP", responsibilities=tuple(texts))
    catalogue = Catalogue(name=name, board=(board,), strand=(StrandEntry(code="a", name="A", summary=summary),))
    assert read(write_catalogue(catalogue)) == catalogue


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'code = "csp"',
            'code = "csp"\nname = "One"\nshort_name = "One"\n[[board]]\ncode = "csp"',
            "2 boards have the code “csp”: give each its own.",
        ),
        (
            'owner = "police"',
            'owner = "fire"',
            "The indicator “arrests”: its owner names “fire”, but the catalogue has no such agency.",
        ),
        (
            'boards = ["csp"]',
            'boards = ["sab"]',
            "The indicator “arrests”: its boards names “sab”, but the catalogue has no such board.",
        ),
        (
            'unit_one = "arrest"',
            'part_of = "arrests"\nunit_one = "arrest"',
            "The indicator “arrests” is a part of itself, or worked out from itself.",
        ),
        ('kind = "police"', "", "The agency “police” has no kind."),
        ('kind = "police"', 'kind = ""', "The agency “police” has an empty kind."),
        ('name = "Police"', 'name = "\u200b "', "The agency “police” has an empty name."),
        ('name = "Police"', 'name = "Po\\u0000lice"', "The agency “police”: its name must be text in quotes."),
        ('kind = "police"', "kind = 3", "The agency “police”: its kind must be text in quotes."),
        (
            'kind = "police"',
            'kind = "police"\ncolour = "blue"',
            "The agency “police” has an unknown entry, “colour”.",
        ),
        ('name = "Small"', "", "The catalogue has no name. Add it as name under [catalogue]."),
        (
            "[[indicator]]",
            '[[pathway]]\ncode = "p"\ntitle = "P"\nquestion = "Q?"\n[[pathway.step]]\ncode = "s"\nname = "S"\n'
            'agency = "fire"\n[[indicator]]',
            "The step “s” of “p” names the agency “fire”, but the catalogue doesn’t have it.",
        ),
        (
            "[[indicator]]",
            '[[pathway]]\ncode = "p"\ntitle = "P"\nquestion = "Q?"\n[[pathway.step]]\ncode = "s"\nname = "S"\n'
            'agency = "police"\n[[pathway.step]]\ncode = "s"\nname = "T"\nagency = "police"\n[[indicator]]',
            "The pathway “p” has the step “s” twice.",
        ),
        ("[[agency]]", "[agency]", "Write each agency as a table of its own: [[agency]]."),
        ("[catalogue]", "[[colour]]\n[catalogue]", "A catalogue has no part called “colour”."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(old: str, new: str, sentence: str):
    assert sentence in faults(SMALL.replace(old, new, 1))


def test_a_place_is_a_number_of_degrees():
    dimension = (
        '[[dimension]]\ncode = "a"\nname = "A"\n[[dimension.category]]\ncode = "b"\nname = "B"\nlongitude = nan\n'
    )
    assert faults(SMALL + dimension) == ("The category “b”: its longitude must be a number.",)


def test_a_catalogue_has_an_end():
    many = "".join(f'[[strand]]\ncode = "s{number}"\nname = "S"\n' for number in range(501))
    assert faults(SMALL + many) == ("There are 501 strands: a catalogue has at most 500.",)


def test_a_long_chain_of_parts_is_made_in_order():
    head, rest = SMALL.split("[[indicator]]")
    chain = [
        rest.replace('code = "arrests"', f'code = "i{number}"\npart_of = "i{number + 1}"') for number in range(400)
    ]
    chain.append(rest.replace('code = "arrests"', 'code = "i400"'))
    made = [entry.code for _, entry in read("[[indicator]]".join([head, *chain])).in_making_order()]
    assert made == [f"i{number}" for number in range(400, -1, -1)]


def test_all_that_is_wrong_is_said_at_once():
    wrong = SMALL.replace('owner = "police"', 'owner = "fire"').replace('section = "arrests"', 'section = "knives"')
    assert len(faults(wrong)) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "It isn’t text in UTF-8."),
        (b"board = [", "It can’t be read as TOML:"),
        (b"a = " + b"[" * 5000, "It can’t be read as TOML:"),
        (b"#" * (1024**2 + 1), "A catalogue has at most 1 MB."),
    ],
)
def test_what_is_no_catalogue_is_refused(content: bytes, words: str):
    with pytest.raises(CatalogueRefused, match=words):
        read_catalogue(content)


def test_what_is_chosen_brings_what_it_needs_and_leaves_what_nobody_needs():
    chosen = choose(read_starter(), ["housing-share-trained"], boards=["sab"])
    assert {entry.code for entry in chosen.indicator} == {"housing-staff", "housing-trained", "housing-share-trained"}
    assert [entry.code for entry in chosen.section] == ["workforce"]
    assert [entry.code for entry in chosen.board] == ["sab"]
    assert not chosen.dimension
    assert read(write_catalogue(chosen)) == chosen


def test_what_is_optional_is_taken_where_it_is_asked_for():
    usual = {entry.code for entry in choose_usual(read_starter()).indicator}
    assert "lines" in usual
    assert "police-drugs" not in usual
    more = {entry.code for entry in choose_usual(read_starter(), also=["police-drugs"], without=["lines"]).indicator}
    assert more == usual - {"lines"} | {"police-drugs"}


def test_a_pathway_stays_with_its_counts_and_the_agencies_that_answer_for_it():
    starter = read_starter()
    (adults,) = (entry for entry in starter.pathway if entry.code == "exploited-adults")
    asked = StepEntry(code="seen", name="Seen", agency="fire-and-rescue", nobody_counts="who was seen again")
    wanted = replace(starter, pathway=(replace(adults, optional=False, step=(*adults.step, asked)),))
    chosen = choose(wanted, adults.needs)
    assert {"adult-social-care", "fire-and-rescue"} <= {entry.code for entry in chosen.agency}
    assert [entry.code for entry in chosen.pathway] == ["exploited-adults"]
    # Without one of its counts there is none, and nobody asks for an optional one.
    assert choose(wanted, ["adult-concerns"]).pathway == ()
    assert choose(starter, adults.needs).pathway == ()


def test_what_a_catalogue_does_not_have_cannot_be_chosen():
    with pytest.raises(NotThere, match="The catalogue has no indicator “colours”"):
        choose_usual(read_starter(), also=["colours"])


def test_a_newer_catalogue_is_compared_entry_by_entry():
    held = read(SMALL)
    newer = replace(
        held,
        board=(replace(held.board[0], basis="Crime and Disorder Act 1998"),),
        strand=(StrandEntry(code="prevent", name="Prevent"),),
        agency=(),
        settings=replace(held.settings, due_day=12),
    )
    found = compare(held, newer, retired={("strand", "prevent")})
    assert [(each.act, each.kind, each.code) for each in found] == [
        (Act.CHANGED, "board", "csp"),
        (Act.RETIRED, "strand", "prevent"),
        (Act.GONE, "agency", "police"),
    ]
    assert found[0].changes[0].words == ("basis", "none", "Crime and Disorder Act 1998")
    assert compare(held, held) == []


def test_of_a_list_only_what_goes_and_what_comes_is_told():
    held = read(SMALL)
    before = replace(held, board=(replace(held.board[0], responsibilities=("Patrols", "Orders")),))
    after = replace(held, board=(replace(held.board[0], responsibilities=("Orders", "Hotels")),))
    (found,) = compare(before, after)
    assert found.changes[0].words == ("responsibilities", "Patrols", "Hotels")


# Counts of what is known, identified or recorded that are judged all the same: each says why it can be.
JUDGED = {
    "missing-education": "Schools record every child’s attendance",
    "knife-violence": "compare the number with what A&E sees",
    "homicides": "every homicide is recorded",
}


def test_what_is_known_identified_or_recorded_has_no_judgement_in_the_starter_set():
    words = ("known", "identified", "recorded", "missing", "reported")
    for entry in read_starter().indicator:
        told = f"{entry.title} {entry.question} {entry.definition}".lower()
        if entry.code in JUDGED:
            assert JUDGED[entry.code] in entry.polarity_reason
        elif any(word in told for word in words) and not entry.ratio:
            assert entry.polarity == "neutral", entry.code


def test_killings_are_told_in_words():
    told = [entry.code for entry in read_starter().indicator if entry.counts_as == "deaths"]
    assert told == ["homicides"]


def test_what_rests_on_the_act_of_2026_counts_from_the_day_that_it_is_in_force():
    of_2026 = [entry for entry in read_starter().indicator if "Crime and Policing Act 2026" in entry.definition]
    codes = {"exploitation-charges", "exploitation-orders", "cuckooing-charges", "closure-orders", "civil-injunctions"}
    assert {entry.code for entry in of_2026} == codes
    assert all("in force" in entry.definition for entry in of_2026)
    assert not any("not checked" in text for entry in read_starter().indicator for text in list_texts(entry))


def test_a_line_may_come_from_inside_the_county():
    origin = next(entry for entry in read_starter().dimension if entry.code == "origin")
    assert "inside-county" in [category.code for category in origin.category]


def test_a_new_town_is_given_no_optional_agency():
    usual, chosen = choose_usual(read_starter()), choose(read_starter(), ["nrm-declined"])
    optional = {entry.code for entry in read_starter().agency if entry.optional}
    assert optional == {"adult-social-care", "fire-and-rescue"}
    assert optional.isdisjoint(entry.code for entry in usual.agency)
    assert {entry.code for entry in chosen.agency} & optional == {"adult-social-care"}
    assert not any(entry.optional for entry in chosen.agency)


def test_each_group_that_the_plan_names_is_trained_out_of_those_who_are_there():
    entries = {entry.code: entry for entry in read_starter().indicator}
    shares = [entry for entry in entries.values() if entry.section == "workforce" and entry.ratio == "share"]
    assert {share.code.removesuffix("-share-trained") for share in shares} == {
        "school",
        "children-care",
        "adult-care",
        "health",
        "housing",
        "voluntary",
    }
    for share in shares:
        trained, staff = entries[share.numerator], entries[share.denominator]
        assert (trained.part_of, trained.owner, staff.asked) == (staff.code, staff.owner, "quarterly")
