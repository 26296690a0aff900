"""An indicator over its months, as one audience may see it. Every figure passes the gate here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple

from django.utils import timezone

from actions.models import KpiTarget
from actions.selectors.events import Happened, Happening, ToldHighlight
from boards.models import PartnershipArea
from core.calendar import Month, date_label, months_between
from core.files.tables import Row
from core.labels import Labelled
from core.pages import link_to
from indicators.disclosure import Audience, disclose
from indicators.judgement.judge import Method, Tier
from indicators.kpis.aims import KpiState, count_months, say_time, show_in
from indicators.ratios import RATIO_KINDS, TENTHS
from indicators.trend import YEAR, Cell, CellState, Movement, Polarity, Signal, analyse, trend
from reporting.charts.control_chart import (
    Aimed,
    ControlChart,
    Drawn,
    SmallChart,
    Start,
    Usual,
    control_chart,
    small_chart,
)
from reporting.charts.labels import NARROW, ROOMY, MarkLabel, place_marks
from reporting.models import KpiLine, Snapshot
from reporting.models.line_fields import Line
from reporting.months.lines import HISTORY_MONTHS
from reporting.months.presenters.month import STATES, group_beside, line_view
from reporting.months.presenters.past_months import (
    Began,
    PastMonth,
    begun_in,
    find_window,
    past_months,
    starts_in,
    steps_with_ends,
)
from reporting.months.presenters.sentences import (
    describe_chance_range,
    describe_unit,
    describe_window,
    describe_year,
)
from reporting.months.presenters.shapes import KEY, LineView, find_marks
from reporting.months.presenters.words import (
    RATIO_COLUMNS,
    cell_text,
    describe_movement_shortly,
    exact_value,
    list_counts,
    ratio_columns,
    rounded_to,
)
from reporting.months.selectors import KpiMark

WHY_IT_DIFFERS = (
    "The same figures as an NHS control chart (XmR). Its limits come from all the months shown under one definition. "
    "It doesn’t allow for seasons or new levels, so its signals may differ. Only this product’s own method decides "
    "what is Better or Worse."
)


def nhs_months(values: Sequence[int | None], starts: Sequence[Start]) -> Iterator[PastMonth]:
    """Yield the months of an NHS control chart (XmR), for readers who are used to it, by the rules of indicators.trend.
    Each part of the series is by itself. Its signals aren't judged.
    """
    chart = analyse(values, polarity=Polarity.NEUTRAL, step_changes=[start.at for start in starts if start.breaks])
    for value, middle, lower, upper, signal in zip(
        values, chart.mean, chart.lower, chart.upper, chart.signal, strict=True
    ):
        usual = Usual(lower, middle, upper) if middle is not None else None
        is_signal = value is not None and signal is not Signal.NONE
        yield PastMonth(usual, look="unjudged" if is_signal else "", shows=signal.label[:1].upper() + signal.label[1:])


# --- Marks under the axis -------------------------------------------------------------------------

ABOUT = "#s-passport"  # parts of the indicator's own page: its definitions, its recording and its level


class Told(Labelled):
    HIGHLIGHT = "highlight", "Highlight"


class ChartMark(NamedTuple):
    """What was done about an indicator or changed in it, as a numbered mark under the axis at its month. A mark says
    when, never that one thing caused another. `words` say what it is, if its kind doesn't. `url` is where the reader
    finds more; empty if there is no more.
    """

    month: Month
    kind: Happened | Began | Told
    words: str
    url: str


def make_marks(
    line: Line,
    first: Month,
    last: Month,
    *,
    slug: str,
    happenings: Iterable[Happening] = (),
    highlights: Iterable[ToldHighlight] = (),
    today: date,
    with_levels: bool = True,
) -> tuple[ChartMark, ...]:
    """Return all marks from the first month to the last, the oldest first. What hasn't happened yet, such as a later
    start of an action, has no mark.
    """
    dated = [
        *of_changes(line, first, with_levels=with_levels),
        *of_happenings(happenings, slug, today),
        *of_highlights(highlights, slug),
    ]
    # Only by day, so that marks of one day keep the order above.
    return tuple(mark for _, mark in sorted(dated, key=lambda mark: mark[0]) if first <= mark.month <= last)


type Dated = tuple[date, ChartMark]


def of_changes(line: Line, first: Month, *, with_levels: bool) -> Iterator[Dated]:
    for place, what, name in begun_in(line):
        if with_levels or what is not Began.LEVEL:
            month = first + place
            yield month.first_day, ChartMark(month, what, name, ABOUT)


def of_happenings(happenings: Iterable[Happening], slug: str, today: date) -> Iterator[Dated]:
    """Yield the marks of what was done about one indicator. An action links to its page, an event to its outcome."""
    for happening in happenings:
        if happening.day <= today:
            if happening.is_action:
                url = link_to("actions:action-view", slug, str(happening.number))
            else:
                url = link_to("reporting:impact-view", slug, happening.reference, happening.aims[0].code)
            words = f"{happening.label} {happening.title}"
            yield happening.day, ChartMark(Month.of(happening.day), happening.kind, words, url)


def of_highlights(highlights: Iterable[ToldHighlight], slug: str) -> Iterator[Dated]:
    for highlight in highlights:
        url = link_to("actions:highlight-view", slug, str(highlight.pk))
        yield highlight.starts_on, ChartMark(Month.of(highlight.starts_on), Told.HIGHLIGHT, highlight.title, url)


def places_on(marks: Sequence[ChartMark], first: Month) -> list[int]:
    """Return the place of each mark's month, counted from the chart's first."""
    return [mark.month - first for mark in marks]


# How a state's tag looks. Its word gives the state; the frame only helps to find it.
TAGS = {
    KpiState.MET: "published",
    KpiState.ON_COURSE: "accepted",
    KpiState.TOO_CLOSE: "draft",
    KpiState.BEHIND: "open",
    KpiState.NO_CHANGE: "waiting",
    KpiState.WORSE: "problem",
    KpiState.TOO_EARLY: "draft",
    KpiState.NOT_JUDGED: "draft",
}


class KpiTag(NamedTuple):
    """A KPI beside its indicator: "K3", its state in the month, and the address of its page."""

    reference: str
    title: str
    board_code: str
    state: str
    tag: str
    said: str
    url: str


def make_tags(marks: Iterable[KpiMark], *, slug: str) -> dict[str, list[KpiTag]]:
    """Return the tags by the indicator's code."""
    tags: dict[str, list[KpiTag]] = defaultdict(list)
    for one in marks:
        state, url = KpiState(one.state), link_to("reporting:kpi-view", slug, str(one.number))
        tag = KpiTag(f"K{one.number}", one.title, one.board_code, state.label, TAGS[state], one.said, url)
        tags[one.indicator_code].append(tag)
    return tags


