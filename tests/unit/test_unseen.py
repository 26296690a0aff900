"""The estimate of the unseen: against R, published counts and what arithmetic says; and which lists are refused."""

from collections.abc import Mapping
from math import exp, log, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.protection.rules import DEFAULT, is_small
from indicators.unseen import (
    FITS,
    MODELS,
    Cell,
    SeenList,
    UnseenRefused,
    estimate_three,
    estimate_two,
    estimate_unseen,
    find_aic,
    name_model,
    split,
)

CELLS: tuple[Cell, ...] = ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2))
A, B, C = "In treatment", "Arrested", "Overdose attended"
NAMES = (A, B, C)
counts = st.integers(1, 400)
three = st.tuples(*[counts] * 7).map(lambda row: dict(zip(CELLS, row, strict=True)))

# Made by R 4.5: for each model, exp() of the intercept of
#     glm(x ~ …, family = poisson, control = glm.control(epsilon = 1e-14, maxit = 100))
# with its standard error, and AIC(). The seven x are in the order of CELLS, and a, b and c are 0 or 1. A model's
# formula joins a pair by *: no pair; a*b; a*c; b*c; a*b + a*c; a*b + b*c; a*c + b*c; all three.
#
# The first counts are of spina bifida in upstate New York from 1969 to 1974, by birth certificates, death certificates
# and rehabilitation: E. B. Hook, S. G. Albright and P. K. Cross, American Journal of Epidemiology, 1980.
BY_R = (
    (
        (247, 49, 60, 142, 112, 4, 12),
        (
            (137.887932, 0.122904, 106.318821),
            (205.312500, 0.163592, 96.821340),
            (129.943038, 0.170657, 108.059656),
            (104.928571, 0.129064, 53.831056),
            (735.000000, 0.535794, 89.467015),
            (132.321429, 0.172174, 51.974538),
            (85.232394, 0.177480, 52.638787),
            (136.980634, 0.624842, 53.971202),
        ),
    ),
    (
        (50, 40, 30, 20, 10, 8, 5),
        (
            (116.188962, 0.215123, 42.238256),
            (143.478261, 0.293091, 43.099708),
            (109.090909, 0.257709, 44.041901),
            (111.428571, 0.247774, 44.123552),
            (150.000000, 0.428174, 45.079004),
            (150.000000, 0.391578, 45.069647),
            (100.000000, 0.308221, 45.789435),
            (187.500000, 0.743864, 46.946597),
        ),
    ),
)


def seen_list(name: str = A, people: int = 100, **options: str) -> SeenList:
    wanted = {"period": "April 2025 to March 2026", "ages": "15 to 64", "residents": "Anytown"} | options
    return SeenList(name, people, **wanted)


def estimate(people: tuple[int, ...], overlaps: Mapping[Cell, int], **options: str):
    lists = [seen_list(name, count) for name, count in zip(NAMES, people, strict=False)]
    lists[-1] = seen_list(lists[-1].name, lists[-1].people, **options)
    return estimate_unseen(lists, overlaps, is_small=lambda count: is_small(DEFAULT, count))


@pytest.mark.parametrize(("row", "fitted"), BY_R)
def test_each_model_is_as_r_fits_it(row: tuple[int, ...], fitted):
    cells = dict(zip(CELLS, row, strict=True))
    for pairs, expected in zip(MODELS, fitted, strict=True):
        fit = FITS[len(pairs)](cells, pairs)
        found = (fit.unseen, sqrt(fit.variance), find_aic(cells, fit, pairs))
        assert found == pytest.approx(expected, abs=1e-5), pairs
        assert sum(fit.expected.values()) == pytest.approx(sum(row)), pairs  # as maximum likelihood has it


def test_the_range_spans_all_models_within_four_of_the_best():
    unseen = estimate_three(dict(zip(CELLS, BY_R[0][0], strict=True)))
    assert unseen.seen == 626
    assert [one.pairs for one in unseen.near] == [
        ((0, 1), (1, 2)),
        ((0, 2), (1, 2)),
        ((1, 2),),
        ((0, 1), (0, 2), (1, 2)),
    ]
    # The ends are those of the model with every pair: R's 136.98 and 0.6248.
    reach = exp(1.959964 * 0.624842)
    assert (unseen.lower, unseen.upper) == pytest.approx((626 + 136.980634 / reach, 626 + 136.980634 * reach), abs=1e-3)


def test_two_lists_have_chapmans_estimate():
    # By hand: 10 and 15 animals, 5 of them in both: 11 · 16 / 6 - 1.
    (one,) = estimate_two({(0,): 5, (1,): 10, (0, 1): 5}).estimates
    assert one.people == pytest.approx(28 + 1 / 3)
    # … and Seber's variance: 11 · 16 · 5 · 10 / (36 · 7), on the logarithm of the unseen.
    unseen, variance = 25 / 3, 8800 / 252
    reach = exp(1.959964 * sqrt(log(1 + variance / unseen**2)))
    assert (one.lower, one.upper) == pytest.approx((20 + unseen / reach, 20 + unseen * reach))


@given(counts, counts, counts)
def test_the_order_of_two_lists_makes_no_difference(first: int, second: int, both: int):
    one, other = (estimate_two({(0,): a, (1,): b, (0, 1): both}) for a, b in ((first, second), (second, first)))
    assert (one.lower, one.upper) == pytest.approx((other.lower, other.upper))
    assert one.seen < one.lower < one.estimates[0].people < one.upper


