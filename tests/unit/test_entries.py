"""What was typed into a return: brought together, pasted, filled with 0. Nothing typed is ever lost."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.entries import Entry, PasteRefused, blanks_in, merge, paste, with_nil
from indicators.origins import BY_CODE, PLACES

NAMES = ["lines.london", "lines.leeds", "arrests", "charges"]
typed = st.builds(
    Entry, st.sampled_from(["", "0", "7", "12a"]), st.sampled_from(["", "awaited"]), st.sampled_from(["", "x"])
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
