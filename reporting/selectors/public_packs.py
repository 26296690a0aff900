"""Which packs may anybody read? Those for the public, as long as what they show is public."""

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Length

from indicators.disclosure import Audience, Marking
from indicators.models import MonthMarking
from indicators.selectors.markings import or_usual
from reporting.models import IssuedPack
from reporting.selectors import NotHeld


def packs_for_the_public(slug: str) -> list[IssuedPack]:
    """The newest first, each with its edition and the edition's withdrawal, where there is one; `size` is that of the
    file. One query."""
    return [pack for pack in public_packs(slug) if not hasattr(pack.edition, "withdrawal") and is_for_the_public(pack)]


def find_public_pack(slug: str, reference: str) -> IssuedPack:
    """One of them, or one whose edition was withdrawn. One query. Raises NotHeld."""
    pack = public_packs(slug).filter(reference=reference).first()
    if pack is None or not is_for_the_public(pack):
        raise NotHeld("There is no such page, or it isn’t public.")
    return pack


def public_packs(slug: str) -> QuerySet[IssuedPack]:
    marked = MonthMarking.objects.filter(period=OuterRef("period"), audience=Audience.PUBLIC.value).order_by("-id")
    return (
        IssuedPack.objects.filter(
            audience=Audience.PUBLIC.value, period__area__slug=slug, period__area__has_public_pages=True
        )
        .select_related("period__area", "board", "edition__withdrawal")
        .defer("content", "pdf")
        .annotate(size=Length("pdf"), marked=Subquery(marked.values("marking")[:1]))
    )


def is_for_the_public(pack: IssuedPack) -> bool:
    """A month that is marked OFFICIAL-SENSITIVE goes off the public pages, and its packs with it."""
    return or_usual(pack.marked, Audience.PUBLIC) is not Marking.SENSITIVE  # type: ignore[attr-defined]
