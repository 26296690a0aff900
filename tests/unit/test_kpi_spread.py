"""How wide a KPI's range is: as wide as its series' own ups and downs, so that a KPI seldom claims what isn't there."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Month
from indicators.kpis.aims import Aim, Figure, KpiState, Scale, find_scale, judge_kpi, take_span
from indicators.kpis.spread import (
    MONTHS,
    Basis,
    Window,
    find_chance_of_target,
    find_limits,
    find_range,
    find_spread_of_months,
    find_spreads,
    list_contrasts,
)
from indicators.trend import Polarity
from tests.made_up import count, flow, share, wave

JANUARY, YEAR = Month(2026, 1), 12


def figures(values, of=None) -> list[Figure]:
    return [Figure(value, of) for value in values]


# --- What it rests on --------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [Window(1, 11, 1), Window(24, 0, 12), Window(12, 6, 5)])
@pytest.mark.parametrize("size", [0.3, 4, 60])
def test_a_contrast_is_one_where_only_chance_moves_months(window: Window, size: float):
    random = Random(size)
    found = [
        contrast
        for _ in range(150)
        for contrast in list_contrasts(figures(flow(random, size, 60)), window, is_part=False)
    ]

    assert sum(found) / len(found) == pytest.approx(1, abs=0.12)


def test_a_contrast_of_a_share_is_one_too():
    random = Random(2)
    found = [
        contrast
        for _ in range(150)
        for contrast in list_contrasts(
            figures([share(random, 0.8, 30, 1) for _ in range(60)], 30), Window(24, 0, 12), is_part=True
        )
    ]

    assert sum(found) / len(found) == pytest.approx(1, abs=0.12)


def test_a_season_moves_no_year_but_each_quarter():
    seasonal = figures([round(100 * (1 + 0.4 * wave(month))) for month in range(84)])
    spreads = find_spreads(seasonal, months=24)

    assert spreads[YEAR - 1] == 1
    assert spreads[3 - 1] > 5


def test_what_years_differ_by_at_other_dates_widens_the_range():
    jumping = figures([(20, 30, 24, 36, 22, 30)[month // 12] for month in range(72)])

    assert find_spreads(jumping, months=24)[YEAR - 1] > 5
    # The baseline's own months don't show it.
    assert find_spread_of_months(jumping[-24:], is_part=False) < 2


def test_without_other_dates_a_year_is_taken_to_drift():
    """By 20 %: of 360 due in a year this adds 0.04 · 360 / 1.5 to the spread; of 3.6 hardly anything."""
    assert find_spreads(figures([30] * 24), months=24)[YEAR - 1] == pytest.approx(1 + 0.04 * 360 / 1.5)
    assert find_spreads(figures([0, 1, 0, 0, 0, 0, 0, 1, 0, 1] * 3), months=24)[YEAR - 1] < 1.2


def test_a_later_comparison_varies_as_the_last_one_that_could_be_tried():
    spreads = find_spreads(figures(flow(Random(4), 20, 50, 2)), months=24)

    assert len(spreads) == MONTHS
    assert len(set(spreads[16:])) == 1


@given(
    values=st.lists(st.none() | st.integers(0, 60), min_size=24, max_size=80).filter(lambda values: any(values[-12:])),
    months=st.integers(3, 24),
    skipped=st.integers(0, 6),
)
def test_any_history_has_spreads(values: list[int | None], months: int, skipped: int):
    history = [None if value is None else Figure(value) for value in values] + [Figure(1)] * (months + skipped)
    spreads = find_spreads(history, months=months, skipped=skipped)

    assert len(spreads) == MONTHS
    assert all(spread >= 1 for spread in spreads)


# --- The range ---------------------------------------------------------------------------------------------


@given(cases=st.integers(0, 3000), clump=st.floats(1, 30), wider=st.floats(1, 4))
def test_a_range_includes_its_value_and_widens_with_the_spread(cases: int, clump: float, wider: float):
    lower, upper = find_limits(cases, cases, clump, is_part=False)
    least, most = find_limits(cases, cases, clump * wider, is_part=False)

    assert lower <= cases <= upper
    # Byar's range and the exact one differ slightly at ten clumps.
    assert least <= lower * 1.05 + 1e-9
    assert most >= upper * 0.95


@given(part=st.integers(0, 500), rest=st.integers(0, 500), clump=st.floats(1, 30))
def test_a_share_stays_within_none_and_all(part: int, rest: int, clump: float):
    of = max(1, part + rest)
    lower, upper = find_limits(min(part, of), of, clump, is_part=True)

    assert 0 <= lower <= min(part, of) <= upper <= of + 1e-9


def test_a_short_baseline_widens_the_range():
    aim = Aim(Polarity.LOWER, 10, 6, JANUARY, JANUARY + 23)
    span = take_span(figures([10] * 12), aim)
    widths = []
    for weight in (6, 24, 1e9):
        lower, upper = find_range(span, Scale(), Basis(weight, [1.0] * MONTHS))
        widths.append(upper - lower)

    assert widths == sorted(widths, reverse=True)


def test_the_range_is_wider_until_the_target_is_due():
    """A baseline that is known for sure leaves Byar's own range: of 99%, then of 95%."""
    aim, known = Aim(Polarity.LOWER, 10, 6, JANUARY, JANUARY + 23), Basis(1e9, [1.0])
    before, due = (take_span(figures([10] * months), aim) for months in (23, 24))

    assert find_range(before, Scale(), known) == pytest.approx((93.65, 151.22), abs=0.01)
    assert find_range(due, Scale(), known) == pytest.approx((99.49, 143.49), abs=0.01)


# --- Met by chance -----------------------------------------------------------------------------------------


def test_a_target_may_be_met_by_chance_alone():
    """At one a month, with a target of 20 % less, nearly one year in four has nine or fewer by chance."""
    aim = Aim(Polarity.LOWER, 1, 0.8, JANUARY, JANUARY + 11)
    span = take_span(figures([1] * 9 + [0] * 3), aim)
    known = Basis(1e9, [1.0] * MONTHS)

    assert find_chance_of_target(span, Scale(), known, Polarity.LOWER) == pytest.approx(0.2424, abs=0.001)
    assert judge_kpi(span, better=Polarity.LOWER, lower=4, upper=17).state is KpiState.MET


@pytest.mark.parametrize(("better", "target"), [(Polarity.LOWER, 8), (Polarity.HIGHER, 12.5)])
def test_the_chance_of_meeting_a_target_is_what_trying_shows(better: Polarity, target: float):
    random, met, times = Random(6), 0, 3000
    aim = Aim(better, 10, target, JANUARY, JANUARY + 11)
    for _ in range(times):
        known = count(random, 10 * 24, 2.5) / 24
        year = count(random, 10 * 12, 2.5)
        met += year <= target / 10 * known * 12 if better is Polarity.LOWER else year >= target / 10 * known * 12
    span = take_span(figures([10] * 12), aim)

    chance = find_chance_of_target(span, Scale(), Basis(24, [2.5] * MONTHS), better)
    assert chance == pytest.approx(met / times, abs=0.03)


def test_a_share_has_such_a_chance_too():
    aim = Aim(Polarity.HIGHER, 60, 70, JANUARY, JANUARY + 11)
    scale = find_scale("share", 100, "flow")
    span = take_span(figures([18] * 12, 30), aim, per=100)

    assert 0 < find_chance_of_target(span, scale, Basis(720, [1.0]), Polarity.HIGHER) < 0.05
