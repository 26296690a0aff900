"""Whether a town could see a change: what can be summed by hand, what a longer run says, and what must hold of any
history (docs/kpis.md)."""

import math
import time
from collections.abc import Callable
from functools import partial
from random import Random
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.judgement.judge import Counted
from indicators.kpis.could_see import (
    OUTSIDE,
    CannotSay,
    Chances,
    OfferKind,
    Other,
    add_up,
    binomial_up_to,
    could_see,
    could_see_in_rate,
    could_see_in_share,
    find_spread,
    find_spread_of_ratio,
    least_told_as_rise,
    most_told_as_fall,
    of_100,
    planned_chance,
    planned_chance_of_share,
)
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
from tests.made_up import count, poisson, share

STEADY = [7, 9, 5, 8, 11, 6, 4, 9, 7, 10, 6, 8] * 3  # 7.5 a month


# --- The planned comparison ----------------------------------------------------------------------------


@given(of=st.integers(1, 200), most=st.integers(-1, 200), share=st.floats(0.01, 0.99))
def test_the_binomial_sum_is_what_adding_up_gives(of: int, most: int, share: float):
    added = sum(math.comb(of, got) * share**got * (1 - share) ** (of - got) for got in range(min(most, of) + 1))

    assert binomial_up_to(most, of, share) == pytest.approx(added, abs=1e-9)


def test_the_worked_example():
    """180 in 24 months, 90 due in the next 12: 67 is told, 68 isn't. After a fall of 30 % 67 or fewer come in 70 of 100
    towns, whose true level is as uncertain as 180 cases make it."""
    assert most_told_as_fall(180, 1 / 3) == 67
    assert binomial_up_to(67, 247, 1 / 3) == pytest.approx(0.021, abs=0.0005)
    assert binomial_up_to(68, 248, 1 / 3) == pytest.approx(0.027, abs=0.0005)
    assert planned_chance(180, 24, change=-0.3, after=12) == pytest.approx(0.695, abs=0.001)
    assert planned_chance(180, 24, change=-0.3, after=24) == pytest.approx(0.882, abs=0.001)


@pytest.mark.parametrize(("counted", "change", "spread"), [(180, -0.3, 1), (60, 0.5, 1), (400, -0.25, 2)])
def test_a_comparison_is_told_as_often_as_when_it_is_tried(counted: int, change: float, spread: float):
    random, told, times = Random(3), 0, 4000
    clumps = round(counted / spread)
    for _ in range(times):
        level = random.gammavariate(clumps, 1) / 24
        after = poisson(random, level * (1 + change) * 12)
        if change < 0:
            told += binomial_up_to(after, after + clumps, 1 / 3) <= OUTSIDE
        else:
            told += 1 - binomial_up_to(after - 1, after + clumps, 1 / 3) <= OUTSIDE

    assert planned_chance(counted, 24, change=change, after=12, spread=spread) == pytest.approx(told / times, abs=0.025)


@given(baseline=st.integers(1, 3000), share=st.sampled_from([1 / 4, 1 / 3, 1 / 2, 2 / 3]))
def test_the_last_count_that_is_told_is_the_last(baseline: int, share: float):
    most, least = most_told_as_fall(baseline, share), least_told_as_rise(baseline, share)

    assert (
        binomial_up_to(most, most + baseline, share) <= OUTSIDE < binomial_up_to(most + 1, most + 1 + baseline, share)
    )
    assert 1 - binomial_up_to(least - 1, least + baseline, share) <= OUTSIDE
    assert 1 - binomial_up_to(least - 2, least - 1 + baseline, share) > OUTSIDE
    assert most < baseline * share / (1 - share) < least


@given(counted=st.integers(1, 5000), side=st.sampled_from([-1, 1]), after=st.sampled_from([12, 24]))
def test_where_nothing_changes_a_comparison_seldom_tells(counted: int, side: int, after: int):
    assert planned_chance(counted, 24, change=side * 1e-9, after=after) <= OUTSIDE + 1e-6


