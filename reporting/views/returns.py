"""The coordinator's side of a month: whose return is where, accept and return, close and publish."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.months import close_month, reopen_month
from core.models import User
from core.months import Month, date_label
from core.transitions import TransitionRefused
from indicators.models import Submission
from indicators.selectors import ReturnStatus, returns_of
from indicators.services.returns import accept_return, return_return
from reporting import selectors
from reporting.services import publish_month
from reporting.tasks import roll_up_area


def find_period(area: PartnershipArea, month: Month) -> selectors.Calendar:
    try:
        return selectors.find_month(area, month)
    except selectors.NotHeld as missing:
        raise Http404(str(missing)) from missing


@open_to(Role.COORDINATOR)
@require_safe
def return_grid(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Every agency's return for a month, and the month's own buttons."""
    calendar = find_period(area, month)
    statuses = returns_of(calendar.period)
    context = {
        "period": calendar.period,
        "month": month,
        "neighbours": [period for period in (calendar.before, calendar.after) if period],
        "rows": [grid_row(status) for status in statuses],
        "accepted": sum(status.state == "accepted" for status in statuses),
        "waiting": sum(status.state == "submitted" for status in statuses),
        "missing": missing_from(statuses),
    }
    return render(request, "reporting/return_grid.html", context)


def missing_from(statuses: list[ReturnStatus]) -> list[str]:
    return [status.agency.name for status in statuses if status.state != "accepted"]


def grid_row(status: ReturnStatus) -> dict[str, object]:
    submission, agency = status.submission, status.agency.name
    turn, changed = f"{agency}, due {date_label(status.period.due_on)}", None
    if submission is not None:
        turn = {
            "submitted": "Yours: accept or return",
            "accepted": "Nobody’s: done",
            "returned": f"{agency}: “{submission.comment}”",
        }.get(status.state, turn)
        changed = {
            "submitted": submission.submitted_at,
            "accepted": submission.accepted_at,
            "returned": submission.returned_at,
        }.get(status.state, submission.saved_at)
    return {"status": status, "turn": turn, "changed": changed, "is_yours": status.state == "submitted"}


@open_to(Role.COORDINATOR)
@require_POST
def return_decide(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Accept a return, or give it back with a comment."""
    submission = get_object_or_404(
        Submission, agency__area=area, agency__code=agency, period__area=area, period__starts_on=month.first_day
    )
    if request.POST.get("decision") == "accept":
        done = decide(request, lambda: accept_return(submission, by=request.user), f"You accepted {submission}.")
    else:
        comment = request.POST.get("comment", "").replace("\x00", "")[:2000]
        done = decide(
            request, lambda: return_return(submission, comment=comment, by=request.user), f"You returned {submission}."
        )
    if not done:
        return redirect(submission)
    hint_roll_up(area)
    return redirect("reporting:return-grid", area.slug, month)


def hint_roll_up(area: PartnershipArea) -> None:
    """Ask for a roll-up as soon as the change is saved. Robust: where Redis can't be reached the
    person goes on, and the sweep takes the months up."""
    transaction.on_commit(partial(roll_up_area.delay, area.pk), robust=True)


def decide(request: AreaRequest, act: Callable[[], object], done: str) -> bool:
    """Do it, and tell the person how it went."""
    try:
        act()
    except (TransitionRefused, PermissionDenied) as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, done)
    return True


@open_to(Role.COORDINATOR)
@require_POST
def month_move(request: AreaRequest, area: PartnershipArea, month: Month, act: str) -> HttpResponse:
    """Close, reopen or publish a month."""
    period = find_period(area, month).period
    acts: dict[str, tuple[Callable[[ReportingPeriod, User], object], str]] = {
        "close": (close_with_missing, f"{month.label} is closed. Check the draft, then publish it."),
        "reopen": (lambda p, by: reopen_month(p, by=by), f"{month.label} is open again."),
        "publish": (lambda p, by: publish_month(p, by=by), f"{month.label} is published: the boards see it now."),
    }
    if act not in acts:
        raise Http404("There is no such page.")
    move, done = acts[act]
    decide(request, lambda: move(period, request.user), done)
    hint_roll_up(area)
    return redirect("reporting:return-grid", area.slug, month)


def close_with_missing(period: ReportingPeriod, by: User) -> None:
    close_month(period, by=by, missing=missing_from(returns_of(period)))
