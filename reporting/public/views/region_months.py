"""The pages of a region that anybody may read. They answer as an area's public pages do (reporting.public.answers)."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header

from core.calendar import Month
from core.files.tables import KINDS
from reporting.public.answers import Page, anybody
from reporting.public.presenters.region_files import make_region_file
from reporting.public.presenters.region_indicator import make_indicator_file
from reporting.public.presenters.region_month import SERIES, published_on, region_view
from reporting.public.region_readings import PublicIndicatorPage
from reporting.public.region_selectors import RegionMonth, find_region_month, list_region_months, list_series


@anybody
def public_list(request: HttpRequest, county: str) -> Page:
    """List the months of a region that are public, the newest first."""
    months = list_region_months(county)
    listed = [(month.month, month.number, published_on(month)) for month in months]

    def make() -> str:
        context = {
            "region_name": months[0].name,
            "home_url": reverse("region-public:list", args=[county]),
            "months": [
                (month, number, day, reverse("region-public:month", args=[county, month]))
                for month, number, day in listed
            ],
        }
        return render_to_string("reporting/public_region_list.html", context)

    return Page(("region", county, months[0].name, listed), make)


@anybody
def public_month(request: HttpRequest, county: str, month: Month) -> Page:
    """Show a region's month: each area's figures, the totals, and why some aren't shown."""
    region_month = find_region_month(county, month)
    series = list_series(county, month + -(SERIES - 1), month)

    def make() -> str:
        context = {
            "region_name": region_month.name,
            "marking": region_month.marking.value,
            "home_url": reverse("region-public:list", args=[county]),
            "view": region_view(region_month, series),
            "files": [
                (kind.label, reverse(f"region-public:month-{name}", args=[county, month]))
                for name, kind in KINDS.items()
            ],
        }
        return render_to_string("reporting/public_region_month.html", context)

    # Whatever the page shows must be in its tag, or readers keep an old page.
    return Page(
        ("region", *list_dependencies(region_month), [(one.month, one.number, one.fingerprint) for one in series]), make
    )


@anybody
def public_file(request: HttpRequest, county: str, month: Month, kind: str) -> Page:
    """Return a region's month as open data."""
    region_month = find_region_month(county, month)
    form = KINDS[kind]

    def make() -> bytes:
        return form.write(make_region_file(region_month))

    name = content_disposition_header(True, f"{region_month.slug}-{region_month.month}.{kind}") or ""
    return Page(("region", *list_dependencies(region_month)), make, form.content_type, {"Content-Disposition": name})


@anybody
def public_indicator(request: HttpRequest, county: str, month: Month, code: str) -> Page:
    """Show an indicator in all areas of a region: ?as=rates, ?over=year."""
    page = PublicIndicatorPage(county, month, code)
    as_rates, over_a_year = request.GET.get("as") == "rates", request.GET.get("over") == "year"
    here = reverse("region-public:indicator", args=[county, month, code])

    def make() -> str:
        indicator_page = page.make_view(as_rates=as_rates, over_a_year=over_a_year)
        context = {
            "region_name": page.region_month.name,
            "marking": page.region_month.marking.value,
            "home_url": reverse("region-public:list", args=[county]),
            "month_url": reverse("region-public:month", args=[county, month]),
            "found": indicator_page,
            "view": indicator_page.view,
            "month": month,
            "residents_note": indicator_page.residents_note,
            "over_a_year": over_a_year,
            "links": {"alone": here, "year": f"{here}?over=year", "counts": here, "rates": f"{here}?as=rates"},
            "files": [
                (kind.label, reverse(f"region-public:indicator-{name}", args=[county, month, code]))
                for name, kind in KINDS.items()
            ],
        }
        return render_to_string("reporting/public_region_indicator.html", context)

    return Page(("region-indicator", code, as_rates, over_a_year, *list_indicator_dependencies(page)), make)


@anybody
def public_indicator_file(request: HttpRequest, county: str, month: Month, code: str, kind: str) -> Page:
    """Return an indicator of a region, month by month, as open data."""
    page, form = PublicIndicatorPage(county, month, code), KINDS[kind]

    def make() -> bytes:
        return form.write(make_indicator_file(page.region_month, page.make_view()))

    name = content_disposition_header(True, f"{county}-{code}-{month}.{kind}") or ""
    return Page(
        ("region-indicator", code, *list_indicator_dependencies(page)),
        make,
        form.content_type,
        {"Content-Disposition": name},
    )


def list_indicator_dependencies(page: PublicIndicatorPage) -> tuple[object, ...]:
    """Return what a page of one indicator depends on. The areas' own editions never change."""
    return *list_dependencies(page.region_month), [(one.month, one.number, one.fingerprint) for one in page.series]


def list_dependencies(region_month: RegionMonth) -> tuple[object, ...]:
    return (
        region_month.slug,
        region_month.name,
        region_month.month,
        region_month.number,
        region_month.fingerprint,
        region_month.marking,
        published_on(region_month),
    )
