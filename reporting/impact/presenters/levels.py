"""What was a month like before an event, and after it? The compared levels, with their ranges of chance."""

from dataclasses import dataclass

from core.months import Month
from indicators.impact.claim import BeforeAfter
from indicators.ranges import rate_range
from indicators.ratios import RATIO_KINDS, TENTHS, Ratio, show_number
from reporting.impact.published import PublishedSeries


@dataclass(frozen=True, slots=True)
class Level:
    """A month's mean, with its range of chance."""

    name: str
    months: str
    mean: str
    range: str
    sums: str = ""  # for a ratio: what was counted, and out of what


def make_levels(series: PublishedSeries | None, told: BeforeAfter | None, event: Month) -> tuple[Level, ...]:
    """Return the levels before and after; none if they can't be compared."""
    if told is None or series is None:
        return ()
    return (
        make_level("Before", series, event + -told.model.before, event.previous),
        make_level("After", series, event, event + (told.span.after - 1)),
    )


def make_level(name: str, series: PublishedSeries, first: Month, last: Month) -> Level:
    """Return the level of these months. For a ratio, divide one sum by the other."""
    places = range(first - series.first, last - series.first + 1)
    cases = sum(series.counts[place] or 0 for place in places)
    of = sum(series.exposures[place] or 0 for place in places) if series.exposures else len(places)
    found = series.ratio.range(cases, of) if series.ratio else rate_range(cases, of)
    mean, lower, upper = (found.value, found.lower, found.upper) if found else (0.0, None, None)
    return Level(
        name,
        f"{first.label} to {last.label}",
        show_level(mean, series.ratio),
        " to ".join(show_level(limit or 0.0, series.ratio).partition(" per ")[0] for limit in (lower, upper)),
        describe_sums(series.ratio, cases, of, len(places)),
    )


def describe_sums(ratio: Ratio | None, cases: int, of: int, months: int) -> str:
    """ "78 out of 98"; residents are the same each month, so for a rate "25 in 12 months"."""
    if ratio is None:
        return ""
    return f"{cases:,} out of {of:,}" if RATIO_KINDS[ratio.kind].adds_up else f"{cases:,} in {months} months"


def show_level(level: float, ratio: Ratio | None) -> str:
    """ "20.8"; for a share "61.0%", for a rate "3.2 per 10,000"."""
    if ratio is None:
        return f"{level:,.1f}"
    if RATIO_KINDS[ratio.kind].sign:
        return show_number(level * TENTHS, ratio.kind)
    return f"{level:,.{1 if level >= 1 else 2}f} per {ratio.per:,}"
