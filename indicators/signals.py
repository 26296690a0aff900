"""How was a line read, and what is usual for it in words? Pure."""

from collections.abc import Sequence
from math import ceil, floor

from core.labels import Labelled
from indicators.judgement.judge import Entry
from indicators.judgement.levels import BASE, LEAST
from indicators.ratios import Ratio, RatioKind

LEAST_FIGURES = LEAST  # earlier ones, for a month to be judged
# A limit that is a whole number but for the last bits of its sum is that number.
NEARLY = 1e-9


class Method(Labelled):
    """How a line is read."""

    JUDGED = "judged", "Judged"
    TOO_EARLY = "too_early", "Too early to tell"
    # Said to the public, where figures that the reading rests on are withheld or rounded.
    WITHHELD = "withheld", "Not judged"
    # An average has no range by chance: how long cases take isn't known from their number.
    AVERAGE = "average", "Not judged"
    # By the rules until November 2026 (reporting.months.older_rules): only published months have these.
    CHART = "chart", "Control chart"
    RARE = "rare", "Rare events"


OLDER_METHODS = (Method.CHART, Method.RARE)


def find_method(entry: Entry, ratio: Ratio | None = None) -> Method:
    if ratio is not None and ratio.kind is RatioKind.AVERAGE:
        return Method.AVERAGE
    return Method.TOO_EARLY if entry.is_too_early else Method.JUDGED


def earlier_figures(values: Sequence[int | None]) -> int:
    """How many figures there are for the newest month to be held against."""
    return sum(value is not None for value in values[:-1][-BASE:])


def usual_bounds(lower: float, upper: float) -> tuple[int, int]:
    """The least and the greatest whole number within the limits, cut off at 0."""
    least, most = max(0, ceil(lower - NEARLY)), floor(upper + NEARLY)
    if most < least:  # the limits lie between two whole numbers
        least, most = max(0, floor(lower)), max(0, ceil(upper))
    return least, most


def usual_range(lower: float, upper: float) -> str:
    """The same in words, as every page says it: "4 to 16"."""
    least, most = usual_bounds(lower, upper)
    return f"{least:,} to {most:,}"
