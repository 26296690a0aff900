"""How much more than chance do the months of a level vary? Pure. (docs/kpis.md, M3 and P4)"""

from collections.abc import Sequence
from statistics import mean, variance

from indicators.judgement.judge import judge
from indicators.judgement.ratios import judge_ratio
from indicators.judgement.sums import BASE, LEAST
from indicators.ratios import RATIO_KINDS, RatioKind


def find_spread(values: Sequence[int | None]) -> float:
    """Return how many times more than by chance the counts of the present level vary; 1 at least."""
    level = list_level(values)
    return max(1.0, variance(level) / mean(level)) if len(level) >= LEAST and any(level) else 1.0


def list_level(values: Sequence[int | None]) -> list[int]:
    """List the newest figures of its level, 36 months at most."""
    since = judge(values)[-1].since if values else None
    return [value for value in values[max(since or 0, len(values) - BASE) :] if value is not None]


def list_level_of_ratio(
    values: Sequence[int | None], of: Sequence[int | None], kind: RatioKind
) -> list[tuple[int, int]]:
    """List the same for a rate or share: each month's cases, and what they are of."""
    entries = judge_ratio(values, of, kind=kind)
    since = next((entry.since for entry in reversed(entries) if entry.since is not None), 0)
    places = range(max(since, len(values) - BASE), len(values))
    return [(cases, each) for place in places if (cases := values[place]) is not None and (each := of[place] or 0) > 0]


def find_spread_of_ratio(pairs: Sequence[tuple[int, int]], kind: RatioKind) -> float:
    """Return how many times more than by chance the months' rates or shares vary; 1 at least."""
    ratio = sum(cases for cases, _ in pairs) / sum(of for _, of in pairs) if pairs else 0.0
    by_chance = ratio * (1 - ratio) if RATIO_KINDS[kind].is_part else ratio
    if len(pairs) < LEAST or by_chance <= 0:
        return 1.0
    squares = sum((cases - of * ratio) ** 2 / of for cases, of in pairs)
    return max(1.0, squares / by_chance / (len(pairs) - 1))
