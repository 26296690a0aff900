"""Finds the highlights of a month, and those that the public may read."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from actions.models import Highlight
from boards.models import Board, PartnershipArea
from core.calendar import Month
from core.files import objects
from core.models import StoredObject

PICTURES = ("picture", "picture_small")


def list_highlights(area: PartnershipArea) -> QuerySet[Highlight]:
    """Return an area's highlights, including archived ones: newest first, each with its strand and boards."""
    highlights = Highlight.objects.filter(area=area).select_related("strand")
    return highlights.prefetch_related("boards").order_by("-starts_on", "-id")


def highlights_in(
    area: PartnershipArea, first: date, last: date, *, board: Board | None = None, public_only: bool = False
) -> list[Highlight]:
    """Return those whose days are partly between two days, without archived ones, newest first; for one board if given.
    Two queries."""
    return list(_between(list_highlights(area), first, last, board=board, public_only=public_only))


def _between(
    highlights: QuerySet[Highlight], first: date, last: date, *, board: Board | None, public_only: bool
) -> QuerySet[Highlight]:
    shown = highlights.filter(archived_at__isnull=True, starts_on__lte=last)
    shown = shown.annotate(last_day=Coalesce("ends_on", F("starts_on"))).filter(last_day__gte=first)
    if board is not None:
        shown = shown.filter(boards=board)
    return shown.filter(is_public=True) if public_only else shown


def get_pictures(highlights: Iterable[Highlight]) -> dict[int, bytes]:
    """Return the pictures by the highlight's key. One query, or none if there are no pictures. Raises
    objects.Unreadable."""
    names = {highlight.pk: highlight.picture_id for highlight in highlights if highlight.picture_id}
    if not names:
        return {}
    stored = StoredObject.objects.in_bulk(set(names.values()))
    return {key: objects.read(stored[name]) for key, name in names.items() if name in stored}


def count_public(area: str, month: Month) -> Coalesce:
    """Count the highlights of a month that anybody may read, in the area that a field leads to: to annotate other rows
    with."""
    of_area = Highlight.objects.filter(area=OuterRef(area))
    readable = _between(of_area, month.first_day, month.last_day, board=None, public_only=True)
    counted = readable.order_by().values("area").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


class MonthHighlight(NamedTuple):
    """What a month's page shows of a highlight, with the page's own names."""

    pk: int
    kind: str
    title: str
    starts_on: date
    ends_on: date | None
    story: str
    reach: int | None
    reach_of: str
    picture_alt: str
    picture_width: int | None
    picture_height: int | None
    strand: str


def told_in(
    area: PartnershipArea, month: Month, *, board: Board | None = None, public_only: bool = False
) -> list[MonthHighlight]:
    """Return the highlights in a month, with only what its page shows. One query."""
    of_area = Highlight.objects.filter(area=area)
    highlights = _between(of_area, month.first_day, month.last_day, board=board, public_only=public_only)
    rows = highlights.order_by("-starts_on", "-pk").values_list("pk", *MonthHighlight._fields[1:-1], "strand__name")
    return [MonthHighlight._make(row) for row in rows]


# --- For the public ---------------------------------------------------------------------------------


class PublicPicture(NamedTuple):
    """What we know of a public picture before we read it."""

    key: int
    sha256: str  # of the large one, which identifies both
    name: str  # of its field
    media_type: str
    starts_on: date
    ends_on: date | None


def public_picture(slug: str, key: int, *, is_small: bool) -> PublicPicture | None:
    """Return the picture of a highlight that the public may read. One query, which doesn't read the picture."""
    # Here and not in the view: nobody can read a public picture without these conditions.
    readable = Q(is_public=True, archived_at__isnull=True, area__slug=slug, area__has_public_pages=True)
    name = PICTURES[is_small]
    rows = Highlight.objects.filter(readable, pk=key, picture__isnull=False).values_list(
        "picture_id", f"{name}__media_type", "starts_on", "ends_on"
    )
    return next((PublicPicture(key, sha256, name, kind, *days) for sha256, kind, *days in rows), None)


def read_public_picture(picture: PublicPicture) -> bytes | None:
    """Return the picture; None if the highlight now has another one or none. One query. Raises objects.Unreadable."""
    # Only for what public_picture returned: this doesn't ask again whether the public may see it.
    sha256s = Highlight.objects.filter(pk=picture.key, picture=picture.sha256).values(picture.name)
    stored = StoredObject.objects.filter(pk__in=sha256s).first()
    return None if stored is None else objects.read(stored)
