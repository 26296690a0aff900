"""The last two years at a glance: a mark for each month of each indicator."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import month_url
from core.months import Month
from indicators.disclosure import Audience
from reporting.months.presenters.year import year_of_lines
from reporting.months.readings import MonthPage, asked_version
from reporting.months.selectors.lines import list_series


@open_to()
@require_safe
def month_year(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show the newest version that the reader may see, or ?version=1."""
    page = MonthPage(request.access, month, "", asked_version(request))
    lines, due_on = list_series(page.snapshot), page.calendar.period.due_on
    context = {
        "month": month,
        "year": year_of_lines(lines, month, due_on, audience=Audience.PARTNERS),
        "state": page.snapshot.state,
        "superseded": page.snapshot.version if page.successor else "",
        "indicator_query": page.indicator_query,
        "month_url": f"{month_url(request.access, month)}{page.query}",
        "marking": page.marking,
    }
    return render(request, "reporting/month_year.html", context)
