"""The public pages: which months are public, what one would show, and the steps to make it public."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from boards.models import PartnershipArea, PublicAdvice, ReportingPeriod
from boards.permissions import AreaRequest, find_first_day, open_to
from boards.rules import MonthStatus, Role
from core.calendar import Month
from core.forms.fields import NOTHING_DECIDED
from core.forms.pages import (
    ANY_FORM,
    describe_refusal,
    form_for,
    form_left,
    is_done,
    is_saved,
    pressed,
    send_back,
    show_form,
    try_to,
)
from core.labels import TransitionRefused
from core.models import User
from indicators.workflow import EditionState
from reporting.models.editions import PublicEdition
from reporting.models.snapshots import Snapshot
from reporting.months.readings import find_period
from reporting.months.selectors import latest_snapshot
from reporting.public import editions
from reporting.public.presenters.publishing import describe_reach, publishing_view
from reporting.public.reach import find_reach
from reporting.public.selectors import find_month_withdrawal, list_public_lines, list_refused, newest_with_history
from reporting.public.services import (
    EditionForm,
    WithdrawalForm,
    agree,
    ask_consent,
    check_can_approve,
    check_can_open,
    decline,
    publish_edition,
    turn_public_pages,
)
from reporting.public.taking_down import explain, withdraw_month
from reporting.public.tasks import bring_replacements, hint_replacements

DECIDED = {
    "ask": "You asked the information officer to approve the public edition of {}.",
    "agree": "You approved the public edition of {}. The coordinator can make it public now.",
    "decline": "You declined the public edition of {}.",
    "publish": "{} is public: anybody can read it now.",
    "explain": "The reason for withdrawing {} is saved.",
}
WHO = "Only a coordinator or an information officer can decide what is made public."


@open_to(Role.COORDINATOR, Role.INFORMATION, because=WHO)
@require_http_methods(ANY_FORM)
def publishing(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the published months with their public editions. A POST turns the public pages on."""
    if request.method == "POST":
        turn = pressed(request, "turn")
        is_done(request, lambda: turn_on(area, turn, by=request.user), done="The public pages are on.")
        return redirect("reporting:publishing", area.slug)
    bring_replacements(area)
    periods = list(ReportingPeriod.objects.filter(area=area, status=MonthStatus.PUBLISHED.value))
    newest: dict[int, PublicEdition] = {}
    waiting: dict[int, PublicEdition] = {}
    # The newest of a month comes last, and wins.
    for edition in (
        PublicEdition.objects.filter(period__area=area)
        .select_related("withdrawal__cause__period", "snapshot")
        .order_by("id")
    ):
        if edition.state == EditionState.PUBLISHED:
            newest[edition.period_id] = edition
        elif edition.state != EditionState.DECLINED:
            waiting[edition.period_id] = edition
    of_area = Snapshot.objects.standing().filter(period__area=area)
    versions = dict(of_area.order_by("version").values_list("period_id", "version"))  # the newest of each
    refused = list_refused(area)
    rows = [
        (
            period,
            newest.get(period.pk),
            waiting.get(period.pk),
            versions.get(period.pk),
            refused.get(period.pk, "") if is_down(newest.get(period.pk)) else "",
        )
        for period in periods
    ]
    context = {
        "rows": rows,
        "shown_in": newest_with_history(area.slug),
        "has_signs": PublicAdvice.objects.filter(area=area, is_public=True).exists(),
    }
    return render(request, "reporting/publishing.html", context)


def is_down(edition: PublicEdition | None) -> bool:
    return edition is not None and hasattr(edition, "withdrawal")


def turn_on(area: PartnershipArea, turn: str, *, by: User) -> None:
    if turn != "on":
        raise TransitionRefused(NOTHING_DECIDED)
    turn_public_pages(area, on=True, by=by)


