"""What was typed into a return: brought together, pasted, filled with 0. Nothing typed is ever lost."""

from collections.abc import Mapping
from contextlib import suppress
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.entries import (
    LONGEST_CARRIED,
    LONGEST_PASTE,
    Digest,
    Entry,
    PasteRefused,
    blanks_in,
    merge,
    paste,
    read_opened,
    with_nil,
    write_opened,
)
from indicators.origins import BY_CODE, PLACES

NAMES = ["lines.london", "lines.leeds", "arrests", "charges"]
typed = st.builds(
    Entry,
    st.sampled_from(["", "0", "7", "12a"]),
    st.sampled_from(["", "awaited"]),
    st.sampled_from(["", "x", "x" * 201, "é" * 300]),
)
forms = st.dictionaries(st.sampled_from(NAMES), typed)


def entry_in(form: Mapping[str, Entry], name: str) -> Entry:
    return form.get(name, Entry())


@given(forms, forms, forms)
def test_what_either_of_two_people_changed_is_on_the_page(opened, mine, theirs):
    merged = merge(opened, mine, theirs)
    for name in NAMES:
        before, typed, saved = (entry_in(form, name) for form in (opened, mine, theirs))
        shown = entry_in(merged.entries, name)
        if typed != before:
            assert shown == typed
            assert (name in merged.clashes) == (saved not in (before, typed))
            assert merged.clashes.get(name, saved) == saved
        else:
            assert shown == saved
            assert name not in merged.clashes
        assert (name in merged.taken) == (typed == before != saved)


@given(forms, forms, forms)
def test_what_a_form_carries_merges_as_what_it_was_opened_with(opened, mine, theirs):
    carried = read_opened(write_opened(opened))
    assert merge(carried, mine, theirs) == merge(opened, mine, theirs)
    assert read_opened(write_opened(carried)) == carried


def test_a_form_carries_a_long_entry_in_short():
    carried = write_opened({"a": Entry("1", "", "é" * 1_000_000), "b": Entry("", "", "é" * LONGEST_CARRIED)})
    assert len(carried) < 400
    opened = read_opened(carried)
    assert isinstance(opened["a"], Digest)
    assert opened["b"] == Entry("", "", "é" * LONGEST_CARRIED)
    # What it stands for isn't what somebody types who types the digest.
    assert merge(opened, {"a": Entry(opened["a"].value)}, {}).entries["a"] == Entry(opened["a"].value)
    assert merge(opened, {"a": Entry(opened["a"].value)}, {}).clashes == {"a": Entry()}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        '{"a":' * 100_000,
        "{",
        "null",
        "7",
        '["a"]',
        '{"a": 7}',
        '{"a": ["1", "2", "3", "4"]}',
        "9" * 5000,
    ],
)
def test_what_no_form_of_ours_carries_says_nothing(text):
    assert read_opened(text) == {}


def test_what_a_form_carries_is_read_up_to_a_size():
    assert read_opened(write_opened({f"box-{number}": Entry("1", "", "x" * 199) for number in range(1000)})) != {}
    assert read_opened(write_opened({f"box-{number}": Entry("1", "", "x" * 199) for number in range(10_000)})) == {}


def test_half_a_character_is_dropped():
    opened = read_opened(r'{"a\ud800": ["1\udfff", "", "x\ud83d\ude00"]}')
    assert opened == {"a": Entry("1", "", "x😀")}
    assert write_opened(opened).encode() == '{"a": ["1", "", "x😀"]}'.encode()


@given(forms)
def test_nil_fills_only_what_is_blank(form):
    filled = with_nil(NAMES, form)
    for name in NAMES:
        before = entry_in(form, name)
        assert filled[name] == (Entry("0") if name in blanks_in(NAMES, form) else before)
    assert blanks_in(NAMES, filled) == []


def test_blanks_of_white_space_are_blank():
    assert blanks_in(["a", "b"], {"a": Entry("  "), "b": Entry("", "", "a note")}) == ["a"]


