"""Which method reads a series, and what it finds; and how often it cries wolf."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.signals import BASELINE_FIGURES, FALSE_SIGNALS_IN_1000, LEAST_FIGURES, Method, read_step
from indicators.spc import Judgement, Signal
from indicators.trend import Polarity

STEADY = [10, 12, 9, 11, 8, 10, 13, 9, 11, 10, 12, 8]
series = st.lists(st.none() | st.integers(0, 60), min_size=1, max_size=60)


def read(values, polarity=Polarity.LOWER):
    return read_step(values, polarity=polarity)


def test_fewer_than_12_figures_are_too_early_to_tell():
    assert read(STEADY[:11]).method is Method.TOO_EARLY
    assert read([*STEADY[:11], None, None]).method is Method.TOO_EARLY
    assert read(STEADY).method is Method.CHART


def test_limits_come_from_the_first_24_figures():
    first = (STEADY * 2)[:BASELINE_FIGURES]
    limits = read(first)
    later = read([*first, 40, 45, 50, 38])
    assert (later.lower, later.upper) == (limits.lower, limits.upper)
    gappy = read([*first[:5], None, *first[5:], 40, 45])
    assert gappy.mean == limits.mean


@pytest.mark.parametrize(
    ("values", "rare"),
    [
        ([0, 0, 3] * 8, True),
        ([0, 3] * 12, False),
        ([1, 0, 1, 0, 2, 0, 1, 1, 0, 1, 1, 0], True),
        ([1] * 12, False),
        ([0] * 24, True),
        ([5] * 24 + [0, 0, 4] * 8, True),
    ],
)
def test_rare_events_get_no_chart(values, rare):
    reading = read(values)
    assert (reading.method is Method.RARE) == rare
    if rare:
        assert reading.signal is reading.judgement is reading.lower is None


def test_rare_events_are_counted_over_a_year_and_from_the_last_one():
    reading = read([0] * 12 + [2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    assert (reading.in_a_year, reading.months_since) == (3, 8)
    hidden = read([0] * 12 + [2, 0, 0, 1, 0, None, 0, 0, 0, 0, 0, 0])
    assert (hidden.in_a_year, hidden.months_since) == (None, None)


def test_how_many_months_a_signal_has_run():
    reading = read([*STEADY, *STEADY, 29, 34])
    assert (reading.signal, reading.judgement, reading.running) == (Signal.ABOVE_LIMIT, Judgement.CONCERN, 2)


def test_a_month_without_a_figure_shows_nothing():
    reading = read([*STEADY, *STEADY, 34, None])
    assert (reading.signal, reading.judgement, reading.running) == (None, None, 0)


@given(series)
def test_what_is_judged_has_a_figure_and_a_chart(values):
    reading = read(values)
    assert (reading.signal is None) == (reading.judgement is None)
    if reading.signal is not None:
        assert reading.method is Method.CHART
        assert values[-1] is not None
        assert reading.figures >= LEAST_FIGURES
        assert (reading.running == 0) == (reading.signal is Signal.NONE)


@given(series)
def test_polarity_turns_better_into_worse_and_finds_the_same_signal(values):
    higher, lower = read(values, Polarity.HIGHER), read(values, Polarity.LOWER)
    swapped = {Judgement.IMPROVEMENT: Judgement.CONCERN, Judgement.CONCERN: Judgement.IMPROVEMENT}
    assert higher.signal is lower.signal
    assert higher.judgement == swapped.get(lower.judgement, lower.judgement)


@given(series, st.integers(0, 60))
def test_an_old_month_reads_the_same_whatever_comes_later(values, later):
    """Beyond the baseline a later month changes neither the limits nor the months before."""
    before, after = read(values), read([*values, later])
    if before.method is after.method is Method.CHART and before.figures >= BASELINE_FIGURES:
        assert (before.lower, before.upper) == (after.lower, after.upper)


def poisson(random: Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def test_how_often_a_steady_series_is_called_a_signal():
    """1,000 made-up series that never change (Poisson, means of 2 to 40), each month from the 12th
    to the 36th read as the newest. The method page states the share."""
    random = Random(2026)
    read_months = called = 0
    for number in range(1000):
        values = [poisson(random, 2 + number % 39) for _ in range(36)]
        for newest in range(LEAST_FIGURES, len(values) + 1):
            reading = read(values[:newest])
            if reading.method is Method.CHART:
                read_months += 1
                called += reading.signal is not Signal.NONE
    assert read_months > 20_000
    assert round(1000 * called / read_months) == FALSE_SIGNALS_IN_1000
