"""Control charts: as recorded from NHSRplotthedots, and by what must hold of any series."""

import json
from math import isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.trend import Assurance, Chart, Judgement, Polarity, Signal, analyse

CASES = [
    json.loads(line)
    for line in Path(__file__).parents[1].joinpath("data", "spc", "cases.jsonl").read_text().splitlines()
]
MIRROR = {
    Signal.ABOVE_LIMIT: Signal.BELOW_LIMIT,
    Signal.RISING: Signal.FALLING,
    Signal.TWO_OF_THREE_HIGH: Signal.TWO_OF_THREE_LOW,
    Signal.RUN_ABOVE: Signal.RUN_BELOW,
    Signal.NONE: Signal.NONE,
}
MIRROR |= {low: high for high, low in MIRROR.items()}
NOISE = [20, 0] * 8  # wide limits around 10, and no signal of its own
counts = st.lists(st.none() | st.integers(0, 40), max_size=48)


def agree(mine: list, recorded: list) -> bool:
    return all(
        (a is None) == (b is None) and (a is None or isclose(a, b, rel_tol=1e-9, abs_tol=1e-9))
        for a, b in zip(mine, recorded, strict=True)
    )


def test_there_are_372_cases():
    assert len(CASES) == 372


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["input"]["id"])
def test_agrees_with_the_recorded_case(case):
    given_, expected = case["input"], case["expected"]
    chart = analyse(
        given_["values"],
        polarity=Polarity(given_["improvement"]),
        target=given_["target"],
        step_changes=given_["step_changes"],
        baseline_points=given_["baseline_points"],
        screen_outliers=given_["screen_outliers"],
    )
    assert agree(chart.mean, expected["mean"])
    assert agree(chart.lower, expected["lower"])
    assert agree(chart.upper, expected["upper"])
    assert chart.signal == expected["signal"]
    assert chart.judgement == expected["judgement"]
    assert chart.variation == expected["variation"]
    assert chart.assurance == expected["assurance"]


def chart(values, **options) -> Chart:
    return analyse(values, **({"polarity": Polarity.NEUTRAL} | options))


@pytest.mark.parametrize("values", [[], [3], [None], [None, None, None]])
def test_nothing_can_be_told_from_too_little(values):
    found = chart(values)
    assert found.lower == found.upper == [None] * len(values)
    assert set(found.signal) <= {Signal.NONE}


def test_a_point_on_the_mean_breaks_a_run():
    above, mean, below = 14, 10, 6
    whole = [*NOISE, *[above] * 7, *[below] * 7]
    broken = [*NOISE, *[above] * 3, mean, *[above] * 3, *[below] * 6]
    assert chart(broken).mean[0] == mean
    assert chart(whole).signal.count(Signal.RUN_ABOVE) == 7
    assert Signal.RUN_ABOVE not in chart(broken).signal


def test_a_tie_breaks_a_trend():
    assert chart([*NOISE, 20, 5, 6, 7, 8, 9, 10, 11]).signal[-7:] == [Signal.RISING] * 7
    assert Signal.RISING not in chart([*NOISE, 20, 5, 6, 7, 8, 8, 9, 10, 11]).signal


def test_a_missing_month_blocks_a_run_and_a_trend():
    assert Signal.RISING not in chart([*NOISE, 20, 5, 6, 7, None, 8, 9, 10, 11]).signal
    assert Signal.RUN_ABOVE in chart([*NOISE, *[14] * 8]).signal
    assert Signal.RUN_ABOVE not in chart([*NOISE, *[14] * 4, None, *[14] * 4]).signal


def test_a_trend_is_judged_by_its_direction_not_by_its_side():
    falling_above_the_mean = [*NOISE, 19, 18, 17, 16, 15, 14, 13]
    assert chart(falling_above_the_mean, polarity=Polarity.LOWER).judgement[-7:] == [Judgement.IMPROVEMENT] * 7


@pytest.mark.parametrize(
    ("target", "polarity", "expected"),
    [
        (100, Polarity.HIGHER, Assurance.FAIL),
        (100, Polarity.LOWER, Assurance.PASS),
        (-100, Polarity.HIGHER, Assurance.PASS),
        (-100, Polarity.LOWER, Assurance.FAIL),
        (5, Polarity.LOWER, Assurance.INCONSISTENT),
        (5, Polarity.NEUTRAL, None),
        (None, Polarity.LOWER, None),
    ],
)
def test_assurance(target, polarity, expected):
    assert chart([4, 6, 5, 4, 6, 5], target=target, polarity=polarity).assurance == expected


@given(counts)
def test_turning_a_series_over_mirrors_its_signals(values):
    upside_down = [None if value is None else -value for value in values]
    assert chart(upside_down).signal == [MIRROR[signal] for signal in chart(values).signal]


@given(counts, st.integers(-50, 50))
def test_moving_a_series_moves_its_limits_and_keeps_its_signals(values, by):
    """Whole numbers: both means are correctly rounded, and a tie stays a tie."""
    moved = [None if value is None else 64 * value + 64 * by for value in values]
    scaled = [None if value is None else 64 * value for value in values]
    before, after = chart(scaled), chart(moved)
    assert agree(after.mean, [None if mean is None else mean + 64 * by for mean in before.mean])


@given(counts, counts)
def test_nothing_crosses_a_step_change(before, after):
    both = chart(before + after, step_changes=[len(before)] if after else [])
    assert both.signal == chart(before).signal + chart(after).signal
    assert both.mean == chart(before).mean + chart(after).mean


@given(counts)
def test_a_missing_month_never_has_a_signal(values):
    signals = chart(values).signal
    assert all(signal is Signal.NONE for signal, value in zip(signals, values, strict=True) if value is None)


@given(counts, st.integers(12, 30))
def test_months_after_the_baseline_leave_the_limits_alone(values, points):
    assert chart(values, baseline_points=points).upper[:points] == chart(values[:points]).upper
