"""Finds and removes the pictures of archived highlights, and drafts from meetings, that were kept long enough."""

from datetime import datetime

from django.db.models import F, QuerySet

from actions.models import Highlight, MeetingNote
from boards.retention import Kind, Removed
from core.files import objects


def list_pictures(area: str) -> QuerySet[Highlight]:
    """Return the archived highlights that have a picture, the longest archived first."""
    archived = Highlight.objects.filter(area__slug=area, archived_at__isnull=False, picture__isnull=False)
    return archived.order_by("archived_at", "pk")


def remove_pictures(area: str, before: datetime, limit: int) -> Removed:
    """Remove the pictures and their descriptions. The highlight's text stays; an issued pack has its own copy."""
    highlights = (
        list_pictures(area).filter(archived_at__lt=before).values_list("pk", "picture", "picture_small")[:limit]
    )
    keys = [key for key, *pictures in highlights]
    objects.delete_soon(name for _, *pictures in highlights for name in pictures)
    Highlight.objects.filter(pk__in=keys).update(
        picture=None,
        picture_small=None,
        picture_width=None,
        picture_height=None,
        picture_alt="",
        revision=F("revision") + 1,
    )
    return Removed(len(keys))


def list_notes(area: str) -> QuerySet[MeetingNote]:
    return MeetingNote.objects.filter(area__slug=area).order_by("noted_at", "pk")


def remove_notes(area: str, before: datetime, limit: int) -> Removed:
    keys = list(list_notes(area).filter(noted_at__lt=before).values_list("pk", flat=True)[:limit])
    MeetingNote.objects.filter(pk__in=keys).delete()
    return Removed(len(keys))


NOTE_KINDS = (
    Kind(
        "meeting-notes",
        "Unfinished notes from meetings",
        months=3,
        least=1,
        most=6,
        since="the day on which the note was written",
        why="Decisions go into the minutes, and questions become challenges. After that, or after "
        "the next meeting at the latest, no one needs the draft (UK GDPR, article 5(1)(e)).",
        count=lambda area, before: list_notes(area).filter(noted_at__lt=before).count(),
        find_oldest=lambda area: list_notes(area).values_list("noted_at", flat=True).first(),
        remove=remove_notes,
    ),
)
PICTURE_KINDS = (
    Kind(
        "pictures",
        "Pictures of archived highlights",
        months=12,
        least=1,
        most=84,
        since="the day on which the highlight was archived",
        why="A picture may show people, and once it is archived no one can see it (UK GDPR, article 5(1)(e)). An "
        "issued pack keeps its own copy for as long as the pack itself is kept.",
        count=lambda area, before: list_pictures(area).filter(archived_at__lt=before).count(),
        find_oldest=lambda area: list_pictures(area).values_list("archived_at", flat=True).first(),
        remove=remove_pictures,
        at_once=100,
    ),
)
