"""Whether a town could see a change: what can be summed by hand, what a longer run says, and what must hold of any
history (docs/kpis.md)."""

import math
import re
import time
from functools import partial
from random import Random
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import Month
from indicators.kpis.aims import Aim, Figure, Scale, find_scale, mean_figure, of_100, take_span
from indicators.kpis.could_see import (
    Baseline,
    CannotSay,
    Chances,
    OfferKind,
    Series,
    add_up,
    could_see,
    describe_moves,
)
from indicators.kpis.spread import MONTHS, Basis, find_limits, find_range, find_spread_of_months, find_spreads, weigh
from indicators.kpis.towns import (
    LEVELS,
    chance_of_part,
    find_chance,
    find_chances,
    find_chances_of_ratio,
    make_levels,
    make_levels_of_share,
)
from indicators.ratios import RatioKind
from indicators.trend import Polarity
from tests.made_up import count, poisson, share

STEADY = [7, 9, 5, 8, 11, 6, 4, 9, 7, 10, 6, 8] * 5  # 7.5 a month
SHARE, RATE = find_scale("share", 100, "flow"), find_scale("rate", 10_000, "flow")


def series(values, of=None, scale: Scale | None = None) -> Series:
    wholes = of or [None] * len(values)
    figures = [None if cases is None else Figure(cases, whole) for cases, whole in zip(values, wholes, strict=True)]
    return Series(figures, scale) if scale else Series(figures)


def see(values, of=None, scale: Scale | None = None, **asked: Any) -> Chances:
    return could_see(series(values, of, scale), **asked)


def ask(values, of=None, scale: Scale | None = None, **asked: Any) -> Chances | str:
    """Return the chances, or the sentence that says why not."""
    try:
        return see(values, of, scale, **asked)
    except CannotSay as why:
        return str(why)


def spread_of(values: list[int], of: list[int] | None = None) -> float:
    return find_spread_of_months(
        series(values, of).list_level() if of is None else [*map(Figure, values, of)], is_part=False
    )


# --- What the KPI shows -----------------------------------------------------------------------------------


def baseline(counted: int, months: int = 24, spread: float = 1) -> Baseline:
    each, more = divmod(counted, months)
    return Baseline([Figure(each + (month < more)) for month in range(months)], [spread] * MONTHS)


@pytest.mark.parametrize(
    ("counted", "change", "spread"), [(180, -0.3, 1), (60, 0.5, 1), (400, -0.25, 2), (24, 1.0, 1), (300, -0.5, 8)]
)
def test_a_change_is_shown_as_often_as_when_it_is_tried(counted: int, change: float, spread: float):
    """By the range that the KPI's page prints once it is due: towns with such a baseline, each with a level of its
    own."""
    random, shown, times = Random(3), 0, 4000
    base = baseline(counted, spread=spread)
    aim = Aim(Polarity.LOWER, base.level, base.level / 2, Month(2026, 1), Month(2026, 12))
    for _ in range(times):
        level = random.gammavariate(counted / spread, spread) / 24
        year = count(random, level * (1 + change) * 12, spread)
        span = take_span([Figure(year), *[Figure(0)] * 11], aim)
        lower, upper = find_range(span, Scale(), Basis(24, [spread] * MONTHS))
        shown += upper < span.baseline if change < 0 else lower > span.baseline

    assert base.chance(change) == pytest.approx(shown / times, abs=0.03)


@given(counted=st.integers(1, 5000), side=st.sampled_from([-1, 1]))
def test_where_nothing_changes_a_kpi_seldom_shows_anything(counted: int, side: int):
    assert baseline(counted).chance(side * 1e-9) <= 0.04


@given(
    counted=st.integers(20, 5000),
    change=st.floats(-0.9, 2).filter(lambda change: abs(change) > 0.05),
    spread=st.floats(1, 4),
)
def test_more_figures_and_larger_changes_are_shown_better(counted: int, change: float, spread: float):
    chance = baseline(counted, spread=spread).chance(change)

    assert 0 <= chance <= 1
    assert baseline(counted, spread=spread).chance(change * 1.1) >= chance - 1e-9
    # Whole numbers make a step: one count more or less that is told.
    assert baseline(counted * 4, spread=spread).chance(change) >= chance - 0.03


