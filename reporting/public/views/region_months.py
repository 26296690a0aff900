"""The pages of a region that anybody may read. They answer as an area's public pages do (reporting.public.answers)."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from core.calendar import Month
from reporting.public.answers import Page, anybody, list_files, make_file_page
from reporting.public.presenters.files import make_region_file
from reporting.public.presenters.month import published_on
from reporting.public.presenters.region_indicator import make_indicator_file, make_view
from reporting.public.presenters.region_month import SERIES, region_view
from reporting.public.region_selectors import (
    RegionMonth,
    find_indicator,
    find_region_month,
    list_contents,
    list_region_months,
    list_series,
)


@anybody
def public_list(request: HttpRequest, county: str) -> Page:
    """List the months of a region that are public, the newest first."""
    months = list_region_months(county)
    areas = list_areas(list_contents(months[:1])[months[0].key])
    listed = [(month.month, month.number, published_on(month)) for month in months]

    def make() -> str:
        context = {
            "region_name": months[0].name,
            "region_areas": areas,
            "home_url": reverse("region-public:list", args=[county]),
            "months": [
                (month, number, day, reverse("region-public:month", args=[county, month]))
                for month, number, day in listed
            ],
        }
        return render_to_string("reporting/public_region_list.html", context)

    return Page(("region", county, months[0].name, areas, listed), make)


@anybody
def public_month(request: HttpRequest, county: str, month: Month) -> Page:
    """Show a region's month: each area's figures, the totals, and why some aren't shown."""
    region_month = find_region_month(county, month)
    series = list_series(county, month + -(SERIES - 1), month)

    def make() -> str:
        context = make_frame(region_month) | {
            "view": region_view(region_month, series),
            "files": list_files("region-public:month", county, month),
        }
        return render_to_string("reporting/public_region_month.html", context)

    # Whatever the page shows must be in its tag, or readers keep an old page.
    return Page(("region", *list_dependencies(region_month, *series)), make)


@anybody
def public_file(request: HttpRequest, county: str, month: Month, kind: str) -> Page:
    """Return a region's month as open data."""
    region_month = find_region_month(county, month)
    depends_on = ("region", *list_dependencies(region_month))
    return make_file_page(depends_on, kind, f"{county}-{month}", lambda: make_region_file(region_month))


@anybody
def public_indicator(request: HttpRequest, county: str, month: Month, code: str) -> Page:
    """Show an indicator in all areas of a region: ?as=rates, ?over=year."""
    region_month, series = find_indicator(county, month, code)
    as_rates, over_a_year = request.GET.get("as") == "rates", request.GET.get("over") == "year"
    here = reverse("region-public:indicator", args=[county, month, code])

    def make() -> str:
        indicator = make_view(region_month, series, code, as_rates=as_rates, over_a_year=over_a_year)
        context = make_frame(region_month) | {
            "month_url": reverse("region-public:month", args=[county, month]),
            "found": indicator,
            "view": indicator.view,
            "month": month,
            "residents_note": indicator.residents_note,
            "over_a_year": over_a_year,
            "links": {"alone": here, "year": f"{here}?over=year", "counts": here, "rates": f"{here}?as=rates"},
            "files": list_files("region-public:indicator", county, month, code),
        }
        return render_to_string("reporting/public_region_indicator.html", context)

    return Page(("region-indicator", code, as_rates, over_a_year, *list_dependencies(region_month, *series)), make)


@anybody
def public_indicator_file(request: HttpRequest, county: str, month: Month, code: str, kind: str) -> Page:
    """Return an indicator of a region, month by month, as open data."""
    region_month, series = find_indicator(county, month, code)
    depends_on = ("region-indicator", code, *list_dependencies(region_month, *series))
    return make_file_page(
        depends_on,
        kind,
        f"{county}-{code}-{month}",
        lambda: make_indicator_file(region_month, make_view(region_month, series, code)),
    )


def list_areas(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the slug and the name of each area that an edition has figures of."""
    return [(area["slug"], area["name"]) for area in content["areas"]]


def make_frame(region_month: RegionMonth) -> dict[str, Any]:
    """Return what the pages of an edition have in common."""
    return {
        "region_name": region_month.name,
        "region_areas": list_areas(region_month.content),
        "marking": region_month.marking.value,
        "home_url": reverse("region-public:list", args=[region_month.slug]),
    }


def list_dependencies(region_month: RegionMonth, *series: RegionMonth) -> tuple[object, ...]:
    """Return what a page of an edition and of the months beside it depends on. The areas' own editions never change."""
    beside = [(past.month, past.number, past.fingerprint) for past in series]
    return (
        (region_month.slug, region_month.name, region_month.month, region_month.number, region_month.fingerprint),
        (region_month.marking, published_on(region_month), beside),
    )