@given(three, st.permutations((0, 1, 2)))
def test_the_order_of_three_lists_makes_no_difference(cells: dict[Cell, int], order: list[int]):
    moved = {tuple(sorted(order[place] for place in cell)): count for cell, count in cells.items()}
    one, other = estimate_three(cells), estimate_three(moved)
    assert (one.lower, one.upper) == pytest.approx((other.lower, other.upper))
    assert one.seen < one.lower < one.upper
    assert all(one.lower <= near.lower < near.people < near.upper <= one.upper for near in one.near)


@given(three, st.integers(2, 9))
def test_so_many_times_the_people_are_so_many_times_the_unseen_and_surer(cells: dict[Cell, int], times: int):
    for pairs in MODELS:
        one = FITS[len(pairs)](cells, pairs)
        larger = FITS[len(pairs)]({cell: count * times for cell, count in cells.items()}, pairs)
        assert larger.unseen == pytest.approx(one.unseen * times, rel=1e-6)
        assert larger.variance == pytest.approx(one.variance / times, rel=1e-6)


@given(st.integers(200, 5000), st.floats(0.1, 0.8), st.floats(0.1, 0.8), st.floats(0.1, 0.8))
def test_each_model_finds_those_whom_independent_lists_missed(whole: int, first: float, second: float, third: float):
    """Without chance: each cell has exactly as many as independence says, which all eight models allow."""

    def expect(cell: Cell) -> float:
        people = float(whole)
        for place, chance in enumerate((first, second, third)):
            people *= chance if place in cell else 1 - chance
        return people

    cells: Any = {cell: expect(cell) for cell in CELLS}
    for pairs in MODELS:
        assert FITS[len(pairs)](cells, pairs).unseen == pytest.approx(expect(()), rel=1e-6)


@given(three)
def test_overlaps_give_back_the_cells_that_they_are_made_of(cells: dict[Cell, int]):
    def count(*places: int) -> int:
        return sum(people for cell, people in cells.items() if set(places) <= set(cell))

    overlaps = {(0, 1): count(0, 1), (0, 2): count(0, 2), (1, 2): count(1, 2), (0, 1, 2): count(0, 1, 2)}
    assert split([count(0), count(1), count(2)], overlaps, names=NAMES) == cells


# --- What is refused --------------------------------------------------------------------------------------------------

GOOD = {(0, 1): 66, (0, 2): 47, (1, 2): 53, (0, 1, 2): 14}


def test_three_lists_as_a_town_gives_them():
    unseen = estimate((335, 250, 179), GOOD)
    assert (unseen.seen, round(unseen.lower), round(unseen.upper)) == (612, 910, 2100)


@pytest.mark.parametrize(
    ("people", "overlaps", "options", "said"),
    [
        (
            (100, 80),
            {(0, 1): 81},
            {},
            "There can’t be more people in the overlap of “In treatment” and “Arrested” than in “Arrested”: 81",
        ),
        ((335, 250, 179), GOOD | {(0, 1, 2): 48}, {}, "48 is more than 47"),
        (
            (90, 250, 179),
            GOOD | {(0, 1): 60},
            {},
            "The overlaps of “In treatment” have more people than “In treatment” has",
        ),
        ((100, 80), {(0, 1): 4}, {}, "“In treatment” and “Arrested” has too few people to show"),
        ((100, 80), {(0, 1): 77}, {}, "“Arrested” without “In treatment” has too few people to show"),
        ((335, 250, 179), GOOD | {(0, 1, 2): 3}, {}, "too few people to show"),
        ((335, 250, 179), GOOD, {"period": "2024"}, "different period: “April 2025 to March 2026” and “2024”"),
        ((335, 250, 179), GOOD, {"ages": "16 to 64"}, "different ages: “15 to 64” and “16 to 64”"),
        ((335, 250, 179), GOOD, {"residents": "Essex"}, "different residents: “Anytown” and “Essex”"),
        ((100, 80), {(0, 1): 0}, {}, "No one is in both lists"),
        ((100, 80), {(0, 1): 80}, {}, "Everyone in one list is in the other too"),
        ((335, 250, 179), dict.fromkeys(GOOD, 0), {}, "No one is in two lists"),
        ((335, 250, 179), GOOD | {(1, 2): 14}, {}, "no range"),
        ((335, 0), {(0, 1): 0}, {}, "“Arrested” has no one in it"),
        ((335,), {}, {}, "two or three lists"),
    ],
)
def test_what_says_nothing_about_the_unseen_is_refused_by_name(people, overlaps, options, said: str):
    with pytest.raises(UnseenRefused) as refused:
        estimate(people, overlaps, **options)
    assert said in str(refused.value)


@pytest.mark.parametrize("name", ["Deaths", "Who died", "Drug-related mortality", "Fatal overdoses"])
def test_deaths_are_no_list(name: str):
    with pytest.raises(UnseenRefused, match="people who have died can’t be in a later list"):
        estimate_unseen([seen_list(), seen_list(name)], {(0, 1): 20}, is_small=lambda _: False)


def test_two_lists_need_two_names():
    with pytest.raises(UnseenRefused, match="Two lists are called"):
        estimate_unseen([seen_list(), seen_list("in  Treatment")], {(0, 1): 20}, is_small=lambda _: False)


def test_a_model_is_named_by_what_depends_on_what():
    assert name_model((), NAMES) == ("No two lists depend on each other",)
    assert name_model(((0, 1), (1, 2)), NAMES) == ("In treatment with Arrested", "Arrested with Overdose attended")
