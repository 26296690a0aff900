"""Shares, rates and averages of two counts: their ranges, their funnels, and how often a count is asked for. Pure.

A ratio is never entered. It is worked out from two counts, which are entered, corrected and protected like all others.
Its numbers are stored as whole tenths of what is shown. An arrow then agrees with what a reader subtracts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, exp, floor, gamma, inf, isfinite, lgamma, log, log1p, log10, sqrt
from statistics import NormalDist

from core.calendar import Month
from core.labels import Labelled, with_article

# The ranges are those of public health in England, as PHEindicatormethods 2.1.0 applies them (tests/data/ranges holds
# cases recorded from it): a count below 10 has the exact range of a Poisson count, one from 10 on Byar's; a share has
# Wilson's, without correction for continuity. So the limits jump slightly at 10.

USUAL = 0.95  # the range that pages print
FAR = 0.998  # values outside it are hardly chance
LEAST_CONFIDENCE = 0.9
EXACT_BELOW = 10  # events


class RangeRefused(ValueError):
    """Raised for numbers without a range. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Range:
    """A value and its limits by chance. A limit is None where the rule has none."""

    value: float
    lower: float | None
    upper: float | None


def rate_range(events: float, exposure: float, *, per: float = 1, confidence: float = USUAL) -> Range:
    """Return the range of a rate, such as events per 10,000 residents. Raises RangeRefused."""
    counted = count_range(events, confidence=confidence)
    _check_denominator(exposure)
    lower, upper = (None if limit is None else limit / exposure * per for limit in (counted.lower, counted.upper))
    return Range(events / exposure * per, lower, upper)


def count_range(events: float, *, confidence: float = USUAL) -> Range:
    """Return the range of a count: exact below 10 events, Byar's from 10 on. Raises RangeRefused."""
    if events >= EXACT_BELOW:
        return byars_range(events, confidence=confidence)
    _check_count(events)
    tail = (1 - read_confidence(confidence)) / 2
    lower = gamma_quantile(events, tail) if events else 0.0
    return Range(events, lower, gamma_quantile_from_above(events + 1, tail))


def byars_range(events: float, *, confidence: float = USUAL) -> Range:
    """Return Byar's range of a count of any size. A lower limit below 0 is none. Raises RangeRefused."""
    _check_count(events)
    z = _deviations(confidence)
    lower = None
    if events:
        root = 1 - 1 / (9 * events) - z / (3 * sqrt(events))
        lower = events * root**3 if root >= 0 else None
    after = events + 1
    return Range(events, lower, after * (1 - 1 / (9 * after) + z / (3 * sqrt(after))) ** 3)


def share_range(part: float, whole: float, *, per: float = 1, confidence: float = USUAL) -> Range:
    """Return Wilson's range of a share: of a part in a whole, per cent with `per=100`. Raises RangeRefused."""
    _check_count(part)
    _check_denominator(whole)
    _check_part(part, whole)
    z, share = _deviations(confidence), part / whole
    middle, reach = 2 * part + z * z, z * sqrt(z * z + 4 * part * (1 - share))
    width = 2 * (whole + z * z)
    # Rounding may carry a limit past none or all by its last digit.
    lower, upper = min((middle - reach) / width, share), max((middle + reach) / width, share)
    return Range(share * per, max(lower, 0.0) * per, min(upper, 1.0) * per)


def relative_rate(
    events: int, exposure: float, others: int, exposure_of_others: float, *, confidence: float = USUAL
) -> Range:
    """Return how many times as high as another rate one is, with its exact range. Without other events it has no upper
    limit, and its value is endless. Raises RangeRefused.

    Given both counts together, the first is binomial (J. Przyborowski and H. Wilenski, Biometrika, 1940). The limits of
    that share (C. J. Clopper and E. S. Pearson, Biometrika, 1934) are those of the ratio, as in R's poisson.test.
    """
    for count in (events, others):
        _check_count(count)
    for whole in (exposure, exposure_of_others):
        _check_denominator(whole)
    if not events + others:
        raise RangeRefused("A relative rate needs at least one event.")
    tail, per = (1 - read_confidence(confidence)) / 2, exposure_of_others / exposure
    lower = beta_quantile(events, others + 1, tail) if events else 0.0
    # A limit near 1 is worked out from the other side, where it keeps its digits.
    upper = beta_quantile(others, events + 1, tail) if others else None
    return Range(
        events / others * per if others else inf,
        lower / (1 - lower) * per,
        None if upper is None else (1 - upper) / upper * per,
    )


