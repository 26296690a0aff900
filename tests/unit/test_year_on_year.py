"""What two years come to beside each other: by what must hold of any months, and by cases worked out elsewhere."""

import math
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaincinv

from indicators.judgement.judge import Counted
from indicators.kpis.aims import Figure
from indicators.ratios import Ratio, RatioKind
from indicators.year_on_year import (
    LEAST_ALIKE,
    LEAST_TOLD,
    YEAR,
    TwoYears,
    Way,
    compare_years,
    differ_as_counts,
    differ_as_shares,
    find_alike,
    find_spread,
    find_spread_of_shares,
    find_trend,
)
from tests import impact
from tests.made_up import flow

SHARE, RATE = Ratio(RatioKind.SHARE, 100), Ratio(RatioKind.RATE, 10_000)
AVERAGE = Ratio(RatioKind.AVERAGE, 1)
counts = st.integers(0, 200)
months = st.lists(st.one_of(st.none(), counts), min_size=0, max_size=40)
places = st.sets(st.integers(0, 40))


def plain(values: Sequence[int | None]) -> list[Figure | None]:
    return [None if value is None else Figure(value) for value in values]


def of_count(values: Sequence[int | None], *, counted: Counted = Counted.FLOW, starts: Sequence[int] = ()) -> TwoYears:
    return compare_years(plain(values), counted=counted, starts=starts)


# --- Which months are compared --------------------------------------------------------------------


@given(st.lists(st.booleans(), max_size=40), places)
def test_each_month_of_the_year_is_compared_or_left_out_for_one_reason(known, starts):
    found = find_alike(known, starts)
    every = [*found.compared, *found.without, *found.otherwise, *found.not_held]
    assert sorted(every) == list(range(YEAR))


@given(st.lists(st.booleans(), max_size=40), places)
def test_both_months_of_a_pair_have_a_figure_and_are_counted_in_one_way(known, starts):
    for place in find_alike(known, starts).compared:
        now = len(known) - YEAR + place
        assert known[now]
        assert known[now - YEAR]
        assert not any(now - YEAR < start <= now for start in starts)


def test_a_year_that_begins_to_be_counted_otherwise_is_compared_up_to_then():
    found = find_alike([True] * 36, [36 - 5])
    assert found.compared == tuple(range(7))
    assert found.otherwise == tuple(range(7, 12))


def test_a_year_that_was_counted_otherwise_before_is_compared_from_a_year_after():
    found = find_alike([True] * 36, [36 - 12 - 8])
    assert found.otherwise == tuple(range(4))
    assert found.compared == tuple(range(4, 12))


# --- What they come to ----------------------------------------------------------------------------


@given(months)
def test_a_count_adds_up_the_months_that_both_years_have(values):
    found = of_count(values)
    if len(found.alike.compared) < LEAST_ALIKE:
        assert found.now is None
        return
    base = len(values) - YEAR
    assert found.now is not None
    assert found.before is not None
    assert found.now.value == sum(values[base + place] for place in found.alike.compared)
    assert found.before.value == sum(values[base - YEAR + place] for place in found.alike.compared)
    assert found.change == found.now.value - found.before.value


@given(st.lists(counts, min_size=24, max_size=24), st.integers(0, 23), counts)
def test_what_is_left_out_on_one_side_changes_nothing_on_the_other(values, gap, other):
    """A month without a figure: whatever its twin says."""
    twin = (gap + YEAR) % 24
    with_gap = [None if place == gap else other if place == twin else value for place, value in enumerate(values)]
    without = [None if place in (gap, twin) else value for place, value in enumerate(values)]
    one, another = of_count(with_gap), of_count(without)
    assert (one.now, one.before, one.is_more_than_chance) == (another.now, another.before, another.is_more_than_chance)


@given(st.lists(counts, min_size=36, max_size=36))
def test_no_older_month_matters(values):
    assert of_count(values) == of_count(values[-24:])


def test_a_stock_is_a_mean_and_never_a_sum():
    found = of_count([20] * 12 + [21] * 6 + [22] * 6, counted=Counted.STOCK)
    assert found.way is Way.MEAN
    assert found.now is not None
    assert found.before is not None
    assert (found.before.value, found.now.value, found.change) == (200, 215, 15)  # in tenths
    assert found.is_more_than_chance is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 90)), min_size=24, max_size=24))
def test_a_ratio_is_one_sum_out_of_the_other(pairs):
    found = compare_years([Figure(*pair) for pair in pairs], counted=Counted.FLOW, ratio=SHARE)
    cases, of = (sum(pair[place] for pair in pairs[12:]) for place in (0, 1))
    assert found.now is not None
    assert (found.now.cases, found.now.of) == (cases, of)
    assert found.now.value == math.floor(cases / of * 1000 + 0.5)


