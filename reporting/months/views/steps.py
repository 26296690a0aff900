"""Open, close, publish or take back a month, and write its commentary: a page first says what a step means."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import AreaRequest, check_can_see_month, open_to
from boards.presenters.nav import indicators_url, month_url
from boards.rules import MonthStatus, Role, list_openable
from boards.selectors import count_readers, list_months
from boards.services.months import close_month, is_early, open_by_hand, reopen_month
from core.calendar import Month
from core.forms.pages import form_for, is_done, is_filled_in, is_saved, pressed, show_form, taken_once
from core.models import User
from core.pages import NotHeld
from core.texts import KEY_DIGITS, read_number
from indicators.selectors.returns import list_returns, name_missing
from reporting.models.snapshots import Commentary, SnapshotState
from reporting.months.forms import CommentaryForm, OpenForm, StepForm
from reporting.months.presenters.changes import changes_between
from reporting.months.presenters.history import describe_span
from reporting.months.presenters.month import (
    describe_due,
    describe_length,
    describe_readers,
    describe_together,
    make_commentary,
    split_paragraphs,
)
from reporting.months.presenters.return_rows import grid_row
from reporting.months.readings import MonthPage, find_period
from reporting.months.selectors import (
    find_month,
    find_own_commentary,
    is_reopened,
    list_contents,
    list_past_months,
    list_versions,
)
from reporting.months.services import (
    find_fresh_until,
    list_fresh,
    publish_month,
    take_back,
    take_month_away,
    too_late,
    until_when,
    why_no_commentary,
    write_commentary,
)
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
    past = [] if step.closed or act == "take-back" else list_past_months(area)
    # Publishing in order is a page for each; most of them need no look of their own.
    together = describe_span([one.month for one in past]) if len(past) > 1 and past[0].month <= month else ""
    context = {"month": month, "period": period, "step": step, "past": together, **step.shown}
    return show_form(request, "reporting/month_step.html", form, context)


def closing(request: AreaRequest, period: ReportingPeriod) -> Step:
    label, missing = period.month.label, look_at_returns(period, viewer=request.user)
    return Step(
        title=f"Close {label}?",
        lead="Figures that arrive after you close the month are late. You can reopen it until you publish it.",
        button=f"Close {label}",
        act=lambda why, seen: close_month(period, by=request.user, missing=missing.names, why=why),
        done=lambda: f"{label} is closed. Check the draft, then publish it.",
        asks_why="Why you are closing it early" if missing.is_early else "",
        closed="" if period.is_open else f"{label} is already {period.get_status_display().lower()}.",
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
            f"Boards will see the month straight away. For {minutes} minutes you can take it back, and emails, packs "
            "and public editions wait. After that, you can’t undo this. To correct a figure, publish a new version."
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
            "No one will be able to read this version, but we keep it. The month’s page will say who took it back, "
            "and why."
        ),
        button="Take it back",
        act=partial(take_back_seen, period.area, by=request.user),
        done=lambda: f"{label} has been taken back.",
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
    shown = {
        "missing": rows,
        "owed": len(statuses),
        "due": describe_due(period, today=today),
        "is_commented": period.commentaries.exclude(text="").exists(),
    }
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


@open_to(Role.COORDINATOR)
def month_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the months, with the form that opens another."""
    periods, current = list_months(area), Month.of(timezone.localdate())
    months = [period.month for period in periods]
    openable = list_openable(months, current=current, is_published=any(period.is_published for period in periods))
    context = {"area": area, "periods": periods, "current": current}
    if not openable and request.method != "POST":
        return show_form(request, "reporting/month_list.html", None, context)
    # A page that was open longer may still send its form, and should get an answer.
    choices = openable or [current]
    form = form_for(request, lambda typed: OpenForm(typed, months=months, openable=choices, current=current))
    opened: list[Month] = []

    def save() -> None:
        periods_opened = open_by_hand(area, form.cleaned_data["month"], seen=form.opened, by=request.user)
        opened.extend(period.month for period in periods_opened)

    if is_saved(request, form, save):
        if opened:
            messages.success(request, describe_opened(opened))
            hint_roll_up(area)
        return redirect("reporting:month-list", area.slug)
    return show_form(request, "reporting/month_list.html", form if openable else None, context)