def read_confidence(confidence: float) -> float:
    """Return the confidence as a fraction. It may be 0.95, or 95 for per cent. Raises RangeRefused."""
    fraction = confidence / 100 if confidence > 1 else confidence
    if not LEAST_CONFIDENCE <= fraction < 1:
        raise RangeRefused(
            f"A range needs a confidence from 90 to under 100 per cent, such as 0.95 or 95: it can’t be {confidence}."
        )
    return fraction


def _check_count(events: float) -> None:
    if not isfinite(events) or events < 0:
        raise RangeRefused(f"A count must be 0 or more: it can’t be {events:,}.")


def _check_denominator(whole: float) -> None:
    if not isfinite(whole) or whole <= 0:
        raise RangeRefused(f"The denominator of a ratio must be above 0: it can’t be {whole:,}.")


def _check_part(part: float, whole: float) -> None:
    if part > whole:
        raise RangeRefused(f"A part can’t be more than its whole: {part:,} is more than {whole:,}.")


def _deviations(confidence: float) -> float:
    """Return how many standard deviations the range reaches to each side."""
    fraction = read_confidence(confidence)
    return NormalDist().inv_cdf(fraction + (1 - fraction) / 2)


# --- The exact limits: quantiles of the gamma distribution, half of those of chi-squared ------------------------------
#
# Newton's method on the logarithm of the probability. It finds the quantile from any start, since that logarithm is
# concave: for the lower tail in the logarithm of x, for the upper one in x. Tails are at most 5 %, so the lower
# quantile lies where the series is good, and the upper one where the fraction is.

STEPS = 100
CLOSE, LESS_CLOSE = 1e-15, 1e-13  # what rounding leaves, for small shapes and for large ones
LEAST = 1e-16  # adds nothing
LARGE = 100.0  # from this shape on, powers and factorials are too large for a number, and logarithms stand in


def _log_tail(shape: float, x: float, rest: float) -> float:
    """Return the logarithm of a tail's probability: of x^shape e^-x / Γ(shape), times the series or the fraction."""
    if shape < LARGE:
        return log(x**shape * exp(-x) / gamma(shape) * rest)
    return shape * log(x) - x - lgamma(shape) + log(rest)


def _close(shape: float) -> float:
    return CLOSE if shape < LARGE else LESS_CLOSE


def _near(shape: float, tail: float) -> float:
    """Return about the number below which a share of `tail` lies, for a large shape (E. B. Wilson, M. M. Hilferty)."""
    return shape * (1 - 1 / (9 * shape) + NormalDist().inv_cdf(tail) / (3 * sqrt(shape))) ** 3


@lru_cache(maxsize=1024)
def gamma_quantile(shape: float, tail: float) -> float:
    """Return the number below which a share of `tail` lies."""
    # For a small x it comes to the first, and is never less than it.
    x = exp((log(tail) + lgamma(shape + 1)) / shape) if shape < LARGE else _near(shape, tail)
    for _ in range(STEPS):
        if not x:  # too small for a number
            break
        series = _series(shape, x)
        step = (log(tail) - _log_tail(shape, x, series)) * series
        x *= exp(step)
        if abs(step) <= _close(shape):
            break
    return x


def _series(shape: float, x: float) -> float:
    """Return the series of the lower incomplete gamma function: 1/a + x/(a(a+1)) + x²/(a(a+1)(a+2)) + …"""
    term = total = 1 / shape
    while term > total * LEAST:
        shape += 1
        term *= x / shape
        total += term
    return total


