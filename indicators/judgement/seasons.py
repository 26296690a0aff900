"""Which months of the year have more than others, by more than chance? (docs/judgement.md, R10)"""

from collections.abc import Collection, Sequence
from itertools import pairwise
from math import sqrt

from indicators.judgement.sums import CHANCE, TO_WIDTH, root

MONTHS = 12
FROM = 36  # months, before seasons are looked for
LOOKED_AT, HALF = 54, 6  # months back; half a year on each side of a month whose mean is taken
LEAST = 2  # of each calendar month
SURE = 30.0  # chi-square with 11 degrees of freedom: 1 in 600 by chance
SMALLEST = 0.2  # of a factor
NO_SEASONS = [1.0] * MONTHS


def find_factors(
    values: Sequence[float | None],
    totals: Sequence[float],
    figures: Sequence[int],
    month: int,
    starts: Collection[int],
) -> list[float]:
    """What each month of a year has, as a share of an average one; the first is that of `values[0]`. All 1 where no
    season shows in the months before `month`.

    `totals` and `figures` are what the months before each one come to, and how many of them have a figure. `starts` are
    the months in which a level starts: around those a change would be taken for a season.
    """
    got, due, times = [0.0] * MONTHS, [0.0] * MONTHS, [0] * MONTHS
    known: list[tuple[int, float]] = []
    near = {place for start in starts if start for place in range(start - HALF, start + HALF)}
    for place in range(max(HALF, month - LOOKED_AT), month - HALF):
        first, end = place - HALF, place + HALF + 1
        if figures[end] - figures[first] <= MONTHS:  # one of the 13 has none
            continue
        value = values[place] or 0.0
        known.append((place, value))
        if place in near:
            continue
        calendar = place % MONTHS
        edges = (values[first] or 0.0) + (values[end - 1] or 0.0)
        got[calendar] += value
        due[calendar] += (totals[end] - totals[first] - edges / 2) / MONTHS  # the centred mean of 2 × 12 months
        times[calendar] += 1
    if min(times) < LEAST or not all(got) or not all(due):
        return NO_SEASONS
    ratios = [each / expected for each, expected in zip(got, due, strict=True)]
    width = _width(known, ratios, each=sum(times) / MONTHS)
    sure = sum((each - expected) ** 2 / expected for each, expected in zip(got, due, strict=True)) / (4 * width * width)
    if sure <= SURE:
        return NO_SEASONS
    factors = [1 + (1 - (MONTHS - 1) / sure) * (ratio - 1) for ratio in ratios]  # drawn in by what chance may have done
    mean = sum(factors) / MONTHS
    return [max(SMALLEST, factor / mean) for factor in factors]


def _width(known: Sequence[tuple[int, float]], ratios: Sequence[float], *, each: float) -> float:
    """How much roots vary from month to month when their season is taken out; `each` is how often each calendar month
    is in the ratios, which follow the figures the more the fewer they are."""
    roots = [(place, root(value / ratios[place % MONTHS])) for place, value in known]
    moves = [abs(after - before) for (at, before), (then, after) in pairwise(roots) if then == at + 1]
    return max(CHANCE, sum(moves) / len(moves) / TO_WIDTH * sqrt(each / (each - 1))) if moves else CHANCE
