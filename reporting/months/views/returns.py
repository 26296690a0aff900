"""The coordinator's side of a month's returns: see where each is, accept it, or give it back; and the release by an
approver.
"""

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import RETURN_FOLLOWERS, RETURNERS, Role
from boards.selectors import list_months
from core.calendar import Month
from core.forms.pages import describe_refusal, form_for, is_done, is_saved, pressed, seen_in, send_back, try_to
from core.models import User
from indicators.forms.returns import NO_RETURN, DecideCorrectionForm, DecideReturnForm, MarkForm
from indicators.models.history import Correction
from indicators.models.returns import Submission
from indicators.permissions import can_enter, can_release
from indicators.selectors.figures import NoSuchFigure, figure_url, find_figure, find_indicator, open_corrections
from indicators.selectors.reminders import COUNTED, AgencyYear, Timeliness, failed_reminders, list_chases, years_to
from indicators.selectors.returns import (
    ReturnStatus,
    due_while_it_lasts,
    is_overdue,
    list_returns,
    name_missing,
    returns_in,
)
from indicators.services.corrections import accept_correction, decline_correction, mark_provisional, withdraw_correction
from indicators.services.entries import list_questioned
from indicators.services.letters import remind_now
from indicators.services.returns import accept_return, release_return, return_return
from indicators.workflow import SubmissionState
from reporting.months.permissions import can_follow_returns
from reporting.months.presenters.return_rows import describe_places, grid_row, make_place
from reporting.months.presenters.words import describe_withdrawal
from reporting.months.readings import find_period
from reporting.months.selectors import list_withdrawals
from reporting.months.services import find_fresh_until
from reporting.months.tasks import hint_roll_up

DECIDED = {
    "accept": "You accepted the correction of {}.",
    "decline": "You declined the correction of {}.",
    "withdraw": "You withdrew your request to correct {}.",
}


@open_to(Role.COORDINATOR, Role.AGENCY_LEAD)
@require_POST
def correction_decide(request: AreaRequest, area: PartnershipArea, correction: int) -> HttpResponse:
    """Accept or decline a request to correct a figure. The agency that asked can withdraw it."""
    correction_asked = get_object_or_404(
        Correction.objects.select_related("indicator__owner__area", "category", "period__area"),
        pk=correction,
        indicator__area=area,
    )
    # `open_to` lets in the leads of every agency.
    if not request.access.can_coordinate and not can_enter(request.access, correction_asked.indicator.owner):
        raise PermissionDenied(
            f"Only a lead of {correction_asked.indicator.owner.name} and the coordinator can do this."
        )
    form, back = (
        form_for(request, DecideCorrectionForm),
        figure_url(correction_asked.indicator, correction_asked.category, correction_asked.period),
    )

    def decide() -> None:
        match form.cleaned_data["decision"]:
            case "accept":
                accept_correction(correction_asked, by=request.user)
            case "decline":
                decline_correction(correction_asked, comment=form.cleaned_data["comment"], by=request.user)
            case _:
                withdraw_correction(correction_asked, by=request.user)

    if not is_saved(request, form, decide):
        return send_back(request, form, back)
    messages.success(request, DECIDED[form.cleaned_data["decision"]].format(correction_asked))
    hint_roll_up(area)
    if form.cleaned_data["decision"] == "accept" and correction_asked.period.is_published:
        return redirect("reporting:corrections-publish", area.slug)
    return redirect(back)


@open_to(Role.COORDINATOR)
@require_POST
def figure_mark(request: AreaRequest, area: PartnershipArea, month: Month, code: str) -> HttpResponse:
    """Mark a figure as provisional, or confirm it."""
    try:
        figure = find_figure(find_indicator(area, code), month, pressed(request, "category"))
    except NoSuchFigure as missing:
        raise Http404(str(missing)) from missing
    observation, form = figure.counted, form_for(request, MarkForm)
    if observation is None:
        messages.error(request, f"{figure.label} has no signed-off figure for {month.label}.")
        return redirect(figure.url)
    observation.period = figure.period

    def mark() -> None:
        is_provisional, why = form.cleaned_data["decision"] == "mark", form.cleaned_data["why"]
        mark_provisional(observation, is_provisional=is_provisional, by=request.user, why=why)

    if not is_saved(request, form, mark):
        return send_back(request, form, figure.url)
    is_marked = form.cleaned_data["decision"] == "mark"
    done = f"You {'marked' if is_marked else 'confirmed'} {figure.label} for {month.label}"
    messages.success(request, f"{done} as provisional." if is_marked else f"{done}.")
    hint_roll_up(area)
    return redirect(figure.url)


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


WHO_READS_PLACES = (
    "Only the coordinator, the strategic group, board chairs and agency approvers can see the progress of returns."
)


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


TO_DECIDE = (SubmissionState.SUBMITTED, SubmissionState.RELEASED)
DECIDED_RETURNS = {
    "accept": "You accepted {}.",
    "release": "You released {}. It is now with the coordinator.",
    "return": "You sent back {}.",
}


@open_to(Role.COORDINATOR, *RETURN_FOLLOWERS, because=WHO_READS_PLACES)
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
    waiting = [status.submission for status in statuses if status.submission and status.state in TO_DECIDE]
    questioned = list_questioned(waiting, month)
    chases = list_chases(calendar.period, statuses, today=today)
    rows = [
        grid_row(
            status,
            viewer=request.user,
            today=today,
            questioned=questioned.get(status.submission.pk, ()) if status.submission else (),
            chase=chases.get(status.agency.pk),
        )
        for status in statuses
    ]
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
        "taken_back": [describe_withdrawal(withdrawal) for withdrawal in list_withdrawals(calendar.period)],
        "fresh_until": find_fresh_until(calendar.period),
        "year": year_table(years_to([calendar.period], today=today)[calendar.period.pk], month),
        "corrections": open_corrections(area),
        "failed_reminders": failed_reminders(calendar.period),
    }
    return render(request, "reporting/return_grid.html", context)


@open_to(Role.COORDINATOR)
@require_POST
def return_remind(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """E-mail the people who have an agency's return now."""
    statuses = list_returns(find_period(area, month).period)
    status = next((status for status in statuses if status.agency.code == agency), None)
    if status is None:
        raise Http404("This agency has no return for that month.")

    def remind() -> None:
        for entry in remind_now(status, by=request.user):
            if entry.fault:
                messages.error(request, f"The reminder to {entry.person} could not be sent: {entry.fault}")
            else:
                messages.success(request, f"The reminder to {entry.person} has been sent.")

    is_done(request, remind)
    return redirect("reporting:return-grid", area.slug, month)


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
            refusals.append(f"The return from {status.agency.name} wasn’t accepted: no one has started it.")
            continue
        # Each return has its own revision in the form.
        seen = seen_in(request, f"revision:{status.agency.code}", missing=NO_RETURN)
        refusal = try_to(partial(accept_return, status.submission, by=request.user, revision=seen))
        if refusal is None:
            accepted.append(status.agency.name)
        else:
            refusals.append(f"The return from {status.agency.name} wasn’t accepted. {describe_refusal(refusal)}")
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
    messages.success(request, DECIDED_RETURNS[form.cleaned_data["decision"]].format(submission))
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
