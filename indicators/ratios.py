"""Which shares, rates and averages follow from two counts, and how often is a count asked for? Pure.

A ratio is never entered. It is worked out from two counts, which are entered, corrected and protected like all others.
Its numbers are stored as whole tenths of what is shown. An arrow then agrees with what a reader subtracts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.labels import Labelled, with_article
from core.months import Month
from indicators.ranges import Range, rate_range, share_range

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
        made_of="{cases} over {whole}",
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
        """Return the 95 % range of what is shown: Wilson's for a share, its count's for a rate. An average has none."""
        if not RATIO_KINDS[self.kind].shows_chance:
            return None
        find = share_range if RATIO_KINDS[self.kind].is_part else rate_range
        return find(numerator, denominator, per=self.per)