class ChartAim(NamedTuple):
    """A KPI on its indicator's chart: what is drawn, its text in the key, and the address of its page."""

    drawn: Aimed
    words: str
    url: str


def make_aims(kpis: Iterable[tuple[KpiLine, KpiTarget]], first: Month, last: Month, *, slug: str) -> Iterator[ChartAim]:
    """Yield the KPIs for a chart from the first month to the last; none that starts later."""
    for line, target in kpis:
        aim = target.aim
        # As the chart's other numbers are: tenths of a share, or of a month's rate.
        scale = 1 if line.per is None else TENTHS / count_months(line.aim_unit)
        way = [
            aim.trajectory_in(month) * scale if month >= aim.begins else None for month in months_between(first, last)
        ]
        if any(value is not None for value in way):
            value = show_in(line.target, say_time(line.aim_unit, months=line.months))
            words = f"{line.reference}: to {value} by {aim.due.label}"
            yield ChartAim(Aimed(way, aim.target * scale), words, link_to("reporting:kpi-view", slug, str(line.number)))


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
        window = None if self.is_nhs else find_window(self.line)
        return Drawn([month.usual for month in months], marks, starts, window=window)

    @property
    def window_words(self) -> str:
        """Describe the months that stand out together; empty if there are none."""
        window = self.drawn.window
        return describe_window(self.line, window) if window else ""

    @property
    def small(self) -> SmallChart:
        return small_chart(self.values, self.drawn, show=self.line.show)

    @property
    def is_rare(self) -> bool:
        """Return whether there is less than one a month. Columns then show more than a line."""
        line = self.line
        return line.method == Method.RARE or (not line.ratio and line.level is not None and line.level < 1)

    def chart(self, *, aims: Sequence[ChartAim] = (), months: int = 0, **options: int) -> ControlChart:
        """Draw its chart, or that of its newest `months` alone; `unit` is how wide a month is."""
        start = max(0, len(self.values) - months) if months else 0
        drawn = replace(self.drawn, aims=[aim.drawn for aim in aims]).since(start)
        return control_chart(
            self.values[start:],
            drawn,
            first=self.first + start,
            in_columns=self.is_rare,
            ratio=self.line.ratio,
            **options,
        )


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
    def taken_on(self) -> str:
        return date_label(timezone.localdate(self.taken_at))

    @property
    def position(self) -> str:
        return f"Figures as at {self.taken_on}"

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
    def chart_title(self) -> str:
        return f"{self.line.title}, {self.span}"

    @property
    def chart_words(self) -> str:
        """Describe the chart for somebody who can't see it."""
        words = [self.chart.words, *(f"KPI {aim.words}." for aim in self.aims)]
        if self.whole.window_words:
            words.append(f"{self.whole.window_words}.")
        if self.marks:
            words.append(f"{len(self.marks)} marks under the chart, explained below.")
        return " ".join(words)

    @property
    def happened(self) -> list[tuple[str, tuple[MarkLabel, ...]]]:
        """Return the labels of the marks under the axis, for a chart with room and for a narrow one."""
        if not self.marks:
            return []
        places, count = places_on(self.marks, self.whole.first), len(self.whole.values)
        return [(name, place_marks(places, count, room=room)) for name, room in (("roomy", ROOMY), ("narrow", NARROW))]

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
    beside: Iterable[Line] = (),
) -> SeriesView:
    """Return the indicator as this audience may see it, from its lines of a snapshot, the whole first. `beside` are
    what comes to it and what goes, and its parts. With `is_nhs`, its months come from an NHS control chart. Raises
    AudienceRefused if the gate shows that audience nothing.
    """
    month = snapshot.period.month
    # The whole comes first, and the gate keeps the order.
    whole, *parts = series_of_lines(lines, month, snapshot.period.due_on, audience=audience, beside=beside)
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


def series_of_lines(
    lines: Iterable[Line], month: Month, due_on: date, *, audience: Audience, beside: Iterable[Line] = ()
) -> list[Series]:
    """Return a series for each line, as the gate lets it through. `beside` has what comes to a stock among them,
    what goes, and the parts of counts. Raises AudienceRefused."""
    disclosed = list(disclose(lines, audience=audience))
    categories = (one for one in disclosed if one.line.category_code)
    by_code = group_beside([*disclose(beside, audience=audience), *categories])
    return [
        Series(line_view(line, month, due_on, beside=by_code.get(line.line.indicator_code, ())), month)
        for line in disclosed
    ]


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
    judged = trend(cells[place], cells[place - 1] if place else None)
    return judged.movement, judged.change


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
    points, window = view.whole.points, view.whole.drawn.window
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
        "window": {"months": window.months, "look": window.look, "usual": shown(window.usual)} if window else None,
        "marks": places_on(view.marks, view.whole.first),
        "aims": [
            {"words": aim.words, "way": [shown(value) for value in aim.drawn.way], "target": shown(aim.drawn.target)}
            for aim in view.aims
        ],
        "parts": [{"name": part.line.category, "values": part.values} for part in view.parts],
    }
