"""Which areas differ from a region by more than chance? Rates and shares in a funnel. Pure.

The rules are those of public health in England, as PHEindicatormethods 2.1.0 applies them (tests/data/funnels holds
cases recorded from it), with one addition. Where the areas differ from each other by more than chance, one factor
widens the lines and the words alike: every count and every exposure is divided by it (D. J. Spiegelhalter, Statistics
in Medicine, 2005). With a factor of 1, nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, isfinite, log10, sqrt
from statistics import NormalDist

from core.labels import Labelled
from indicators.ranges import FAR, USUAL, RangeRefused, count_range, gamma_quantile, gamma_quantile_from_above

LEAST_AREAS = 5  # for an estimate of the factor
TRIMMED = 10  # one value of so many, at each end, counts as its inner neighbour
AXIS = 100  # points along each line
TAILS = {USUAL: (1 - USUAL) / 2, FAR: (1 - FAR) / 2}


class Place(Labelled):
    """Where an area is in the funnel."""

    FAR_HIGHER = "far-higher", "Far higher than the region"
    HIGHER = "higher", "Higher than the region"
    WITHIN = "within", "Not unusual"
    LOWER = "lower", "Lower than the region"
    FAR_LOWER = "far-lower", "Far lower than the region"


@dataclass(frozen=True, slots=True)
class Part:
    """An area's events, out of what they could have been: residents, or the whole of a share."""

    events: float
    exposure: float

    @property
    def value(self) -> float:
        return self.events / self.exposure


@dataclass(frozen=True, slots=True)
class Funnel:
    """The region's average and its factor, and the place of each part in their order."""

    is_share: bool
    average: float
    factor: float
    is_estimated: bool  # False if there are too few areas for a factor of their own
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """One limit of the funnel: the exposures, and the limit at each."""

    confidence: float
    is_upper: bool
    points: tuple[tuple[float, float], ...]


def make_funnel(parts: Sequence[Part], *, is_share: bool = False) -> Funnel:
    """Compare parts with their average. Raises RangeRefused for a part without exposure, or one larger than its whole,
    and for no parts."""
    if not parts:
        raise RangeRefused("A funnel needs at least one area.")
    for part in parts:
        _check(part, is_share=is_share)
    average = sum(part.events for part in parts) / sum(part.exposure for part in parts)
    is_estimated = len(parts) >= LEAST_AREAS
    factor = find_factor(parts, average, is_share=is_share) if is_estimated else 1.0
    return Funnel(
        is_share=is_share,
        average=average,
        factor=factor,
        is_estimated=is_estimated,
        places=tuple(find_place(part, average, factor=factor, is_share=is_share) for part in parts),
    )


def find_factor(parts: Sequence[Part], average: float, *, is_share: bool = False) -> float:
    """Return how many times the areas vary as much as chance allows, at least 1."""
    squares = [score**2 for score in trim([find_score(part, average, is_share=is_share) for part in parts])]
    return max(1.0, sum(squares) / len(squares))


def find_score(part: Part, average: float, *, is_share: bool = False) -> float:
    """Return how many standard deviations a part is from the average (Pearson's residual)."""
    expected = part.exposure * average
    variance = expected * (1 - average) if is_share else expected
    # Without any event, or where every case is one, each part equals the average.
    return (part.events - expected) / sqrt(variance) if variance > 0 else 0.0


def trim(scores: Sequence[float]) -> list[float]:
    """Return the scores with those at the ends replaced by their inner neighbour (winsorised)."""
    ends, ordered = len(scores) // TRIMMED, sorted(scores)
    if not ends:
        return list(scores)
    lowest, highest = ordered[ends], ordered[-ends - 1]
    return [min(max(score, lowest), highest) for score in scores]


def find_place(part: Part, average: float, *, factor: float = 1.0, is_share: bool = False) -> Place:
    """Return where a part is. This is never read off the drawn lines, and may disagree with them near a line."""
    for confidence, high, low in (
        (FAR, Place.FAR_HIGHER, Place.FAR_LOWER),
        (USUAL, Place.HIGHER, Place.LOWER),
    ):
        side = (_side_of_share if is_share else _side_of_rate)(part, average, factor, confidence)
        if side:
            return high if side > 0 else low
    return Place.WITHIN


def _side_of_share(part: Part, average: float, factor: float, confidence: float) -> int:
    lower, upper = _reach(part.exposure / factor, average, confidence)
    return (part.value > upper) - (part.value < lower)


