"""The month for a wall, in large type and without the menu; and one indicator's chart in the same way."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import month_url
from core.months import Month
from core.not_held import NotHeld
from indicators.disclosure import Audience
from reporting.months.presenters.series import SeriesView, series_view
from reporting.months.readings import MonthPage, asked_version
from reporting.months.selectors.lines import list_series


@open_to()
@require_safe
def month_present(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show the newest version that the reader may see, or ?version=1. ?chart= has an indicator's code."""
    page = MonthPage(request.access, month, "", asked_version(request))
    # PostgreSQL refuses a NUL.
    code = request.GET.get("chart", "").replace("\x00", "")
    context = {
        "month": month,
        "view": page.view,
        "marking": page.marking,
        "leave_url": month_url(request.access, month) + page.query,
        "present_url": request.path,
        "query": page.query,
        "glance": page.glance,
        **{f"{name}_url": url for name, url in find_neighbours(page).items()},
    }
    if code:
        return render(request, "reporting/month_present_chart.html", context | {"chart": read_chart(page, code)})
    breakdowns = [table for section in page.view.sections for table in section.breakdowns]
    return render(request, "reporting/month_present.html", context | {"breakdowns": breakdowns})


def find_neighbours(page: MonthPage) -> dict[str, str]:
    """Return the addresses of the months before and after, if this reader may read them."""
    around = {"previous": page.calendar.before, "next": page.calendar.after}
    return {
        name: reverse("reporting:month-present", args=[page.access.area.slug, period.month])
        for name, period in around.items()
        if period and page.access.can_see_month(period)
    }


def read_chart(page: MonthPage, code: str) -> SeriesView:
    """Raises NotHeld."""
    lines = list_series(page.snapshot, code)
    if not lines:
        raise NotHeld(f"{page.month.label} has no indicator “{code}”.")
    area, marking = page.access.area, page.marking
    return series_view(page.snapshot, lines, area=area, audience=Audience.PARTNERS, marking=marking)
