"""In how many towns like this one would the monthly judgement tell of a change, and when? Pure.

Towns share their past. Each goes on by chance from a level of its own, and is judged by the rules that pages are
judged by (docs/kpis.md, M1 to M4).
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import exp, lgamma, log, log1p, sqrt
from random import Random
from statistics import NormalDist

from indicators.judgement.judge import judge_continuations
from indicators.judgement.tokens import Signal, Tier

LEVELS, EACH = 40, 5  # levels that a town may have, and towns of each in a draw
LEAST, MOST = 2, 5  # draws
SURE = 0.016  # the standard error of a chance with which no more are drawn: three of them are within 5 points
TAIL = 8  # standard deviations, past which no count is drawn
BY_CHANCE = 1.001  # a spread up to which counts are Poisson's


def find_chances(
    history: Sequence[int | None],
    *,
    level: float,
    known_by: int,
    spread: float,
    change: float,
    within: Sequence[int],
    seed: int,
    sure: float = SURE,
    most: int = MOST,
) -> dict[int, float]:
    """The share of simulated towns in which the change stands out within so many months of its beginning.

    `level` is a month's mean before the change, known by so many months. Counts vary by `spread` times chance.
    """
    random = Random(seed)  # noqa: S311  # no secret: the same figures have the same chances each time
    months = max(within)
    counts = [_CountsOf(true * (1 + change), spread) for true in make_levels(level, spread=spread, known_by=known_by)]
    told = dict.fromkeys(within, 0)
    for draw in range(1, most + 1):
        towns = (town for each in counts for town in each.draw(random, months=months, towns=EACH))
        for month in _find_first_told(history, towns, Signal.LOW if change < 0 else Signal.HIGH):
            for span in within:
                told[span] += month <= span
        drawn = draw * LEVELS * EACH
        chances = {span: count / drawn for span, count in told.items()}
        if draw >= LEAST and all(chance * (1 - chance) / drawn <= sure * sure for chance in chances.values()):
            break
    return chances


def _find_first_told(history: Sequence[int | None], towns: Iterator[list[int]], side: Signal) -> Iterator[int]:
    """The first month, from 1 on, in which each town's change stands out, of those in which it does."""
    for entries in judge_continuations(history, towns):
        for month, entry in enumerate(entries, 1):
            if entry.tier is Tier.STANDS_OUT and entry.signal is side:
                yield month
                break


def make_levels(level: float, *, spread: float, known_by: int) -> list[float]:
    """What a level may truly be that so many months are known of: as many, equally likely (M2)."""
    width = sqrt(spread / known_by) / 2  # of its root
    chances = ((place + 0.5) / LEVELS for place in range(LEVELS))
    return [max(0.0, sqrt(level) + width * NormalDist().inv_cdf(chance)) ** 2 for chance in chances]


class _CountsOf:
    """Counts of months with this mean, and a variance of `spread` means: Poisson's, or negative binomial (M3)."""

    def __init__(self, mean: float, spread: float) -> None:
        reach = TAIL * (sqrt(mean * spread) + spread)
        self.counts = range(max(0, int(mean - reach)), int(mean + reach) + 2) if mean > 0 else range(1)
        self.sums = list(accumulate(chance_of(count, mean, spread) for count in self.counts))

    def draw(self, random: Random, *, months: int, towns: int) -> Iterator[list[int]]:
        drawn = random.choices(self.counts, cum_weights=self.sums, k=months * towns)
        for first in range(0, len(drawn), months):
            yield drawn[first : first + months]


def chance_of(count: int, mean: float, spread: float) -> float:
    if mean <= 0:
        return float(count == 0)
    if spread < BY_CHANCE:
        return exp(count * log(mean) - mean - lgamma(count + 1))
    over = spread - 1
    size = mean / over
    ways = lgamma(count + size) - lgamma(size) - lgamma(count + 1)
    return exp(ways - size * log1p(over) + count * (log(over) - log1p(over)))