@lru_cache(maxsize=1024)
def gamma_quantile_from_above(shape: float, tail: float) -> float:
    """Return the number above which a share of `tail` lies."""
    x = shape - log(tail) if shape < LARGE else _near(shape, 1 - tail)
    for _ in range(STEPS):
        fraction = _fraction(shape, x)
        step = (_log_tail(shape, x, fraction) - log(tail)) * x * fraction
        x += step
        if abs(step) <= _close(shape) * x:
            break
    return x


def _fraction(shape: float, x: float) -> float:
    """Return the upper incomplete gamma function as a continued fraction (W. J. Lentz's way)."""
    b = x + 1 - shape
    d = total = 1 / b
    # Lentz starts with something huge where 1/0 would be.
    c = 1e300
    for k in range(1, 10_000):
        a = k * (shape - k)
        b += 2
        d = 1 / (b + a * d)
        c = b + a / c
        total *= c * d
        if abs(c * d - 1) <= LEAST:
            break
    return total


def beta_quantile(a: float, b: float, tail: float) -> float:
    """Return the share below which so much of a beta distribution lies, by halving: its tail only grows."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_tail(a, b, middle) < tail else (low, middle)
    return (low + high) / 2


def beta_tail(a: float, b: float, x: float) -> float:
    """Return how much of a beta distribution lies below a share: the incomplete beta function as a continued fraction,
    from the side where it soon ends (W. J. Lentz's way)."""
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_tail(b, a, 1 - x)
    total, c, d = 1.0, 1.0, 0.0
    for k in range(1, 10_000):
        m = k // 2
        if k % 2:
            factor = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            factor = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + factor * d)
        c = 1 + factor / c
        total *= c * d
        if abs(c * d - 1) <= LEAST:
            break
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    return front / a / total


TENTHS = 10  # of what is shown, in one
PERSONS = (1_000, 10_000, 100_000)  # a rate is of so many


class RatioKind(Labelled):
    SHARE = "share", "Share"
    RATE = "rate", "Rate"
    AVERAGE = "average", "Average"

    @property
    def named(self) -> str:
        """Return "an average"."""
        return with_article(self.label.lower())


@dataclass(frozen=True, slots=True)
class Kind:
    """What is different about a kind of ratio, everywhere. Nothing has a default: a new kind has to say it all.

    `pers` are the multipliers to choose from. `sign` follows each number, and `unit` is the unit of a chart. A number
    that moves by `points` has a long and a short word for them; any other moves by its own unit. `made_of` says what it
    was worked out from.

    If it `is_part`, its cases are among what they are out of. So they can't be more, the rest may be small too, and
    chance makes it vary as a share and not as a count. If it `shows_chance`, its cases show how much it varies by
    chance, and it has a range and is judged. If it `adds_up`, what it is out of can be added up over months. Residents
    can't, and it may be out of them if it `takes_residents`. If it `names_unit`, its counts on a tile follow its unit.
    """

    pers: tuple[int, ...]
    sign: str
    unit: str
    points: tuple[str, str] | None
    made_of: str
    is_part: bool
    shows_chance: bool
    adds_up: bool
    takes_residents: bool
    names_unit: bool


RATIO_KINDS: Mapping[str, Kind] = {
    RatioKind.SHARE: Kind(
        pers=(100,),
        sign="%",
        unit="per cent {unit}",
        points=("percentage points", "points"),
        made_of="{cases} out of {whole}{when}",
        is_part=True,
        shows_chance=True,
        adds_up=True,
        takes_residents=False,
        names_unit=False,
    ),
    RatioKind.RATE: Kind(
        pers=PERSONS,
        sign="",
        unit="{unit}",
        points=None,
        made_of="{cases} out of {whole}{when}",
        is_part=False,
        shows_chance=True,
        adds_up=False,
        takes_residents=True,
        names_unit=True,
    ),
    RatioKind.AVERAGE: Kind(
        pers=(1,),
        sign="",
        unit="{unit}",
        points=None,
        made_of="{cases} ÷ {whole}",
        is_part=False,
        shows_chance=False,
        adds_up=True,
        takes_residents=False,
        names_unit=False,
    ),
}