def test_it_is_not_the_mean_of_monthly_ratios():
    pairs = [(1, 1), *[(0, 99)] * 11] * 2
    found = compare_years([Figure(*pair) for pair in pairs], counted=Counted.FLOW, ratio=SHARE)
    assert found.now is not None
    assert found.now.value == 1  # 0.1 %, not 8.3 %


def test_an_average_is_the_sum_over_the_number():
    found = compare_years([Figure(40, 10)] * 12 + [Figure(90, 20)] * 12, counted=Counted.FLOW, ratio=AVERAGE)
    assert found.now is not None
    assert (found.now.value, found.change, found.is_more_than_chance) == (45, 5, None)


def test_a_share_of_a_stock_is_its_newest_month_beside_the_same_a_year_before():
    figures: list[Figure | None] = [Figure(10 + place, 100) for place in range(24)]
    found = compare_years(figures, counted=Counted.STOCK, ratio=SHARE)
    assert found.way is Way.NEWEST
    assert found.now is not None
    assert found.before is not None
    assert (found.before.value, found.now.value) == (210, 330)
    gone = compare_years([*figures[:-1], None], counted=Counted.STOCK, ratio=SHARE)
    assert gone.now is None


@pytest.mark.parametrize("number", [0, 1, LEAST_ALIKE - 1, LEAST_ALIKE, LEAST_TOLD - 1, LEAST_TOLD, 11, 12])
def test_too_few_like_months_are_not_compared(number):
    values = [3] * YEAR + [None] * (YEAR - number) + [3] * number
    found = of_count(values)
    assert (found.now is not None) == (number >= LEAST_ALIKE)
    assert (found.is_more_than_chance is None) == (number < LEAST_TOLD)


def test_nothing_to_be_of_is_no_ratio():
    found = compare_years([Figure(0, 0)] * 24, counted=Counted.FLOW, ratio=SHARE)
    assert found.change is None
    assert found.is_more_than_chance is None


# --- Whether that is more than chance --------------------------------------------------------------


def find_exact_range(now: int, before: int, of: int = 1, earlier: int = 1) -> tuple[float, float]:
    """Clopper and Pearson's range of the share that the first count has of both, turned into a ratio of rates."""
    lower = betaincinv(now, before + 1, 0.025) if now else 0.0
    upper = betaincinv(now + 1, before, 0.975) if before else 1.0
    ends = [share / (1 - share) if share < 1 else math.inf for share in (lower, upper)]
    return ends[0] * earlier / of, ends[1] * earlier / of


@given(st.integers(0, 60), st.integers(0, 60))
def test_two_counts_differ_where_the_exact_range_of_their_ratio_leaves_out_1(now, before):
    lower, upper = find_exact_range(now, before)
    assert differ_as_counts([Figure(now)], [Figure(before)]) == (lower > 1 or upper < 1)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 9_000), st.integers(1, 9_000))
def test_rates_differ_by_what_they_are_of(now, before, of, earlier):
    lower, upper = find_exact_range(now, before, of, earlier)
    assert differ_as_counts([Figure(now, of)], [Figure(before, earlier)]) == (lower > 1 or upper < 1)


RECORDED = [
    *((case["after"], case["before"], 1, 1, case) for case in impact.cases("before_after_12")),
    *((case["apr_jun_2020"], case["apr_jun_2019"], 1, 1, case) for case in impact.cases("lockdown_ratio")),
    *(
        (case["after"], case["before"], case["t_after"], case["t_before"], case)
        for case in impact.cases("rate_ratio_exact")
    ),
]


@pytest.mark.parametrize(("now", "before", "of", "earlier", "case"), RECORDED)
def test_counts_differ_as_r_says(now, before, of, earlier, case):
    """R answers nothing of 0 and 0: anything is possible then."""
    leaves_out = case["p"] is not None and (float(case["lower95"]) > 1 or float(case["upper95"]) < 1)
    assert differ_as_counts([Figure(now, of)], [Figure(before, earlier)]) == leaves_out


def test_every_recorded_case_is_there():
    assert len(RECORDED) == 77


def test_two_shares_differ_by_newcombes_tenth_method():
    """His own cases, of 56/70 beside 48/80 (0.0524 to 0.3339) and 9/10 beside 3/10 (0.1705 to 0.8090)."""
    assert differ_as_shares([Figure(56, 70)], [Figure(48, 80)])
    assert differ_as_shares([Figure(9, 10)], [Figure(3, 10)])
    assert not differ_as_shares([Figure(10, 10)], [Figure(0, 20), Figure(20, 20)])
    assert not differ_as_shares([Figure(5, 56)], [Figure(0, 29)])  # -0.0381 to 0.1926


@given(st.lists(counts, min_size=24, max_size=24))
def test_years_the_other_way_round_differ_as_much(values):
    year, before = values[12:], values[:12]
    assert of_count([*before, *year]).is_more_than_chance == of_count([*year, *before]).is_more_than_chance


