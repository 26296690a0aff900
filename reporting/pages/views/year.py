"""The last two years at a glance: a mark for each month of each indicator."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import month_url
from core.compression import compress_page
from core.kept import keep
from core.months import Month
from indicators.disclosure import Audience
from reporting.models.snapshots import SnapshotState
from reporting.months.presenters.year import year_of_lines
from reporting.months.readings import MonthPage, asked_version
from reporting.months.selectors.lines import list_series
from reporting.pages.cached import Parts


@open_to()
@require_safe
def month_year(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show the newest version that the reader may see, or ?version=1."""
    page = MonthPage(request.access, month, "", asked_version(request))
    snapshot, due_on = page.snapshot, page.calendar.period.due_on
    shown = {
        "state": snapshot.state,
        "superseded": snapshot.version if page.successor else "",
        "indicator_query": page.indicator_query,
    }

    # Everybody who may see this version gets it from the cache, so it must hold nothing personal.
    def make() -> Parts:
        year = year_of_lines(list_series(snapshot), month, due_on, audience=Audience.PARTNERS)
        context = {**shown, "area": area, "month": month, "year": year}
        return Parts(render_to_string("reporting/_year_content.html", context), "")

    which = (month.first_day, due_on, snapshot.pk, snapshot.fingerprint, *shown.values())
    parts = keep(("year", area.pk, area.slug, area.name, *which), make)
    context = {
        "month": month,
        "content": parts.content,
        "month_url": f"{month_url(request.access, month)}{page.query}",
        "marking": page.marking,
    }
    response = render(request, "reporting/month_year.html", context)
    return compress_page(request, response) if snapshot.state == SnapshotState.PUBLISHED else response
