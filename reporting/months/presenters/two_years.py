"""A line's last twelve months beside the twelve before, and the trend of three years (docs/year.md)."""

from indicators.judgement.judge import Counted
from indicators.kpis.aims import Figure
from indicators.ratios import RATIO_KINDS, Ratio, RatioKind
from indicators.trend import CellState
from indicators.year_on_year import YEAR, TwoYears, compare_years, find_trend
from reporting.models.line_fields import Line
from reporting.months.presenters.words import rounded_to

RISING, FALLING = "Rising", "Falling"


def compare_line(line: Line) -> TwoYears:
    """Compare a line's last two years."""
    figures, ratio, starts = read_months(line)
    return compare_years(figures, counted=Counted(line.counts_as), ratio=ratio, starts=starts)


def read_months(line: Line) -> tuple[list[Figure | None], Ratio | None, list[int]]:
    """Return a line's months, what they are a ratio of, and the places from which they are counted differently. A
    figure repeated from an earlier month adds nothing."""
    starts = [step["at"] for step in line.steps[1:]]
    if not line.ratio:
        held_back = {place for step in line.steps for place in step.get("held", ())}
        counts = [
            None if value is None or place in held_back else Figure(value) for place, value in enumerate(line.history)
        ]
        return counts, None, starts
    none: list[int | None] = [None] * len(line.history)
    pairs = zip(line.history, line.numerators or none, line.denominators or none, strict=True)
    figures = [None if value is None or cases is None else Figure(cases, of) for value, cases, of in pairs]
    return figures, Ratio(RatioKind(line.ratio), line.per), starts


def describe_trend(line: Line) -> str:
    """ "Rising for three years, by about 6% a year"; empty where they show no trend, or can't."""
    if describe_obstacle(line, years=3):
        return ""
    figures, ratio, starts = read_months(line)
    trend = find_trend(figures, counted=Counted(line.counts_as), ratio=ratio, starts=starts)
    if trend is None:
        return ""
    if ratio and RATIO_KINDS[ratio.kind].is_part:
        step = f"{trend.points_a_year:.1f} percentage points"
    else:
        step = f"{trend.part_a_year:.0%}"
    return f"{RISING if trend.is_rising else FALLING} for three years, by about {step} a year"


def describe_obstacle(line: Line, years: int = 2) -> str:
    """Say why the public doesn't see years compared; empty if it does. Withheld months are the small ones, so the
    others would give a wrong picture of the year.
    """
    if rounded_to(line.protected_by):
        return "Not added up, because rounded"
    recent = len(line.history) - years * YEAR
    without = {place: state for step in line.steps for place, state in step.get("without", {}).items()}
    if any(state == CellState.WITHHELD and int(place) >= recent for place, state in without.items()):
        return "Not added up, because some months are hidden and the rest would mislead"
    return ""
