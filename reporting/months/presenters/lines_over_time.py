"""Where lines came from, month by month: a month's map, a small chart of each origin, and the table behind both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.text import get_text_list

from core.calendar import Month, months_between
from indicators.charts import describe
from indicators.trend import CellState
from reporting.charts.control_chart import MEANINGS
from reporting.charts.lines_map import LinesMap, Place
from reporting.charts.multiples import MONTHS, Multiple, common_top, multiple
from reporting.months.presenters.month import make_breakdowns, make_map
from reporting.months.presenters.series import Series, SeriesPoint
from reporting.months.presenters.shapes import KEY, LineView, find_marks


@dataclass(frozen=True, slots=True)
class LinesRow:
    """A row of the table: one origin, or all together. None for months before it was collected."""

    name: str
    points: tuple[SeriesPoint | None, ...]


@dataclass(frozen=True, slots=True)
class OriginView:
    """One origin: its line of the month, and its picture, which `label` describes."""

    line: LineView
    chart: Multiple
    label: str
    has_figures: bool


@dataclass(frozen=True, slots=True)
class LinesView:
    """An indicator that is split by place, over the last MONTHS. Each chart's scale goes from 0 to `top`. An origin
    without a shown figure has no chart; `without_chart` names those.
    """

    whole: LineView
    months: tuple[Month, ...]
    map: LinesMap | None
    origins: tuple[OriginView, ...]
    without_chart: str
    top: int
    rows: tuple[LinesRow, ...]
    total: LinesRow

    @property
    def span(self) -> str:
        return f"{self.months[0].label} to {self.months[-1].label}"

    @property
    def years(self) -> tuple[tuple[int, int], ...]:
        """Return each year, and how many of the months are in it."""
        numbers = [month.year for month in self.months]
        return tuple((year, numbers.count(year)) for year in dict.fromkeys(numbers))

    @property
    def signals(self) -> tuple[tuple[str, str], ...]:
        """Return what the marks in the charts mean."""
        drawn = {signal.look for origin in self.charts for signal in origin.chart.signals}
        return tuple(entry for entry in MEANINGS.items() if entry[0] in drawn)

    @property
    def charts(self) -> tuple[OriginView, ...]:
        return tuple(origin for origin in self.origins if origin.has_figures)

    @property
    def has_gaps(self) -> bool:
        return any(origin.chart.gaps for origin in self.charts)

    @property
    def has_bands(self) -> bool:
        return any(origin.chart.bands for origin in self.charts)

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """Return the shorthand that the table uses."""
        texts = [point.text for row in (*self.rows, self.total) for point in row.points if point]
        used = {mark for text in texts for mark in find_marks(text)}
        return tuple(entry for entry in KEY if entry[0] in used)


def lines_views(
    series: Iterable[Series], month: Month, *, place: Place | None, most: Mapping[str, int]
) -> list[LinesView]:
    """Return a view for each indicator, the whole before its parts. `most` is the greatest count of one place over all
    compared months, by the indicator's code.
    """
    # `groupby` joins neighbours only, so an indicator's series must be together.
    by_code = groupby(series, key=lambda one: one.line.code)
    return [lines_view(list(group), month, place=place, most=most.get(code, 0)) for code, group in by_code]


def lines_view(series: Sequence[Series], month: Month, *, place: Place | None, most: int) -> LinesView:
    whole, *parts = series
    months = tuple(months_between(month + -(MONTHS - 1), month))
    (breakdown,) = make_breakdowns([one.line for one in series])
    top = common_top([(part.values, part.drawn) for part in parts])
    origins = tuple(origin_view(part, top) for part in parts)
    return LinesView(
        whole=whole.line,
        months=months,
        map=make_map(breakdown, place, most=most),
        origins=origins,
        without_chart=get_text_list([origin.line.category for origin in origins if not origin.has_figures], "and"),
        top=top,
        rows=tuple(LinesRow(part.line.category, points_in(part, months)) for part in parts),
        total=LinesRow("All", points_in(whole, months)),
    )


def origin_view(part: Series, top: int) -> OriginView:
    # A withheld figure is a gap, without a mark that would draw attention to it.
    unknown = [point.value is None and point.state is not CellState.WITHHELD for point in part.points]
    missing = [place for place, is_missing in enumerate(unknown) if is_missing]
    chart = multiple(part.values, part.drawn, top=top, missing=missing)
    shown = part.values[-MONTHS:]
    signals = len(chart.signals)
    shows = f" {signals} {'month shows' if signals == 1 else 'months show'} a signal." if signals else ""
    label = f"{part.line.category}. {describe(shown)}{shows}"
    return OriginView(part.line, chart, label, has_figures=any(value is not None for value in shown))


def points_in(series: Series, months: Iterable[Month]) -> tuple[SeriesPoint | None, ...]:
    by_month = {point.month: point for point in series.points}
    return tuple(by_month.get(month) for month in months)