def test_months_that_part_from_each_other_by_more_than_chance_widen_it():
    steady, wild = [10] * 12 + [14] * 12, [10] * 12 + [0, 28] * 6
    assert of_count(steady).is_more_than_chance
    assert not of_count(wild).is_more_than_chance


def test_a_season_widens_nothing():
    season = [5, 5, 5, 10, 10, 10, 30, 30, 30, 10, 10, 10]
    year = [Figure(value) for value in season]
    assert find_spread(year, year) == 1
    assert find_spread([Figure(value * 2) for value in season], year) == 1


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=12))
def test_the_spread_is_never_below_chance(pairs):
    now, before = ([Figure(pair[place]) for pair in pairs] for place in (0, 1))
    assert find_spread(now, before) >= 1
    assert find_spread_of_shares([Figure(c, 200) for c, _ in pairs], [Figure(c, 200) for _, c in pairs]) >= 1


# --- How often it says so -------------------------------------------------------------------------


def draw_poisson(chance: random.Random, mean: float) -> int:
    """Knuth's way."""
    limit, found, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        product *= chance.random()
        found += 1
    return found


def draw_clumped(chance: random.Random, mean: float) -> int:
    """Of twice the variance of chance."""
    return draw_poisson(chance, chance.gammavariate(mean, 1))


def told(draw: Callable[[random.Random, float], int], mean: float, change: float = 1) -> float:
    chance = random.Random(40)
    towns = 1000
    found = sum(
        bool(
            of_count([draw(chance, mean * (change if place >= YEAR else 1)) for place in range(24)]).is_more_than_chance
        )
        for _ in range(towns)
    )
    return found / towns


@pytest.mark.parametrize("draw", [draw_poisson, draw_clumped])
@pytest.mark.parametrize("mean", [1, 10, 40])
def test_steady_towns_are_told_to_differ_in_at_most_8_of_100(draw, mean):
    assert told(draw, mean) <= 0.08


def test_a_fall_by_half_is_told():
    assert told(draw_poisson, 10, 0.5) >= 0.95
    assert told(draw_clumped, 10, 0.5) >= 0.8


# --- The trend of three years ----------------------------------------------------------------------


def trend_of(
    values: Sequence[int | None], *, counted: Counted = Counted.FLOW, starts: Sequence[int] = ()
) -> float | None:
    """Return what a year is of the year before."""
    trend = find_trend(plain(values), counted=counted, starts=starts)
    return None if trend is None else math.sqrt(trend.last.rate / trend.first.rate)


RISING = [round(100 * 1.1 ** (month / 12)) for month in range(36)]


def test_three_years_that_rise_alike_are_a_trend():
    assert trend_of(RISING) == pytest.approx(1.1, abs=0.005)
    assert trend_of([5, *RISING]) == pytest.approx(1.1, abs=0.005)  # what was before doesn't count
    assert trend_of(RISING[::-1]) == pytest.approx(1 / 1.1, abs=0.005)
    # A season and a month without a figure change nothing.
    seasonal = [round(value * (1.5 if place % 12 < 6 else 0.5)) for place, value in enumerate(RISING)]
    assert trend_of(seasonal) == pytest.approx(1.1, abs=0.005)
    assert trend_of([*RISING[:20], None, *RISING[21:]]) == pytest.approx(1.1, abs=0.005)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        (RISING[1:], {}),
        (RISING, {"counted": Counted.STOCK}),
        (RISING, {"starts": [5]}),
        ([100] * 36, {}),
        ([0] * 24 + [10] * 12, {}),
        ([100] * 18 + [150] * 18, {}),  # a step
        ([100] * 12 + [150] * 24, {}),
        ([100] * 24 + [150] * 12, {}),
        ([100] * 12 + [130] * 12 + [110] * 12, {}),
        ([100] * 12 + [101] * 12 + [102] * 12, {}),  # slow
        ([2] * 12 + [2] * 6 + [3] * 18, {}),  # no more than chance
        ([*RISING[:20], *[None] * 7, *RISING[27:]], {}),  # of five months all three years
    ],
)
def test_nothing_else_is(values: list[int | None], fields: dict):
    assert trend_of(values, **fields) is None


def test_steady_and_stepped_series_seldom_look_like_a_trend():
    """docs/year.md has the table."""
    chance = random.Random(11)
    for size in (3, 10, 50):
        assert sum(trend_of(flow(chance, size, 36, 2)) is not None for _ in range(300)) <= 3
    half = [flow(chance, 50, 36, 1.3, lambda month: 1.5 if month >= 18 else 1) for _ in range(300)]
    assert sum(trend_of(values) is not None for values in half) <= 9
    rising = [flow(chance, 200, 36, 1.5, lambda month: 1.1 ** (month / 12)) for _ in range(300)]
    assert sum(trend_of(values) is not None for values in rising) >= 160
