"""Finds the drafts that were written down during meetings."""

from django.db.models import Q, QuerySet

from actions.models import MeetingNote, NoteKind
from boards.permissions import Access
from boards.rules import Role


def readable_notes(access: Access) -> QuerySet[MeetingNote]:
    """Return those that this person may read: their own, and for whoever records meetings every decision."""
    if not access.is_any(Role.STRATEGIC, Role.COORDINATOR):
        return MeetingNote.objects.none()
    theirs = Q(noted_by=access.user)
    if access.can_coordinate:
        theirs |= Q(kind=NoteKind.DECISION.value)
    notes = MeetingNote.objects.filter(theirs, area=access.area)
    return notes.select_related("period", "indicator", "action", "noted_by")


def find_note(access: Access, pk: int | None, *kinds: NoteKind) -> MeetingNote | None:
    """Return the note, of one of these kinds if any are given; None also for somebody who can't read it."""
    notes = readable_notes(access).filter(kind__in=[kind.value for kind in kinds or NoteKind])
    return notes.filter(pk=pk).first() if pk is not None else None
