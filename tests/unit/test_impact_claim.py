"""What is said of a series before and after: real ones, planted changes, and why nothing can be said."""

from itertools import cycle, islice
from math import log, sqrt
from random import Random

import pytest
from scipy.stats import t

from core.calendar import Month
from indicators.impact.claim import (
    LEAST_AFTER,
    LEAST_DATES,
    MOST_AFTER,
    MOST_DATES,
    RARE,
    BeforeAfter,
    Refusal,
    compare,
    find_reach,
    find_span,
)
from tests import impact, london
from tests.made_up import count

FALL = 0.6
YEAR = 12
LOCKDOWN = Month(2020, 4) - london.FIRST


def steady(months: int, size: float = 50, seed: int = 1) -> list[int]:
    random = Random(seed)
    return [count(random, size, 1) for _ in range(months)]


def burglary() -> list[list[int | None]]:
    """To June 2020: three months of lockdown."""
    return [each.values[: LOCKDOWN + 3] for each in london.series("Domestic Burglary")]


# --- The seat-belt law -----------------------------------------------------------------------------------


def test_the_law_moved_front_seats_within_the_recorded_range():
    found = compare(impact.seat_belts()["front"], impact.LAW)

    assert 0.69 <= 1 + found.change.value <= 0.81
    assert found.is_claimed
    assert found.as_large == 0
    assert found.other_dates == MOST_DATES


def test_the_law_did_not_move_rear_seats():
    found = compare(impact.seat_belts()["rear"], impact.LAW)

    assert not found.change.leaves_out_none
    assert not found.is_claimed
    assert found.placebo_share > RARE


def test_beside_rear_seats_front_seats_still_fell():
    belts = impact.seat_belts()
    found = compare(belts["front"], impact.LAW, controls=[belts["rear"]])

    assert found.difference is not None
    assert found.controls is not None
    assert found.told is found.difference
    assert found.is_claimed
    assert 1 + found.difference.value == pytest.approx((1 + found.change.value) / (1 + found.controls.value))


# --- A lockdown everywhere -------------------------------------------------------------------------------


def test_burglary_fell_in_lockdown_in_most_boroughs():
    found = [compare(values, LOCKDOWN) for values in burglary()]

    assert sum(each.is_claimed and each.change.value < 0 for each in found) >= 4


def test_it_fell_as_much_in_the_other_boroughs():
    every = burglary()
    found = [compare(values, LOCKDOWN, controls=[*every[:at], *every[at + 1 :]]) for at, values in enumerate(every)]

    assert all(each.controls is not None and each.controls.upper < 0 for each in found)
    assert sum(not each.is_claimed for each in found) >= 5


# --- How far a range reaches -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "after", "reach"), [(12, 24, 4.49), (13, 12, 3.18), (25, 12, 2.57), (60, 12, 2.21), (60, 3, 2.02)]
)
def test_a_range_reaches_further_the_fewer_dates_there_are(dates: int, after: int, reach: float):
    assert find_reach(dates, after) == pytest.approx(reach, abs=0.005)


@pytest.mark.parametrize("dates", range(LEAST_DATES, MOST_DATES + 1))
@pytest.mark.parametrize("after", [LEAST_AFTER, YEAR, MOST_AFTER])
def test_a_reach_is_student_s_t(dates: int, after: int):
    assert find_reach(dates, after) == pytest.approx(t.ppf(0.975, 1 + 2 * (dates - 1) / after), rel=1e-6)


def test_a_restless_range_reaches_so_many_swings_to_each_side():
    values = [*([100] * YEAR + [150] * YEAR) * 2, *[60] * YEAR]

    found = compare(values, 48)

    effects = [log(sum(values[at : at + YEAR]) / sum(values[at - YEAR : at])) for at in range(12, 37)]
    swing = sqrt(sum(effect**2 for effect in effects) / 25)
    assert found.other_dates == 25
    assert log(1 + found.change.upper) == pytest.approx(log(60 / 150) + t.ppf(0.975, 5) * swing)
    assert log(1 + found.change.lower) == pytest.approx(log(60 / 150) - t.ppf(0.975, 5) * swing)


# --- Worked by hand in docs/impact.md ----------------------------------------------------------------------


def test_the_case_that_is_worked_by_hand():
    history = [18, 22, 20, 25, 19, 21, 23, 17, 20, 24, 18, 21, 22, 19, 20, 23, 20, 21, 19, 22, 24, 18, 20, 21]
    history += [21, 23, 19, 20, 22, 18, 24, 20, 19, 21, 23, 20]

    found = compare([*history, 14, 12, 15, 11, 13, 16, 12, 14, 13, 15, 11, 14], 36)

    assert found.change.value == pytest.approx(160 / 250 - 1)
    assert (found.change.lower, found.change.upper) == pytest.approx((-0.475, -0.220), abs=0.0005)
    assert (found.as_large, found.other_dates, found.is_claimed) == (0, 13, True)
    assert (found.before, found.after, found.expected) == pytest.approx((250 / 12, 160 / 12, 250 / 12))


# --- What is planted -------------------------------------------------------------------------------------


def test_a_planted_fall_is_found():
    values = steady(72)
    values += [round(FALL * value) for value in steady(YEAR, seed=2)]

    found = compare(values, 72)

    assert found.is_claimed
    assert found.change.lower < -0.4 < found.change.upper
    assert found.after / found.expected - 1 == pytest.approx(found.change.value)


def test_a_range_is_never_narrower_than_chance():
    """A year of 1,200 beside one of 720, which don't vary at all."""
    found = compare([100] * 48 + [60] * YEAR, 48)

    half = 1.959964 * (1 / 1200 + 1 / 720) ** 0.5
    assert (found.change.lower, found.change.upper) == pytest.approx(
        (0.6 * 2.718281828**-half - 1, 0.6 * 2.718281828**half - 1), abs=1e-6
    )