@given(
    counted=st.integers(20, 5000),
    change=st.floats(-0.9, 2).filter(lambda change: abs(change) > 0.05),
    spread=st.floats(1, 4),
)
def test_more_figures_and_larger_changes_are_told_better(counted: int, change: float, spread: float):
    chance = planned_chance(counted, 24, change=change, after=12, spread=spread)

    assert 0 <= chance <= 1
    # Whole numbers make a step: one count more or less that is told.
    assert planned_chance(counted, 24, change=change * 1.1, after=12, spread=spread) >= chance
    assert planned_chance(counted * 4, 24, change=change, after=12, spread=spread) >= chance - 0.02


def test_nothing_is_told_of_a_baseline_without_cases():
    assert planned_chance(0, 24, change=-0.5, after=12) == 0


def test_a_share_is_told_the_better_the_more_it_is_of():
    few, many = [(12, 30)] * 24, [(120, 300)] * 24

    assert planned_chance_of_share(few, change=-0.3, after=12) < planned_chance_of_share(many, change=-0.3, after=12)
    # On the shares themselves: 40 % of 720 before, 28 % of 360 after.
    off = (0.4 - 0.28) / math.sqrt(0.4 * 0.6 / 720 + 0.28 * 0.72 / 360)
    assert planned_chance_of_share(few, change=-0.3, after=12) == pytest.approx(NormalDist().cdf(off - 1.96), abs=0.01)


def test_a_share_that_moves_more_than_chance_is_told_worse():
    steady, wild = [(12, 30)] * 24, [(4, 30), (20, 30)] * 12

    assert planned_chance_of_share(wild, change=-0.3, after=12) < planned_chance_of_share(steady, change=-0.3, after=12)


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
    level, spread = sum(history[-24:]) / 24, find_spread(history)
    chances_of = partial(find_chances, history, level=level, known_by=24, spread=spread, change=change, within=(12, 24))
    longer = chances_of(seed=999, sure=0, most=30)

    for seed in range(3):
        chances = chances_of(seed=seed)
        assert all(abs(chances[span] - longer[span]) <= 0.05 for span in longer), (chances, longer)


def test_it_takes_less_than_a_second():
    """Of the processor, since others may have it too."""
    began = time.process_time()
    could_see([count(random, 9, 1.3) for random in [Random(4)] for _ in range(136)], change=-0.3)

    assert time.process_time() - began < 1


def test_the_same_history_has_the_same_chances():
    assert could_see(STEADY, change=-0.3) == could_see(STEADY, change=-0.3)


def test_more_time_shows_more():
    chances = could_see(STEADY, change=-0.3)

    assert chances.stands_out[12] < chances.stands_out[24]
    assert chances.chances[12] < chances.chances[24]
    assert chances.stands_out[12] < chances.chances[12]  # which doesn't look every month


# --- What is said ----------------------------------------------------------------------------------------


def test_the_sentence():
    chances = could_see(STEADY, change=-0.3)
    monthly = {span: of_100(chance) for span, chance in chances.stands_out.items()}

    assert chances.sentence == (
        f"A fall of 30 % from 7.5 a month would stand out within 12 months in {monthly[12]} of 100 towns like this, "
        f"and within 24 months in {monthly[24]}. A comparison would show it after one year in 70 of 100 towns, "
        "and after two years in 88."
    )


def test_a_rise_is_called_one():
    assert could_see(STEADY, change=0.125).sentence.startswith("A rise of 12.5 % from 7.5 a month")


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
    others = {"Theft": Other([30] * 36), "Rare": Other([1, 0] * 18), "New": Other([None] * 36)}
    chances = could_see(STEADY, change=-0.2, sums={"All violence": [STEADY, [20] * 36]}, others=others)

    assert [offer.kind for offer in chances.offers] == [
        OfferKind.LONGER,
        OfferKind.LARGER,
        OfferKind.OTHER,
        OfferKind.SUM,
    ]
    assert all(offer.chance > chances.chances[12] for offer in chances.offers)
    assert chances.offers[-1].sentence.startswith("All violence: a fall of 20 % would show after one year in ")


