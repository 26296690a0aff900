"""What was typed into a return: brought together, filled with 0. Nothing typed is ever lost."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.figures import LONGEST_CARRIED, Digest, Entry, blanks_in, merge, read_opened, with_nil, write_opened
from indicators.lines import BY_CODE, PLACES

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


def test_the_catalogue_of_places_is_sound():
    assert len(BY_CODE) == len(PLACES)
    assert sorted(place.name for place in PLACES) == [place.name for place in PLACES]
    for place in PLACES:
        # The British Isles, and a code that addresses can hold.
        assert -8.7 < place.longitude < 1.8
        assert 49.8 < place.latitude < 60.9
        assert place.code == place.code.lower()
        assert " " not in place.code
