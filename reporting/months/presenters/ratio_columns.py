"""What does a file say about a ratio? Its two counts, its value before rounding, and its range of chance."""

from collections.abc import Iterable

from core.files import Row
from indicators.ratios import Ratio, RatioKind
from reporting.models.line_fields import Line

RATIO_COLUMNS = ("ratio", "per", "numerator", "denominator", "range_lower", "range_upper")


def exact_value(line: Line, value: int | None, numerator: int | None, denominator: int | None) -> float | None:
    """Return a ratio before rounding; a count as it is."""
    # A denominator of 0 makes no ratio.
    if not line.ratio or value is None or numerator is None or not denominator:
        return value
    return Ratio(RatioKind(line.ratio), line.per).exact(numerator, denominator)


def ratio_columns(line: Line, value: int | None, numerator: int | None, denominator: int | None) -> Row:
    """Return a ratio's columns; empty for a count. They have the two counts even if those make no ratio."""
    if not line.ratio:
        return dict.fromkeys(RATIO_COLUMNS)
    found = None
    if value is not None and numerator is not None and denominator:
        found = Ratio(RatioKind(line.ratio), line.per).range(numerator, denominator)
    return {
        "ratio": line.ratio,
        "per": line.per,
        "numerator": numerator,
        "denominator": denominator,
        "range_lower": found.lower if found else None,
        "range_upper": found.upper if found else None,
    }


def list_counts(line: Line) -> Iterable[tuple[int | None, int | None]]:
    """Return the two counts of each month of a ratio; None for a count, and where no month has them."""
    if not line.ratio or not line.numerators:
        return [(None, None)] * len(line.history)
    return zip(line.numerators, line.denominators, strict=True)
