"""What does an indicator say over its months, to one audience? Every figure passes the gate here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from boards.models import PartnershipArea
from core.files import Row
from core.months import Month, date_label, months_between
from indicators.disclosure import Audience, disclose
from indicators.signals import Method, usual_range
from indicators.spc import JUDGED, Judgement, Signal
from indicators.trend import YEAR, Cell, CellState, Movement, Polarity, trend
from reporting.charts.control_chart import ControlChart, SmallChart, Step, control_chart, small_chart
from reporting.models import Snapshot
from reporting.models.line_fields import Line
from reporting.months.lines import HISTORY_MONTHS
from reporting.months.presenters.month import STATES, line_view
from reporting.months.presenters.sentences import LOOKS, NO_JUDGEMENT, describe_year
from reporting.months.presenters.shapes import KEY, LineView, find_marks
from reporting.months.presenters.words import cell_text, describe_movement_shortly, rounded_to

# What the table says of a month whose step isn't read by a control chart.
UNCHARTED = {
    Method.TOO_EARLY: Method.TOO_EARLY.label,
    Method.RARE: "Too rare to judge",
    Method.WITHHELD: "",  # of a public edition: some month of it isn't shown, so none is judged
}
SERIES_COLUMNS = (
    "month",
    "category",
    "value",
    "state",
    "change",
    "movement",
    "lower",
    "upper",
    "signal",
    "judgement",
)


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A month of a series. `signal` and `judgement` are tokens, empty where nothing is judged; `look`
    is the class of a signal's mark, empty without one; `shows` says what the chart shows of it."""

    month: Month
    state: CellState
    value: int | None
    text: str
    change: int | None
    movement: Movement | None  # None where the month before isn't shown, so that it isn't known here
    mean: float | None
    lower: float | None
    upper: float | None
    usual: str
    signal: str
    judgement: str
    look: str
    shows: str
    year_words: str

    @property
    def change_text(self) -> str:
        if self.value is None or self.movement is None:
            return ""
        return describe_movement_shortly(self.movement, self.change)


@dataclass(frozen=True)
class Series:
    """A line with its months, the oldest first: an indicator as a whole, or one category of it."""

    line: LineView
    month: Month  # the newest

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
    def drawn_steps(self) -> list[Step]:
        return [drawn_step(step, self.line.polarity) for step in self.line.steps]

    @property
    def small(self) -> SmallChart:
        return small_chart(self.values, self.drawn_steps)

    @property
    def is_rare(self) -> bool:
        return self.line.method == Method.RARE

    def chart(self, **options: int) -> ControlChart:
        """The chart of it; `unit` is how wide a month is."""
        return control_chart(self.values, self.drawn_steps, first=self.first, in_columns=self.is_rare, **options)


@dataclass(frozen=True)
class SeriesView:
    """An indicator over its months, for one audience: everything that its page and its file show."""

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

    @property
    def line(self) -> LineView:
        return self.whole.line

    @property
    def position(self) -> str:
        return f"Position at {date_label(timezone.localdate(self.taken_at))}"

    @property
    def span(self) -> str:
        return f"{self.whole.first.label} to {self.month.label}"

    @cached_property
    def chart(self) -> ControlChart:
        return self.whole.chart()

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """The shorthand that the table uses."""
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
) -> SeriesView:
    """The indicator as this audience may see it, from its lines of a snapshot, the whole first.

    Raises AudienceRefused where the gate shows that audience nothing.
    """
    month = snapshot.period.month
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
        whole=whole,
        parts=tuple(parts),
    )


def series_of_lines(lines: Iterable[Line], month: Month, due_on: date, *, audience: Audience) -> list[Series]:
    """Raises AudienceRefused."""
    return [Series(line_view(line, month, due_on), month) for line in disclose(lines, audience=audience)]


def drawn_step(step: dict[str, Any], polarity: Polarity) -> Step:
    judged = JUDGED[polarity]
    marks = {int(place): LOOKS[judged[Signal(signal)]] for place, signal in step["signals"].items()}
    return Step(step["at"], step["mean"], step["lower"], step["upper"], marks)


