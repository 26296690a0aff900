"""Close a month, publish it or take it back: a page first says what that means."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, open_to
from boards.presenters.nav import indicators_url
from boards.roles import Role
from boards.selectors import count_readers
from boards.services.months import close_month, is_early, reopen_month
from boards.workflow import MonthStatus
from core.form_pages import ANY_FORM, form_for, is_done, is_saved, show_form
from core.models import User
from core.months import Month
from core.services.sent_once import taken_once
from core.texts import KEY_DIGITS, read_number
from indicators.selectors.returns import list_returns, name_missing
from reporting.months.forms import StepForm
from reporting.months.presenters.return_rows import grid_row
from reporting.months.presenters.steps import describe_due, describe_readers, describe_together
from reporting.months.readings import MonthPage, find_period
from reporting.months.services import publish_month
from reporting.months.taking_back import find_fresh_until, list_fresh, take_back, too_late, until_when
from reporting.months.tasks import hint_roll_up


@dataclass(frozen=True, slots=True)
class Step:
    """A page in between. `asks_why` is the label of the box for a reason. `act` gets the reason, and what the page
    showed. `closed` says why there is no button; the page then shows nothing else.
    """

    title: str
    lead: str
    button: str
    act: Callable[[str, str], object]
    done: Callable[[], str]
    asks_why: str = ""
    seen: str = ""
    why: str = ""
    closed: str = ""
    shown: dict[str, Any] = field(default_factory=dict)


@open_to(Role.COORDINATOR)
@require_http_methods(ANY_FORM)
@taken_once
def month_move(request: AreaRequest, area: PartnershipArea, month: Month, act: str) -> HttpResponse:
    """Close, reopen, publish a month, or take it back."""
    period = find_period(area, month).period
    grid = redirect("reporting:return-grid", area.slug, month)
    if act == "reopen":
        if request.method == "POST":
            is_done(request, lambda: reopen_month(period, by=request.user), done=f"{month.label} is open again.")
            hint_roll_up(area)
        return grid
    if act not in STEPS:
        raise Http404("There is no such page.")
    step = STEPS[act](request, period)
    # Somebody else may have moved the month since the page was shown.
    if step.closed and request.method == "POST":
        messages.error(request, step.closed)
        return grid
    form = form_for(request, lambda typed: StepForm(typed, asks_why=step.asks_why, seen=step.seen, why=step.why))
    if is_saved(request, form, lambda: step.act(form.reason, form.what_was_seen)):
        messages.success(request, step.done())
        hint_roll_up(area)
        return grid
    context = {"month": month, "period": period, "step": step, **step.shown}
    return show_form(request, "reporting/month_step.html", form, context)


def closing(request: AreaRequest, period: ReportingPeriod) -> Step:
    label, missing = period.month.label, look_at_returns(period, viewer=request.user)
    return Step(
        title=f"Close {label}?",
        lead="Figures that arrive after that are late. Check the draft, then publish it. You can reopen it until then.",
        button=f"Close {label}",
        act=lambda why, seen: close_month(period, by=request.user, missing=missing.names, why=why),
        done=lambda: f"{label} is closed. Check the draft, then publish it.",
        asks_why="Why you are closing it early" if missing.is_early else "",
        closed="" if period.is_open else f"{label} is {period.get_status_display().lower()} already.",
        shown=missing.shown,
    )


def publishing(request: AreaRequest, period: ReportingPeriod) -> Step:
    label, missing = period.month.label, look_at_returns(period, viewer=request.user)
    is_closed = period.status == MonthStatus.CLOSED
    page = MonthPage(request.access, period.month, "") if is_closed else None
    shown: dict[str, Any] = {}
    if page is not None:
        shown = {
            "glance": page.glance,
            "view": page.view,
            "indicators_url": indicators_url(period.area.slug, page.indicator_query),
            "readers": describe_readers(count_readers(period.area), [board.short_name for board in page.boards]),
        }
    minutes = int(settings.PUBLICATION_GRACE.total_seconds() // 60)
    return Step(
        title=f"Publish {label}?",
        lead=(
            f"Boards see it straight away. For {minutes} minutes you can take it back, and e-mails, packs and public "
            "editions wait. After that it stays as it is. To correct a figure, publish a new version."
        ),
        button=f"Publish {label}",
        act=lambda why, seen: publish_month(period, by=request.user, why=why, seen=seen),
        done=lambda: describe_published(period),
        asks_why="Why you are publishing it early" if missing.is_early else "",
        # Nothing is published if the draft has changed since.
        seen=page.snapshot.fingerprint if page else "",
        why=period.closed_why,
        closed="" if is_closed else f"{label} is {period.get_status_display().lower()}, not closed.",
        shown=missing.shown | shown,
    )


def taking_back(request: AreaRequest, period: ReportingPeriod) -> Step:
    label, fresh = period.month.label, list_fresh(period.area)
    months = [snapshot.period.month.label for snapshot in fresh]
    is_fresh = label in months
    return Step(
        title=f"Take {label} back?",
        lead=(
            "Nobody will be able to read it. The version stays as it was. The month’s page says who took it back, "
            "and why."
        ),
        button="Take it back",
        act=partial(take_back_seen, period.area, by=request.user),
        done=lambda: f"{label} is taken back.",
        asks_why="Why you are taking it back",
        # Nothing is taken back if this isn't exactly what would be.
        seen=" ".join(str(snapshot.pk) for snapshot in fresh),
        closed="" if is_fresh else why_not_taken_back(period),
        shown={
            "together": describe_together([snapshot.period.month for snapshot in fresh]),
            "until": until_when(fresh),
        },
    )


STEPS: dict[str, Callable[[AreaRequest, ReportingPeriod], Step]] = {
    "close": closing,
    "publish": publishing,
    "take-back": taking_back,
}


@dataclass(frozen=True, slots=True)
class Missing:
    """Returns that aren't accepted: the agencies' names, whether a reason is needed, and what the page shows."""

    names: list[str]
    is_early: bool
    shown: dict[str, Any]


def look_at_returns(period: ReportingPeriod, *, viewer: User) -> Missing:
    statuses, today = list_returns(period), timezone.localdate()
    names = name_missing(statuses)
    rows = [grid_row(status, viewer=viewer, today=today) for status in statuses if status.agency.name in set(names)]
    shown = {"missing": rows, "owed": len(statuses), "due": describe_due(period, today=today)}
    return Missing(names, is_early(period, missing=names, today=today), shown)


def describe_published(period: ReportingPeriod) -> str:
    # The service changed another copy of this row.
    period.refresh_from_db(fields=["status"])
    until = find_fresh_until(period)
    more = f" You can take it back until {until}." if until else ""
    return f"{period.month.label} is published: the boards see it now.{more}"


def take_back_seen(area: PartnershipArea, why: str, seen: str, *, by: User) -> object:
    keys = (read_number(key, digits=KEY_DIGITS) for key in seen.split())
    return take_back(area, seen=[key for key in keys if key is not None], why=why, by=by)


def why_not_taken_back(period: ReportingPeriod) -> str:
    newest = period.snapshots.standing().order_by("-version").values_list("pk", flat=True)[:1]
    return too_late(period.area, list(newest))
