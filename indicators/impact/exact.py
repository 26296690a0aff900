"""How do two counts compare, if only chance is at work? The exact ratio of two Poisson rates, as R's `poisson.test`
works it out.

Given their sum, the count after is binomial: the limits are Clopper and Pearson's of its share (1934), turned into a
ratio. It allows for no season, trend or ups and downs, so nothing is claimed from it alone (docs/impact.md).
"""

import math
from dataclasses import dataclass
from math import exp, fsum, lgamma, log, log1p

LIMIT = 0.025  # beyond each end of a range of 95 %
AS_RARE = 1 + 1e-7  # two probabilities that differ by less are the same
HALVINGS = 200
TINY, CLOSE, TERMS = 1e-300, 1e-16, 10_000


@dataclass(frozen=True, slots=True)
class Ratio:
    """`value` is None where there was none before; `upper` is then infinite. `chance` is the two-sided p."""

    value: float | None
    lower: float
    upper: float
    chance: float


def compare(after: int, before: int, months_after: float = 1, months_before: float = 1) -> Ratio:
    """The rate after over the rate before. Months, or whatever the counts are out of, are above 0."""
    both, scale = after + before, months_before / months_after
    lower = _share(after, before + 1, LIMIT) if after else 0.0
    upper = _share(after + 1, before, 1 - LIMIT) if before else 1.0
    return Ratio(
        value=after / before * scale if before else None,
        lower=lower / (1 - lower) * scale,
        upper=upper / (1 - upper) * scale if upper < 1 else math.inf,
        chance=_two_sided(after, both, months_after / (months_after + months_before)),
    )


def _two_sided(successes: int, of: int, share: float) -> float:
    """Return the probability of all outcomes that are no likelier than this one. Binomial."""
    if of == 0:
        return 1.0
    whole, yes, no = lgamma(of + 1), log(share), log1p(-share)
    chances = [
        exp(whole - lgamma(each + 1) - lgamma(of - each + 1) + each * yes + (of - each) * no) for each in range(of + 1)
    ]
    limit = chances[successes] * AS_RARE
    return min(1.0, fsum(chance for chance in chances if chance <= limit))


def _share(first: float, second: float, chance: float) -> float:
    """Return the quantile of the beta distribution, by halving."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        # Floats have nothing between the two ends.
        if middle in (low, high):
            break
        if _beta(first, second, middle) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta(first: float, second: float, share: float) -> float:
    """Return how likely a beta-distributed share is to be smaller (W. H. Press and others, Numerical Recipes, 6.4)."""
    front = exp(lgamma(first + second) - lgamma(first) - lgamma(second) + first * log(share) + second * log1p(-share))
    if share < (first + 1) / (first + second + 2):
        return front * _fraction(first, second, share) / first
    return 1 - front * _fraction(second, first, 1 - share) / second


def _fraction(first: float, second: float, share: float) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method."""
    upper = 1.0
    lower = 1 / _not_zero(1 - (first + second) * share / (first + 1))
    value = lower
    for term in range(1, TERMS):
        twice = first + 2 * term
        for step in (
            term * (second - term) * share / ((twice - 1) * twice),
            -(first + term) * (first + second + term) * share / (twice * (twice + 1)),
        ):
            lower = 1 / _not_zero(1 + step * lower)
            upper = _not_zero(1 + step / upper)
            value *= lower * upper
        if abs(lower * upper - 1) < CLOSE * 10:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