def test_a_longer_baseline_is_offered_where_it_tells_more():
    assert OfferKind.BASELINE in {offer.kind for offer in could_see(STEADY, change=-0.3, baseline=range(24, 36)).offers}


def test_nothing_longer_is_offered_where_two_years_are_enough():
    chances = could_see(STEADY, change=-0.3)

    assert chances.is_enough
    assert OfferKind.LONGER not in {offer.kind for offer in chances.offers}


def test_a_share_of_many_is_offered():
    trained = Other([120] * 24, of=[300] * 24)

    assert OfferKind.OTHER in {
        offer.kind for offer in could_see(STEADY, change=-0.3, others={"Trained": trained}).offers
    }


def test_a_share_has_both_chances():
    chances = could_see_in_share([12] * 24, [30] * 24, change=0.25)
    monthly = {span: of_100(chance) for span, chance in chances.stands_out.items()}

    assert chances.sentence == (
        f"A rise of 25 % from 40 % would stand out within 12 months in {monthly[12]} of 100 towns like this, "
        f"and within 24 months in {monthly[24]}. A comparison would show it after one year in 88 of 100 towns, "
        "and after two years in 97."
    )
    assert 0 < chances.stands_out[12] < chances.stands_out[24] < chances.chances[24]


def test_a_rate_has_both_chances():
    chances = could_see_in_rate(STEADY, [21_000] * 36, change=-0.3, per=10_000)

    assert chances.sentence.startswith(
        "A fall of 30 % from 3.6 per 10,000 a month would stand out within 12 months in "
    )
    assert chances.level == pytest.approx(7.5 / 21_000)


def test_a_rate_is_seen_as_its_count_is_where_residents_stay():
    rate, count = could_see_in_rate(STEADY, [21_000] * 36, change=-0.3, per=1), could_see(STEADY, change=-0.3)

    assert rate.chances == count.chances
    assert rate.stands_out == pytest.approx(count.stands_out, abs=0.001)


