"""What a template says of a line that the public sees, withheld or rounded, which areas have public pages, and who
publishes a page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings

from boards.models import PartnershipArea
from boards.models.areas import OPEN_LICENCE
from indicators.charts import Sparkline
from indicators.judgement.judge import LEAST_FIGURES
from indicators.trend import IN_WORDS, CellState, NoArrowReason
from reporting.months.presenters.shapes import LineView
from reporting.months.presenters.words import upper_first, why_withheld
from reporting.public.presenters.publisher import make_publisher
from reporting.public.region_selectors import list_regions_with_months
from reporting.public.selectors import list_areas_with_advice, list_areas_with_months

register = template.Library()
ROUNDED = NoArrowReason.ROUNDED.value


@register.filter
def has_line(drawn: Sparkline) -> bool:
    """Return whether enough months are shown for a line."""
    return drawn.path.count("M") + drawn.path.count("L") >= LEAST_FIGURES


@register.filter
def rounded(line: LineView) -> str:
    """ "Rounded to the nearest 5, so it has no arrow"."""
    so = ", so it has no arrow" if line.no_arrow_reason == ROUNDED else ""
    return f"Rounded to the nearest {line.rounded_to}{so}"


@register.filter
def public_sentences(line: LineView) -> Iterator[str]:
    """Yield what a row says before the verdict."""
    if line.rounded_to:
        yield f"{rounded(line)}."
    if line.state is CellState.WITHHELD:
        yield f"{upper_first(why_withheld(line.protected_by))}."
    elif line.no_arrow_reason != ROUNDED:
        yield line.explained + ("." if line.is_figure else "")
    for sentence in line.besides:
        yield f"{sentence}."


@register.filter
def spelt_out(text: str) -> str:
    """Replace the symbol for a figure that isn't shown, or not yet, by words. Only files have the symbol."""
    return IN_WORDS.get(text, text)


@dataclass(frozen=True, slots=True)
class OpenArea:
    """An area with public pages, and which of them it has."""

    area: PartnershipArea
    has_months: bool
    has_signs: bool


@register.inclusion_tag("reporting/_open_pages.html")
def open_pages() -> dict[str, Any]:
    """List the areas by name, with links to their public figures and signs, and the regions: for people without an
    account. Three queries."""
    with_months = {area.pk: area for area in list_areas_with_months()}
    with_signs = {area.pk: area for area in list_areas_with_advice()}
    areas = sorted((with_signs | with_months).values(), key=lambda area: area.name)
    regions = sorted(list_regions_with_months().items(), key=lambda region: region[1])
    return {
        "open_regions": regions,
        "open_areas": [OpenArea(area, area.pk in with_months, area.pk in with_signs) for area in areas],
    }


@register.inclusion_tag("reporting/_publisher.html", takes_context=True)
def publisher(context: Mapping[str, Any]) -> dict[str, Any]:
    """Say who publishes the page and whom to ask: the page's area or region, or else who runs the service. No query."""
    area = context.get("area")
    return {
        "publisher": make_publisher(area) if area else None,
        "licence_url": OPEN_LICENCE,
        "region_name": context.get("region_name"),
        "region_areas": context.get("region_areas"),
        "provider": settings.PROVIDER,
        "contact": settings.CONTACT,
    }
