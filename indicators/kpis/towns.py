"""Counts in how many towns like this one the monthly judgement would show a change, and when. Pure.

Towns share their past. Each goes on by chance from a level of its own, and is judged by the rules that pages are
judged by (docs/kpis.md, M1 to M5).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from math import asin, exp, lgamma, log, log1p, pi, sin, sqrt
from random import Random
from statistics import NormalDist
from typing import Self

from indicators.judgement.judge import Entry, Signal, Tier, judge_continuations, judge_continuations_of_ratio
from indicators.ratios import RATIO_KINDS, RatioKind

LEVELS, EACH = 40, 5  # levels that a town may have, and towns of each in a draw
LEAST, MOST = 2, 5  # draws
SURE = 0.016  # the standard error of a chance with which no more are drawn: three of them are within 5 points
TAIL = 8  # standard deviations, past which no count is drawn
BY_CHANCE = 1.001  # a spread up to which counts vary by chance alone
LEAST_SPREAD, MOST_SPREAD = 3, 0.9  # of so many a share may vary by more than chance, and by so much of them at most


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
    """Return the share of simulated towns in which the change stands out within each number of months from its start.

    `level` is a month's mean before the change, known from a number of months. Counts vary by `spread` times chance.
    """
    levels = make_levels(level, spread=spread, known_by=known_by)
    drawn = [Drawn.of_counts(true * (1 + change), spread) for true in levels]
    judged = partial(judge_continuations, history)
    return _simulate(judged, drawn, change=change, within=within, seed=seed, sure=sure, most=most)


def find_chances_of_ratio(
    values: Sequence[int | None],
    of: Sequence[int | None],
    *,
    kind: RatioKind,
    level: float,
    whole: int,
    known_by: int,
    spread: float,
    change: float,
    within: Sequence[int],
    seed: int,
    sure: float = SURE,
    most: int = MOST,
) -> dict[int, float]:
    """Do the same for a rate or share. Each month to come is of `whole`. The level is known by `known_by` such
    months."""
    if RATIO_KINDS[kind].is_part:
        shares = make_levels_of_share(level, spread=spread, known_by=known_by * whole)
        drawn = [Drawn.of_shares(min(1.0, true * (1 + change)), whole, spread) for true in shares]
    else:
        levels = make_levels(level * whole, spread=spread, known_by=known_by)
        drawn = [Drawn.of_counts(true * (1 + change), spread) for true in levels]

    def judged(towns: Iterator[list[int]]) -> Iterator[Iterator[Entry]]:
        pairs = ((town, [whole] * len(town)) for town in towns)
        return judge_continuations_of_ratio(values, of, pairs, kind=kind)

    return _simulate(judged, drawn, change=change, within=within, seed=seed, sure=sure, most=most)


def _simulate(
    judged: Callable[[Iterator[list[int]]], Iterator[Iterator[Entry]]],
    drawn: "Sequence[Drawn]",
    *,
    change: float,
    within: Sequence[int],
    seed: int,
    sure: float,
    most: int,
) -> dict[int, float]:
    """`judged` gives the entries of the months that each town has, and `drawn` is what a month may have at each level
    after the change."""
    random = Random(seed)  # noqa: S311  # no secret: the same figures have the same chances each time
    months, side = max(within), Signal.LOW if change < 0 else Signal.HIGH
    counts = dict.fromkeys(within, 0)
    for draw in range(1, most + 1):
        towns = (town for level in drawn for town in level.draw(random, months=months, towns=EACH))
        for month in _find_first_told(judged(towns), side):
            for span in within:
                counts[span] += month <= span
        so_far = draw * LEVELS * EACH
        chances = {span: count / so_far for span, count in counts.items()}
        if draw >= LEAST and all(chance * (1 - chance) / so_far <= sure * sure for chance in chances.values()):
            break
    return chances


def _find_first_told(towns: Iterator[Iterator[Entry]], side: Signal) -> Iterator[int]:
    """Return the first month, from 1, in which the change stands out, for each town where it does."""
    for entries in towns:
        for month, entry in enumerate(entries, 1):
            if entry.tier is Tier.STANDS_OUT and entry.signal is side:
                yield month
                break


def make_levels(level: float, *, spread: float, known_by: int) -> list[float]:
    """Return as many levels, equally likely, as may be the true one that so many months show (M2)."""
    width = sqrt(spread / known_by) / 2  # of its root
    return [max(0.0, sqrt(level) + width * off) ** 2 for off in _make_quantiles()]


def make_levels_of_share(share: float, *, spread: float, known_by: int) -> list[float]:
    """Do the same for a share, known by so many."""
    width = sqrt(spread / known_by) / 2  # of its arcsine root
    return [sin(min(max(asin(sqrt(share)) + width * off, 0.0), pi / 2)) ** 2 for off in _make_quantiles()]


def _make_quantiles() -> list[float]:
    return [NormalDist().inv_cdf((place + 0.5) / LEVELS) for place in range(LEVELS)]


class Drawn:
    """What a month may have, and how likely each is."""

    def __init__(self, counts: range, chances: Iterable[float]) -> None:
        self.counts, self.sums = counts, list(accumulate(chances))

    @classmethod
    def of_counts(cls, mean: float, spread: float) -> Self:
        """Return counts with this mean, and a variance of `spread` means: Poisson's, or negative binomial (M3)."""
        reach = TAIL * (sqrt(mean * spread) + spread)
        counts = range(max(0, int(mean - reach)), int(mean + reach) + 2) if mean > 0 else range(1)
        return cls(counts, (find_chance(count, mean, spread) for count in counts))

    @classmethod
    def of_shares(cls, share: float, whole: int, spread: float) -> Self:
        """Return how many of a whole, with a variance of `spread` times chance: binomial, or beta-binomial (M5)."""
        mean = share * whole
        reach = TAIL * (sqrt(mean * (1 - share) * spread) + spread)
        counts = range(max(0, int(mean - reach)), min(whole, int(mean + reach) + 1) + 1)
        return cls(counts, (chance_of_part(count, whole, share, spread) for count in counts))

    def up_to(self, most: int) -> float:
        """Return the chance of so many or fewer."""
        place = min(most, self.counts[-1]) - self.counts[0]
        return self.sums[place] / self.sums[-1] if place >= 0 else 0.0

    def draw(self, random: Random, *, months: int, towns: int) -> Iterator[list[int]]:
        drawn = random.choices(self.counts, cum_weights=self.sums, k=months * towns)
        for first in range(0, len(drawn), months):
            yield drawn[first : first + months]


def find_chance(count: int, mean: float, spread: float) -> float:
    if mean <= 0:
        return float(count == 0)
    # In logarithms, because powers and factorials of hundreds overflow a float.
    if spread < BY_CHANCE:
        return exp(count * log(mean) - mean - lgamma(count + 1))
    over = spread - 1
    size = mean / over
    ways = lgamma(count + size) - lgamma(size) - lgamma(count + 1)
    return exp(ways - size * log1p(over) + count * (log(over) - log1p(over)))


def chance_of_part(count: int, whole: int, share: float, spread: float) -> float:
    if share <= 0 or share >= 1:
        return float(count == round(share) * whole)
    ways = lgamma(whole + 1) - lgamma(count + 1) - lgamma(whole - count + 1)
    if spread < BY_CHANCE or whole < LEAST_SPREAD:
        return exp(ways + count * log(share) + (whole - count) * log1p(-share))
    spread = min(spread, whole * MOST_SPREAD)
    size = (whole - spread) / (spread - 1)
    yes, no = share * size, (1 - share) * size
    return exp(
        ways
        + (lgamma(count + yes) + lgamma(whole - count + no) - lgamma(whole + size))
        - (lgamma(yes) + lgamma(no) - lgamma(size))
    )
