"""Describes the drafts that were written down during meetings, and makes the task to finish them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from actions.models import Challenge, MeetingNote, NoteKind
from actions.permissions import can_note
from actions.presenters.challenges import describe_subject
from actions.presenters.threads import make_query, raise_url
from actions.selectors.notes import readable_notes
from boards.permissions import Access
from boards.todo import Task
from core.calendar import date_label
from core.pages import link_to


@dataclass(frozen=True, slots=True)
class NoteView:
    """A draft as pages show it. `raise_url` opens the form for its challenge; empty for a decision, and for somebody
    who can't raise one."""

    note: MeetingNote
    about: str
    when: str
    raise_url: str

    @property
    def is_decision(self) -> bool:
        return self.note.kind == NoteKind.DECISION


def describe_note(note: MeetingNote, access: Access) -> NoteView:
    """No query, if its parts are loaded."""
    note.area = note.period.area = access.area
    about = describe_about(note)
    day = date_label(timezone.localdate(note.noted_at))
    whose = "You" if note.noted_by_id == access.user.pk else str(note.noted_by)
    is_raised = note.kind == NoteKind.CHALLENGE and can_note(access, NoteKind.CHALLENGE)
    address = make_query(
        indicator=note.indicator.code if note.indicator else "",
        month=note.period.month if note.indicator else None,
        action=note.action.number if note.action else None,
        note=note.pk,
    )
    return NoteView(note, about, f"{whose} noted it on {day}.", raise_url(access, address) if is_raised else "")


def describe_about(note: MeetingNote) -> str:
    if note.indicator is None and note.action is None:
        return note.period.month.label
    period = note.period if note.indicator else None
    # Never saved: it only describes its subject.
    return describe_subject(Challenge(area=note.area, indicator=note.indicator, period=period, action=note.action))


def noting(access: Access, **screen: object) -> Mapping[str, str]:
    """Return where this person writes down a decision and a challenge about what the screen shows, by kind; without
    those that they can't write."""
    return {
        kind.value: f"{link_to('actions:note-add', access.area.slug)}?{make_query(kind=kind.value, **screen)}"  # type: ignore[arg-type]
        for kind in NoteKind
        if can_note(access, kind)
    }


def note_tasks(access: Access) -> list[Task]:
    """Return a task for the drafts that somebody has to finish. One query for those who can write any."""
    number = readable_notes(access).count() if any(can_note(access, kind) for kind in NoteKind) else 0
    if not number:
        return []
    return [
        Task(
            name="Finish a note from a meeting" if number == 1 else f"Finish {number} notes from a meeting",
            url=reverse("actions:note-list", args=[access.area.slug]),
            hint="Raise each challenge, and add each decision to the minutes. We delete drafts after three months.",
            status="open",
            status_label="Draft",
            is_awaited=False,
            number=number,
        )
    ]
