"""The sentence of a line, word for word; the method page shows the same lines."""

import pytest

from core.months import Month
from indicators.signals import Method, usual_range
from indicators.spc import Judgement, Signal
from indicators.trend import CellState, NoArrowReason, Polarity
from reporting.months.presenters.month import line_view
from reporting.pages.presenters.examples import DUE, NEVER_CAME, NOT_JUDGED, OCTOBER, examples, make_line

SENTENCES = [
    "12 arrests, up 3 since September; within the usual range of 4 to 16",
    "34 cuckooed houses, up 5 since September; above the usual range for the second month running",
    "5 referrals, down 2 since September; no judgement: more referrals can mean better recognition",
    "2 woundings; no arrow: September’s figure from NHS never came",
    "0 woundings, down 1 since September; 9 in the last 12 months, the last one 1 month ago",
    "1 charge, level with September; too early to tell: 5 of the 12 figures that it takes",
    "14 children, up 1 since September; rising for seven months or more",
    "12 arrests, up 3 since September; within the usual range of 4 to 16; provisional, so it may still change",
    "Interviews: awaited from Police, due 10 Nov",
]
VERDICTS = [
    "Within the usual range of 4 to 16",
    "Worse: above the usual range for the second month running",
    "No judgement: below the average of 9.9 for seven months or more",
    "Too rare to judge",
    "Too rare to judge: 9 in the last 12 months, the last one 1 month ago",
    "Too early to tell: 5 of the 12 figures that it takes",
    "Worse: rising for seven months or more",
    "Within the usual range of 4 to 16",
    "",
]


def test_each_example_reads_word_for_word():
    assert [example.line.sentence for example in examples()] == SENTENCES
    assert [example.line.verdict for example in examples()] == VERDICTS


def said(value, change=None, **fields) -> str:
    return line_view(make_line("arrest", "arrests", value, change, **fields), OCTOBER, DUE).sentence


@pytest.mark.parametrize(
    ("value", "change", "words"),
    [
        (0, 0, "0 arrests, level with September"),
        (0, -1, "0 arrests, down 1 since September"),
        (1, 1, "1 arrest, up 1 since September"),
        (2, 1, "2 arrests, up 1 since September"),
        (1200, -1034, "1,200 arrests, down 1,034 since September"),
    ],
)
def test_the_grammar_is_right_for_none_one_and_many(value, change, words):
    assert said(value, change) == f"{words}; within the usual range of 4 to 16"


@pytest.mark.parametrize(
    ("running", "words"),
    [
        (1, "above the usual range of 4 to 16"),
        (2, "above the usual range for the second month running"),
        (10, "above the usual range for the tenth month running"),
        (11, "above the usual range for 11 months running"),
    ],
)
def test_how_long_a_signal_has_stood(running, words):
    lower = {"polarity": Polarity.LOWER.value, "judgement": Judgement.CONCERN.value}
    line = {"signal": Signal.ABOVE_LIMIT.value, "running": running} | lower
    assert said(20, 3, **line) == f"20 arrests, up 3 since September; {words}"


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        (Signal.BELOW_LIMIT, "below the usual range of 4 to 16"),
        (Signal.FALLING, "falling for seven months or more"),
        (Signal.TWO_OF_THREE_HIGH, "near the top of the usual range of 4 to 16 in two of three months"),
        (Signal.TWO_OF_THREE_LOW, "near the bottom of the usual range of 4 to 16 in two of three months"),
        (Signal.RUN_ABOVE, "above the average of 9.9 for seven months or more"),
    ],
)
def test_what_each_signal_says(signal, words):
    line = {"polarity": Polarity.HIGHER.value, "judgement": Judgement.IMPROVEMENT.value, "signal": signal.value}
    assert said(9, 1, running=1, **line) == f"9 arrests, up 1 since September; {words}"


def test_no_usual_range_is_invented_where_none_can_be_drawn():
    flat = {"lower": None, "upper": None}
    assert (
        said(5, 0, **flat) == "5 arrests, level with September; no judgement: more arrests can mean better recognition"
    )
    assert said(5, 0, polarity="lower", **flat).endswith("; no usual range: the figures have hardly varied")


def test_a_trend_counts_where_no_limits_can_be_drawn():
    line = {"signal": Signal.RISING.value, "judgement": Judgement.CONCERN.value, "polarity": "lower"}
    assert said(5, 1, lower=None, upper=None, running=7, **line).endswith("; rising for seven months or more")


def test_a_category_names_itself():
    assert said(10, 2, category_code="leeds", category_name="Leeds").startswith(
        "Leeds: 10 arrests, up 2 since September"
    )


def test_no_arrow_and_within_the_usual_range():
    assert said(4, **NEVER_CAME) == (
        "4 arrests; no arrow: September’s figure from Police never came; within the usual range of 4 to 16"
    )


def test_no_figure_is_never_judged():
    line = make_line(
        "arrest",
        "arrests",
        None,
        state=CellState.NOT_AVAILABLE.value,
        note="The system was down",
        no_arrow_reason=NoArrowReason.NOT_AVAILABLE.value,
        **NOT_JUDGED,
    )
    view = line_view(line, OCTOBER, DUE)
    assert view.sentence == "Arrests: not available: The system was down"
    assert (view.verdict, view.look, view.signal, view.judgement) == ("", "", "", "")


def test_too_early_is_a_token_of_its_own():
    view = line_view(make_line("x", "xs", 1, 0, method=Method.TOO_EARLY.value, figures=1, **NOT_JUDGED), OCTOBER, DUE)
    assert (view.signal, view.judgement) == ("too_early", "too_early")
    assert not view.has_signal


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        (3.2, 16.6, "4 to 16"),
        (-2.5, 7.9, "0 to 7"),
        (4.0000000001, 15.9999999999, "4 to 16"),
        (4.2, 4.8, "4 to 5"),
        (-9.0, -1.0, "0 to 0"),
        (1000.5, 2000.5, "1,001 to 2,000"),
    ],
)
def test_the_usual_range_is_in_whole_numbers_from_0(lower, upper, words):
    assert usual_range(lower, upper) == words


@pytest.mark.parametrize(
    ("change", "words"),
    [(4, "Up 4 on October 2025"), (-1, "Down 1 on October 2025"), (0, "Level with October 2025"), (None, "")],
)
def test_year_on_year(change, words):
    line = make_line("arrest", "arrests", 12, 3, year_change=change)
    assert line_view(line, Month(2026, 10), DUE).year_words == words