@open_to(Role.COORDINATOR)
def month_take_away(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show a page that says what removing means, then do it."""
    period = find_period(area, month).period
    form = form_for(request, lambda typed: StepForm(typed, asks_why="", seen=""))
    if is_saved(request, form, lambda: take_month_away(period, by=request.user)):
        messages.success(request, f"{month.label} is removed.")
        return redirect("reporting:month-list", area.slug)
    context = {"month": month, "contents": list_contents(period), "is_reopened": is_reopened(period)}
    return show_form(request, "reporting/month_take_away.html", form, context)


def describe_opened(months: list[Month]) -> str:
    if len(months) == 1:
        return f"{months[0].label} is open: returns can be entered."
    return f"{months[0].label} to {months[-1].label} are open, {len(months)} months: returns can be entered."


WHO = "Only an analyst or a coordinator can write the commentary."
PREVIEW = "preview"


@open_to(Role.ANALYST, Role.COORDINATOR, because=WHO)
def commentary_write(request: AreaRequest, area: PartnershipArea, month: Month, board: str = "") -> HttpResponse:
    """Edit the commentary for all boards or for one: a draft until the month is published."""
    page = MonthPage(request.access, month, board)
    period, version = page.calendar.period, page.snapshot.version
    is_draft = page.snapshot.state == SnapshotState.DRAFT
    commentary = find_own_commentary(period, version, page.board)
    # A new version's form starts with the commentary of the one before.
    before = page.commentary if page.commentary and page.commentary.board_id == (page.board and page.board.pk) else None
    text = commentary.text if commentary else before.text if before else ""
    form = form_for(request, lambda typed: CommentaryForm(typed, commentary=commentary, text=text))
    shown = text
    saved: list[Commentary | None] = []
    if pressed(request) == PREVIEW:
        shown = form.cleaned_data["text"] if is_filled_in(request, form) else str(form["text"].value() or "")
    elif is_saved(
        request,
        form,
        lambda: saved.append(
            write_commentary(period, page.board, form.cleaned_data["text"], revision=form.seen, by=request.user)
        ),
    ):
        said = f"The commentary for {month.label} has been saved. It will be published with the month."
        messages.success(request, said if saved[0] else f"{month.label} has no commentary.")
        return redirect(month_url(request.access, month, board))
    elif form.is_bound:
        shown = str(form["text"].value() or "")
    stands = page.commentary
    context = {
        "month": month,
        "board": page.board,
        "boards": [
            (one.name, reverse("reporting:commentary-board", args=[area.slug, month, one.code]))
            for one in page.boards
            if not one.retired and one != page.board
        ],
        "all_url": reverse("reporting:commentary", args=[area.slug, month]) if page.board else "",
        "back_url": month_url(request.access, month, board),
        "why_not": "" if is_draft else why_no_commentary(period),
        "version": version,
        "is_new_version": version > 1,
        "commentary": make_commentary(stands, version=version, board_code=board) if stands else None,
        "length": describe_length(shown),
        "preview": split_paragraphs(shown) if pressed(request) == PREVIEW else (),
        "marking": page.marking,
    }
    return show_form(request, "reporting/commentary.html", form if is_draft else None, context)


@open_to()
@require_safe
def month_changes(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show what changed from one version of a month to the next."""
    try:
        period = find_month(area, month).period
    except NotHeld as missing:
        raise Http404(str(missing)) from missing
    check_can_see_month(request.access, period)
    versions = list_versions(period, include_drafts=request.access.can_see_drafts)
    # Otherwise each version asks for its month with a query.
    for version in versions:
        version.period = period
    context = {"month": month, "changes": changes_between(versions, month), "versions": versions}
    return render(request, "reporting/month_changes.html", context)
