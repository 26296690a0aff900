"""Would a planned comparison show a change, a number of months after it started? Pure.

An exact test of two counts, and one binomial sum. Nothing is simulated (docs/kpis.md, P1 to P4).
"""

from collections.abc import Sequence
from math import asin, exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

from indicators.kpis.spread import find_spread_of_ratio
from indicators.ratios import RatioKind

OUTSIDE = 0.025  # on each side of a 95 % range
NEGLIGIBLE = 1e-12


def planned_chance(counted: int, months: int, *, change: float, after: int, spread: float = 1.0) -> float:
    """Return how likely it is that so many months `after` a change differ from a baseline, on the change's side.

    The baseline has so many cases `counted` in so many `months`. Cases vary by `spread` times chance: they come in
    clumps of so many, and it is the clumps that are compared (P3).
    """
    clumps = round(counted / spread)
    if not clumps or not change:
        return 0.0
    steady = after / (after + months)  # the share of all cases that are after, if nothing changes
    changed = after * (1 + change) / (after * (1 + change) + months)
    if change < 0:
        most = most_told_as_fall(clumps, steady)
        return binomial_up_to(most, most + clumps, changed)
    least = least_told_as_rise(clumps, steady)
    return 1 - binomial_up_to(least - 1, least - 1 + clumps, changed)


def most_told_as_fall(baseline: int, share: float) -> int:
    """Return the greatest later count that the test shows as fewer than the baseline's (P1); -1 where not even 0 is."""
    # Between a count that may be told and one that can't be: as many as are due.
    told, untold = -1, int(baseline * share / (1 - share)) + 1
    while untold - told > 1:
        middle = (told + untold) // 2
        if binomial_up_to(middle, middle + baseline, share) <= OUTSIDE:
            told = middle
        else:
            untold = middle
    return told


def least_told_as_rise(baseline: int, share: float) -> int:
    """Return the least later count that the test shows as more than the baseline's (P1)."""
    untold = int(baseline * share / (1 - share))
    # Go up until it is told, since there is no greatest count to start from.
    told = 2 * untold + 8
    while not _is_rise(told, baseline, share):
        told *= 2
    while told - untold > 1:
        middle = (told + untold) // 2
        if _is_rise(middle, baseline, share):
            told = middle
        else:
            untold = middle
    return told


def _is_rise(after: int, baseline: int, share: float) -> bool:
    return 1 - binomial_up_to(after - 1, after + baseline, share) <= OUTSIDE


def binomial_up_to(most: int, of: int, share: float) -> float:
    """Return the chance of `most` or fewer out of so many, each of which is one by `share`."""
    if most < 0:
        return 0.0
    if most >= of:
        return 1.0
    if most > of * share:  # the other side is the shorter sum
        return 1 - binomial_up_to(of - most - 1, of, 1 - share)
    if share >= 1:
        return 0.0
    # In logarithms, because powers and factorials of hundreds overflow a float.
    chance = exp(
        lgamma(of + 1) - lgamma(most + 1) - lgamma(of - most + 1) + most * log(share) + (of - most) * log1p(-share)
    )
    total, odds = 0.0, (1 - share) / share
    for counted in range(most, -1, -1):
        total += chance
        chance *= odds * counted / (of - counted + 1)
        # Terms shrink from the middle outwards, so the others add nothing.
        if chance < NEGLIGIBLE * total:
            break
    return min(1.0, total)


def planned_chance_of_share(pairs: Sequence[tuple[int, int]], *, change: float, after: int) -> float:
    """Do the same for a share. Each month of the baseline has cases, and what they are of. Both counts change the
    share's arcsine root, whose variance is a quarter of 1 over what it is of (P4)."""
    cases, of = sum(each for each, _ in pairs), sum(each for _, each in pairs)
    share = cases / of
    then = min(1.0, share * (1 + change))
    off = abs(asin(sqrt(then)) - asin(sqrt(share)))
    width = sqrt(find_spread_of_ratio(pairs, RatioKind.SHARE) * (1 / of + len(pairs) / (of * after))) / 2
    return NormalDist().cdf(off / width - NormalDist().inv_cdf(1 - OUTSIDE)) if off else 0.0
