"""Search an area for words, in all that somebody may read; the page about the method; and a region's next town."""

from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea, Region
from boards.permissions import Access, AreaRequest, RegionRequest, open_to, open_to_region
from core.pages import NotHeld
from indicators.disclosure import Audience
from indicators.judgement.judge import LEAST_FIGURES
from indicators.judgement.promises import promises
from indicators.trend import SYMBOLS, NoArrowReason
from reporting.models.line_fields import Line
from reporting.models.snapshots import Snapshot
from reporting.months.presenters.words import describe_often
from reporting.months.readings import newest_snapshot, shown_snapshot
from reporting.months.selectors import list_lines
from reporting.pages.presenters.examples import examples
from reporting.pages.presenters.indicators import reach
from reporting.pages.presenters.search import MOST, search
from reporting.pages.selectors import Sought

LONGEST = 200


@open_to()
@require_safe
def search_page(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show the results for ?q=cuckooed by kind, each with a link and a sentence."""
    # PostgreSQL refuses a NUL.
    words = " ".join(str(request.GET.get("q", "")).replace("\x00", "").split())
    fault = find_fault(words) if "q" in request.GET else ""
    context = {"words": words[:LONGEST], "fault": fault, "most": MOST, "longest": LONGEST, "searched": False}
    if words and not fault:
        context["searched"] = True
        context["kinds"] = search(
            request.access,
            Sought(words),
            months=request.months,
            snapshot=find_shown(request.access),
            today=timezone.localdate(),
        )
    return render(request, "reporting/search.html", context)


def find_fault(words: str) -> str:
    """Say what is wrong with the words; empty if nothing is."""
    if not words:
        return "Type at least one word to search for."
    if len(words) > LONGEST:
        return f"Search for at most {LONGEST} letters: this has {len(words)}."
    if not any(letter.isalnum() for letter in words):
        return "Enter a word or a number to search for."
    return ""


def find_shown(access: Access) -> Snapshot | None:
    """Return the month that the list of indicators opens on; None before there is one."""
    try:
        return shown_snapshot(access)[0]
    except NotHeld:
        return None


def lines_of_newest(access: Access) -> list[Line]:
    """Return the lines of the newest month that this reader may see; none before there is one."""
    try:
        return list_lines(newest_snapshot(access))
    except NotHeld:
        return []


@open_to()
@require_safe
def method(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    measured = promises()
    context = {
        "area": area,
        "examples": examples(),
        "least": LEAST_FIGURES,
        "promises": measured,
        "by_chance": [(many, describe_often(many)) for many in (16, 25)],
        "changes": list(next(iter(measured.found.values()))),
        "reach": reach(lines_of_newest(request.access), audience=Audience.PARTNERS),
        "symbols": [(symbol, state.shown.means, state.shown.for_public) for state, symbol in SYMBOLS.items()],
        "no_arrow": [reason.label for reason in NoArrowReason],
    }
    return render(request, "reporting/method.html", context)


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
def region_towns(request: RegionRequest, region: Region) -> HttpResponse:
    """Make the next town, and show how many are made. The page's script asks for the next one until all are there."""
    maker = find_maker(region)
    if maker is None:
        raise Http404("This page doesn't exist, or you can't open it.")
    here = reverse("reporting:region-towns", args=[region.slug])
    if request.method == "POST":
        town = maker.make_next_town(region)
        if not town:
            messages.success(request, "All towns are made.")
        return redirect(f"{here}?going=on" if town and maker.list_left(region) else here)
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
