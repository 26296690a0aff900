"""How was a line read, and how is its usual range described? Pure."""

from collections.abc import Sequence
from math import ceil, floor

from core.labels import Labelled
from indicators.judgement.judge import Entry
from indicators.judgement.sums import BASE, LEAST
from indicators.ratios import RATIO_KINDS, Ratio

LEAST_FIGURES = LEAST  # earlier ones, for a month to be judged
# A limit within the last bits of a whole number is that number.
NEARLY = 1e-9


class Method(Labelled):
    """How a line is read."""

    JUDGED = "judged", "Judged"
    TOO_EARLY = "too_early", "Too early to tell"
    # Shown to the public where figures behind the reading are withheld or rounded.
    WITHHELD = "withheld", "Not judged"
    # An average has no range by chance: the number of cases doesn't show how much they vary.
    AVERAGE = "average", "Not judged"
    # From the rules until November 2026 (reporting.months.older_rules). Only published months have these.
    CHART = "chart", "Control chart"
    RARE = "rare", "Rare events"


OLDER_METHODS = (Method.CHART, Method.RARE)


def find_method(entry: Entry, ratio: Ratio | None = None) -> Method:
    if ratio is not None and not RATIO_KINDS[ratio.kind].shows_chance:
        return Method.AVERAGE
    return Method.TOO_EARLY if entry.is_too_early else Method.JUDGED


def earlier_figures(values: Sequence[int | None]) -> int:
    """Count the figures that the newest month can be compared with."""
    return sum(value is not None for value in values[:-1][-BASE:])


def usual_bounds(lower: float, upper: float) -> tuple[int, int]:
    """Return the least and the greatest whole number within the limits, from 0 up."""
    least, most = max(0, ceil(lower - NEARLY)), floor(upper + NEARLY)
    if most < least:  # the limits lie between two whole numbers
        least, most = max(0, floor(lower)), max(0, ceil(upper))
    return least, most


def usual_range(lower: float, upper: float) -> str:
    """Return the same as text for every page: "4 to 16"."""
    least, most = usual_bounds(lower, upper)
    return f"{least:,} to {most:,}"
