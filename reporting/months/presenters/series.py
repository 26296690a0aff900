"""What does an indicator show over its months, for one audience? Every figure passes the gate here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import repeat
from typing import Any

from django.utils import timezone

from boards.models import PartnershipArea
from core.files import Row
from core.months import Month, date_label, months_between
from indicators.disclosure import Audience, disclose
from indicators.judgement.tokens import Tier
from indicators.ratios import RATIO_KINDS, TENTHS
from indicators.signals import Method
from indicators.trend import YEAR, Cell, CellState, Movement, trend
from reporting.charts.control_chart import ControlChart, Drawn, SmallChart, Start, Usual, control_chart, small_chart
from reporting.models import Snapshot
from reporting.models.line_fields import Line
from reporting.months.lines import HISTORY_MONTHS
from reporting.months.presenters.aims import ChartAim
from reporting.months.presenters.marks import ChartMark, places_on
from reporting.months.presenters.month import STATES, line_view
from reporting.months.presenters.nhs_chart import nhs_months
from reporting.months.presenters.past_months import PastMonth, past_months, starts_in, steps_with_ends
from reporting.months.presenters.ratio_columns import RATIO_COLUMNS, exact_value, list_counts, ratio_columns
from reporting.months.presenters.sentences import describe_chance_range, describe_unit, describe_year
from reporting.months.presenters.shapes import KEY, LineView, find_marks
from reporting.months.presenters.words import cell_text, describe_movement_shortly, rounded_to

SERIES_COLUMNS = (
    "month",
    "category",
    "value",
    "state",
    "change",
    "movement",
    "usual",
    "lower",
    "upper",
    "signal",
    "tier",
    "judgement",
    "window",
    *RATIO_COLUMNS,
)


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A month of a series, and its text."""

    month: Month
    state: CellState
    value: int | None
    text: str
    change: int | None
    movement: Movement | None  # None if the month before isn't shown, and so isn't known here
    said: PastMonth
    shows: str
    year_words: str
    ratio: str = ""

    @property
    def usual(self) -> Usual | None:
        return self.said.usual

    @property
    def look(self) -> str:
        """Return the CSS class of a signal's mark; empty without one."""
        return self.said.look if self.value is not None else ""

    @property
    def stands_out(self) -> bool:
        return self.value is not None and self.said.tier == Tier.STANDS_OUT

    @property
    def change_text(self) -> str:
        if self.value is None or self.movement is None:
            return ""
        return describe_movement_shortly(self.movement, self.change, self.ratio)


@dataclass(frozen=True)
class Series:
    """A line with its months, the oldest first: an indicator as a whole, or one category of it."""

    line: LineView
    month: Month  # the newest
    is_nhs: bool = False  # whether its months come from an NHS control chart

    @property
    def values(self) -> Sequence[int | None]:
        return self.line.history

    @property
    def first(self) -> Month:
        return self.month + -(len(self.values) - 1)

    @cached_property
    def points(self) -> tuple[SeriesPoint, ...]:
        return tuple(make_points(self))

    @cached_property
    def said(self) -> list[PastMonth]:
        if self.is_nhs:
            return list(nhs_months(self.values, self.starts))
        return list(past_months(self.line, self.line.polarity))

    @cached_property
    def starts(self) -> list[Start]:
        return list(starts_in(self.line, self.first))

    @cached_property
    def drawn(self) -> Drawn:
        months = self.said
        marks = {place: month.look for place, month in enumerate(months) if month.look}
        starts = [start for start in self.starts if start.breaks or not self.is_nhs]
        return Drawn([month.usual for month in months], marks, starts)

    @property
    def small(self) -> SmallChart:
        return small_chart(self.values, self.drawn, show=self.line.show)

    @property
    def is_rare(self) -> bool:
        """Return whether there is less than one a month. Columns then show more than a line."""
        line = self.line
        return line.method == Method.RARE or (not line.ratio and line.level is not None and line.level < 1)

    def chart(self, *, aims: Sequence[ChartAim] = (), **options: int) -> ControlChart:
        """Draw its chart; `unit` is how wide a month is."""
        drawn, ratio = replace(self.drawn, aims=[aim.drawn for aim in aims]), self.line.ratio
        return control_chart(self.values, drawn, first=self.first, in_columns=self.is_rare, ratio=ratio, **options)


