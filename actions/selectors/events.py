"""Lists what may have changed a figure: the start and the end of actions, campaigns, operations and causes from
outside.

The start and the end of an action come from the action itself, so nothing can differ.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Action, Event, EventAim, EventKind, Expectation, Highlight
from actions.workflow import ActionState
from boards.models import PartnershipArea
from core.calendar import Month
from core.labels import Labelled
from indicators.models import Indicator

LAST_OF_FIRST_HALF = 15  # most of the month is over when a later event starts


class Happened(Labelled):
    BEGUN = "begun", "Action started"
    FINISHED = "finished", "Action finished"
    CAMPAIGN = EventKind.CAMPAIGN.value, EventKind.CAMPAIGN.label
    OPERATION = EventKind.OPERATION.value, EventKind.OPERATION.label
    CHANGE = EventKind.CHANGE.value, EventKind.CHANGE.label
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


def list_happenings(area: PartnershipArea, code: str = "") -> list[Happening]:
    """Return those of an area that may change some indicator, or the one with that code, oldest first.

    Leaves out archived actions and removed events; includes planned ones. Three queries.
    """
    actions = Action.objects.exclude(state=ActionState.ARCHIVED.value).filter(area=area)
    expected = Expectation.objects.exclude(action__state=ActionState.ARCHIVED.value).filter(action__area=area)
    aims = EventAim.objects.filter(event__area=area, event__removed_at=None)
    if code:
        actions = actions.filter(measure__code=code)
        expected, aims = expected.filter(indicator__code=code), aims.filter(indicator__code=code)
    # An action aims to change its measure, and everything expected of it. The newest direction is last.
    happenings: dict[tuple[Happened, int], Happening] = {}
    for action in actions.select_related("board", "owner", "measure"):
        if action.measure:
            _add(happenings, _of_action(action), action.measure, "")
    for said in expected.select_related("action__board", "action__owner", "indicator").order_by("pk"):
        if said.action:
            _add(happenings, _of_action(said.action), said.indicator, said.way)
    for aim in aims.select_related("event__board", "indicator").order_by("pk"):
        _add(happenings, [_of_event(aim.event)], aim.indicator, aim.way)
    return sorted(happenings.values(), key=lambda happening: (happening.day, happening.label, happening.kind.value))


def _add(
    happenings: dict[tuple[Happened, int], Happening], new_happenings: list[Happening], indicator: Indicator, way: str
) -> None:
    for new in new_happenings:
        earlier = happenings.get((new.kind, new.number), new)
        others = [aim for aim in earlier.aims if aim.code != indicator.code]
        aims = (*others, NamedAim(indicator.code, indicator.title, way))
        happenings[new.kind, new.number] = earlier._replace(aims=aims)


def _of_action(action: Action) -> list[Happening]:
    days = [(Happened.BEGUN, action.starts_on)]
    if action.completed_at:
        days.append((Happened.FINISHED, timezone.localdate(action.completed_at)))
    board = action.board
    return [
        Happening(kind, action.number, action.title, day, None, board.code, board.short_name, str(action.owner), ())
        for kind, day in days
    ]


def _of_event(event: Event) -> Happening:
    board_code, board = (event.board.code, event.board.short_name) if event.board else ("", "")
    kind, days = Happened(event.kind), (event.starts_on, event.ends_on)
    return Happening(kind, event.number, event.title, *days, board_code, board, event.said_by, ())


def find_happening(happenings: Iterable[Happening], reference: str) -> Happening | None:
    return next((happening for happening in happenings if happening.reference == reference), None)


# --- Events and expectations as rows ----------------------------------------------------------------


def list_events(area: PartnershipArea) -> QuerySet[Event]:
    """Return those that aren't removed, newest first, with everything for their list."""
    events = Event.objects.filter(area=area, removed_at__isnull=True).select_related("board", "added_by")
    return events.prefetch_related("aims__indicator", "expectations__indicator", "expectations__made_by")


def find_event(area: PartnershipArea, number: int) -> Event | None:
    """Return one that isn't removed."""
    return list_events(area).filter(number=number).first()


def list_expectations(area: PartnershipArea, *, action: int = 0, code: str = "") -> list[Expectation]:
    """Return what people expected, oldest first: of the action with that number, or of all; for one indicator if its
    code is given. One query."""
    expectations = Expectation.objects.filter(indicator__area=area)
    if action:
        expectations = expectations.filter(action__number=action)
    if code:
        expectations = expectations.filter(indicator__code=code)
    return list(expectations.select_related("indicator", "action", "event", "made_by").order_by("made_at", "id"))


def was_said_beforehand(said: Expectation) -> bool:
    """Return whether it was said by the first day of its subject: both the day planned at that time and the current
    one."""
    about = said.action or said.event
    # The earlier of both: moving the start later must not make a late word look early.
    first = min(said.begins_on, about.starts_on) if about else said.begins_on
    return timezone.localdate(said.made_at) <= first


class ToldHighlight(NamedTuple):
    """A highlight, by its start date."""

    pk: int
    title: str
    starts_on: date


def list_board_highlights(
    area: PartnershipArea, boards: Sequence[str], *, first: date, last: date
) -> list[ToldHighlight]:
    """Return the highlights of any of these boards that started on these days, without archived ones. One query."""
    highlights = Highlight.objects.filter(
        area=area, archived_at=None, starts_on__range=(first, last), boards__code__in=boards
    )
    rows = highlights.distinct().order_by("starts_on", "pk").values_list("pk", "title", "starts_on")
    return [ToldHighlight._make(row) for row in rows]