def test_residents_that_move_are_no_spread():
    of = [10_000, 20_000, 40_000] * 12

    assert find_spread_of_ratio([(each // 1000, each) for each in of], RatioKind.RATE) == 1
    assert find_spread([each // 1000 for each in of]) > 5


@pytest.mark.parametrize("see", [could_see_in_share, partial(could_see_in_rate, per=10_000)])
def test_of_a_ratio_on_a_day_nothing_is_said(see: Callable[..., Chances]):
    with pytest.raises(CannotSay, match="on a day"):
        see([12] * 24, [30] * 24, change=0.25, counted=Counted.STOCK)


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


@pytest.mark.parametrize("see", [could_see_in_share, partial(could_see_in_rate, per=10_000)])
def test_ratios_take_less_than_a_second(see: Callable[..., Chances]):
    random = Random(4)
    values = [share(random, 0.3, 100, 1.3) for _ in range(136)]
    began = time.process_time()
    see(values, [100] * 136, change=-0.2)

    assert time.process_time() - began < 1


def test_a_share_is_offered_no_rise_past_the_whole():
    chances = could_see_in_share([0, 1, 1, 1, 1, 1] * 4, [1] * 24, change=0.1)

    assert OfferKind.LARGER not in {offer.kind for offer in chances.offers}
    assert OfferKind.LARGER in {offer.kind for offer in could_see_in_share([4] * 24, [10] * 24, change=0.01).offers}


@pytest.mark.parametrize(
    ("values", "of", "change", "why"),
    [
        ([5] * 24, [10] * 24, 1.1, "A share of 50 % can’t rise by that much: the most is 100 %."),
        ([5] * 24, [10] * 24, 0, "Enter a change of −100 % or more, but not 0."),
        ([5] * 24, [10] * 11 + [0] * 13, 0.1, "A baseline needs 12 months with a figure; this one has 11."),
        ([5] * 24, [4] * 24, 0.1, "In a share, no month can have more cases than the count they are out of."),
        ([0] * 24, [4] * 24, 0.1, "The baseline has no cases, so nothing can be worked out from it."),
    ],
)
def test_it_says_why_it_cannot_say_of_a_share(values: list[int], of: list[int], change: float, why: str):
    with pytest.raises(CannotSay) as refused:
        could_see_in_share(values, of, change=change)

    assert str(refused.value) == why


def test_months_of_another_level_make_no_longer_baseline():
    history = [25] * 24 + STEADY[:24]

    assert OfferKind.BASELINE not in {offer.kind for offer in could_see(history, change=-0.2).offers}
    assert find_spread(history) == pytest.approx(find_spread(STEADY[:24]))


def test_a_sum_has_no_month_that_one_of_its_parts_lacks():
    assert add_up([[1, 2, None, 4], [10, 20, 30]]) == [12, None, 34]


@pytest.mark.parametrize(
    ("history", "asked", "why"),
    [
        ([4] * 11, {}, "A baseline needs 12 months with a figure; this one has 11."),
        ([], {}, "A baseline needs 12 months with a figure; this one has 0."),
        ([4] * 30, {"baseline": range(20, 24)}, "A baseline needs 12 months with a figure; this one has 4."),
        ([0] * 30, {}, "The baseline has no cases, so nothing can be worked out from it."),
        ([4] * 30, {"change": 0}, "Enter a change from −100 % to +1,000 %, but not 0."),
        ([4] * 30, {"change": -1.01}, "Enter a change from −100 % to +1,000 %, but not 0."),
        (
            [4] * 30,
            {"counted": Counted.STOCK},
            "We can’t work this out for a count on a day: most of it was there the month before.",
        ),
    ],
)
def test_it_says_why_it_cannot_say(history: list[int], asked: dict, why: str):
    with pytest.raises(CannotSay) as refused:
        could_see(history, **{"change": -0.3, **asked})

    assert str(refused.value) == why


@settings(max_examples=15, deadline=None)
@given(
    history=st.lists(st.none() | st.integers(0, 60), min_size=24, max_size=40).filter(
        lambda history: sum(value is not None for value in history[-24:]) >= 12 and any(history[-24:])
    ),
    change=st.sampled_from([-1, -0.5, -0.1, 0.3, 4]),
)
def test_any_history_has_chances(history: list[int | None], change: float):
    chances = could_see(history, change=change)

    for each in (*chances.stands_out.values(), *chances.chances.values(), *(offer.chance for offer in chances.offers)):
        assert 0 <= each <= 1
    assert chances.stands_out[12] <= chances.stands_out[24]


@settings(max_examples=15, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.none() | st.integers(0, 40), st.integers(40, 90)), min_size=24, max_size=40).filter(
        lambda pairs: (
            sum(value is not None for value, _ in pairs[-24:]) >= 12 and any(value for value, _ in pairs[-24:])
        )
    ),
    see=st.sampled_from([could_see_in_share, partial(could_see_in_rate, per=10_000)]),
    change=st.sampled_from([-1, -0.5, -0.1]),
)
def test_any_history_of_a_ratio_has_chances(
    pairs: list[tuple[int | None, int]], see: Callable[..., Chances], change: float
):
    chances = see([value for value, _ in pairs], [of for _, of in pairs], change=change)

    for each in (*chances.stands_out.values(), *chances.chances.values(), *(offer.chance for offer in chances.offers)):
        assert 0 <= each <= 1
    assert chances.stands_out[12] <= chances.stands_out[24]
