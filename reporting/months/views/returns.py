"""The coordinator's side of a month's returns: see where each is, accept it, or give it back; and the release by an
approver.
"""

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import RETURN_FOLLOWERS, Role
from core.form_pages import describe_refusal, form_for, is_saved, seen_in, send_back, try_to
from core.models import User
from core.months import Month
from indicators.forms.returns import NO_RETURN, DecideReturnForm
from indicators.models.returns import Submission
from indicators.permissions import can_release
from indicators.selectors.corrections import open_corrections
from indicators.selectors.reminders import failed_reminders
from indicators.selectors.returns import ReturnStatus, list_returns, name_missing
from indicators.selectors.timeliness import COUNTED, AgencyYear, Timeliness, years_to
from indicators.selectors.turns import due_while_it_lasts
from indicators.services.returns import accept_return, release_return, return_return
from reporting.months.presenters.return_rows import grid_row
from reporting.months.presenters.words import describe_withdrawal
from reporting.months.readings import find_period
from reporting.months.selectors.versions import list_withdrawals
from reporting.months.taking_back import find_fresh_until
from reporting.months.tasks import hint_roll_up
from reporting.months.views.return_places import WHO, show_places

DECIDED = {
    "accept": "You accepted {}.",
    "release": "You released {}. The coordinator has it now.",
    "return": "You returned {}.",
}


@open_to(Role.COORDINATOR, *RETURN_FOLLOWERS, because=WHO)
@require_http_methods(["GET", "HEAD", "POST"])
def return_grid(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """List every agency's return for a month, with the month's own buttons. A POST accepts the chosen returns. People
    who only follow returns see who has each.
    """
    if not request.access.can_coordinate:
        return show_places(request, area, month)
    calendar = find_period(area, month)
    statuses, today = list_returns(calendar.period), timezone.localdate()
    if request.method == "POST":
        return accept_chosen(request, area, month, statuses)
    rows = [grid_row(status, viewer=request.user, today=today) for status in statuses]
    context = {
        "period": calendar.period,
        "month": month,
        "rows": rows,
        "accepted": sum(status.state == "accepted" for status in statuses),
        "owed": sum(not status.came_from_file for status in statuses),
        "waiting": sum(row.is_yours for row in rows),
        "overdue": sum(row.is_overdue for row in rows),
        "due": due_while_it_lasts(calendar.period.due_on, today=today),
        "missing": name_missing(statuses),
        "taken_back": [describe_withdrawal(each) for each in list_withdrawals(calendar.period)],
        "fresh_until": find_fresh_until(calendar.period),
        "year": year_table(years_to([calendar.period], today=today)[calendar.period.pk], month),
        "corrections": open_corrections(area),
        "failed_reminders": failed_reminders(calendar.period),
    }
    return render(request, "reporting/return_grid.html", context)


@dataclass(frozen=True, slots=True)
class YearTable:
    """Show how the returns of twelve months came: a row for each agency, a column for each month."""

    months: list[Month]
    rows: list[tuple[str, list[tuple[str, str, bool]], list[int]]]  # name; letter, words, a problem?; counts
    totals: list[int]
    key: list[tuple[str, str]]


# The letter in a small cell for each way in which a return came.
LETTERS = {
    Timeliness.ON_TIME: "T",
    Timeliness.LATE: "L",
    Timeliness.MISSING: "M",
    Timeliness.FROM_FILE: "F",
    Timeliness.NOT_DUE: "…",
    Timeliness.NOT_OWED: "–",
}
PROBLEMS = (Timeliness.LATE, Timeliness.MISSING)


def year_table(years: list[AgencyYear], month: Month) -> YearTable:
    columns = (*COUNTED, Timeliness.FROM_FILE)
    rows = [
        (
            year.agency.name,
            [(LETTERS[kind], kind.label, kind in PROBLEMS) for kind in year.months.values()],
            [year.count(kind) for kind in columns],
        )
        for year in years
    ]
    used = {kind for year in years for kind in year.months.values()}
    return YearTable(
        months=[month + -back for back in reversed(range(12))],
        rows=rows,
        totals=[sum(year.count(kind) for year in years) for kind in columns],
        key=[(letter, kind.label.lower()) for kind, letter in LETTERS.items() if kind in used],
    )


def accept_chosen(
    request: AreaRequest, area: PartnershipArea, month: Month, statuses: list[ReturnStatus]
) -> HttpResponse:
    """Accept several returns one by one. If one is refused, the others still go through."""
    chosen = set(request.POST.getlist("agency"))
    accepted, refusals = [], []
    for status in statuses:
        if status.agency.code not in chosen:
            continue
        if status.submission is None:
            refusals.append(f"{status.agency.name} wasn’t accepted. Nobody has started its return.")
            continue
        # Each return has its own revision in the form.
        seen = seen_in(request, f"revision:{status.agency.code}", missing=NO_RETURN)
        refusal = try_to(partial(accept_return, status.submission, by=request.user, revision=seen))
        if refusal is None:
            accepted.append(status.agency.name)
        else:
            refusals.append(f"{status.agency.name} wasn’t accepted. {describe_refusal(refusal)}")
    if accepted:
        number = "1 return" if len(accepted) == 1 else f"{len(accepted)} returns"
        messages.success(request, f"You accepted {number} for {month.label}: {'; '.join(accepted)}.")
        hint_roll_up(area)
    for sentence in refusals:
        messages.error(request, sentence)
    if not accepted and not refusals:
        messages.error(request, "Choose at least one return to accept.")
    return redirect("reporting:return-grid", area.slug, month)


@open_to(Role.COORDINATOR, Role.AGENCY_APPROVER)
@require_POST
def return_decide(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Accept a return, release it for its agency, or give it back with a comment."""
    submission = get_object_or_404(
        Submission.objects.select_related("agency__area", "period__area"),
        agency__area=area,
        agency__code=agency,
        period__area=area,
        period__starts_on=month.first_day,
    )
    # `open_to` lets in the approvers of every agency.
    if not (request.access.can_coordinate or can_release(request.access, submission.agency)):
        raise PermissionDenied(f"Only an approver of {submission.agency.name} and the coordinator can do this.")
    form = form_for(request, DecideReturnForm)
    if not is_saved(request, form, lambda: decide(submission, form, by=request.user)):
        return send_back(request, form, submission.get_absolute_url())
    messages.success(request, DECIDED[form.cleaned_data["decision"]].format(submission))
    hint_roll_up(area)
    if request.access.can_coordinate:
        return redirect("reporting:return-grid", area.slug, month)
    return redirect("reporting:area-home", area.slug)


def decide(submission: Submission, form: DecideReturnForm, *, by: User) -> None:
    typed = form.cleaned_data
    match typed["decision"]:
        case "accept":
            accept_return(submission, by=by, provisional=form.provisional, revision=typed["revision"])
        case "release":
            release_return(submission, by=by, revision=typed["revision"])
        case _:
            return_return(submission, comment=typed["comment"], by=by)
