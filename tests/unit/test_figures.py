"""What was meant by what was typed in a box: a count, or a sentence that says what to do."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.figures import LARGEST, NotAFigure, read_figure, shorten

NO_BREAK, THIN, NARROW = "\u00a0", "\u2009", "\u202f"  # spaces that spreadsheets put between thousands


@pytest.mark.parametrize(
    ("typed", "figure"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("\t12\r\n", 12),
        (f"{NO_BREAK}12{NO_BREAK}", 12),
        ("1,200", 1200),
        ("1 200", 1200),
        (f"1{NO_BREAK}200", 1200),
        (f"1{THIN}200", 1200),
        (f"1{NARROW}200", 1200),
        ("12,345,678", 12_345_678),
        ("0", 0),
        ("000", 0),
        ("007", 7),
        ("0,012", 12),
        ("1000000000", LARGEST),
        ("0" * 300 + "5", 5),
        ("12.0", 12),
        ("12.00", 12),
        ("1,200.00", 1200),
        ("0.0", 0),
    ],
)
def test_a_count_is_read_however_it_is_grouped(typed: str, figure: int):
    assert read_figure(typed) == figure


EMPTY = "Enter a number (0 if there were none), or choose why you don’t have the figure."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", EMPTY),
        (" \t\n", EMPTY),
        (NO_BREAK, EMPTY),
        ("12.5", "Enter a whole number, without a decimal point. You entered “12.5”."),
        ("12.000", "Enter a whole number, without a decimal point. You entered “12.000”."),
        (".0", "Enter a whole number, without a decimal point. You entered “.0”."),
        ("1.200", "Enter a whole number, without a decimal point. You entered “1.200”."),
        (".5", "Enter a whole number, without a decimal point. You entered “.5”."),
        ("12.", "Enter a whole number, without a decimal point. You entered “12.”."),
        ("-1", "Enter a number that is 0 or more. You entered “-1”."),
        ("−1", "Enter a number that is 0 or more. You entered “−1”."),
        ("–1,200", "Enter a number that is 0 or more. You entered “–1,200”."),
        ("-12.5", "Enter a number that is 0 or more. You entered “-12.5”."),
        ("1000000001", "Enter a number of at most 1,000,000,000. You entered “1000000001”."),
        ("9" * 12, "Enter a number of at most 1,000,000,000. You entered “999999999999”."),
        ("9" * 5000, f"Enter a number of at most 1,000,000,000. You entered “{'9' * 29}…”."),
    ],
)
def test_what_is_wrong_with_a_number_is_said(typed: str, sentence: str):
    with pytest.raises(NotAFigure) as refusal:
        read_figure(typed)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "typed",
    [
        "12a",
        "a12",
        "１２",  # full-width digits
        "٣",  # an Arabic-Indic digit
        "²",  # a digit to str.isdigit
        "=1+1",
        "10**12",
        "1e3",
        "0x10",
        "1_000",
        "+5",
        "1,20",
        "1,2000",
        ",200",
        "1,,200",
        "1 2",
        "12 arrests",
        "about 12",
        "n/a",
        "🙂",
        "-",
        "12\x00",
        "\x00",
        "12\n13",
        "<b>12</b>",
    ],
)
def test_what_is_no_number_is_refused_with_the_words_typed(typed: str):
    with pytest.raises(NotAFigure) as refusal:
        read_figure(typed)
    assert str(refusal.value) == f"Enter a whole number, such as 12. You entered “{typed}”."


@given(number=st.integers(0, LARGEST), separator=st.sampled_from(["", ",", " ", NO_BREAK, THIN, NARROW]))
def test_a_number_written_with_any_separator_reads_as_itself(number: int, separator: str):
    assert read_figure(f"{number:,}".replace(",", separator)) == number


def reading(typed: str) -> int | str:
    """The figure, or the sentence that refuses it."""
    try:
        return read_figure(typed)
    except NotAFigure as refusal:
        return str(refusal)


@given(st.text(max_size=60) | st.text("0123456789,. -−\u00a0", max_size=60))
def test_whatever_is_typed_is_a_count_in_range_or_a_short_sentence(typed: str):
    answer = reading(typed)
    if isinstance(answer, int):
        assert 0 <= answer <= LARGEST
    else:
        assert answer.startswith("Enter a ")
        assert answer.endswith(".")
        assert len(answer) < 120


@pytest.mark.parametrize("typed", ["-" + " " * 2000 + "x", "1 " * 1000 + "x", "1," * 1000, "1" * 2000 + "x"])
def test_no_typing_keeps_the_server_busy(typed: str):
    """As long as a form keeps of one box. A pattern that backtracks badly takes minutes over these."""
    began = time.process_time()
    with pytest.raises(NotAFigure):
        read_figure(typed)
    assert time.process_time() - began < 0.5


def test_long_typing_is_cut_in_the_sentence():
    assert shorten("x" * 30) == "x" * 30
    assert shorten("x" * 31) == "x" * 29 + "…"
