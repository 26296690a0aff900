"""A line's last twelve months beside the twelve before (docs/year.md)."""

from indicators.judgement.judge import Counted
from indicators.kpis.aims import Figure
from indicators.ratios import Ratio, RatioKind
from indicators.trend import CellState
from indicators.year_on_year import YEAR, TwoYears, compare_years
from reporting.models.line_fields import Line
from reporting.months.presenters.words import rounded_to


def compare_line(line: Line) -> TwoYears:
    """Compare a line's last two years. A figure repeated from an earlier month adds nothing."""
    held_back = {place for step in line.steps for place in step.get("held", ())}
    starts = [step["at"] for step in line.steps[1:]]
    if not line.ratio:
        counts = [
            None if value is None or place in held_back else Figure(value) for place, value in enumerate(line.history)
        ]
        return compare_years(counts, counted=Counted(line.counts_as), starts=starts)
    none: list[int | None] = [None] * len(line.history)
    pairs = zip(line.history, line.numerators or none, line.denominators or none, strict=True)
    figures = [None if value is None or cases is None else Figure(cases, of) for value, cases, of in pairs]
    ratio = Ratio(RatioKind(line.ratio), line.per)
    return compare_years(figures, counted=Counted(line.counts_as), ratio=ratio, starts=starts)


def describe_obstacle(line: Line) -> str:
    """Say why the public doesn't see two years compared; empty if it does. Withheld months are the small ones, so the
    others would give a wrong picture of the year.
    """
    if rounded_to(line.protected_by):
        return "Not added up, because rounded"
    recent = len(line.history) - 2 * YEAR
    without = {place: state for step in line.steps for place, state in step.get("without", {}).items()}
    if any(state == CellState.WITHHELD and int(place) >= recent for place, state in without.items()):
        return "Not added up, because some months are hidden and the rest would mislead"
    return ""
