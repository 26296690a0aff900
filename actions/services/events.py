"""Add an event that may have changed figures, change it, and remove it. Nothing is deleted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Event, EventAim, EventKind, Way
from actions.permissions import check_can_tell_events
from actions.services.progress import OUT_OF_RANGE, is_in_range
from boards.models import Board, PartnershipArea
from boards.services.area import changes_between, lock_area, next_number, why_not_chosen
from core import audit
from core.calendar import date_label
from core.database import lock_row
from core.forms.pages import check_revision, checked_reason, is_sent_twice, now_has
from core.labels import TransitionRefused
from core.models import User
from core.texts import one_line
from indicators.models import Indicator

LONGEST_TITLE: int = Event._meta.get_field("title").max_length or 0
LONGEST_SAID_BY: int = Event._meta.get_field("said_by").max_length or 0

MISSING = {
    "title": "Enter in a few words what happened.",
    "said_by": "Enter the source, such as “Police, operations”.",
    "aims": "Choose at least one indicator that it may change.",
}

AHEAD = timedelta(days=366)  # of a planned event

type Aims = tuple[tuple[Indicator, Way], ...]


@dataclass(frozen=True, slots=True)
class EventDraft:
    """The content of an event."""

    kind: EventKind
    title: str
    starts_on: date
    said_by: str
    aims: Aims
    board: Board | None = None
    ends_on: date | None = None


@transaction.atomic
def add_event(area: PartnershipArea, draft: EventDraft, *, by: User) -> Event:
    """Add an event, with the area's next number."""
    check_can_tell_events(area, draft.board, by=by)
    # For the number: two events added together would get the same one.
    lock_area(area)
    event = Event(area=area, number=next_number(Event, area), added_at=timezone.now(), added_by=by)
    _fill(event, draft, current=())
    event.save()
    _set_aims(event, draft.aims)
    details = {"kind": event.kind, "day": str(event.starts_on), "moves": _describe(draft.aims)}
    audit.record("event.added", event, by=by, area=area.slug, **details)
    return event


@transaction.atomic
def change_event(event: Event, draft: EventDraft, *, revision: int, by: User) -> Event:
    """Change an event."""
    event = _begin(event, by=by)
    # For the new board too: a chair mustn't move an event to somebody else's board.
    check_can_tell_events(event.area, draft.board, by=by)
    before = Event.objects.select_related("board").get(pk=event.pk)
    aims: Aims = tuple((aim.indicator, Way(aim.way)) for aim in event.aims.select_related("indicator"))
    _fill(event, draft, current=[indicator.pk for indicator, _ in aims])
    changes = changes_between(before, event)
    saved = [name for name in changes if name != "revision"]
    is_moved = set(aims) != set(draft.aims)
    if not saved and not is_moved:
        return before  # nothing to do, or a form that was sent twice
    check_revision(before, revision, told=now_has(before, changes, name=event.reference))
    event.revision += 1
    event.save(update_fields=[*saved, "revision"])
    if is_moved:
        _set_aims(event, draft.aims)
        changes["moves"] = [_describe(aims), _describe(draft.aims)]
    audit.record("event.changed", event, by=by, area=event.area.slug, changes=changes)
    return event


@transaction.atomic
def remove_event(event: Event, *, why: str, by: User) -> Event:
    """Remove an event from every chart and list. It stays in the database, with the reason."""
    why = checked_reason(why, missing="Say why you are removing it.")
    check_can_tell_events(event.area, event.board, by=by)
    event = _locked(event)
    # Before _check_there, which would refuse the second press.
    if event.removed_at is not None and is_sent_twice(event, removed_why=why, removed_by=by):
        return event
    _check_there(event)
    event.removed_at, event.removed_by, event.removed_why = timezone.now(), by, why
    event.save(update_fields=["removed_at", "removed_by", "removed_why"])
    audit.record("event.removed", event, by=by, area=event.area.slug, why=why)
    return event


def _begin(event: Event, *, by: User) -> Event:
    """Return the event as it is now, locked until the end of the transaction."""
    check_can_tell_events(event.area, event.board, by=by)
    event = _locked(event)
    check_can_tell_events(event.area, event.board, by=by)  # its board may have changed
    _check_there(event)
    return event


def _locked(event: Event) -> Event:
    return lock_row(Event.objects.select_related("area", "board"), event.pk)


def _check_there(event: Event) -> None:
    """Raise TransitionRefused if it was removed."""
    if event.removed_at is not None:
        raise TransitionRefused(f"{event.reference} was removed on {date_label(timezone.localdate(event.removed_at))}.")


def _set_aims(event: Event, aims: Aims) -> None:
    # bulk_create calls no clean(). The triggers of boards.one_area still refuse another area's indicator.
    event.aims.all().delete()
    EventAim.objects.bulk_create(EventAim(event=event, indicator=indicator, way=way.value) for indicator, way in aims)


def _describe(aims: Aims) -> str:
    """Return "arrests fall, lines rise"."""
    return ", ".join(f"{indicator.code} {way.value}" for indicator, way in aims)


# --- A draft, held against the area -----------------------------------------------------------------


def _fill(event: Event, draft: EventDraft, *, current: Collection[int]) -> None:
    """Set an event's fields from a draft; `current` are the indicators that it already names."""
    title, said_by = one_line(draft.title), one_line(draft.said_by)
    errors = _wrong_texts(title, said_by) | _wrong_days(draft) | _wrong_aims(draft.aims, event.area_id, current)
    if draft.board is not None:
        errors["board"] = why_not_chosen(draft.board, area_id=event.area_id, held=[event.board_id])
    if errors := {name: sentence for name, sentence in errors.items() if sentence}:
        raise ValidationError(errors)
    event.kind, event.title, event.said_by = draft.kind.value, title, said_by
    event.board, event.starts_on, event.ends_on = draft.board, draft.starts_on, draft.ends_on


def _wrong_texts(title: str, said_by: str) -> dict[str, str]:
    errors = {}
    for name, words, longest in (("title", title, LONGEST_TITLE), ("said_by", said_by, LONGEST_SAID_BY)):
        if not words:
            errors[name] = MISSING[name]
        elif len(words) > longest:
            errors[name] = f"Shorten this to {longest} characters; it has {len(words):,}."
    return errors


def _wrong_days(draft: EventDraft) -> dict[str, str]:
    days = {"starts_on": draft.starts_on, "ends_on": draft.ends_on}
    errors = {name: OUT_OF_RANGE for name, day in days.items() if day and not is_in_range(day)}
    if not errors and draft.starts_on > timezone.localdate() + AHEAD:
        errors["starts_on"] = "Choose a day at most a year from now."
    if not errors and draft.ends_on and draft.ends_on < draft.starts_on:
        errors["ends_on"] = f"It started on {date_label(draft.starts_on)}: choose a later last day."
    return errors


def _wrong_aims(aims: Aims, area_id: int, current: Collection[int]) -> dict[str, str]:
    if not aims:
        return {"aims": MISSING["aims"]}
    seen: dict[int, Way] = {}
    for indicator, way in aims:
        if why := why_not_chosen(indicator, area_id=area_id, held=current):
            return {"aims": why}
        if seen.setdefault(indicator.pk, way) != way:
            return {"aims": f"You chose both a fall and a rise for {indicator}: choose one of them."}
    if len(seen) < len(aims):
        return {"aims": "You chose the same indicator twice: remove one."}
    return {}
