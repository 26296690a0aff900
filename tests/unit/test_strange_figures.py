"""Which figures does a return ask about? Recorded crime says how often ordinary months are, and slips: see
docs/judgement.md."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, islice

import pytest

from indicators.selectors.series import YEAR, Past, months_above_0
from indicators.services.entries import what_is_unusual
from tests.london import series

MONTHS = range(8, 136, 12)  # places in a series


def make_past(values: Sequence[int | None], *, former: Sequence[int | None] = (), beside: Sequence[int] = ()) -> Past:
    past = Past(
        values=(*former, *values),
        under_definition=len(values),
        comparable=tuple(values),
        months_above_0=months_above_0(values),
        beside=tuple(beside),
    )
    usual = past.judge(None)
    return replace(past, least=usual.lower, most=usual.upper)


def recorded() -> Iterator[tuple[int, Past]]:
    for each in series():
        for month in MONTHS:
            value = each.values[month]
            assert value is not None
            yield value, make_past(each.values[:month])


def without_a_digit(value: int) -> list[int]:
    text = str(value)
    return sorted({int(text[:at] + text[at + 1 :]) for at in range(len(text))}) if value >= 10 else []


def test_ordinary_months_are_hardly_asked_about_and_slips_nearly_always():
    ordinary, tenfold, dropped = [], [], []
    for value, past in recorded():
        ordinary.append(what_is_unusual(value, past))
        tenfold += [what_is_unusual(value * 10, past)] if value else []
        dropped += [what_is_unusual(slip, past) for slip in without_a_digit(value)]
    shares = [sum(map(bool, each)) / len(each) for each in (ordinary, tenfold, dropped)]
    assert len(ordinary) > 2500
    assert shares[0] < 0.01
    assert shares[1] > 0.95
    assert shares[2] > 0.85


def test_before_a_range_is_known_ordinary_months_are_hardly_asked_about_either():
    """The first year of each series, but for its first figure, which has none before it."""
    early = [(each.values[month], make_past(each.values[:month])) for each in series() for month in range(1, YEAR)]
    ordinary = [what_is_unusual(value, past) for value, past in early]
    tenfold = [what_is_unusual(value * 10, past) for value, past in early if value]
    dropped = [what_is_unusual(slip, past) for value, past in early if value for slip in without_a_digit(value)]
    shares = [sum(map(bool, each)) / len(each) for each in (ordinary, tenfold, dropped)]
    assert len(ordinary) > 3000
    assert shares[0] < 0.009
    assert shares[1] > 0.955
    assert shares[2] > 0.91


def test_a_first_figure_of_a_category_is_held_against_the_others():
    """Boroughs stand for categories: each in turn is new, beside the last year of two or five others."""
    crimes: dict[str, list[list[int | None]]] = {}
    for each in series():
        crimes.setdefault(each.crime, []).append(each.values)
    for others, most_asked, least_caught in ((5, 0.001, 0.6), (2, 0.005, 0.7)):
        ordinary, tenfold = [], []
        for start in range(YEAR, 136, YEAR):
            for boroughs in crimes.values():
                for new, beside in islice(permutations_of(boroughs, others), 60):
                    held = [value for one in beside for value in one[start - YEAR : start] if value is not None]
                    past, value = make_past([], beside=held), new[start] or 0
                    ordinary.append(what_is_unusual(value, past))
                    tenfold += [what_is_unusual(value * 10, past)] if value else []
        assert sum(map(bool, ordinary)) / len(ordinary) < most_asked
        assert sum(map(bool, tenfold)) / len(tenfold) > least_caught


def permutations_of[T](all_of: Sequence[T], count: int) -> Iterator[tuple[T, tuple[T, ...]]]:
    """Each of these, with each so many of the rest."""
    for at, one in enumerate(all_of):
        for others in combinations([*all_of[:at], *all_of[at + 1 :]], count):
            yield one, others


@pytest.mark.parametrize(
    ("value", "beside", "asked"),
    [
        (300, [1, 12, 4], "300 is far more than any of the others in the last year, when the most was 12"),
        (37, [1, 12, 4], "37 is far more than any of the others in the last year, when the most was 12"),
        (36, [1, 12, 4], ""),
        (0, [40, 50], ""),
        (4, [0, 0], ""),
        (90_000, [0, 0], "90,000 is far more than any of the others in the last year, when the most was 0"),
        (90_000, [], ""),
    ],
)
def test_a_first_figure_beside_others(value: int, beside: list[int], asked: str):
    assert what_is_unusual(value, make_past([], beside=beside)) == asked
    assert what_is_unusual(value, make_past([value], beside=beside)) == ""


RARE = [0, 2, 1, 0, 3, 1, 0, 0, 2, 1, 1, 0, 2, 0, 1, 2]


@pytest.mark.parametrize(
    ("value", "past", "asked"),
    [
        (90_000, [2], "90,000 is far from the figures so far, which are 2"),
        (90_000, RARE[:8], "90,000 is far from the figures so far, which are 0 to 3"),
        (20, RARE, "20 is more than the usual range of 0 to "),
        (1, [0] * 36, "1 is the first figure above 0 in two years or more"),
        (1, [1, *[0] * 24], "1 is the first figure above 0 in two years or more"),
        (1, [0] * 23, ""),
        (1, [0] * 12 + [1] + [0] * 12, ""),
        (0, [0] * 36, ""),
        (3, RARE, ""),
        (4, RARE, ""),
        (0, RARE, ""),
        (0, [3] * 5, ""),
        (0, [2, 3, 2, 1, 1, 2], ""),
        (2, [5, 6, 4], ""),
        (20, [11], ""),
        (70, [30], "70 is far from the figures so far, which are 30"),
        (50, [30], ""),
        (50, [30, 29, 31, 30], "50 is far from the figures so far, which are 29 to 31"),
        (0, [3] * 6, "0 comes after 6 months in a row above 0"),
        (12, [118, 122, 120, 125, 119, 121], "12 is far from the figures so far, which are 118 to 125"),
        (150, [118, 122, 120, 125, 119, 121], ""),
        (5, [], ""),
    ],
)
def test_a_figure_is_asked_about_that_is_far_from_what_was(value: int, past: list[int | None], asked: str):
    told = what_is_unusual(value, make_past(past))
    assert told.startswith(asked)
    assert bool(told) == bool(asked)


@pytest.mark.parametrize(("value", "is_asked"), [(1_000, True), (20, False), (100, False), (1, True)])
def test_after_a_new_definition_the_figures_before_it_still_tell_a_slip(value: int, is_asked: bool):
    assert bool(what_is_unusual(value, make_past([], former=[18, 25, 21]))) == is_asked