def _side_of_rate(part: Part, average: float, factor: float, confidence: float) -> int:
    """Compare the average with the part's own range, exact below 10 events and Byar's from 10."""
    own, expected = count_range(part.events / factor, confidence=confidence), average * part.exposure / factor
    # Only a count of fewer events than 10 could lack a lower limit, and those have the exact one.
    return ((own.lower or 0.0) > expected) - ((own.upper or 0.0) < expected)


def list_curves(funnel: Funnel, parts: Sequence[Part]) -> list[Curve]:
    """Return the four limits over the range of the parts' exposures. Without any event there is none."""
    if not funnel.average:
        return []
    draw = _share_curve if funnel.is_share else _rate_curve
    exposures = [part.exposure / funnel.factor for part in parts]
    return [
        draw(funnel, exposures, confidence, is_upper=is_upper) for confidence in TAILS for is_upper in (False, True)
    ]


def find_expected(events: float, confidence: float, *, is_upper: bool) -> float:
    """Return the number of events to expect where this many are just on the limit."""
    tail = TAILS[confidence]
    return gamma_quantile(events, tail) if is_upper else gamma_quantile_from_above(events + 1, tail)


def share_limits(exposure: float, average: float, confidence: float) -> tuple[float, float]:
    """Return the drawn limits of a share: from none to all."""
    lower, upper = _reach(exposure, average, confidence)
    return max(lower, 0.0), min(upper, 1.0)


def list_axis(lowest: float, highest: float) -> list[int]:
    """Return whole numbers between the ends of an axis, closer to each other near its start."""
    found = [max(round(lowest), 1)]
    for place in range(2, AXIS + 1):
        before = found[-1]
        found.append(max(round((highest / before) ** (1 / (AXIS + 1 - place)) * before), before + 1))
    return found


def find_ends(exposures: Sequence[float]) -> tuple[float, float]:
    """Return where an axis starts and ends, so that each exposure is on it with some room."""
    least, most = min(exposures), max(exposures)
    start = 0.0 if most > 2 * least else _round(0.95 * least, digits=1, up=False)
    return start, _round(1.05 * most, digits=2, up=True)


def find_at(curve: Curve, exposure: float) -> float | None:
    """Return a curve's limit at an exposure, on the straight line between its points. None beyond its ends."""
    for (left, before), (right, after) in pairwise(curve.points):
        if left <= exposure <= right:
            return before + (after - before) * ((exposure - left) / (right - left) if right > left else 0.0)
    return None


def _share_curve(funnel: Funnel, exposures: Sequence[float], confidence: float, *, is_upper: bool) -> Curve:
    axis = list_axis(*find_ends(exposures))
    points = [(size * funnel.factor, share_limits(size, funnel.average, confidence)[is_upper]) for size in axis]
    return Curve(confidence, is_upper, tuple(points))


def _rate_curve(funnel: Funnel, exposures: Sequence[float], confidence: float, *, is_upper: bool) -> Curve:
    start, end = (number * funnel.average for number in find_ends(exposures))
    points = []
    for events in list_axis(floor(start), ceil(end)):
        expected = find_expected(events, confidence, is_upper=is_upper)
        points.append((expected / funnel.average * funnel.factor, events / expected * funnel.average))
    return Curve(confidence, is_upper, tuple(points))


def _reach(exposure: float, average: float, confidence: float) -> tuple[float, float]:
    """Return the limits of a share, which may be below none or above all."""
    reach = NormalDist().inv_cdf(1 - TAILS[confidence]) * sqrt(average * (1 - average) / exposure)
    return average - reach, average + reach


def _round(number: float, *, digits: int, up: bool) -> float:
    unit: float = 10.0 ** (floor(log10(number)) - digits + 1)
    return (ceil if up else floor)(number / unit) * unit


def _check(part: Part, *, is_share: bool) -> None:
    if not isfinite(part.events) or part.events < 0:
        raise RangeRefused(f"A count must be 0 or more: it can’t be {part.events:,}.")
    if not isfinite(part.exposure) or part.exposure <= 0:
        raise RangeRefused(f"The denominator of a ratio must be above 0: it can’t be {part.exposure:,}.")
    if is_share and part.events > part.exposure:
        raise RangeRefused(f"A part can’t be more than its whole: {part.events:,} is more than {part.exposure:,}.")
