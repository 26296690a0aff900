"""The pages of a region: what its areas agreed to show it, and nothing else."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from boards.models import LEAST_AREAS, Region
from boards.permissions import RegionRequest, noted_as, open_to_region
from boards.presenters.nav import region_nav_html
from core.calendar import Month
from core.database import keep
from core.files.tables import KINDS
from core.pages import NotHeld, download
from indicators.disclosure import USUAL_MARKING, Audience
from reporting.regions.presenters.files import find_made_at, make_indicator_file, make_lines_file, make_month_file
from reporting.regions.presenters.indicator import IndicatorView, view_indicator
from reporting.regions.presenters.lines import view_lines
from reporting.regions.presenters.matrix import find_beyond, make_matrix
from reporting.regions.presenters.states import are_all_published, describe_residents, summarise, view_areas
from reporting.regions.readings import (
    Choices,
    RegionIndicatorPage,
    RegionMonthPage,
    find_newest_month,
    list_shown_months,
    read_choices,
    read_shown_months,
)
from reporting.regions.selectors import find_newest

KIND_LABELS = [(kind, form.label) for kind, form in KINDS.items()]


@open_to_region()
@require_safe
def region_home(request: RegionRequest, region: Region) -> HttpResponse:
    """Send a reader to the newest month; or say what is missing."""
    return go_to_newest(request, "reporting:region-month")


@open_to_region()
@require_safe
def region_lines_newest(request: RegionRequest, region: Region) -> HttpResponse:
    """Send a reader to the lines of the newest month; or say what is missing."""
    return go_to_newest(request, "reporting:region-lines")


def go_to_newest(request: RegionRequest, address: str) -> HttpResponse:
    newest = None if request.in_region.missing else find_newest_month(request.in_region)
    if newest is None:
        return show_waiting(request)
    return HttpResponseRedirect(reverse(address, args=[request.in_region.region.slug, newest]))


def show_waiting(request: RegionRequest) -> HttpResponse:
    """Say that too few areas agreed, or that none has published a month."""
    access, today = request.in_region, timezone.localdate()
    context = {
        "missing": access.missing,
        "least": LEAST_AREAS,
        "areas": view_areas(access.places, {}, Month.of(today), today=today),
        "towns_url": reverse("reporting:region-towns", args=[access.region.slug])
        if access.region.slug in settings.REGION_MAKERS
        else "",
    }
    return show(request, "region_waiting", context)


@open_to_region()
@noted_as("region.read")
@require_safe
def region_month(request: RegionRequest, region: Region, month: Month) -> HttpResponse:
    """Show areas × indicators: ?area=, ?section=, ?signal=yes, ?sort=name, ?as=rates."""
    if (other := find_asked(request)) is not None:
        return HttpResponseRedirect(reverse("reporting:region-month", args=[region.slug, other]))
    if request.in_region.missing:
        return show_waiting(request)
    page, choices = RegionMonthPage(request.in_region, month), read_choices(request.GET)

    def make() -> SafeString:
        return draw_month(page, choices)

    # What filters ask for would soon fill the cache.
    content = make() if choices.are_any else keep(page.depends_on(choices), make, unless=lambda: page.is_ahead)
    return show(request, "region_month", {"content": content}, page)


def draw_month(page: RegionMonthPage, choices: Choices) -> SafeString:
    """Return a region's month without its frame: nothing of the reader may be in it."""
    region, month, figures = page.region, page.month, page.get_figures(with_rates=True, with_verdicts=True)
    areas = view_areas(page.access.places, page.parts, month, today=timezone.localdate())
    url = reverse("reporting:region-month", args=[region.slug, month])
    context = {
        "region": region,
        "month": month,
        "months": [shown_month.month for shown_month in reversed(page.months)],
        "areas": areas,
        "has_rates": any(one.has_rates for one in figures.indicators),
        "rates_url": choices.with_rates,
        "beyond": find_beyond(figures),
        "is_whole": are_all_published(areas),
        "summary": summarise(areas),
        "all_places": page.places,
        "matrix": make_matrix(figures, **asdict(choices)),
        "choices": choices,
        "residents_note": describe_residents(page.names, figures.residents, month) if choices.as_rates else "",
        "url": url,
        "indicators_url": f"{reverse('reporting:region-home', args=[region.slug])}indicators/{{}}/?month={month}",
        "files_url": f"{url}figures.",
        "table_url": f"{reverse('reporting:region-home', args=[region.slug])}table.",
        "kinds": KIND_LABELS,
    }
    return render_to_string("reporting/_region_month_content.html", context)


@open_to_region()
@noted_as("region.read")
@require_safe
def region_indicator(request: RegionRequest, region: Region, code: str) -> HttpResponse:
    """Show an indicator in all areas: ?month=2026-10, ?as=rates, ?over=year."""
    if request.in_region.missing:
        return show_waiting(request)
    months = list_shown_months(request.in_region)
    month = find_asked(request) or find_newest(months)
    if month is None:
        return show_waiting(request)
    page = RegionIndicatorPage(request.in_region, month, code, read_shown_months(request.in_region, month, months))
    as_rates, over_a_year = read_choices(request.GET).as_rates, asks_for_a_year(request)
    title, content = keep(
        page.depends_on(as_rates, over_a_year),
        lambda: draw_indicator(page, read_indicator(request, page), over_a_year=over_a_year),
        unless=lambda: page.is_ahead,
    )
    context = {
        "title": title,
        "content": content,
        "month": month,
        "month_url": reverse("reporting:region-month", args=[region.slug, month]),
    }
    return show(request, "region_indicator", context, page)


