"""Draws the plan as bars on an axis of months. Pure.

The picture is as wide as the page allows. Positions along it are percentages, from 0 at its first day to 100 after
its last. Anything outside is cut at the edge.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from core.calendar import Month, months_between

# How far an axis around today goes back and forward.
MONTHS_BACK, MONTHS_ON = 12, 23
# The possible number of months between two names. Each divides the next one, so that a phone can leave some out.
STEPS = (1, 3, 6, 12, 24, 120, 1200, 12000)
MOST_TICKS, MOST_MAIN_TICKS = 18, 6
LAST_TICK = 97.0  # a name that starts further right would not fit into the picture
ROOM, ROOM_BEFORE = 15.0, 20.0  # for a day's name after a bar; for one with “to” before it
SHORT = 3.0  # a bar that its letter covers
MOST_MONTHS_WITH_STEPS = 60  # on a longer axis they would cover each other


@dataclass(frozen=True, slots=True)
class Axis:
    """Whole months, from the first to the last."""

    first: Month
    last: Month

    @property
    def length(self) -> int:
        """In days."""
        return (self.last.next.first_day - self.first.first_day).days

    def place(self, day: date, share: float = 0.0) -> float:
        """Return where a day starts; its middle is at a `share` of 0.5, its end at 1. Always inside the axis."""
        return min(max(((day - self.first.first_day).days + share) / self.length * 100, 0.0), 100.0)

    def holds(self, day: date) -> bool:
        return self.first <= Month.of(day) <= self.last


@dataclass(frozen=True, slots=True)
class Tick:
    """The start of a month with a name. If there is little room, only the main ones have one; the first of a year has
    `says_year`."""

    x: float
    month: Month
    is_main: bool
    says_year: bool


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates to draw of an action: its start, due date, first due date if that was different, end if it has ended,
    and steps. Each step has its day and whether it is done."""

    starts_on: date
    due_on: date
    first_due_on: date | None = None
    ended_on: date | None = None
    steps: tuple[tuple[date, bool], ...] = ()

    def until(self, today: date) -> date:
        """Return the last day to draw: its due date, or its last day if it is late."""
        ended = self.ended_on
        return max(self.starts_on, ended) if ended else max(self.due_on, today)

    def days(self, today: date) -> Iterator[date]:
        """Return all days that should be on an axis."""
        yield from (self.starts_on, self.until(today))
        if self.first_due_on:
            yield self.first_due_on


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of a step (met, missed or future), or of a due date that moved."""

    x: float
    look: str


@dataclass(frozen=True, slots=True)
class Bar:
    """An action, from its start to its due date or its end, and `late` after its due date.

    `begins_before` and `ends_after` say that it is cut. The text of its end date is at `label_at`, if there is room:
    after the bar, or before it with `label_ends`.
    """

    left: float
    right: float
    late: float
    begins_before: bool
    ends_after: bool
    marks: tuple[Mark, ...]
    label_at: float | None
    label_ends: bool


def make_axis(dates: Iterable[Dates], today: date, *, is_over: bool = False) -> Axis:
    """Return the axis from the first start to the last day, but at most three years around today.

    An action that started ten years ago would otherwise leave no room for the others. If everything `is_over`, show all
    of it, because somebody asked for that.
    """
    days = [day for bar_dates in dates for day in bar_dates.days(today)] or [today]
    low, high = Month.of(min(days)), Month.of(max(days))
    if is_over or high - low <= MONTHS_BACK + MONTHS_ON:
        return Axis(low, high)
    first = min(max(Month.of(today) + -MONTHS_BACK, low), high + -(MONTHS_BACK + MONTHS_ON))
    return Axis(first, first + MONTHS_BACK + MONTHS_ON)


def make_ticks(axis: Axis) -> list[Tick]:
    months = list(months_between(axis.first, axis.last))
    step, main = (next(step for step in STEPS if len(months) / step <= most) for most in (MOST_TICKS, MOST_MAIN_TICKS))
    ticks: list[Tick] = []
    for month in months:
        x = axis.place(month.first_day)
        if not _rest(month, step) and x <= LAST_TICK:
            is_main = not _rest(month, main)
            is_said = any(tick.says_year for tick in ticks if tick.month.year == month.year)
            ticks.append(Tick(x, month, is_main, month.number == 1 or (is_main and not is_said)))
    return ticks


def _rest(month: Month, step: int) -> int:
    return (month.year * 12 + month.number - 1) % step


def place_today(axis: Axis, today: date) -> float | None:
    return axis.place(today, 0.5) if axis.holds(today) else None


def draw_bar(axis: Axis, dates: Dates, today: date) -> Bar:
    until = dates.until(today)
    end = min(until, max(dates.due_on, dates.starts_on))
    left, right = axis.place(dates.starts_on), axis.place(end, 1)
    # A late action continues until now, which is the middle of today.
    late = right
    if until > end:
        late = axis.place(until, 1) if dates.ended_on else axis.place(today, 0.5)
    begins_before, ends_after = Month.of(dates.starts_on) < axis.first, Month.of(until) > axis.last
    marks = tuple(make_marks(axis, dates, today))
    reach = max(late, *(mark.x for mark in marks), 0.0)
    label_at, label_ends = _place_label(left, reach) if axis.holds(until) else (None, False)
    return Bar(left, right, late, begins_before, ends_after, marks, label_at, label_ends)


def make_marks(axis: Axis, dates: Dates, today: date) -> Iterator[Mark]:
    """Return the marks, with a moved due date first: steps are drawn over it."""
    if dates.first_due_on and axis.holds(dates.first_due_on):
        yield Mark(axis.place(dates.first_due_on, 0.5), "moved")
    has_room = axis.last - axis.first < MOST_MONTHS_WITH_STEPS
    for day, is_done in dates.steps:
        if has_room and axis.holds(day):
            yield Mark(axis.place(day, 0.5), describe_step(day, today, is_done=is_done))


def describe_step(day: date, today: date, *, is_done: bool) -> str:
    return "met" if is_done else "not" if day < today else "yet"


def _place_label(left: float, right: float) -> tuple[float | None, bool]:
    if right <= 100 - ROOM and right - left >= SHORT:
        return right, False
    return (left, True) if left >= ROOM_BEFORE else (None, False)
