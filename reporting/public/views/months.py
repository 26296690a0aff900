"""The pages that anybody may read.

They read and set no cookie and render a page without its request, so every reader gets the same answer. A reader may
keep a page, but asks each time whether it has changed. The page's tag names everything that it is made of, and the
release that made it.
"""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from actions.presenters.highlights import make_views
from actions.selectors.highlights import MonthHighlight, told_in
from boards.models import PartnershipArea
from core.files import KINDS
from core.months import Month
from indicators.disclosure import Audience
from reporting.months.presenters.year import year_of_lines
from reporting.public.answers import Page, anybody, asked_edition, list_dependencies, make_query
from reporting.public.presenters.kpis import make_kpis
from reporting.public.presenters.month import describe_newest, opening, public_view, published_on
from reporting.public.selectors.editions import PublicMonth, Withdrawn, edition_lines, find_public, public_months


@anybody
def public_list(request: HttpRequest, town: str) -> Page:
    """List the months that are public, the newest first."""
    months = public_months(town)
    area, has_signs = months[0].area, months[0].has_signs
    listed = [(month.month, month.number, published_on(month)) for month in months]

    def make() -> str:
        context = {
            "area": area,
            "home_url": reverse("reporting:public-list", args=[town]),
            "opening": opening(area.name),
            "months": [(month, number, day, public_url(area, month)) for month, number, day in listed],
            "has_signs": has_signs,
        }
        return render_to_string("reporting/public_list.html", context)

    return Page((area.slug, area.name, listed, has_signs), make)


@anybody
def public_month(request: HttpRequest, town: str, month: Month) -> Page:
    """Show a month in its newest edition, or in the one that ?edition=1 names."""
    found = find_public(town, month, asked_edition(request))
    frame = make_frame(found)
    # Highlights change without a new edition, so they are in the tag too.
    told = list_highlights(found)

    def make() -> str:
        context = frame | {
            "view": public_view(found, edition_lines(found)),
            "newest_page": public_url(found.area, month),
            "lines_url": address(found, "lines"),
            "highlights": make_views(told),
            "kpis": make_kpis(found.kpis),
            "has_signs": found.has_signs,
            "files": [(kind.label, address(found, name)) for name, kind in KINDS.items()],
        }
        return render_to_string("reporting/public_month.html", context)

    # Whatever the page shows must be in its tag, or readers keep an old page.
    return Page((*list_dependencies(found), frame["superseded"], told, found.signs), make)


@anybody
def public_about(request: HttpRequest, town: str, month: Month) -> Page:
    """Show what an edition's figures count, what is withheld, and how to read them."""
    found = find_public(town, month, asked_edition(request))
    frame = make_frame(found)

    def make() -> str:
        context = frame | {"view": public_view(found, edition_lines(found))}
        return render_to_string("reporting/public_about.html", context)

    return Page(("about", *list_dependencies(found), frame["superseded"]), make)


@anybody
def public_year(request: HttpRequest, town: str, month: Month) -> Page:
    """Show the last two years at a glance, only from the edition's lines."""
    found = find_public(town, month, asked_edition(request))
    frame = make_frame(found)

    def make() -> str:
        year = year_of_lines(edition_lines(found), month, found.due_on, audience=Audience.PUBLIC)
        return render_to_string("reporting/public_year.html", frame | {"year": year})

    return Page(("year", *list_dependencies(found), frame["superseded"]), make)


def make_frame(found: PublicMonth) -> dict[str, Any]:
    """Return what the pages of an edition have in common."""
    superseded, newest_url = superseded_by(found)
    return {
        "area": found.area,
        "home_url": reverse("reporting:public-list", args=[found.area.slug]),
        "marking": found.marking.value,
        "month": found.month,
        "number": found.number,
        "superseded": superseded,
        "newest_url": newest_url,
        **{f"{name}_url": address(found, name) for name in ("month", "about", "year")},
    }


def address(found: PublicMonth, name: str) -> str:
    """Return the address of a page or a file of this edition."""
    return reverse(f"reporting:public-{name}", args=[found.area.slug, found.month]) + make_query(found)


def list_highlights(month: PublicMonth) -> list[MonthHighlight]:
    """Return the month's public highlights as they are now: an edition has only figures. No query if there are none."""
    return told_in(month.area, month.month, public_only=True) if month.told else []


def superseded_by(month: PublicMonth) -> tuple[str, str]:
    """Return which edition replaced this one, and its address; both empty for the newest. One more query for an older
    edition.
    """
    if month.number == month.newest:
        return "", ""
    try:
        newest = find_public(month.area.slug, month.month)
    except Withdrawn:
        return f"edition {month.newest}, which has been withdrawn", ""
    return describe_newest(newest), public_url(newest.area, newest.month)


def public_url(area: PartnershipArea, month: Month) -> str:
    """Return the address of the newest edition."""
    return reverse("reporting:public-month", args=[area.slug, month])
