"""The areas with public pages, for somebody without an account: on the sign-in page and missing pages."""

from dataclasses import dataclass
from typing import Any

from django import template

from boards.models import PartnershipArea
from reporting.public.region_selectors import list_regions_with_months
from reporting.public.selectors import list_areas_with_advice, list_areas_with_months

register = template.Library()


@dataclass(frozen=True, slots=True)
class OpenArea:
    """An area with public pages, and which of them it has."""

    area: PartnershipArea
    has_months: bool
    has_signs: bool


@register.inclusion_tag("reporting/_open_pages.html")
def open_pages() -> dict[str, Any]:
    """List the areas by name, with links to their public figures and signs, and the regions. Three queries."""
    with_months = {area.pk: area for area in list_areas_with_months()}
    with_signs = {area.pk: area for area in list_areas_with_advice()}
    areas = sorted((with_signs | with_months).values(), key=lambda area: area.name)
    regions = sorted(list_regions_with_months().items(), key=lambda region: region[1])
    return {
        "open_regions": regions,
        "open_areas": [OpenArea(area, area.pk in with_months, area.pk in with_signs) for area in areas],
    }
