"""What happened that may have changed a figure? The start and the end of actions, campaigns, operations and causes from
outside, in one list.

The start and the end of an action come from the action itself, so nothing can differ. SQL written by hand: see
core.selectors.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Action, Event, EventAim, EventKind, Expectation
from actions.workflow import ActionState
from boards.models import Board, PartnershipArea
from core.labels import Labelled
from core.models import User
from core.months import Month
from core.selectors import Rows, as_day, as_moment, fetch_rows
from core.statements import statement
from indicators.models import Indicator

LAST_OF_FIRST_HALF = 15  # most of the month is over when a later event starts


class Happened(Labelled):
    BEGUN = "begun", "Action started"
    FINISHED = "finished", "Action finished"
    CAMPAIGN = EventKind.CAMPAIGN.value, EventKind.CAMPAIGN.label
    OPERATION = EventKind.OPERATION.value, EventKind.OPERATION.label
    OUTSIDE = EventKind.OUTSIDE.value, EventKind.OUTSIDE.label


class NamedAim(NamedTuple):
    """An indicator that it may have changed; the direction is empty if nobody said it."""

    code: str
    title: str
    way: str


class Happening(NamedTuple):
    """Something that happened on a date. `board_code` is empty if it concerns the whole area."""

    kind: Happened
    number: int
    title: str
    day: date
    last_day: date | None
    board_code: str
    board: str
    said_by: str
    aims: tuple[NamedAim, ...]

    @property
    def is_action(self) -> bool:
        return self.kind in (Happened.BEGUN, Happened.FINISHED)

    @property
    def label(self) -> str:
        """Return "A12" or "E3"."""
        return f"{'A' if self.is_action else 'E'}{self.number}"

    @property
    def reference(self) -> str:
        """Return its part of an address: "a12", "a12-end" or "e3"."""
        return f"{self.label.lower()}{'-end' if self.kind is Happened.FINISHED else ''}"

    @property
    def first_after(self) -> Month:
        """Return the first month that is mostly after its first day. Before and after are compared from there."""
        month = Month.of(self.day)
        return month if self.day.day <= LAST_OF_FIRST_HALF else month.next

    def find_aim(self, code: str) -> NamedAim | None:
        return next((aim for aim in self.aims if aim.code == code), None)


# One row for each indicator of each action and event. An action aims to change its measure, and everything expected of
# it. The newest direction is last.
ROWS = statement(
    """
    SELECT '' AS kind, action.number, action.title, action.starts_on, NULL AS ends_on, action.completed_at, board.code,
        board.short_name, COALESCE(NULLIF(owner.name, ''), owner.email) AS said_by, indicator.code, indicator.title,
        aim.way, aim.place
    FROM (
        SELECT id AS action_id, measure_id AS indicator_id, '' AS way, 0 AS place FROM {action}
        WHERE area_id = %s AND measure_id IS NOT NULL
        UNION ALL SELECT action_id, indicator_id, way, id AS place FROM {expectation} WHERE action_id IS NOT NULL
    ) aim
    JOIN {action} action ON action.id = aim.action_id
    JOIN {indicator} indicator ON indicator.id = aim.indicator_id
    JOIN {board} board ON board.id = action.board_id
    JOIN {owner} owner ON owner.id = action.owner_id
    WHERE action.area_id = %s AND action.state <> %s {{only}}
    UNION ALL
    SELECT event.kind, event.number, event.title, event.starts_on, event.ends_on, NULL, COALESCE(board.code, ''),
        COALESCE(board.short_name, ''), event.said_by, indicator.code, indicator.title, aim.way, aim.id
    FROM {aim} aim
    JOIN {event} event ON event.id = aim.event_id
    JOIN {indicator} indicator ON indicator.id = aim.indicator_id
    LEFT JOIN {board} board ON board.id = event.board_id
    WHERE event.area_id = %s AND event.removed_at IS NULL {{only}}
    ORDER BY 13
""",
    action=Action,
    expectation=Expectation,
    indicator=Indicator,
    board=Board,
    owner=User,
    aim=EventAim,
    event=Event,
)
ON_ONE = "AND indicator.code = %s"


def list_happenings(area: PartnershipArea, code: str = "") -> list[Happening]:
    """Return those of an area that may change some indicator, or the one with that code, oldest first.

    Leaves out archived actions and removed events; includes planned ones. One query.
    """
    only = [code] if code else []
    parameters = [area.pk, area.pk, ActionState.ARCHIVED.value, *only, area.pk, *only]
    return _make(fetch_rows(ROWS.format(only=ON_ONE if code else ""), parameters))


def _make(rows: Rows) -> list[Happening]:
    found: dict[tuple[Happened, int], Happening] = {}
    for kind, number, title, starts, ends, completed, *who, aim_code, aim_title, way, _ in rows:
        board_code, board, said_by = who
        aim = NamedAim(aim_code, aim_title, way)
        for happened, day in _list_days(kind, as_day(starts), completed and as_moment(completed)):
            new = Happening(happened, number, title, day, ends and as_day(ends), board_code, board, said_by, ())
            held = found.get((happened, number), new)
            others = tuple(other for other in held.aims if other.code != aim_code)
            found[happened, number] = held._replace(aims=(*others, aim))
    return sorted(found.values(), key=lambda each: (each.day, each.label, each.kind.value))


def _list_days(kind: str, starts_on: date, completed_at: datetime | None) -> Iterable[tuple[Happened, date]]:
    if kind:
        return [(Happened(kind), starts_on)]
    begun = [(Happened.BEGUN, starts_on)]
    return [*begun, (Happened.FINISHED, timezone.localdate(completed_at))] if completed_at else begun


def find_happening(happenings: Iterable[Happening], reference: str) -> Happening | None:
    return next((each for each in happenings if each.reference == reference), None)


# --- Events and expectations as rows ----------------------------------------------------------------


def list_events(area: PartnershipArea) -> QuerySet[Event]:
    """Return those that aren't removed, newest first, with everything for their list."""
    found = Event.objects.filter(area=area, removed_at__isnull=True).select_related("board", "added_by")
    return found.prefetch_related("aims__indicator", "expectations__indicator", "expectations__made_by")


def find_event(area: PartnershipArea, number: int) -> Event | None:
    """Return one that isn't removed."""
    return list_events(area).filter(number=number).first()


def list_expectations(area: PartnershipArea, *, action: int = 0, event: int = 0, code: str = "") -> list[Expectation]:
    """Return what people expected, oldest first: of the action or event with that number, or of all; for one indicator
    if its code is given. One query."""
    found = Expectation.objects.filter(indicator__area=area)
    if action:
        found = found.filter(action__number=action)
    if event:
        found = found.filter(event__number=event)
    if code:
        found = found.filter(indicator__code=code)
    return list(found.select_related("indicator", "action", "event", "made_by").order_by("made_at", "id"))


def was_said_beforehand(said: Expectation) -> bool:
    """Return whether it was said by the first day of its subject: both the day planned at that time and the current
    one."""
    about = said.action or said.event
    # The earlier of both: moving the start later must not make a late word look early.
    first = min(said.begins_on, about.starts_on) if about else said.begins_on
    return timezone.localdate(said.made_at) <= first
