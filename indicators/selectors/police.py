"""Lists the areas that import figures from police open data."""

from django.db.models import Count, Q

from boards.models import PartnershipArea
from indicators.imports.open_data import INDICATOR_OF
from indicators.models import Collection


def list_police_areas() -> list[PartnershipArea]:
    """List the areas with every indicator that a police file fills, collected by import; by name."""
    ours = Q(indicators__code__in=INDICATOR_OF.values(), indicators__collection=Collection.IMPORT.value)
    areas = PartnershipArea.objects.annotate(filled=Count("indicators", filter=ours))
    # Codes are unique within an area, so this many are all of them.
    return list(areas.filter(filled=len(INDICATOR_OF)).order_by("name"))