def test_a_share_is_shown_the_better_the_more_it_is_of():
    few, many = ([Figure(12 * times, 30 * times)] * 24 for times in (1, 10))
    chance = Baseline(few, [1.0] * MONTHS, is_part=True).chance(-0.3)

    assert chance < Baseline(many, [1.0] * MONTHS, is_part=True).chance(-0.3)
    # On the shares themselves: 40 % of 720 before, 28 % of 360 after.
    off = (0.4 - 0.28) / math.sqrt(0.4 * 0.6 / 720 + 0.28 * 0.72 / 360)
    assert chance == pytest.approx(NormalDist().cdf(off - 1.96), abs=0.02)


def test_in_a_small_town_even_none_at_all_would_not_show():
    rare = series([1, 0, 0, 0] * 6)
    others = {"Theft": series([30, 31] * 30), "Rare": series([1, 0] * 18), "Arrests": series([90, 91] * 30)}

    with pytest.raises(CannotSay) as refused:
        could_see(rare, change=-0.5, others=others)
    assert str(refused.value) == (
        "No: in a town this size, even a fall to 0 wouldn’t show within a year; choose “Theft” or “Arrests”."
    )
    with pytest.raises(CannotSay, match="within a year, and no similar indicator would show the change either"):
        could_see(rare, change=-0.5)


def test_a_fall_to_none_is_never_offered():
    for counted in (*range(6, 60), 100, 200):
        for offer in list_offers_of(counted):
            assert "100%" not in offer.sentence.partition(" would show")[0]


