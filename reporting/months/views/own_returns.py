"""Where "Returns" in the menu leads: an agency's people to their own returns, others to the current month."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import RETURNERS
from boards.selectors import list_months
from indicators.selectors.returns import returns_in
from indicators.selectors.turns import is_overdue
from reporting.months.permissions import can_follow_returns

MONTHS_A_PAGE = 24
WHO = "Only agencies’ own people, the coordinator, the strategic group and board chairs can see returns."


@open_to(*RETURNERS, because=WHO)
@require_safe
def returns(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show the grid of the oldest open month, or of the newest. An agency's people see their returns, the newest month
    first.
    """
    periods, access = list_months(area), request.access
    if periods and (access.can_coordinate or not access.agencies):
        # Months come with the newest first.
        under_way = [period for period in periods if period.is_open] or periods[:1]
        return redirect("reporting:return-grid", area.slug, under_way[-1].month)
    page = Paginator(periods, MONTHS_A_PAGE).get_page(request.GET.get("page"))
    statuses, today = returns_in(list(page)), timezone.localdate()
    rows = [
        (status, is_overdue(status, today=today))
        for period in page
        for status in statuses[period.pk]
        if status.agency.pk in access.agencies
    ]
    agencies = {status.agency.pk for status, _ in rows}
    context = {"page": page, "rows": rows, "several": len(agencies) > 1, "others": "?"}
    if can_follow_returns(access):
        context["followed"] = [period.month for period in periods if period.is_open]
    return render(request, "reporting/own_returns.html", context)
