"""Where the returns of a month are, read-only: for the strategic group, board chairs and agency approvers."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from boards.models import PartnershipArea
from boards.permissions import AreaRequest
from boards.selectors import list_months
from core.months import Month
from indicators.selectors.returns import list_returns
from indicators.selectors.turns import due_while_it_lasts
from reporting.months.presenters.return_rows import describe_places, make_place
from reporting.months.readings import find_period

WHO = "Only the coordinator, the strategic group, board chairs and agency approvers can see where returns are."


def show_places(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show who has each return, and since when, without figures or other agencies' comments. Raises PermissionDenied
    for a POST, because these readers change nothing.
    """
    if request.method == "POST":
        raise PermissionDenied(f"Only a coordinator of {area.name} can accept returns.")
    period, today = find_period(area, month).period, timezone.localdate()
    rows = [make_place(status, request.access, today=today) for status in list_returns(period)]
    context = {
        "period": period,
        "month": month,
        "rows": rows,
        "summary": describe_places(rows),
        "due": due_while_it_lasts(period.due_on, today=today),
        "others": [other.month for other in list_months(area) if other.is_open and other.pk != period.pk],
    }
    return render(request, "reporting/return_places.html", context)