def list_offers_of(counted: int):
    figures = [counted // 24 + (month < counted % 24) for month in range(24)]
    try:
        return could_see(series(figures), change=-0.2).offers
    except CannotSay:
        return ()


# --- A count on a day ------------------------------------------------------------------------------------


def test_a_count_on_a_day_shows_any_change_at_once():
    register = series([20] * 12 + [20, 21, 22, 25, 26, 20, 20, 20, 20, 20, 20, 20])

    assert describe_moves(register, 0.25) == (
        "It counts all there are on a day. Chance plays no part, so a change shows at once. A rise of 25% within "
        "a year was seen in 2 of the last 12 months."
    )
    assert describe_moves(register, -0.5).endswith("was seen in none of the last 12 months.")
    assert "too few months" in describe_moves(series([20] * 13), 0.25)


AVERAGE = find_scale("average", 1, "flow")


def waits(random: Random, months: int, *, mean: float = 30, cases: float = 12) -> tuple[list[int], list[int]]:
    """Days waited, and in how many cases: long waits are many."""
    of = [max(1, poisson(random, cases)) for _ in range(months)]
    return [round(sum(random.expovariate(1 / mean) for _ in range(number))) for number in of], of


def test_an_average_is_answered_from_how_much_its_own_months_vary():
    days, of = waits(Random(1), 48)
    small, large = (see(days, of, AVERAGE, change=change) for change in (-0.1, -0.5))
    assert small.stands_out == {}
    assert small.shown < 0.3 < 0.7 < large.shown
    assert re.fullmatch(
        r"A fall of 10% from [0-9.]+: we don’t judge single months of an average. Once its target is due, this KPI "
        r"would show the change in \d+ of 100 towns.",
        small.sentence,
    )
    # In minutes it is the same, and as quick.
    in_minutes = see([day * 1440 for day in days], of, AVERAGE, change=-0.1)
    assert in_minutes.shown == pytest.approx(small.shown, abs=0.02)
    assert in_minutes.level == pytest.approx(small.level * 1440, rel=0.01)


def test_where_nothing_changes_few_kpis_on_an_average_claim_anything():
    random, claimed, towns = Random(2), 0, 400
    for _ in range(towns):
        days, of = waits(random, 60)
        figures = [Figure(*pair) for pair in zip(days, of, strict=True)]
        before, after = figures[:48], figures[48:]
        spreads = find_spreads(before, months=24)
        clump = spreads[11] * (1 + sum(map(weigh, after)) / sum(map(weigh, before[24:])))
        due = mean_figure(before[24:], per=1) * sum(map(weigh, after))
        lower, upper = find_limits(sum(one.cases for one in after), 0, clump, is_part=False)
        claimed += not lower <= due <= upper
    assert claimed <= 0.08 * towns


# --- The monthly judgement -------------------------------------------------------------------------------


@pytest.mark.parametrize(("mean", "spread"), [(0.4, 1), (7.5, 1), (7.5, 1.6), (900, 1), (900, 5)])
def test_counts_have_the_mean_and_the_variance_that_were_asked_for(mean: float, spread: float):
    chances = [find_chance(each, mean, spread) for each in range(4000)]
    first = sum(each * chance for each, chance in enumerate(chances))
    second = sum(each * each * chance for each, chance in enumerate(chances))

    assert sum(chances) == pytest.approx(1)
    assert first == pytest.approx(mean)
    assert second - first * first == pytest.approx(mean * spread, rel=1e-4)


def test_levels_lie_around_what_is_known():
    levels = make_levels(7.5, spread=1, known_by=24)

    assert sum(levels) / LEVELS == pytest.approx(7.5, abs=0.1)
    assert sum((each - 7.5) ** 2 for each in levels) / LEVELS == pytest.approx(7.5 / 24, rel=0.15)


@pytest.mark.parametrize(
    ("history", "change"),
    [
        pytest.param(STEADY, -0.3, id="steady"),
        pytest.param(
            [count(random, 12, 1.8) for random in [Random(2)] for _ in range(36)],
            -0.35,
            id="restless",
            marks=pytest.mark.release,
        ),
        pytest.param([1, 2, 0, 3, 1, 1, 2, 2, 0, 1, 4, 1] * 2, 1.0, id="few", marks=pytest.mark.release),
    ],
)
def test_chances_are_within_five_points_of_a_longer_run(history: list[int], change: float):
    level, spread = sum(history[-24:]) / 24, spread_of(history)
    chances_of = partial(find_chances, history, level=level, known_by=24, spread=spread, change=change, within=(12, 24))
    longer = chances_of(seed=999, sure=0, most=30)

    for seed in range(3):
        chances = chances_of(seed=seed)
        assert all(abs(chances[span] - longer[span]) <= 0.05 for span in longer), (chances, longer)


def test_it_takes_less_than_a_second():
    """Of the processor, since others may have it too."""
    began = time.process_time()
    see([count(random, 9, 1.3) for random in [Random(4)] for _ in range(136)], change=-0.3)

    assert time.process_time() - began < 1


def test_the_same_history_has_the_same_chances():
    assert see(STEADY, change=-0.3) == see(STEADY, change=-0.3)


def test_more_time_shows_more():
    chances = see(STEADY, change=-0.3)

    assert chances.stands_out[12] < chances.stands_out[24]
    assert chances.stands_out[12] < chances.shown  # which doesn't look every month


# --- What is said ----------------------------------------------------------------------------------------


def test_the_sentence():
    chances = see(STEADY, change=-0.3)
    monthly = {span: of_100(chance) for span, chance in chances.stands_out.items()}

    assert chances.sentence == (
        f"In 100 towns with figures like these, a fall of 30% from 7.5 a month would stand out in {monthly[12]} "
        f"within 12 months, and in {monthly[24]} within 24 months. Once its target is due, this KPI would show the "
        "change in 70 of 100 towns."
    )


def test_a_rise_is_called_one():
    assert see(STEADY, change=0.125).sentence.startswith(
        "In 100 towns with figures like these, a rise of 12.5% from 7.5 a month"
    )


def test_nothing_is_said_to_be_sure():
    assert [of_100(chance) for chance in (0.0, 0.004, 0.006, 0.5, 0.994, 0.996, 1.0)] == [
        "fewer than 1",
        "fewer than 1",
        "1",
        "50",
        "99",
        "more than 99",
        "more than 99",
    ]


def test_what_would_be_seen_better():
    others = {"Theft": series([30] * 60), "Rare": series([1, 0] * 18), "New": series([None] * 36)}
    chances = see(STEADY, change=-0.2, sums={"All violence": [series(STEADY), series([20] * 60)]}, others=others)

    assert [offer.kind for offer in chances.offers] == [
        OfferKind.LARGER,
        OfferKind.OTHER,
        OfferKind.SUM,
    ]
    assert all(offer.chance > chances.shown for offer in chances.offers)
    assert chances.offers[-1].sentence.startswith("All violence: a fall of 20% would show in ")


def test_a_longer_baseline_is_offered_where_it_tells_more():
    assert OfferKind.BASELINE in {offer.kind for offer in see(STEADY, change=-0.3, baseline=range(48, 60)).offers}


def test_a_share_of_many_is_offered():
    trained = series([120] * 60, [300] * 60, SHARE)

    assert OfferKind.OTHER in {offer.kind for offer in see(STEADY, change=-0.3, others={"Trained": trained}).offers}


def test_a_share_has_both_chances():
    chances = see([12] * 60, [30] * 60, SHARE, change=0.25)
    monthly = {span: of_100(chance) for span, chance in chances.stands_out.items()}

    assert chances.sentence == (
        f"In 100 towns with figures like these, a rise of 25% from 40% would stand out in {monthly[12]} within "
        f"12 months, and in {monthly[24]} within 24 months. Once its target is due, this KPI would show the "
        "change in 87 of 100 towns."
    )
    assert 0 < chances.stands_out[12] < chances.stands_out[24] < chances.shown


def test_a_rate_has_both_chances():
    chances = see(STEADY, [21_000] * 60, RATE, change=-0.3)

    assert chances.sentence.startswith(
        "In 100 towns with figures like these, a fall of 30% from 42.9 per 10,000 a year would stand out in "
    )
    assert chances.level == pytest.approx(7.5 / 21_000)


def test_a_rate_is_seen_as_its_count_is_where_residents_stay():
    rate, count = see(STEADY, [21_000] * 60, RATE, change=-0.3), see(STEADY, change=-0.3)

    assert rate.shown == pytest.approx(count.shown)
    assert rate.stands_out == pytest.approx(count.stands_out, abs=0.001)


def test_residents_that_move_are_no_spread():
    of = [10_000, 20_000, 40_000] * 12

    assert spread_of([each // 1000 for each in of], of) == 1
    assert spread_of([each // 1000 for each in of]) > 5


@pytest.mark.parametrize(("share", "whole", "spread"), [(0.02, 30, 1), (0.4, 30, 2), (0.98, 300, 4), (0.5, 3000, 1.5)])
def test_shares_have_the_mean_and_the_variance_that_were_asked_for(share: float, whole: int, spread: float):
    chances = [chance_of_part(each, whole, share, spread) for each in range(whole + 1)]
    first = sum(each * chance for each, chance in enumerate(chances))
    second = sum(each * each * chance for each, chance in enumerate(chances))

    assert sum(chances) == pytest.approx(1)
    assert first == pytest.approx(share * whole)
    assert second - first * first == pytest.approx(whole * share * (1 - share) * spread, rel=1e-6)


def test_levels_of_a_share_lie_around_what_is_known():
    levels = make_levels_of_share(0.4, spread=1, known_by=720)

    assert sum(levels) / LEVELS == pytest.approx(0.4, abs=0.001)
    assert sum((each - 0.4) ** 2 for each in levels) / LEVELS == pytest.approx(0.4 * 0.6 / 720, rel=0.15)


@pytest.mark.parametrize(
    ("kind", "level", "whole", "spread", "change"),
    [
        pytest.param(RatioKind.SHARE, 0.4, 30, 1, 0.25, id="a share"),
        pytest.param(RatioKind.SHARE, 0.9, 120, 2, -0.1, id="a restless share of most", marks=pytest.mark.release),
        pytest.param(RatioKind.RATE, 0.0005, 20_000, 1.5, -0.35, id="a rate"),
    ],
)
def test_chances_of_ratios_are_within_five_points_of_a_longer_run(
    kind: RatioKind, level: float, whole: int, spread: float, change: float
):
    random = Random(5)
    made_up = {
        RatioKind.SHARE: lambda: share(random, level, whole, spread),
        RatioKind.RATE: lambda: count(random, level * whole, spread),
    }
    values = [made_up[kind]() for _ in range(36)]
    asked: dict[str, Any] = {
        "kind": kind,
        "level": level,
        "whole": whole,
        "known_by": 24,
        "spread": spread,
        "change": change,
    }
    chances_of = partial(find_chances_of_ratio, values, [whole] * 36, **asked, within=(12, 24))
    longer = chances_of(seed=999, sure=0, most=30)

    for seed in range(3):
        chances = chances_of(seed=seed)
        assert all(abs(chances[span] - longer[span]) <= 0.05 for span in longer), (chances, longer)


@pytest.mark.parametrize("scale", [SHARE, RATE])
def test_ratios_take_less_than_a_second(scale: Scale):
    random = Random(4)
    values = [share(random, 0.3, 100, 1.3) for _ in range(136)]
    began = time.process_time()
    see(values, [100] * 136, scale, change=-0.2)

    assert time.process_time() - began < 1


def test_a_share_is_offered_no_rise_past_the_whole():
    chances = see([0, 1, 1, 1, 1, 1] * 4, [1] * 24, SHARE, change=0.1)

    assert OfferKind.LARGER not in {offer.kind for offer in chances.offers}
    assert OfferKind.LARGER in {offer.kind for offer in see([4] * 24, [10] * 24, SHARE, change=0.01).offers}


@pytest.mark.parametrize(
    ("values", "of", "change", "why"),
    [
        ([5] * 24, [10] * 24, 1.1, "A share of 50% can’t rise by that much: the most is 100%."),
        ([5] * 24, [10] * 24, 0, "Enter a change from −100% to +1,000%, but not 0."),
        ([5] * 24, [10] * 11 + [0] * 13, 0.1, "A baseline needs 12 months with a figure; this one has 11."),
        ([5] * 24, [4] * 24, 0.1, "The cases of a month can’t be more than the count that they are a share of."),
        ([0] * 24, [4] * 24, 0.1, "The baseline has no cases, so nothing can be worked out from it."),
    ],
)
def test_it_says_why_it_cannot_say_of_a_share(values: list[int], of: list[int], change: float, why: str):
    with pytest.raises(CannotSay) as refused:
        see(values, of, SHARE, change=change)

    assert str(refused.value) == why


def test_months_of_another_level_make_no_longer_baseline():
    history = [25] * 24 + STEADY[:24]

    assert OfferKind.BASELINE not in {offer.kind for offer in see(history, change=0.5).offers}
    assert spread_of(history) == pytest.approx(spread_of(STEADY[:24]))


def test_a_sum_has_no_month_that_one_of_its_parts_lacks():
    assert add_up([series([1, 2, None, 4]), series([10, 20, 30])]).cases == [12, None, 34]


@pytest.mark.parametrize(
    ("history", "asked", "why"),
    [
        ([4] * 11, {}, "A baseline needs 12 months with a figure; this one has 11."),
        ([], {}, "A baseline needs 12 months with a figure; this one has 0."),
        ([4] * 30, {"baseline": range(20, 24)}, "A baseline needs 12 months with a figure; this one has 4."),
        ([0] * 30, {}, "The baseline has no cases, so nothing can be worked out from it."),
        ([4] * 30, {"change": 0}, "Enter a change from −100% to +1,000%, but not 0."),
        ([4] * 30, {"change": -1.01}, "Enter a change from −100% to +1,000%, but not 0."),
    ],
)
def test_it_says_why_it_cannot_say(history: list[int], asked: dict, why: str):
    with pytest.raises(CannotSay) as refused:
        see(history, **{"change": -0.3, **asked})

    assert str(refused.value) == why


@settings(max_examples=15, deadline=None)
@given(
    history=st.lists(st.none() | st.integers(0, 60), min_size=24, max_size=40).filter(
        lambda history: sum(value is not None for value in history[-24:]) >= 12 and any(history[-24:])
    ),
    change=st.sampled_from([-1, -0.5, -0.1, 0.3, 4]),
)
def test_any_history_has_chances(history: list[int | None], change: float):
    chances = ask(history, change=change)
    if isinstance(chances, str):
        assert chances.startswith("No: in a town this size even none at all")
        return

    for each in (*chances.stands_out.values(), chances.shown, *(offer.chance for offer in chances.offers)):
        assert 0 <= each <= 1
    assert chances.stands_out[12] <= chances.stands_out[24]


@settings(max_examples=15, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.none() | st.integers(0, 40), st.integers(40, 90)), min_size=24, max_size=40).filter(
        lambda pairs: (
            sum(value is not None for value, _ in pairs[-24:]) >= 12 and any(value for value, _ in pairs[-24:])
        )
    ),
    scale=st.sampled_from([SHARE, RATE]),
    change=st.sampled_from([-1, -0.5, -0.1]),
)
def test_any_history_of_a_ratio_has_chances(pairs: list[tuple[int | None, int]], scale: Scale, change: float):
    chances = ask([value for value, _ in pairs], [of for _, of in pairs], scale, change=change)
    if isinstance(chances, str):
        assert chances.startswith("No: in a town this size even none at all")
        return

    for each in (*chances.stands_out.values(), chances.shown, *(offer.chance for offer in chances.offers)):
        assert 0 <= each <= 1
    assert chances.stands_out[12] <= chances.stands_out[24]