@dataclass(frozen=True)
class SeriesView:
    """An indicator over its months, for one audience: everything that its page and its file show. `marks` are those
    that the reader may see, and `aims` its KPIs.
    """

    area_slug: str
    area: str
    month: Month
    audience: Audience
    marking: str
    version: int
    state: str  # draft or published
    taken_at: datetime
    whole: Series
    parts: tuple[Series, ...]
    marks: tuple[ChartMark, ...] = ()
    aims: tuple[ChartAim, ...] = ()

    @property
    def line(self) -> LineView:
        return self.whole.line

    @property
    def is_nhs(self) -> bool:
        return self.whole.is_nhs

    @property
    def position(self) -> str:
        return f"Position at {date_label(timezone.localdate(self.taken_at))}"

    @property
    def unit(self) -> str:
        return describe_unit(self.line)

    @property
    def chance(self) -> str:
        """Return the range of chance of a share or rate."""
        return describe_chance_range(self.line)

    @property
    def span(self) -> str:
        return f"{self.whole.first.label} to {self.month.label}"

    @cached_property
    def chart(self) -> ControlChart:
        return self.whole.chart(aims=self.aims)

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """Return the shorthand that the table uses."""
        texts = [*(point.text for point in self.whole.points), *(part.line.text for part in self.parts)]
        used = {mark for text in texts for mark in find_marks(text)}
        return tuple(entry for entry in KEY if entry[0] in used)


def series_view(
    snapshot: Snapshot,
    lines: Sequence[Line],
    *,
    area: PartnershipArea,
    audience: Audience,
    marking: str,
    is_nhs: bool = False,
) -> SeriesView:
    """Return the indicator as this audience may see it, from its lines of a snapshot, the whole first. With `is_nhs`,
    its months come from an NHS control chart. Raises AudienceRefused if the gate shows that audience nothing.
    """
    month = snapshot.period.month
    # The whole comes first, and the gate keeps the order.
    whole, *parts = series_of_lines(lines, month, snapshot.period.due_on, audience=audience)
    return SeriesView(
        area_slug=area.slug,
        area=area.name,
        month=month,
        audience=audience,
        marking=marking,
        version=snapshot.version,
        state=snapshot.state,
        taken_at=snapshot.taken_at,
        whole=replace(whole, is_nhs=is_nhs),
        parts=tuple(parts),
    )


def series_of_lines(lines: Iterable[Line], month: Month, due_on: date, *, audience: Audience) -> list[Series]:
    """Return a series for each line, as the gate lets it through. Raises AudienceRefused."""
    return [Series(line_view(line, month, due_on), month) for line in disclose(lines, audience=audience)]


def make_points(series: Series) -> Iterator[SeriesPoint]:
    """Yield each month with its movement by the rules of indicators.trend, and its text."""
    line, months = series.line, list(months_between(series.first, series.month))
    is_rounded = bool(rounded_to(line.protected_by))
    cells = list(make_cells(series, months))
    for place, (cell, said, step) in enumerate(zip(cells, series.said, steps_by_month(line), strict=True)):
        # Two rounded figures don't say how the true ones moved.
        movement, change = (Movement.NONE, None) if is_rounded else moved(cells, place, line)
        has_year = place >= YEAR and not is_rounded
        change_in_year = trend(cell, cells[place - YEAR], apart=YEAR).change if has_year else None
        yield SeriesPoint(
            month=cell.month,
            state=cell.state,
            value=cell.value,
            text=cell_text(
                cell.state,
                cell.value,
                ratio=line.ratio,
                is_provisional=place in step.get("provisional", ()),
                is_revised=place in step.get("revised", ()),
            ),
            change=change,
            movement=movement,
            said=said,
            shows=said.shows if cell.value is not None else cell.state.label,
            year_words=describe_year(change_in_year, cell.month, line.ratio),
            ratio=line.ratio,
        )


