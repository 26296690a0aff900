"""What does a reader learn about a count from seeing it, or from seeing that it is withheld? Pure."""

from collections.abc import Iterable
from functools import lru_cache
from math import inf

from indicators.protection.rounding import WANTED, Scale
from indicators.protection.rules import DEFAULT, Round, Rule, Suppress, Withhold, is_small

type Bounds = tuple[float, float]  # the least and the greatest that is possible

ANYTHING: Bounds = (0, inf)


@lru_cache(maxsize=64)
def get_scale(rule: Round) -> Scale:
    return Scale(rule)


def wanted(rule: Rule, value: int) -> int:
    """Return how wide an interval a rule requires; 0 where anybody may know the count."""
    match rule:
        case Suppress(below) if is_small(rule, value):
            return below - 1
        case Round() if value:
            return WANTED
        case Withhold():
            return DEFAULT.below - 1
        case _:
            return 0


def shown(rule: Rule, value: int) -> int:
    """Return what is shown for a count that isn't withheld."""
    return get_scale(rule).nearest(value) if isinstance(rule, Round) else value


def meaning(rule: Rule, value: int) -> Bounds:
    """Return the least and the greatest count that would be shown like this one."""
    if not isinstance(rule, Round):
        return value, value
    scale = get_scale(rule)
    return (value, value) if scale.is_small(value) else scale.meaning(value)


def hidden_meaning(rule: Rule, value: int) -> Bounds:
    """Return what withholding reveals about a count: a zero would be shown, unless the rule always withholds."""
    return ANYTHING if isinstance(rule, Withhold) or value == 0 else (1, inf)


def meet(bounds: Iterable[Bounds]) -> Bounds:
    leasts, mosts = zip(*bounds, strict=True)
    return max(leasts), min(mosts)
