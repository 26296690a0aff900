"""Figures as files: a month's, an indicator's, the whole history's; and the page that says what there is."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from core.months import Month
from indicators.disclosure import Audience
from reporting import presenters, selectors
from reporting.selectors import history, public_editions
from reporting.tasks import roll_up_area
from reporting.views.indicators import IndicatorPage, not_held, seen
from reporting.views.months import MonthPage, asked_version
from reporting.views.nav import nav_html

NEWEST = 12  # months that the page lists


@open_to()
@require_safe
def exports(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """What can be downloaded, for whom; and what isn't there yet."""
    bring_up_to_date(area)
    versions = history.newest_versions(area, include_drafts=request.access.can_see_drafts)
    if not versions:
        sentence = f"No month of {area.name} is published yet. Its figures are here once the coordinator publishes one."
        return not_held(request, selectors.NotHeld(sentence))
    newest = versions[-1]
    newest.period.area = area
    lines = selectors.lines_of(newest)
    public = public_months(area)
    public_codes = {line.indicator_code for some in public_editions.lines_of_months(public).values() for line in some}
    numbers = {month.month: month.number for month in public}
    view = presenters.month_view(newest, lines, area=area, period=newest.period, audience=Audience.PARTNERS, marking="")
    boards = selectors.boards_of(area)
    url = reverse("reporting:exports", args=[area.slug])
    context = {
        "area": area,
        "nav_html": nav_html(request.access, view.month, seen(request.access, boards), here=url),
        "kinds": [(kind, each.label) for kind, each in presenters.KINDS.items()],
        "months": [
            (version.period.month, presenters.version_words(version), numbers.get(version.period.month))
            for version in reversed(versions[-NEWEST:])
        ],
        "older": len(versions) > NEWEST,
        "all_months": [version.period.month for version in reversed(versions)],
        "indicators": [(line.code, line.title, line.code in public_codes) for line in view.wholes],
        "newest": view,
        "public": public,
        "history_url": f"{url}history.",
    }
    return render(request, "reporting/exports.html", context)


@open_to()
@require_safe
def month_file(request: AreaRequest, area: PartnershipArea, month: Month, kind: str) -> HttpResponse:
    """The month's page as a file: ?version=1, ?audience=public."""
    try:
        page = MonthPage(request.access, month, "", asked_version(request))
        view = page.view if asked_audience(request) is Audience.PARTNERS else public_month(area, month)
    except selectors.NotHeld as missing:
        return not_held(request, missing)
    return download(presenters.month_file(view), kind)


@open_to()
@require_safe
def indicator_file(request: AreaRequest, area: PartnershipArea, code: str, kind: str) -> HttpResponse:
    """The indicator's page as a file: ?audience=public."""
    try:
        page = IndicatorPage(request.access, code)
        if asked_audience(request) is Audience.PUBLIC:
            return download(public_indicator(area, code), kind)
    except selectors.NotHeld as missing:
        return not_held(request, missing)
    in_force = [text for since, text in page.set_up.definitions if Month.of(since) <= page.view.month]
    file = presenters.series_file(page.view, definition=in_force[-1] if in_force else "", source=page.set_up.source)
    return download(file, kind)


@open_to()
@require_safe
def history_file(request: AreaRequest, area: PartnershipArea, kind: str) -> HttpResponse:
    """All months in one file: ?audience=public, ?indicator=pwits, ?month=2026-10."""
    bring_up_to_date(area)
    try:
        file = presenters.history_file(
            area,
            audience=asked_audience(request),
            include_drafts=request.access.can_see_drafts,
            wanted=presenters.Wanted(asked(request, "indicator"), asked_month(request)),
        )
    except selectors.NotHeld as missing:
        return not_held(request, missing)
    return download(file, kind)


def download(file: presenters.FiguresFile, kind: str) -> HttpResponse:
    found = presenters.KINDS[kind]
    disposition = content_disposition_header(True, file.name(kind))
    return HttpResponse(
        found.write(file), content_type=found.content_type, headers={"Content-Disposition": disposition}
    )


def bring_up_to_date(area: PartnershipArea) -> None:
    """Nobody sweeps where there is no worker: whoever opens stale months brings them up to date."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        stale = ReportingPeriod.objects.filter(area=area, stale_since__isnull=False)
        if stale.exists():
            roll_up_area.delay(area.pk)


# --- What is asked for ----------------------------------------------------------------------------


def asked(request: AreaRequest, name: str) -> str:
    return str(request.GET.get(name, "")).replace("\x00", "")[:40]


def asked_audience(request: AreaRequest) -> Audience:
    """Partners, unless the address says otherwise. Raises NotHeld."""
    text = asked(request, "audience")
    try:
        return Audience(text) if text else Audience.PARTNERS
    except ValueError:
        known = " or ".join(audience.value for audience in Audience)
        raise selectors.NotHeld(f"There is no audience “{text}”: it is {known}.") from None


def asked_month(request: AreaRequest) -> Month | None:
    """Raises NotHeld."""
    text = asked(request, "month")
    try:
        return Month.parse(text) if text else None
    except ValueError as fault:
        raise selectors.NotHeld(str(fault)) from None


# --- For the public -------------------------------------------------------------------------------


def public_months(area: PartnershipArea) -> list[public_editions.PublicMonth]:
    """Those that anybody may read, the newest first."""
    try:
        return public_editions.public_months(area.slug)
    except selectors.NotHeld:
        return []


def public_month(area: PartnershipArea, month: Month) -> presenters.MonthView:
    """The month in its newest edition. Raises NotHeld."""
    try:
        found = public_editions.find_public(area.slug, month)
    except selectors.NotHeld:
        sentence = f"{month.label} isn’t public. The coordinator asks for that, and an information officer consents."
        raise selectors.NotHeld(sentence) from None
    return presenters.public_view(found, public_editions.lines_of_months([found])[found.key]).month


def public_indicator(area: PartnershipArea, code: str) -> presenters.FiguresFile:
    """The indicator in the newest edition that shows it. Raises NotHeld."""
    months = public_months(area)
    lines = public_editions.lines_of_months(months, code=code)
    for month in months:
        if lines[month.key]:
            return presenters.public_series_file(month, lines[month.key])
    raise selectors.NotHeld(f"Nothing of “{code}” is public yet.")
