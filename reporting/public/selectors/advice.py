"""Which advice on the warning signs may anybody read, and which statements of an area?"""

from boards.models import PartnershipArea, PublicAdvice, PublicStatements
from core.not_held import NotHeld
from reporting.public.selectors.editions import NO_PAGE


def find_public_advice(slug: str) -> PublicAdvice:
    """Return the advice of an area whose public pages are on. One query. Raises NotHeld."""
    found = (
        PublicAdvice.objects.filter(is_public=True, area__slug=slug, area__has_public_pages=True)
        .select_related("area")
        .first()
    )
    if found is None:
        raise NotHeld(NO_PAGE)
    return found


def find_public_statements(slug: str) -> PublicStatements:
    """Return what an area whose public pages are on adds to the statements; nothing is saved if it has added nothing.
    One query. Raises NotHeld."""
    areas = PartnershipArea.objects.select_related("statements")
    area = areas.filter(slug=slug.replace("\x00", ""), has_public_pages=True).first()
    if area is None:
        raise NotHeld(NO_PAGE)
    return getattr(area, "statements", None) or PublicStatements(area=area)


def list_areas_with_advice() -> list[PartnershipArea]:
    """Return the areas whose advice anybody may read. One query."""
    return list(PartnershipArea.objects.filter(has_public_pages=True, advice__is_public=True))
