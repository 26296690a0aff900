"""Which advice on the warning signs may anybody read?"""

from boards.models import PublicAdvice
from core.not_held import NotHeld


def find_public_advice(slug: str) -> PublicAdvice:
    """Return the advice of an area whose public pages are on. One query. Raises NotHeld."""
    found = (
        PublicAdvice.objects.filter(is_public=True, area__slug=slug, area__has_public_pages=True)
        .select_related("area")
        .first()
    )
    if found is None:
        raise NotHeld("There is no such page, or it isn’t public.")
    return found
