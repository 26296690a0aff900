"""The last two years of each indicator: the figure of each month, and the mark of each that stands out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from core.calendar import Month, months_between
from indicators.disclosure import Audience
from indicators.ratios import ShownOn, show_number
from indicators.trend import CellState
from reporting.charts.control_chart import MEANINGS
from reporting.models.line_fields import Line
from reporting.months.presenters.sentences import describe_new_level
from reporting.months.presenters.series import Series, SeriesPoint, series_of_lines
from reporting.months.presenters.words import lower_first

MONTHS = 24
QUIET, GAP = "usual", "gap"
WITHOUT = {CellState.WITHHELD: "withheld", CellState.NOT_APPLICABLE: "inapplicable"}  # else a gap


@dataclass(frozen=True, slots=True)
class YearCell:
    """A month of an indicator: its figure, empty if it has none; its mark; and its text. There is no `mark` before the
    indicator was counted. `begins`: a new level or another way to count begins with it.
    """

    figure: str = ""
    mark: str = ""
    words: str = ""
    begins: bool = False


@dataclass(frozen=True, slots=True)
class YearRow:
    code: str
    title: str
    cells: tuple[YearCell, ...]
    new: tuple[str, ...]  # what begins in these months, in words


@dataclass(frozen=True, slots=True)
class YearSection:
    title: str
    rows: tuple[YearRow, ...]


@dataclass(frozen=True, slots=True)
class YearView:
    """The indicators by section, each with a cell for each of `months`; `years` says how many of them are in each
    year.
    """

    months: tuple[Month, ...]
    sections: tuple[YearSection, ...]

    @property
    def years(self) -> tuple[tuple[int, int], ...]:
        numbers = [month.year for month in self.months]
        return tuple((year, numbers.count(year)) for year in dict.fromkeys(numbers))

    @property
    def has_begun(self) -> bool:
        """Return whether something new begins in a month that is shown."""
        return any(cell.begins for section in self.sections for row in section.rows for cell in row.cells)

    @property
    def key(self) -> dict[str, str]:
        """Return what the marks that are drawn mean. A usual month has none: its figure says all."""
        drawn = {cell.mark for section in self.sections for row in section.rows for cell in row.cells} - {QUIET}
        return {look: meaning for look, meaning in MEANINGS.items() if look in drawn}


def year_of_lines(lines: Iterable[Line], month: Month, due_on: date, *, audience: Audience) -> YearView:
    """Return the year view of what the month's page shows. Raises AudienceRefused if the gate shows that audience
    nothing.
    """
    shown = [line for line in lines if line.shown_on == ShownOn.MONTH]
    return year_view(series_of_lines(shown, month, due_on, audience=audience), month)


def year_view(series: Iterable[Series], month: Month) -> YearView:
    """Return the year view of each indicator's whole line, in the order of the page."""
    months = tuple(months_between(month + -(MONTHS - 1), month))
    sections: dict[str, list[YearRow]] = {}
    for one in series:
        if not one.line.category_code:
            new = tuple(describe_new(one, months[0]))
            row = YearRow(one.line.code, one.line.name, tuple(make_cells(one, months)), new)
            sections.setdefault(one.line.section_title, []).append(row)
    return YearView(months, tuple(YearSection(title, tuple(rows)) for title, rows in sections.items()))


def describe_new(series: Series, first: Month) -> Iterator[str]:
    """Yield what begins after the first month: each new way to count, then the newest level."""
    starts = [start for start in series.starts if series.first + start.at > first]
    yield from (start.words for start in starts if start.breaks)
    if any(not start.breaks for start in starts) and (words := describe_new_level(series.line.kept)):
        yield words


def make_cells(series: Series, months: Iterable[Month]) -> Iterator[YearCell]:
    by_month = {point.month: point for point in series.points}
    starts = {series.first + start.at: start.words.rpartition(", ")[0] for start in series.starts}
    for month in months:
        point = by_month.get(month)
        yield YearCell() if point is None else make_cell(point, starts.get(month, ""))


def make_cell(point: SeriesPoint, begun: str) -> YearCell:
    """`begun` names what begins with the month; empty for nothing."""
    new = f", {lower_first(begun)}" if begun else ""
    if point.value is None:
        mark = WITHOUT.get(point.state, GAP)
        return YearCell("", mark, f"{point.month.label}: {point.state.label.lower()}{new}", bool(begun))
    said = f", {point.shows[:1].lower()}{point.shows[1:]}" if point.shows else ""
    return YearCell(
        show_number(point.value, point.ratio),
        point.look or QUIET,
        f"{point.month.label}: {point.text}{said}{new}",
        bool(begun),
    )
