"""Which packs may anybody read? Those for the public, as long as what they show is public."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Length

from actions.models import Highlight
from core.not_held import NotHeld
from indicators.disclosure import Audience, Marking
from indicators.models.disclosure import MonthMarking
from indicators.selectors.markings import or_usual
from reporting.models.packs import IssuedPack, PackPhoto

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Read(TypedDict):
    """What is read with a pack: how many bytes its file has, and how its month is marked now."""

    size: int
    marked: str | None


type PublicPack = WithAnnotations[IssuedPack, Read]


def packs_for_the_public(slug: str) -> list[PublicPack]:
    """The newest first, each with its edition. Two queries."""
    packs = [pack for pack in public_packs(slug) if not hasattr(pack.edition, "withdrawal") and is_for_the_public(pack)]
    gone = gone_from(packs)
    return [pack for pack in packs if pack.pk not in gone]


def find_public_pack(slug: str, reference: str) -> PublicPack:
    """One of them, or one whose edition was withdrawn. One query. Raises NotHeld."""
    pack = public_packs(slug).filter(reference=reference).first()
    if pack is None or not is_for_the_public(pack):
        raise NotHeld("There is no such page, or it isn’t public.")
    return pack


def public_packs(slug: str) -> QuerySet[PublicPack]:
    marked = MonthMarking.objects.filter(period=OuterRef("period"), audience=Audience.PUBLIC.value).order_by("-id")
    return (
        IssuedPack.objects.filter(
            audience=Audience.PUBLIC.value, period__area__slug=slug, period__area__has_public_pages=True
        )
        .select_related("period__area", "board", "edition__withdrawal")
        .defer("pdf")
        .annotate(size=Length("pdf"), marked=Subquery(marked.values("marking")[:1]))
    )


def public_photo(pack: IssuedPack, sha256: str) -> bytes:
    """A picture that a public pack tells of. One query."""
    return bytes(PackPhoto.objects.values_list("content", flat=True).get(pack=pack, sha256=sha256))


def gone_from(packs: Iterable[IssuedPack]) -> set[int]:
    """Those of the packs that tell a highlight which the public may not read any more. Two queries at most."""
    told = {pack.pk: highlights_in(pack.content) for pack in packs}
    keys = {key for several in told.values() for key in several}
    shown = set(Highlight.objects.filter(pk__in=keys, is_public=True, archived_at=None).values_list("pk", flat=True))
    return {pack for pack, several in told.items() if not several <= shown}


def highlights_in(content: dict[str, Any]) -> set[int]:
    """The highlights that a pack tells, by the keys of their headings."""
    headings = (
        block["key"]
        for chapter in content["chapters"]
        if chapter["key"] == "highlights"
        for block in chapter["blocks"]
        if block["kind"] == "heading"
    )
    return {int(key.removeprefix("highlight-")) for key in headings}


def is_for_the_public(pack: PublicPack) -> bool:
    """A month that is marked OFFICIAL-SENSITIVE goes off the public pages, and its packs with it."""
    return or_usual(pack.marked, Audience.PUBLIC) is not Marking.SENSITIVE
