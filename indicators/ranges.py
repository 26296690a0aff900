"""What range does a count, a rate or a share have, allowing for chance? Pure.

The rules are those of public health in England, as PHEindicatormethods 2.1.0 applies them (tests/data/ranges holds
cases recorded from it): a count below 10 has the exact range of a Poisson count, one from 10 on Byar's; a share has
Wilson's, without correction for continuity. So the limits jump slightly at 10.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, gamma, isfinite, lgamma, log, sqrt
from statistics import NormalDist

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
    if part > whole:
        raise RangeRefused(f"A part can’t be more than its whole: {part:,} is more than {whole:,}.")
    z, share = _deviations(confidence), part / whole
    middle, reach = 2 * part + z * z, z * sqrt(z * z + 4 * part * (1 - share))
    width = 2 * (whole + z * z)
    # Rounding may carry a limit past none or all by its last digit.
    lower, upper = min((middle - reach) / width, share), max((middle + reach) / width, share)
    return Range(share * per, max(lower, 0.0) * per, min(upper, 1.0) * per)


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
