"""Figures as files: a month, an indicator, the whole history; and the page that lists the files."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea, Region
from boards.permissions import AreaRequest, RegionRequest, noted_as, open_to, open_to_region
from core.calendar import Month
from core.files.tables import KINDS, DataFile
from core.pages import NotHeld, download
from indicators.disclosure import Audience
from indicators.permissions import can_import
from reporting.exports.presenters.history import make_history_file
from reporting.exports.presenters.months import (
    make_month_file,
    make_public_series_file,
    make_series_file,
    view_for_partners,
    view_of_edition,
)
from reporting.exports.presenters.table import find_partners_sources, find_region_sources
from reporting.months.presenters.month import month_view
from reporting.months.presenters.shapes import MonthView
from reporting.months.presenters.words import describe_version
from reporting.months.readings import IndicatorPage, ShownMonth, asked_month, asked_version
from reporting.months.selectors import VersionShown, list_lines, newest_versions
from reporting.months.tasks import bring_up_to_date
from reporting.open_editions import PublicMonth
from reporting.public import selectors as public_editions
from reporting.public.presenters.files import Wanted
from reporting.public.presenters.table import Source, find_public_sources, make_table_file

NEWEST = 12  # months that the page lists


@open_to()
@require_safe
def exports(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List what people can download, for whom, and what isn't there yet."""
    bring_up_to_date(area)
    versions = newest_versions(area, include_drafts=request.access.can_see_drafts)
    if not versions:
        sentence = f"No month of {area.name} is published yet. Figures appear here once the coordinator publishes one."
        raise NotHeld(sentence)
    newest = versions[-1]
    newest.period.area = area
    lines = list_lines(newest)
    public = public_months(area)
    public_codes = {line.indicator_code for some in public_editions.lines_of_months(public).values() for line in some}
    numbers = {month.month: month.number for month in public}
    view = month_view(newest, lines, area=area, period=newest.period, audience=Audience.PARTNERS, marking="")
    context = {
        "area": area,
        "kinds": [(kind, file_kind.label) for kind, file_kind in KINDS.items()],
        "months": [
            (version.period.month, describe_version(version), numbers.get(version.period.month))
            for version in reversed(versions[-NEWEST:])
        ],
        "older": len(versions) > NEWEST,
        "all_months": [version.period.month for version in reversed(versions)],
        "indicators": [(line.code, line.title, line.code in public_codes) for line in view.indicators],
        "newest": view,
        "public": public,
        "takes_history": can_import(request.access),
        "table_url": f"{reverse('reporting:exports', args=[area.slug])}table.",
        "history_url": f"{reverse('reporting:exports', args=[area.slug])}history.",
    }
    return render(request, "reporting/exports.html", context)


@open_to()
@require_safe
def month_file(request: AreaRequest, area: PartnershipArea, month: Month, kind: str) -> HttpResponse:
    """Return every line of the month as a file: ?version=1, ?audience=public."""
    shown = ShownMonth(request.access, month, asked_version(request))
    if read_audience(request) is Audience.PUBLIC:
        # The public's figures come from an edition, never from the lines of this version.
        return download(make_month_file(public_month(area, month)), kind)
    version = VersionShown(shown.snapshot, shown.calendar.period, shown.successor)
    return download(make_month_file(view_for_partners(version)), kind)


@open_to()
@require_safe
def indicator_file(request: AreaRequest, area: PartnershipArea, code: str, kind: str) -> HttpResponse:
    """Return the indicator's page as a file: ?month=2026-10, ?version=1, ?audience=public."""
    page = IndicatorPage(request.access, code, month=asked_month(request), version=asked_version(request))
    if read_audience(request) is Audience.PUBLIC:
        return download(public_indicator(area, code), kind)
    in_force = [text for since, text in page.set_up.definitions if Month.of(since) <= page.view.month]
    file = make_series_file(page.view, definition=in_force[-1] if in_force else "", source=page.set_up.source)
    return download(file, kind)


@open_to()
@require_safe
def history_file(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    """Return all months in one file: ?audience=public, ?indicator=pwits, ?month=2026-10."""
    bring_up_to_date(area)
    file = make_history_file(
        area,
        audience=read_audience(request),
        include_drafts=request.access.can_see_drafts,
        wanted=Wanted(read_parameter(request, "indicator"), asked_month(request)),
    )
    return download(file, kind)


@open_to()
@require_safe
def table_file(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    """Return the long table of all published months: ?audience=public."""
    audience, sources = read_audience(request), list[Source]()
    if audience is Audience.PARTNERS:
        sources += find_partners_sources([area.pk])
    else:
        sources += find_public_sources([area.pk])
    return download(make_table_file(sources, stem=area.slug, title=area.name, audience=audience), kind)


@open_to_region()
@noted_as("region.file_read")
@require_safe
def region_table_file(request: RegionRequest, region: Region, kind: str) -> HttpResponse:
    """Return the long table of what a region's areas show. Raises NotHeld."""
    sources = find_region_sources(request.in_region)
    file = make_table_file(sources, stem=region.slug, title=region.name, audience=Audience.PARTNERS)
    return download(file, kind)


def read_parameter(request: AreaRequest, name: str) -> str:
    # PostgreSQL refuses a NUL.
    return str(request.GET.get(name, "")).replace("\x00", "")[:40]


def read_audience(request: AreaRequest) -> Audience:
    """Return the audience in the address; partners if it has none. Raises NotHeld."""
    text = read_parameter(request, "audience")
    try:
        return Audience(text) if text else Audience.PARTNERS
    except ValueError:
        names = " or ".join(audience.value for audience in Audience)
        raise NotHeld(f"There is no audience “{text}”: choose {names}.") from None


def public_months(area: PartnershipArea) -> list[PublicMonth]:
    """Return the months that anybody may read, the newest first."""
    try:
        return public_editions.public_months(area.slug)
    except NotHeld:
        return []


def public_month(area: PartnershipArea, month: Month) -> MonthView:
    """Return the month in its newest edition. Raises NotHeld."""
    try:
        return view_of_edition(public_editions.find_public(area.slug, month))
    except NotHeld:
        sentence = (
            f"{month.label} isn’t public. To make it public, the coordinator must ask and an information "
            "officer must approve."
        )
        raise NotHeld(sentence) from None


def public_indicator(area: PartnershipArea, code: str) -> DataFile:
    """Return the indicator in the newest edition that shows it. Raises NotHeld."""
    months = public_months(area)
    lines = public_editions.read_editions(
        months, lambda using: public_editions.lines_of_months(months, code=code, using=using)
    )
    for month in months:
        if lines[month.key]:
            return make_public_series_file(month, lines[month.key])
    raise NotHeld(f"No figures for “{code}” are public yet.")