def moved(cells: Sequence[Cell], place: int, line: LineView) -> tuple[Movement | None, int | None]:
    """Return a month's movement; (None, None) for the first of a full history, because there may be a month before
    it.
    """
    # The line knows its own movement, even if the month before isn't shown.
    if place == len(cells) - 1:
        return line.movement, line.change
    if place == 0 and len(cells) == HISTORY_MONTHS:
        return None, None
    found = trend(cells[place], cells[place - 1] if place else None)
    return found.movement, found.change


def steps_by_month(line: Line) -> Iterator[dict[str, Any]]:
    """Yield the step that each month of a line is in."""
    for step, end in steps_with_ends(line):
        yield from repeat(step, end - step["at"])


def make_cells(series: Series, months: Sequence[Month]) -> Iterator[Cell]:
    """Yield each month's cell. Raises KeyError if a month has neither a figure nor a reason."""
    steps = steps_by_month(series.line)
    for place, (month, value, step) in enumerate(zip(months, series.values, steps, strict=True)):
        # Keys of JSON are text.
        state = CellState.FIGURE if value is not None else STATES[step["without"][str(place)]]
        since, is_recorded_anew = date.fromisoformat(step["from"]), bool(step.get("why"))
        yield Cell(month, state, value, since, is_recorded_anew)


def series_rows(view: SeriesView) -> list[Row]:
    """Return each month of the whole, then of each category, as the file has them."""
    return [
        {
            "month": str(point.month),
            "category": series.line.category_code,
            "value": exact_value(series.line, point.value, *counts),
            "state": point.state.value,
            "change": series.line.as_shown(point.change),
            "movement": point.movement.value if point.movement else None,
            **judgement_columns(series.line, point),
            **ratio_columns(series.line, point.value, *counts),
        }
        for series in (view.whole, *view.parts)
        for point, counts in zip(series.points, list_counts(series.line), strict=True)
    ]


def judgement_columns(line: Line, point: SeriesPoint) -> Row:
    """Return a month's columns. Its usual range is known without its figure; a signal isn't."""
    usual, said = point.usual, point.said if point.value is not None else PastMonth()
    return {
        "usual": line.as_shown(usual.middle) if usual else None,
        "lower": line.as_shown(usual.lower) if usual else None,
        "upper": line.as_shown(usual.upper) if usual else None,
        "signal": said.signal or None,
        "tier": said.tier or None,
        "judgement": said.judgement or None,
        "window": said.window,
    }


def chart_data(view: SeriesView) -> dict[str, Any]:
    """Return the data for the chart in the browser: lists with an entry for each month."""
    points = view.whole.points
    scale = TENTHS if view.line.ratio else 1

    def shown(value: float | None) -> float | None:
        return value if value is None or scale == 1 else value / scale

    def limits(name: str) -> list[float | None]:
        return [shown(getattr(point.usual, name)) if point.usual else None for point in points]

    return {
        "title": view.line.title,
        "unit": view.line.unit_many,
        "isRatio": bool(view.line.ratio),
        "sign": RATIO_KINDS[view.line.ratio].sign if view.line.ratio else "",
        "inColumns": view.whole.is_rare,
        "months": [point.month.label for point in points],
        "shortMonths": [point.month.short_label for point in points],
        "values": [shown(point.value) for point in points],
        "middle": limits("middle"),
        "lower": limits("lower"),
        "upper": limits("upper"),
        "usual": [point.said.usual_text for point in points],
        "looks": [point.look for point in points],
        "shows": [point.shows for point in points],
        "starts": [{"at": start.at, "words": start.words, "breaks": start.breaks} for start in view.whole.drawn.starts],
        "marks": places_on(view.marks, view.whole.first),
        "aims": [
            {"words": aim.words, "way": [shown(value) for value in aim.drawn.way], "target": shown(aim.drawn.target)}
            for aim in view.aims
        ],
        "parts": [{"name": part.line.category, "values": part.values} for part in view.parts],
    }
