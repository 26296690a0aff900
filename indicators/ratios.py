"""Which shares, rates and averages follow from two counts, and how often is a count asked for? Pure.

A ratio is never entered. It is worked out from two counts, which are entered, corrected and protected like all others.
Its numbers are stored as whole tenths of what is shown. An arrow then agrees with what a reader subtracts.
"""

from dataclasses import dataclass

from core.labels import Labelled
from core.months import Month
from indicators.ranges import Range, rate_range, share_range

TENTHS = 10  # of what is shown, in one
PERSONS = (1_000, 10_000, 100_000)  # a rate is of so many


class RatioKind(Labelled):
    SHARE = "share", "Share"
    RATE = "rate", "Rate"
    AVERAGE = "average", "Average"


class Asked(Labelled):
    """How often a count is asked for. Its newest figure applies until the next one."""

    MONTHLY = "monthly", "Each month"
    QUARTERLY = "quarterly", "Each quarter: in January, April, July and October"
    YEARLY = "yearly", "Each year: in April"


MONTHS_ASKED = {Asked.QUARTERLY: (1, 4, 7, 10), Asked.YEARLY: (4,)}


def is_asked(asked: str, month: Month, first: Month) -> bool:
    """Return whether a count is asked for in a month. Its first month always asks, to have a figure to start with."""
    return asked == Asked.MONTHLY or month == first or month.number in MONTHS_ASKED[Asked(asked)]


class ShownOn(Labelled):
    """Where a line is shown. Files have every line."""

    MONTH = "month", "The month’s page, and its boards’ pages"
    BOARDS = "boards", "Its boards’ pages and KPIs only"
    RATIOS = "ratios", "Only with the ratio that it belongs to"


def show_number(value: float, ratio: str = "") -> str:
    """Return "1,200"; for a ratio, which is stored in tenths, "61.0%" for a share, else "3.2"."""
    if not ratio:
        return f"{value:,}"
    return f"{value / TENTHS:,.1f}%" if ratio == RatioKind.SHARE else f"{value / TENTHS:,.1f}"


def show_change(change: int, ratio: str = "", *, shortly: bool = False) -> str:
    """Return how far a figure moved: "3"; for a share "2.3 percentage points", or "2.3 points" for short."""
    if ratio == RatioKind.SHARE:
        return f"{abs(change) / TENTHS:,.1f} {'points' if shortly else 'percentage points'}"
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
        if not denominator or (self.kind is RatioKind.SHARE and numerator > denominator):
            return None
        # Half a tenth is rounded up, as readers do.
        return (2 * numerator * self.per * TENTHS + denominator) // (2 * denominator)

    def exact(self, numerator: int, denominator: int) -> float:
        """Return the ratio as it is shown, but not rounded."""
        return numerator * self.per / denominator

    def range(self, numerator: int, denominator: int) -> Range | None:
        """Return the 95 % range of what is shown: Wilson's for a share, its count's for a rate. An average has none."""
        if self.kind is RatioKind.SHARE:
            return share_range(numerator, denominator, per=self.per)
        if self.kind is RatioKind.RATE:
            return rate_range(numerator, denominator, per=self.per)
        return None
