"""Where lines came from, month by month: the map of one month, and two years of each origin."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import indicators_url, month_url
from core.months import Month
from core.not_held import NotHeld
from indicators.disclosure import Audience
from reporting.months.presenters.lines_over_time import lines_views
from reporting.months.presenters.month import find_place
from reporting.months.presenters.series import series_of_lines
from reporting.months.presenters.words import describe_version
from reporting.months.readings import MonthPage, asked_version
from reporting.months.selectors.lines import list_series
from reporting.months.selectors.origins import greatest_by_place, newest_versions


@open_to()
@require_safe
def month_lines(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show the newest version that the reader may see, or ?version=1. ?month=2026-09 redirects to that month."""
    # The form's select can't make an address, so it sends a query.
    if "month" in request.GET:
        return HttpResponseRedirect(lines_url(area, find_asked(request)))
    page = MonthPage(request.access, month, "", asked_version(request))
    versions = newest_versions(area, include_drafts=request.access.can_see_drafts)
    most = greatest_by_place(list(versions.values()))
    lines = [line for code in most for line in list_series(page.snapshot, code)]
    lines.sort(key=lambda line: line.position)
    series = series_of_lines(lines, month, page.calendar.period.due_on, audience=Audience.PARTNERS)
    held = sorted(versions)
    around = [month for month in (month.previous, month.next) if month in versions]
    context = {
        "month": month,
        "views": lines_views(series, month, place=find_place(area), most=most),
        "snapshot": page.snapshot,
        "version": describe_version(page.snapshot),
        "is_superseded": page.successor is not None,
        "around": [(one.label, lines_url(area, one)) for one in around],
        "months": held[::-1],
        "month_url": f"{month_url(request.access, month)}{page.query}",
        "indicators_url": indicators_url(area.slug, page.indicator_query),
        "marking": page.marking,
    }
    return render(request, "reporting/month_lines.html", context)


def find_asked(request: AreaRequest) -> Month:
    """Return the month that the select names. Raises NotHeld if it isn't a month."""
    try:
        return Month.parse(str(request.GET["month"]))
    except ValueError as wrong:
        raise NotHeld(str(wrong)) from wrong


def lines_url(area: PartnershipArea, month: Month) -> str:
    return reverse("reporting:month-lines", args=[area.slug, month])