def draw_indicator(page: RegionIndicatorPage, view: IndicatorView, *, over_a_year: bool) -> tuple[str, SafeString]:
    """Return an indicator's title, and its page without the frame: nothing of the reader may be in it."""
    region, month = page.region, page.month
    here = reverse("reporting:region-indicator", args=[region.slug, page.code])
    context = {
        "region": region,
        "month": month,
        "months": [shown_month.month for shown_month in reversed(page.months)],
        "view": view,
        "residents_note": describe_residents(page.names, page.residents, month) if view.indicator.has_rates else "",
        "over_a_year": over_a_year,
        "files_url": f"{here}figures.",
        "links": {
            "alone": f"{here}?month={month}",
            "year": f"{here}?month={month}&over=year",
            "counts": f"{here}?month={month}",
            "rates": f"{here}?month={month}&as=rates",
        },
        "files_query": f"?month={month}{'&over=year' if over_a_year else ''}",
        "kinds": KIND_LABELS,
    }
    return view.line.title, render_to_string("reporting/_region_indicator_content.html", context)


@open_to_region()
@noted_as("region.read")
@require_safe
def region_lines(request: RegionRequest, region: Region, month: Month) -> HttpResponse:
    """Show where lines into every area come from: one map, and a table."""
    if (other := find_asked(request)) is not None:
        return HttpResponseRedirect(reverse("reporting:region-lines", args=[region.slug, other]))
    if request.in_region.missing:
        return show_waiting(request)
    page = RegionMonthPage(request.in_region, month)
    here = reverse("reporting:region-lines", args=[region.slug, month])
    context = {
        "months": [shown_month.month for shown_month in reversed(page.months)],
        "views": view_lines(page.list_origin_cells(), page.partners, page.parts, page.find_greatest()),
        "partners": page.partners,
        "files_url": f"{here}figures.",
        "kinds": KIND_LABELS,
    }
    return show(request, "region_lines", context, page)


@open_to_region()
@noted_as("region.file_read")
@require_safe
def region_lines_file(request: RegionRequest, region: Region, month: Month, kind: str) -> HttpResponse:
    """Return the lines as a file. Raises NotHeld."""
    page = RegionMonthPage(request.in_region, check_month(request, month))
    views = view_lines(page.list_origin_cells(), page.partners, page.parts, {})
    return download(make_lines_file(region, month, views, page.parts, marking=page.marking), kind)


@open_to_region()
@noted_as("region.file_read")
@require_safe
def region_month_file(request: RegionRequest, region: Region, month: Month, kind: str) -> HttpResponse:
    """Return the month as a file. Raises NotHeld."""
    page = RegionMonthPage(request.in_region, check_month(request, month))
    return download(make_month_file(region, page.get_figures(with_rates=True), marking=page.marking), kind)


@open_to_region()
@noted_as("region.file_read")
@require_safe
def region_indicator_file(request: RegionRequest, region: Region, code: str, kind: str) -> HttpResponse:
    """Return an indicator as a file: ?month=2026-10. Raises NotHeld."""
    month = check_month(request, find_asked(request) or find_newest_month(request.in_region))
    page = RegionIndicatorPage(request.in_region, month, code)
    view = read_indicator(request, page)
    made_at = find_made_at(page.parts)
    return download(make_indicator_file(region, view, page.get_figures(), marking=page.marking, made_at=made_at), kind)


def check_month(request: RegionRequest, month: Month | None) -> Month:
    """Return the month of a file. Raises NotHeld while too few areas agreed, or if there is no month."""
    if request.in_region.missing or month is None:
        name = request.in_region.region.name
        raise NotHeld(f"{name} has no figures: at least {LEAST_AREAS} areas have to show theirs.")
    return month


def read_indicator(request: RegionRequest, page: RegionIndicatorPage) -> IndicatorView:
    """Return an indicator as the address asks for it."""
    return view_indicator(
        page.get_figures(with_rates=True),
        page.indicator,
        page.lines,
        page.own,
        as_rates=read_choices(request.GET).as_rates,
        over_a_year=asks_for_a_year(request),
    )


def asks_for_a_year(request: RegionRequest) -> bool:
    return request.GET.get("over") == "year"


def show(
    request: RegionRequest,
    template: str,
    context: dict[str, Any],
    page: RegionMonthPage | None = None,
    *,
    month: Month | None = None,
    marking: str = "",
) -> HttpResponse:
    """Return a region's page with its menu. A month's marking is the strictest of the areas' months."""
    if page is not None:
        month, marking = page.month, page.marking
    frame = {
        "region": request.in_region.region,
        "month": month,
        "marking": marking or USUAL_MARKING[Audience.PARTNERS],
        "nav_html": region_nav_html(request.in_region, month, here=request.path),
    }
    return render(request, f"reporting/{template}.html", frame | context)


def find_asked(request: RegionRequest) -> Month | None:
    """Return the month that the page's form asks for. Raises NotHeld if it isn't a month."""
    text = str(request.GET.get("month", "")).replace("\x00", "")[:40]
    try:
        return Month.parse(text) if text else None
    except ValueError as wrong:
        raise NotHeld(str(wrong)) from wrong
