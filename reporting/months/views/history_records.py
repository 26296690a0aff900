"""Records of past months: count a file with a row for each record, and import the figures."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from boards.models import Agency, PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, is_done
from core.months import Month, months_between
from indicators.imports.counting import Counting
from indicators.imports.history import History
from indicators.presenters.records import describe_counting
from indicators.services.column_mappings import Target, make_figures
from indicators.services.taking_history import MOST_YEARS, Preview, preview_history
from indicators.views.records import Desk, take_records, with_room
from reporting.months.views.history import WHO, show_preview


@open_to(Role.COORDINATOR, Role.ANALYST, because=WHO)
@csrf_exempt  # the upload's limit must be set before the form is read; `take_records_of_past` checks the token
@require_http_methods(ANY_FORM)
def history_records(request: AreaRequest, area: PartnershipArea, agency: str) -> HttpResponse:
    """Count a file of an agency's records, and show which past figures it gives."""
    with_room(request)
    response: HttpResponse = take_records_of_past(request, area, get_object_or_404(Agency, area=area, code=agency))
    return response


@csrf_protect
def take_records_of_past(request: AreaRequest, area: PartnershipArea, agency: Agency) -> HttpResponse:
    agency.area = area
    this_month = Month.of(timezone.localdate())

    def refuse(counting: Counting) -> str:
        first, last = find_span(counting, this_month)
        if first > last:
            return "No row to count is for a finished month. Nothing was changed."
        if last - first > 12 * MOST_YEARS:
            return (
                f"The file would cover {first.label} to {last.label}. The most is {MOST_YEARS} years. Look for a "
                "wrong date, or say which months it covers. Nothing was changed."
            )
        return ""

    def finish(counting: Counting, targets: list[Target]) -> HttpResponse:
        months = list(months_between(*find_span(counting, this_month)))
        history = History(
            counting.name_of_file,
            make_figures(agency, counting, targets, months),
            told=describe_counting(counting, months, today=this_month),
        )
        looked = list[Preview]()
        if is_done(request, lambda: looked.append(preview_history(area, history, by=request.user))):
            return show_preview(request, area, looked[0], None)
        return redirect(url)

    url = reverse("reporting:history-records", args=[area.slug, agency.code])
    back = ("Figures of past months", reverse("reporting:history", args=[area.slug]))
    title = f"Count past months for {agency.name} from a file of records"
    return take_records(Desk(request, agency, url, title, back, True, finish, refuse))


def find_span(counting: Counting, this_month: Month) -> tuple[Month, Month]:
    """Return the first and last month that the file covers, as somebody entered them or as the file has them. An
    unfinished month lacks some records, so it counts only if somebody entered it.
    """
    months = counting.tally.months
    return counting.first or months[0], counting.last or min(months[-1], this_month.previous)
