"""A text as it is kept; and that one that shows nothing is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.texts import KEY_DIGITS, one_line, read_number, read_reason, tidy_text

NOTHING = (
    "",
    " \t\r\n\u00a0\u2003",
    "\u200b",
    "\u200b \u200c\u200d\u2060\ufeff\u00ad",
    "\u202e\u2066\u061c",
    "\ufe0f\u034f",
    "\u3164\u2800\u115f",
    "\x00\x01\x7f\x85",
)


@pytest.mark.parametrize("text", NOTHING)
def test_what_shows_nothing_is_nothing(text: str):
    assert one_line(text) == ""
    assert tidy_text(text) == ""
    assert read_reason(text, missing="Say why.") == ("", "Say why.")


@pytest.mark.parametrize(
    "text",
    ["a", "0", ".", "–", "€", "👩\u200d🚒", "❤\ufe0f", "می\u200cخواهم", "क्\u200dष", "e\u0301", "\ue000", "a\u200bb"],
)
def test_what_shows_something_stays_as_it_is(text: str):
    assert one_line(text) == text
    assert tidy_text(text) == text


def test_spaces_and_lines():
    assert one_line("  Two \t words\r\nand more\x00 ") == "Two words and more"
    assert tidy_text("\r\n One \r\n\r\n two\x00\rthree  \n") == "One \n\n two\nthree"


@given(st.text())
def test_what_is_kept_is_kept_again(text: str):
    assert one_line(one_line(text)) == one_line(text)
    assert tidy_text(tidy_text(text)) == tidy_text(text)


# --- Numbers ---------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**9 - 1))
def test_a_number_is_read_as_it_was_sent(number: int):
    assert read_number(str(number)) == number


@pytest.mark.parametrize("text", ["", " ", "-1", "+1", "1.0", "1_0", "٣", "²", "x", "1" * 10, "9" * 5000])
def test_what_no_column_holds_is_no_number(text: str):
    assert read_number(text) is None


def test_a_key_has_more_digits():
    assert read_number("9" * KEY_DIGITS, digits=KEY_DIGITS) == 10**KEY_DIGITS - 1
    assert read_number("9" * (KEY_DIGITS + 1), digits=KEY_DIGITS) is None
