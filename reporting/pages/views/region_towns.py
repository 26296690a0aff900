"""The page that makes the towns of a demonstration's region, one with each request."""

from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from boards.models import Region
from boards.region_permissions import RegionRequest, open_to_region
from core.form_pages import ANY_FORM


class Maker(Protocol):
    """A module that makes the areas of one region."""

    def list_towns(self) -> list[dict[str, Any]]: ...

    def list_left(self, region: Region) -> list[dict[str, Any]]: ...

    def make_next_town(self, region: Region) -> str: ...


def find_maker(region: Region) -> Maker | None:
    """Return what makes the region's areas; None for a real region. By name, because the demonstration is above us."""
    name = settings.REGION_MAKERS.get(region.slug)
    return cast("Maker", import_module(name)) if name else None


@open_to_region(and_operator=True)
@require_http_methods(ANY_FORM)
def region_towns(request: RegionRequest, region: Region) -> HttpResponse:
    """Make the next town, and show how many are made. The page's script asks for the next one until all are there."""
    maker = find_maker(region)
    if maker is None:
        raise Http404("This page doesn't exist, or you can't open it.")
    here = reverse("reporting:region-towns", args=[region.slug])
    if request.method == "POST":
        made = maker.make_next_town(region)
        if not made:
            messages.success(request, "All towns are made.")
        return redirect(f"{here}?going=on" if made and maker.list_left(region) else here)
    left = [town["name"] for town in maker.list_left(region)]
    names = [town["name"] for town in maker.list_towns()]
    context = {
        "region": region,
        "in_region": request.in_region,
        "names": [name for name in names if name not in left],
        "left": left,
        "total": len(names),
        "is_going_on": "going" in request.GET and bool(left),
    }
    return render(request, "reporting/region_towns.html", context)
