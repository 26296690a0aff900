"""Finds the packs that anybody may read: those for the public, while what they show is public."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import F, OuterRef, QuerySet, Subquery

from actions.models import Highlight
from core.files import objects
from core.pages import NotHeld
from indicators.disclosure import Audience, Marking
from indicators.models.disclosure import MonthMarking
from indicators.selectors.disclosure import or_usual
from reporting.models.packs import IssuedPack, PackPhoto
from reporting.open_editions import NO_PAGE

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Read(TypedDict):
    """Columns read with a pack: its file's size in bytes, and its month's present marking."""

    size: int
    marked: str | None


type PublicPack = WithAnnotations[IssuedPack, Read]


def packs_for_the_public(slug: str) -> list[PublicPack]:
    """Return public packs, the newest first, each with its edition. Two queries."""
    there = public_packs(slug).filter(removed_on__isnull=True)
    packs = [pack for pack in there if not hasattr(pack.edition, "withdrawal") and is_for_the_public(pack)]
    gone = gone_from(packs)
    return [pack for pack in packs if pack.pk not in gone]


def find_public_pack(slug: str, reference: str) -> PublicPack:
    """Return one of them, or one whose edition was withdrawn. One query. Raises NotHeld."""
    pack = public_packs(slug).filter(reference=reference).first()
    if pack is None or not is_for_the_public(pack):
        raise NotHeld(NO_PAGE)
    return pack


def public_packs(slug: str) -> QuerySet[PublicPack]:
    # The newest marking applies.
    marked = MonthMarking.objects.filter(period=OuterRef("period"), audience=Audience.PUBLIC.value).order_by("-id")
    return (
        IssuedPack.objects.filter(
            audience=Audience.PUBLIC.value, period__area__slug=slug, period__area__has_public_pages=True
        )
        .select_related("period__area", "board", "edition__withdrawal")
        .annotate(size=F("pdf__size"), marked=Subquery(marked.values("marking")[:1]))
    )


def public_photo(pack: IssuedPack, sha256: str) -> bytes:
    """Return a picture in a public pack. One query. Raises objects.Unreadable."""
    return objects.read(PackPhoto.objects.select_related("picture").get(pack=pack, picture=sha256).picture)


def gone_from(packs: Iterable[IssuedPack]) -> set[int]:
    """Return the packs with a highlight that the public may no longer read. At most two queries."""
    by_pack = {pack.pk: highlights_in(pack.content) for pack in packs}
    keys = {key for several in by_pack.values() for key in several}
    shown = set(Highlight.objects.filter(pk__in=keys, is_public=True, archived_at=None).values_list("pk", flat=True))
    return {pack for pack, several in by_pack.items() if not several <= shown}


def highlights_in(content: dict[str, Any]) -> set[int]:
    """Return the highlights in a pack, by the keys of their headings."""
    headings = (
        block["key"]
        for chapter in content["chapters"]
        if chapter["key"] == "highlights"
        for block in chapter["blocks"]
        if block["kind"] == "heading"
    )
    return {int(key.removeprefix("highlight-")) for key in headings}


def is_for_the_public(pack: PublicPack) -> bool:
    """Return whether its month's marking lets the public read it. A month marked OFFICIAL-SENSITIVE leaves the public
    pages, and so do its packs.
    """
    return or_usual(pack.marked, Audience.PUBLIC) is not Marking.SENSITIVE