@open_to(Role.COORDINATOR, Role.INFORMATION, because=WHO)
@require_http_methods(ANY_FORM)
def publishing_off(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Turn the public pages off, after a page that says what nobody can read then."""
    if request.method == "POST":
        done = "The public pages are off: nobody can read them."
        is_done(request, lambda: turn_public_pages(area, on=False, by=request.user), done=done)
        return redirect("reporting:publishing", area.slug)
    return show_form(request, "reporting/publishing_off.html", None)


@open_to(Role.COORDINATOR, Role.INFORMATION, Role.OPERATOR, because=WHO)
@require_http_methods(ANY_FORM)
def publishing_month(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show what the public would see of a month beside what partners see, and whose turn it is."""
    period = find_period(area, month).period
    if request.method == "POST":
        return take_decision(request, period)
    form = form_left(request, lambda typed: EditionForm(typed, auto_id="left-%s"))
    bring_replacements(area)
    newest, waiting = editions.newest_edition(period), editions.under_way(period)
    context = {
        "period": period,
        "month": month,
        "newest": newest,
        "waiting": waiting,
        "declined": declined(period) if waiting is None else None,
        "is_officer": request.access.is_any(Role.INFORMATION),
        "first_day": find_first_day(area, request.user) if request.access.is_any(Role.INFORMATION) else None,
        **say_who(waiting, by=request.user),
        "withdrawal": find_month_withdrawal(period),
        "refused": list_refused(area).get(period.pk, "") if is_down(newest) and waiting is None else "",
    }
    if period.is_published:
        context |= preview(period, waiting, newest)
    return show_form(request, "reporting/publishing_month.html", form, context)


def say_who(waiting: PublicEdition | None, *, by: User) -> dict[str, object]:
    """Return whether this person can approve the edition in progress, or make it public, and why not."""
    if waiting is None:
        return {}
    is_agreed = waiting.state == EditionState.AGREED
    refusal = try_to(lambda: (check_can_open if is_agreed else check_can_approve)(waiting, by=by))
    return {"may_approve": not is_agreed and refusal is None, "why_not": describe_refusal(refusal) if refusal else ""}


def preview(period: ReportingPeriod, waiting: PublicEdition | None, newest: PublicEdition | None) -> dict[str, object]:
    """Return what the edition in progress would show, or the one that could be asked for."""
    snapshot = waiting.snapshot if waiting else latest_snapshot(period, include_drafts=False)
    snapshot.period = period
    prepared = editions.prepare_edition(snapshot)
    # The officer decides about the edition's own lines, not about today's.
    public = list_public_lines(waiting) if waiting else prepared.lines
    return {
        "snapshot": snapshot,
        "view": publishing_view(snapshot, public, prepared),
        "given_away": prepared.given_away,
        "left_out": [Month.parse(left_out).label for left_out in (waiting.left_out if waiting else prepared.left_out)],
        "kpis": [kept["title"] for kept in (waiting.kpis if waiting else prepared.kpis)],
        "is_out_of_step": waiting is not None and waiting.fingerprint != prepared.fingerprint,
        "says_the_same": newest is not None
        and newest.fingerprint == prepared.fingerprint
        and not hasattr(newest, "withdrawal"),
        "newer": newer_version(period, snapshot) if waiting else None,
    }


def newer_version(period: ReportingPeriod, snapshot: Snapshot) -> Snapshot | None:
    """Return the version published since the edition in progress was made."""
    latest = latest_snapshot(period, include_drafts=False)
    return latest if latest.pk != snapshot.pk else None


def declined(period: ReportingPeriod) -> PublicEdition | None:
    """Return the last edition if it was declined and none was published since."""
    last = PublicEdition.objects.filter(period=period).select_related("declined_by").order_by("-id").first()
    return last if last is not None and last.state == EditionState.DECLINED else None


def take_decision(request: AreaRequest, period: ReportingPeriod) -> HttpResponse:
    """Show the page again with the decision, or with why there was none."""
    form = form_for(request, EditionForm)
    if not is_saved(request, form, lambda: decide(period, form, by=request.user)):
        return send_back(request, form, request.path)
    messages.success(request, DECIDED[form.cleaned_data["decision"]].format(period.month.label))
    return redirect(request.path)


def decide(period: ReportingPeriod, form: EditionForm, *, by: User) -> None:
    """Do what the button says, with the edition that the page showed."""
    typed = form.cleaned_data
    # The key comes from a form, and must not reach another month's edition.
    edition = PublicEdition.objects.filter(period=period, pk=typed["edition"]).first()
    if typed["decision"] == "ask":
        ask_consent(period, by=by)
        return
    if typed["decision"] == "explain" and (withdrawal := find_month_withdrawal(period)):
        explain(withdrawal, why=typed["why"], by=by)
        return
    if edition is None:
        raise TransitionRefused(NOTHING_DECIDED)
    edition.period = period
    match typed["decision"]:
        case "agree":
            agree(edition, by=by, seen=typed["seen"])
        case "decline":
            decline(edition, why=typed["why"], by=by)
        case _:
            publish_edition(edition, by=by)


WHO_WITHDRAWS = "Only an information officer can withdraw what is public."
DOWN = "{} is off all public pages, files and board packs."


@open_to(Role.INFORMATION, because=WHO_WITHDRAWS)
@require_http_methods(ANY_FORM)
def publishing_withdraw(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Withdraw a month with a reason; or, in an emergency, straight away and without one."""
    period = find_period(area, month).period
    here = redirect("reporting:publishing-month", area.slug, month)
    if request.method == "POST" and pressed(request, "how") == "now":
        done = f"{DOWN.format(month.label)} Now give the reason."
        if is_done(request, lambda: withdraw_month(period, is_urgent=True, by=request.user), done=done):
            hint_replacements(area)
        return here
    form = form_for(request, WithdrawalForm)
    if is_saved(request, form, lambda: withdraw_month(period, **form.cleaned_data, by=request.user)):
        hint_replacements(area)
        messages.success(request, DOWN.format(month.label))
        return here
    reach = find_reach(period)
    context = {"month": month, "period": period, "reach": describe_reach(reach, month) if reach else None}
    return show_form(request, "reporting/publishing_withdraw.html", form, context)
