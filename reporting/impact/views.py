"""All events with their outcomes; and one event and one indicator, before and after."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, noted_as, open_to
from core.pages import NotHeld, download
from indicators.disclosure import USUAL_MARKING, Audience
from reporting.impact.presenters.forest import make_forest
from reporting.impact.presenters.page import find_impact, make_r_code, make_series_file, read_impact

ON_A_PAGE = 25  # a page's worth, because each may have to be worked out
MARKING = USUAL_MARKING[Audience.PARTNERS]


@open_to()
@require_safe
def impact(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the outcomes, the newest first."""
    everything = read_impact(area)
    page = Paginator(everything.list_pairs(), ON_A_PAGE).get_page(request.GET.get("page"))
    outcomes = everything.list_outcomes(list(page.object_list))
    context = {
        "page": page,
        "outcomes": outcomes,
        "forest": make_forest([*outcomes.told, *outcomes.close]),
        "events_url": reverse("actions:event-list", args=[area.slug]),
        "others": "?",
        "marking": MARKING,
    }
    return render(request, "reporting/impact.html", context)


@open_to()
@require_safe
def impact_view(request: AreaRequest, area: PartnershipArea, event: str, code: str) -> HttpResponse:
    view = find_impact(area, event, code)
    context = {
        "view": view,
        "forest": make_forest([view.outcome]),
        "r_code": make_r_code(view),
        "series_url": reverse("reporting:impact-series", args=[area.slug, event, code]) if view.series else "",
        "marking": MARKING,
    }
    return render(request, "reporting/impact_view.html", context)


@open_to()
@noted_as("file.read")
@require_safe
def impact_series(request: AreaRequest, area: PartnershipArea, event: str, code: str) -> HttpResponse:
    """Return the series as CSV."""
    file = make_series_file(find_impact(area, event, code))
    if file is None:
        raise NotHeld("No published month has a figure for it yet.")
    return download(file, "csv")