def test_ups_and_downs_at_other_dates_widen_the_range():
    calm, restless = [100] * 96, list(islice(cycle([100] * YEAR + [150] * YEAR), 84)) + [100] * YEAR

    found = [compare(values[:84] + [60] * YEAR, 84) for values in (calm, restless)]
    widths = [each.change.upper - each.change.lower for each in found]

    assert widths[1] > 2 * widths[0]


def test_a_season_is_no_change():
    values = list(islice(cycle([40, 45, 55, 70, 85, 95, 100, 95, 85, 70, 55, 45]), 96))

    found = compare([*values[:90]], 84)  # six months that are always low and rise

    assert not found.is_claimed
    assert found.change.value == pytest.approx(0, abs=0.15)


def test_a_trend_that_goes_on_is_no_change():
    values = [round(300 * 0.985**month) for month in range(108)]

    found = compare(values, 96)

    assert found.model.trend
    assert not found.is_claimed
    assert found.change.value == pytest.approx(0, abs=0.02)


def test_a_month_that_is_sometimes_0_is_no_hindrance():
    values = [*islice(cycle([0, 2, 1, 0, 3, 1, 2]), 72), 8, 9, 7, 10, 9, 8, 7, 9, 8, 10, 9, 8]

    assert compare(values, 72).is_claimed


# --- Shares and rates ------------------------------------------------------------------------------------


def test_a_rate_allows_for_residents():
    values, residents = [50] * 60 + [100] * YEAR, [1000] * 60 + [2000] * YEAR

    found = compare(values, 60, exposures=residents)

    assert (found.before, found.after) == (0.05, 0.05)
    assert found.change.value == pytest.approx(0, abs=1e-9)
    assert not found.is_claimed


def test_chance_does_less_to_a_share_near_all():
    values, people = [90] * 60 + [97] * YEAR, [100] * 72

    share = compare(values, 60, exposures=people, is_share=True)
    rate = compare(values, 60, exposures=people)

    assert share.change.value == rate.change.value
    assert share.is_claimed
    assert share.change.upper < rate.change.upper


def test_comparison_series_of_a_share_are_joined():
    values, people = [50] * 60 + [80] * YEAR, [100] * 72
    others = [[20] * 60 + [32] * YEAR, [10] * 60 + [16] * YEAR]

    found = compare(
        values, 60, controls=others, exposures=people, control_exposures=[[40] * 72, [20] * 72], is_share=True
    )

    assert found.controls is not None
    assert found.controls.value == pytest.approx(0.6)
    assert not found.is_claimed


# --- Why nothing can be said -----------------------------------------------------------------------------


def refuse(values: list[int | None], event: int, **options) -> str:
    with pytest.raises(Refusal) as refused:
        compare(values, event, **options)
    return str(refused.value)


def test_an_event_outside_the_series():
    assert refuse([1] * 9, 9) == "The event lies outside the series, which has 9 months."
    assert refuse([1] * 9, -1) == "The event lies outside the series, which has 9 months."
    assert "which has 1 month." in refuse([1], 1)


def test_too_few_months():
    assert refuse([9] * 40, 25) == "There are too few months before the event: 25, but 26 are needed."
    assert refuse([9] * 40, 38) == "There are too few months after the event: 2, but 3 are needed."
    assert isinstance(compare([9] * 29, 26), BeforeAfter)


def test_a_gap_in_the_span():
    before = [9] * 30 + [None] + [9] * 30
    after = [9] * 62 + [None] + [9] * 9

    assert refuse(before, 50).endswith(
        "19, but 26 are needed. We count only the months after the last one without a figure."
    )
    assert refuse(after, 60).endswith(
        "2, but 3 are needed. We count only the months before the first one without a figure."
    )
    assert refuse([9] * 72, 50, controls=[[*before, *[9] * 11]]).startswith("There are too few months before")


def test_a_change_of_definition_in_the_span():
    values = [9] * 72

    assert refuse(values, 50, starts=[40]).endswith("since the last change of definition or recording.")
    assert refuse(values, 50, starts=[52]).endswith("before the next change of definition or recording.")
    assert refuse(values, 50, starts=[50]).startswith("The definition or recording changed in the month of the event")


def test_what_lies_beyond_a_gap_or_a_definition_is_not_looked_at():
    values = [500] * 30 + [None] + [9] * 40
    found = compare(values, 60)

    assert found.span.first == 31
    assert found.before == 9
    assert compare([500] * 31 + [9] * 40, 60, starts=[31]) == found


def test_no_count_on_one_side():
    own = (
        "The change cannot be estimated: its figures have no counts from before or from after the event, or too few "
        "to compare."
    )

    assert refuse([0] * 60, 48) == own
    assert refuse([5] * 48 + [0] * YEAR, 48) == own
    assert "the comparison series have no count" in refuse([5] * 60, 48, controls=[[0] * 60])


def test_too_few_other_dates_with_a_count():
    assert refuse([0] * 40 + [5] * 20, 48) == (
        "Counts are too small: a change can be estimated at 0 other dates, but 12 are needed."
    )


@pytest.mark.parametrize("history", range(26, 100, 7))
def test_other_dates_end_before_the_event(history: int):
    span = find_span([True] * (history + 40), history)

    dates = span.other_dates(YEAR)
    assert LEAST_DATES <= len(dates) <= MOST_DATES
    assert dates[0] - YEAR >= 0
    assert dates[-1] + span.after == history