def test_a_pasted_column_fills_the_rows_in_their_order():
    filled, count = paste("1\r\n\r\n3\n", NAMES, {"lines.leeds": Entry("9")})
    assert filled == {"lines.london": Entry("1"), "lines.leeds": Entry("9"), "arrests": Entry("3")}
    assert count == 2


def test_a_pasted_block_brings_notes_and_reasons():
    filled, _ = paste("1,200\tan emoji 🙂\nnot available\tDown\nComes later\tOn the 5th\n0", NAMES, {})
    assert filled == {
        "lines.london": Entry("1,200", "", "an emoji 🙂"),
        "lines.leeds": Entry("", "not_available", "Down"),
        "arrests": Entry("", "awaited", "On the 5th"),
        "charges": Entry("0"),
    }


def test_a_pasted_number_takes_the_place_of_a_reason():
    filled, _ = paste("5", ["a"], {"a": Entry("", "awaited", "later")})
    assert filled == {"a": Entry("5", "", "later")}


@pytest.mark.parametrize("extra", [1, 30])
def test_more_rows_than_the_table_has_are_refused_whole(extra):
    text = "\n".join("1" * (len(NAMES) + extra))
    with pytest.raises(PasteRefused, match=rf"^{len(NAMES) + extra} rows were pasted, and the table has only 4\."):
        paste(text, NAMES, {})


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t\r\n"])
def test_nothing_pasted_is_a_sentence(text):
    with pytest.raises(PasteRefused, match=r"^Nothing was pasted"):
        paste(text, NAMES, {})


def test_a_cell_with_a_line_break_shifts_no_row():
    filled, count = paste('12\t"first line\r\nsecond ""line"""\r\n7\t"a\tb"\n"1\n"\n', NAMES, {})
    assert filled == {
        "lines.london": Entry("12", "", 'first line second "line"'),
        "lines.leeds": Entry("7", "", "a\tb"),
        "arrests": Entry("1"),
    }
    assert count == 3


@pytest.mark.parametrize("note", ['5" pipes', '"so-called" lines', '"', '"never closed', 'said "x"', '""x'])
def test_quotation_marks_that_no_spreadsheet_put_there_stay(note):
    filled, _ = paste(f"1\t{note}\n2", NAMES, {})
    assert filled == {"lines.london": Entry("1", "", note), "lines.leeds": Entry("2")}


cells = st.text(st.sampled_from('ab1 "\n\t'), min_size=1).filter(lambda text: text.strip() and text == text.strip())


@given(st.lists(cells, min_size=1, max_size=len(NAMES)))
def test_a_note_that_a_spreadsheet_quotes_comes_as_it_was(notes):
    lines = [f'1\t"{note.replace(chr(34), chr(34) * 2)}"' for note in notes]
    filled, count = paste("\n".join(lines), NAMES, {})
    assert count == len(notes)
    joined = [" ".join(part.strip() for part in note.split("\n") if part.strip()) for note in notes]
    assert [entry.note for entry in filled.values()] == joined


@pytest.mark.parametrize(
    "text", ['"\n' * 50_000, '"' * 1_000_000, '"""a\n' * 200_000, "\t" * 1_000_000, "1\n" * 600_000]
)
def test_a_hostile_block_is_read_or_refused_soon(text):
    began = perf_counter()
    with suppress(PasteRefused):
        paste(text, NAMES, {})
    assert perf_counter() - began < 5


def test_a_block_that_is_far_too_long_is_refused():
    with pytest.raises(PasteRefused, match="characters were pasted"):
        paste("1" * (LONGEST_PASTE + 1), NAMES, {})


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=len(NAMES)))
def test_what_is_pasted_is_what_is_typed(figures):
    filled, _ = paste("\n".join(map(str, figures)), NAMES, {})
    assert [entry.value for entry in filled.values()] == [str(figure) for figure in figures]


def test_the_catalogue_of_places_is_sound():
    assert len(BY_CODE) == len(PLACES)
    assert sorted(place.name for place in PLACES) == [place.name for place in PLACES]
    for place in PLACES:
        # The British Isles, and a code that addresses can hold.
        assert -8.7 < place.longitude < 1.8
        assert 49.8 < place.latitude < 60.9
        assert place.code == place.code.lower()
        assert " " not in place.code