def make_points(series: Series) -> Iterator[SeriesPoint]:
    """Each month with its movement by the rules of indicators.trend, and what its step's limits say."""
    line, months = series.line, list(months_between(series.first, series.month))
    is_rounded = bool(rounded_to(line.protected_by))
    places = list(by_place(series))
    cells = [
        Cell(month, state, value, definition)
        for month, value, (_, definition, _, state) in zip(months, series.values, places, strict=True)
    ]
    for place, (cell, (step, _, usual, _)) in enumerate(zip(cells, places, strict=True)):
        # Two rounded figures don't say how the true ones moved.
        movement, change = (Movement.NONE, None) if is_rounded else moved(cells, place, line)
        has_year = place >= YEAR and not is_rounded
        change_in_year = trend(cell, cells[place - YEAR], apart=YEAR).change if has_year else None
        signal, judgement, look, shows = what_it_shows(step, str(place), cell, line.polarity, usual)
        yield SeriesPoint(
            month=cell.month,
            state=cell.state,
            value=cell.value,
            text=cell_text(
                cell.state,
                cell.value,
                is_provisional=place in step.get("provisional", ()),
                is_revised=place in step.get("revised", ()),
            ),
            change=change,
            movement=movement,
            mean=step["mean"],
            lower=step["lower"],
            upper=step["upper"],
            usual=usual,
            signal=signal,
            judgement=judgement,
            look=look,
            shows=shows,
            year_words=describe_year(change_in_year, cell.month),
        )


def moved(cells: Sequence[Cell], place: int, line: LineView) -> tuple[Movement | None, int | None]:
    """A month's movement; (None, None) for the first of a full history, which may have one before it."""
    if place == len(cells) - 1:
        return line.movement, line.change
    if place == 0 and len(cells) == HISTORY_MONTHS:
        return None, None
    found = trend(cells[place], cells[place - 1] if place else None)
    return found.movement, found.change


def by_place(series: Series) -> Iterator[tuple[dict[str, Any], date, str, CellState]]:
    """For each month: its step, the definition's first day, the usual range in words, and its state.
    Raises KeyError for a month without a figure of which it isn't known why."""
    steps, values = series.line.steps, series.values
    for step, end in zip(steps, [*(step["at"] for step in steps[1:]), len(values)], strict=True):
        definition, without = date.fromisoformat(step["from"]), step["without"]
        has_limits = step["lower"] is not None and step["upper"] is not None
        usual = usual_range(step["lower"], step["upper"]) if has_limits else ""
        for place in range(step["at"], end):
            state = CellState.FIGURE if values[place] is not None else STATES[without[str(place)]]
            yield step, definition, usual, state


def what_it_shows(
    step: dict[str, Any], place: str, cell: Cell, polarity: Polarity, usual: str
) -> tuple[str, str, str, str]:
    """A month's signal and judgement (tokens), the look of its mark, and the words."""
    if cell.value is None:
        return "", "", "", cell.state.label
    method = Method(step["method"])
    if method is not Method.CHART:
        token = method.value if method is Method.TOO_EARLY else ""
        return token, token, "", UNCHARTED[method]
    signal = Signal(step["signals"].get(place, Signal.NONE))  # a step keeps those alone that say something
    judgement = JUDGED[polarity][signal]
    if signal is Signal.NONE:
        return signal.value, judgement.value, "", Judgement.COMMON_CAUSE.label if usual else NO_JUDGEMENT
    label = NO_JUDGEMENT if judgement in (Judgement.HIGH, Judgement.LOW) else judgement.label
    return signal.value, judgement.value, LOOKS[judgement], f"{label}: {signal.label}"


def series_rows(view: SeriesView) -> list[Row]:
    """Each month of the whole, then of each category, as the file has them."""
    return [
        {
            "month": str(point.month),
            "category": series.line.category_code,
            "value": point.value,
            "state": point.state.value,
            "change": point.change,
            "movement": point.movement.value if point.movement else None,
            "lower": point.lower,
            "upper": point.upper,
            "signal": point.signal or None,
            "judgement": point.judgement or None,
        }
        for series in (view.whole, *view.parts)
        for point in series.points
    ]


def chart_data(view: SeriesView) -> dict[str, Any]:
    """What the chart in the browser is drawn from: lists with an entry for each month."""
    points = view.whole.points
    places = range(1, len(points))
    return {
        "title": view.line.title,
        "unit": view.line.unit_many,
        "inColumns": view.whole.is_rare,
        "months": [point.month.label for point in points],
        "shortMonths": [point.month.short_label for point in points],
        "values": [point.value for point in points],
        "mean": [point.mean for point in points],
        "lower": [point.lower for point in points],
        "upper": [point.upper for point in points],
        "usual": [point.usual for point in points],
        "looks": [point.look for point in points],
        "shows": [point.shows for point in points],
        "changes": [step["at"] for step in view.line.steps[1:] if step["at"] in places],
        "parts": [{"name": part.line.category, "values": part.values} for part in view.parts],
    }