class Asked(Labelled):
    """How often a count is asked for. Its newest figure applies until the next one."""

    MONTHLY = "monthly", "Each month"
    QUARTERLY = "quarterly", "Each quarter: in January, April, July and October"
    YEARLY = "yearly", "Each year: in April"


MONTHS_ASKED = {Asked.QUARTERLY: (1, 4, 7, 10), Asked.YEARLY: (4,)}


def is_asked(rhythm: str, month: Month, first: Month) -> bool:
    """Return whether a count is asked for in a month. Its first month always asks, to have a figure to start with."""
    return rhythm == Asked.MONTHLY or month == first or month.number in MONTHS_ASKED[Asked(rhythm)]


class ShownOn(Labelled):
    """Where a line is shown. Files have every line."""

    MONTH = "month", "The month’s page, and its boards’ pages"
    BOARDS = "boards", "Its boards’ pages and KPIs only"
    RATIOS = "ratios", "Only with the ratio, whole or pathway that it belongs to"


def show_number(value: float, ratio: str = "") -> str:
    """Return "1,200"; for a ratio, which is stored in tenths, "61.0%" for a share, else "3.2"."""
    return f"{value / TENTHS:,.1f}{RATIO_KINDS[ratio].sign}" if ratio else f"{value:,}"


def show_change(change: int, ratio: str = "", *, shortly: bool = False) -> str:
    """Return how far a figure moved: "3"; for a share "2.3 percentage points", or "2.3 points" for short."""
    if ratio and (points := RATIO_KINDS[ratio].points):
        return f"{abs(change) / TENTHS:,.1f} {points[shortly]}"
    return show_number(abs(change), ratio)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A kind of ratio, and its multiplier: 100 for a share, 10,000 for a rate, 1 for an average."""

    kind: RatioKind
    per: int

    def in_tenths(self, value: float) -> float:
        """Return a fraction in tenths, as stored."""
        return value * self.per * TENTHS

    def value(self, numerator: int, denominator: int) -> int | None:
        """Return the ratio in tenths; None without a denominator, or for a share of more than all."""
        if not denominator or (RATIO_KINDS[self.kind].is_part and numerator > denominator):
            return None
        # Half a tenth is rounded up, as readers do.
        return (2 * numerator * self.per * TENTHS + denominator) // (2 * denominator)

    def exact(self, numerator: int, denominator: int) -> float:
        """Return the ratio as it is shown, but not rounded."""
        return numerator * self.per / denominator

    def range(self, numerator: int, denominator: int) -> Range | None:
        """Return the 95% range of what is shown: Wilson's for a share, its count's for a rate. An average has none."""
        if not RATIO_KINDS[self.kind].shows_chance:
            return None
        find = share_range if RATIO_KINDS[self.kind].is_part else rate_range
        return find(numerator, denominator, per=self.per)


# A funnel shows which areas differ from a region by more than chance. The rules are those of public health in England,
# as PHEindicatormethods 2.1.0 applies them (tests/data/funnels holds cases recorded from it), with one addition. Where
# the areas differ from each other by more than chance, one factor widens the lines and the words alike: every count and
# every exposure is divided by it (D. J. Spiegelhalter, Statistics in Medicine, 2005). With a factor of 1, nothing
# changes.

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
    limits, expected = count_range(part.events / factor, confidence=confidence), average * part.exposure / factor
    # Only a count of fewer events than 10 could lack a lower limit, and those have the exact one.
    return ((limits.lower or 0.0) > expected) - ((limits.upper or 0.0) < expected)


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
    marks = [max(round(lowest), 1)]
    for place in range(2, AXIS + 1):
        before = marks[-1]
        marks.append(max(round((highest / before) ** (1 / (AXIS + 1 - place)) * before), before + 1))
    return marks


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
    _check_count(part.events)
    _check_denominator(part.exposure)
    if is_share:
        _check_part(part.events, part.exposure)
