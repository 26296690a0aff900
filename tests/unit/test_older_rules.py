"""A month that was published under the rules until November 2026 says what it said; what stands beside newer
months has it in the tokens of today."""

from typing import Any

import pytest

from indicators import trend
from indicators.judgement.judge import Judgement, Method, Signal, Tier
from indicators.trend import Polarity
from reporting.exports.presenters.months import export_rows
from reporting.models.line_fields import Line
from reporting.months.presenters import older_rules
from reporting.months.presenters.past_months import past_months
from reporting.months.presenters.shapes import LineView
from reporting.months.presenters.words import describe_chance, describe_found, upper_first
from reporting.pages.presenters.examples import DUE, OCTOBER, make_line
from tests.disclosed import view_line
from tests.unit.test_presenters import view as month_of

USUAL = "within the usual range of 4 to 16"


def older(value: int | None, change: int | None = None, *, signal: str = "none", **fields: Any) -> Line:
    """A line of October 2026 as it was kept then, within limits of 3.2 to 16.6."""
    judgement = trend.JUDGED[Polarity(fields.get("polarity", "neutral"))][trend.Signal(signal)] if signal else ""
    kept = {
        "method": Method.CHART.value,
        "figures": 36,
        "mean": 9.9,
        "lower": 3.2,
        "upper": 16.6,
        "usual": None,
        "level": None,
        "level_since": None,
        "signal": signal,
        "judgement": judgement,
        "running": 0,
    }
    return make_line("arrest", "arrests", value, change, **kept | fields)


def seen(*args: Any, **fields: Any) -> LineView:
    return view_line(older(*args, **fields), OCTOBER, DUE)


NOT_JUDGED: dict[str, Any] = {"signal": "", "judgement": "", "mean": None, "lower": None, "upper": None}
LOWER = {"polarity": "lower"}


# --- In the words of then ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        ("none", USUAL),
        ("above_limit", "above the usual range of 4 to 16"),
        ("below_limit", "below the usual range of 4 to 16"),
        ("rising", "rising for seven months or more"),
        ("falling", "falling for seven months or more"),
        ("two_of_three_high", "near the top of the usual range of 4 to 16 in two of three months"),
        ("two_of_three_low", "near the bottom of the usual range of 4 to 16 in two of three months"),
        ("run_above", "above the average of 9.9 for seven months or more"),
        ("run_below", "below the average of 9.9 for seven months or more"),
    ],
)
def test_each_signal_says_what_it_said(signal, words):
    line = seen(9, 1, signal=signal, **LOWER)
    assert line.sentence == f"9 arrests, up 1 since September. {upper_first(words)}"
    said = {"high": "Worse", "low": "Better"}.get(older_rules.SIGNALS[trend.Signal(signal)])
    assert line.verdict == (f"{said}: {words}" if said else words[:1].upper() + words[1:])


@pytest.mark.parametrize(
    ("running", "words"),
    [
        (1, "above the usual range of 4 to 16"),
        (2, "above the usual range for the second month running"),
        (10, "above the usual range for the tenth month running"),
        (11, "above the usual range for 11 months running"),
    ],
)
def test_how_long_a_signal_had_stood(running, words):
    assert seen(20, 3, signal="above_limit", running=running, **LOWER).sentence.endswith(f". {upper_first(words)}")


def test_a_signal_without_a_polarity_had_no_judgement():
    line = seen(20, 3, signal="above_limit")
    assert line.verdict == "No judgement: above the usual range of 4 to 16"
    assert line.sentence.endswith(". No judgement: more arrests can mean better recognition")


def test_no_usual_range_is_invented_where_none_was_drawn():
    flat = {"lower": None, "upper": None}
    assert seen(5, 0, **flat).verdict == "No judgement"
    assert seen(5, 0, **flat, **LOWER).sentence.endswith(". No usual range: the figures have hardly varied")
    assert seen(5, 1, signal="rising", **flat, **LOWER).sentence.endswith(". Rising for seven months or more")


