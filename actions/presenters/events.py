"""How do a list of events and an action's page show what was expected, and when?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from actions.models import Event, EventKind, Expectation
from actions.permissions import can_tell_events
from actions.selectors.events import was_said_beforehand
from boards.permissions import Access
from core.months import date_label

AFTERWARDS = "said afterwards"
BEFOREHAND = "said beforehand"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody expected of one indicator: "Should fall by about 20 % by June 2027"."""

    code: str
    indicator: str
    words: str
    when: str
    is_beforehand: bool


@dataclass(frozen=True, slots=True)
class EventView:
    event: Event
    kind: str
    days: str
    whose: str
    moves: tuple[tuple[str, str, str], ...]  # title, direction, address of the result
    said: tuple[Said, ...]
    may_change: bool


def make_said(expectations: Iterable[Expectation]) -> tuple[Said, ...]:
    """Make the texts. Each needs its indicator, and its action or event."""
    return tuple(make_one(said) for said in expectations)


def make_one(said: Expectation) -> Said:
    is_beforehand = was_said_beforehand(said)
    when = BEFOREHAND if is_beforehand else AFTERWARDS
    told = f"{said.made_by}, {date_label(timezone.localdate(said.made_at))}, {when}"
    return Said(said.indicator.code, said.indicator.title, f"Should {said.words}", told, is_beforehand)


def make_event_views(events: Sequence[Event], access: Access) -> list[EventView]:
    """Make the views. Load the events with actions.selectors.events.list_events."""
    return [
        EventView(
            event=event,
            kind=EventKind(event.kind).label,
            days=describe_days(event.starts_on, event.ends_on),
            whose=event.board.name if event.board else access.area.name,
            moves=tuple(
                (
                    aim.indicator.title,
                    aim.get_way_display().lower(),
                    reverse(
                        "reporting:impact-view",
                        args=[access.area.slug, event.reference.lower(), aim.indicator.code],
                    ),
                )
                for aim in event.aims.all()
            ),
            said=make_said(event.expectations.all()),
            may_change=can_tell_events(access, event.board_id),
        )
        for event in events
    ]


def describe_days(first: date, last: date | None) -> str:
    """ "5 May 2026 to 9 May 2026"."""
    return f"{date_label(first)} to {date_label(last)}" if last and last != first else date_label(first)