def test_rare_events_say_how_many_and_how_long_ago():
    rare = {"method": Method.RARE.value, **NOT_JUDGED}
    assert seen(0, -1, **rare).verdict == "Too rare to judge"
    counted = seen(0, -1, **rare, in_a_year=9, months_since=1)
    assert counted.verdict == "Too rare to judge: 9 in the last 12 months, the last one 1 month ago"
    assert counted.sentence.endswith(". 9 in the last 12 months, the last one 1 month ago")


# --- In the tokens of today ----------------------------------------------------------------------------------


@pytest.mark.parametrize("old", trend.Signal)
def test_each_older_signal_has_a_token(old: trend.Signal):
    line = seen(9, 1, signal=old.value, **LOWER)
    assert line.signal in [each.value for each in Signal]
    assert line.tier == ("" if old is trend.Signal.NONE else Tier.STANDS_OUT)
    assert line.has_signal == (old is not trend.Signal.NONE)
    assert line.look in ("better", "worse", "usual")


@pytest.mark.parametrize("old", trend.Judgement)
def test_each_older_judgement_has_one_that_means_the_same(old: trend.Judgement):
    assert older_rules.judgement(old.value) in [each.value for each in Judgement]


@pytest.mark.parametrize("polarity", Polarity)
@pytest.mark.parametrize("old", trend.Signal)
def test_a_judgement_is_that_of_its_signal(old: trend.Signal, polarity: Polarity):
    signal, tier = older_rules.signal_and_tier(old.value)
    newer = Judgement.USUAL
    if tier:
        high = {Polarity.HIGHER: Judgement.BETTER, Polarity.LOWER: Judgement.WORSE, Polarity.NEUTRAL: Judgement.HIGH}
        low = {Polarity.HIGHER: Judgement.WORSE, Polarity.LOWER: Judgement.BETTER, Polarity.NEUTRAL: Judgement.LOW}
        newer = (high if signal == Signal.HIGH else low)[polarity]
    assert older_rules.judgement(trend.JUDGED[polarity][old].value) == newer


def test_a_file_has_it_as_it_has_newer_ones():
    (row,) = export_rows(month_of(older(20, 3, signal="above_limit", **LOWER)))
    said = ("signal", "tier", "judgement", "window", "usual", "lower", "upper", "level")
    assert [row[name] for name in said] == ["high", "stands_out", "worse", None, 9.9, 3.2, 16.6, None]


def test_nothing_is_promised_of_the_rules_of_then():
    month = month_of(older(20, 3, signal="above_limit", **LOWER), older(12, 3))
    assert describe_found(month) == "What stands out: 1 of 2 figures"
    assert describe_chance(month).startswith("This month was published under the rules used until November 2026.")


def test_each_of_its_months_is_told_by_the_rules_of_then():
    step = {"at": 0, "from": "2020-01-01", "method": "chart", "mean": 9.9, "lower": 3.2, "upper": 16.6}
    line = older(20, 3, history=[9, 20], steps=[step | {"signals": {"1": "above_limit"}, "without": {}}])
    first, second = past_months(line, Polarity.LOWER)
    assert (first.signal, first.judgement, first.usual_text, first.look) == ("none", "usual", "4 to 16", "")
    assert (first.shows, second.shows) == ("Within the usual range", "Worse: above the usual range")
    assert (second.signal, second.tier, second.judgement, second.look) == ("high", "stands_out", "worse", "worse")


@pytest.mark.parametrize(
    ("method", "words", "judgement"),
    [("too_early", "Too early to tell", "too_early"), ("rare", "Too rare to judge", "")],
)
def test_a_part_that_was_not_charted_says_why(method, words, judgement):
    step = {"at": 0, "from": "2020-01-01", "method": method, "mean": None, "lower": None, "upper": None}
    line = older(2, history=[2], steps=[step | {"signals": {}, "without": {}}])
    (month,) = past_months(line, Polarity.LOWER)
    assert (month.shows, month.judgement, month.usual) == (words, judgement, None)


def test_where_no_limits_were_drawn_nothing_is_called_usual():
    step = {"at": 0, "from": "2020-01-01", "method": "chart", "mean": 5.0, "lower": None, "upper": None}
    (month,) = past_months(older(5, history=[5], steps=[step | {"signals": {}, "without": {}}]), Polarity.LOWER)
    assert (month.shows, month.usual_text) == ("No judgement", "")
