"""Which months of an area or a region are public, what one would show, and the steps to make it public."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea, PublicAdvice, Region, ReportingPeriod
from boards.permissions import AreaRequest, RegionRequest, find_first_day, noted_as, open_to, open_to_region
from boards.rules import MonthStatus, RegionRole, Role
from core.calendar import Month
from core.forms.fields import NOTHING_DECIDED
from core.forms.pages import (
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
from core.pages import NotHeld
from core.tasks import hint_letters
from reporting.models.editions import PublicEdition
from reporting.models.region_editions import RegionEdition
from reporting.models.snapshots import Snapshot, SnapshotState
from reporting.months.readings import find_period
from reporting.months.selectors import latest_snapshot
from reporting.public.editions import prepare_edition
from reporting.public.presenters.corrections import list_public_changes
from reporting.public.presenters.month import make_years
from reporting.public.presenters.publishing import (
    describe_reach,
    publishing_view,
)
from reporting.public.presenters.region_month import SERIES, make_view
from reporting.public.publishing import AreaPublishing
from reporting.public.reach import find_reach
from reporting.public.region_publishing import (
    Period,
    PlaceEdition,
    RegionPeriod,
    RegionPublishing,
    find_publishing,
    period_of,
)
from reporting.public.region_selectors import find_region_month, list_series, list_states
from reporting.public.selectors import (
    find_month_withdrawal,
    list_public_lines,
    list_refused,
    list_waiting_documents,
    newest_with_history,
)
from reporting.public.services import (
    AreaEditionForm,
    EditionForm,
    WithdrawalForm,
    agree,
    ask_consent,
    decline,
    publish_edition,
    turn_public_pages,
)
from reporting.public.taking_down import explain, withdraw_month
from reporting.public.tasks import bring_replacements, hint_replacements
from reporting.public.totals import try_edition
from reporting.workflow import EditionState

DECIDED = {
    "ask": "You asked the information officer to approve the public edition of {}.",
    "agree": "You approved the public edition of {}. The coordinator can make it public now.",
    "decline": "You declined the public edition of {}.",
    "publish": "{} is public: anyone can read it now.",
    "explain": "The reason for withdrawing {} is saved.",
}
OUT_WITH_CORRECTION = "You approved the public edition of {}. It is public now, and the boards see the corrected month."
WHO = "Only a coordinator or an information officer can decide what is made public."


@open_to(Role.COORDINATOR, Role.INFORMATION, because=WHO)
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
        "waiting_documents": list_waiting_documents(area),
    }
    return render(request, "reporting/publishing.html", context)


def is_down(edition: PublicEdition | None) -> bool:
    return edition is not None and hasattr(edition, "withdrawal")


def turn_on(area: PartnershipArea, turn: str, *, by: User) -> None:
    if turn != "on":
        raise TransitionRefused(NOTHING_DECIDED)
    turn_public_pages(area, on=True, by=by)


@open_to(Role.COORDINATOR, Role.INFORMATION, because=WHO)
def publishing_off(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Turn the public pages off, after a page that says what nobody can read then."""
    if request.method == "POST":
        done = "The public pages are off: no one can read them."
        is_done(request, lambda: turn_public_pages(area, on=False, by=request.user), done=done)
        return redirect("reporting:publishing", area.slug)
    return show_form(request, "reporting/publishing_off.html", None)


@open_to(Role.COORDINATOR, Role.INFORMATION, Role.OPERATOR, because=WHO)
def publishing_month(request: AreaRequest, area: PartnershipArea, month: Month) -> HttpResponse:
    """Show what the public would see of a month beside what partners see, and whose turn it is."""
    period = find_period(area, month).period
    if request.method == "POST":
        form = form_for(request, AreaEditionForm)
        transaction.on_commit(partial(hint_letters, area.pk), robust=True)
        return take_decision(request, period, form, describe_area_decision)
    form = form_left(request, lambda typed: AreaEditionForm(typed, auto_id="left-%s"))
    bring_replacements(area)
    publishing = AreaPublishing(period)
    newest, waiting = publishing.find_newest(), publishing.find_under_way()
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
        context["turn"] = name_turn(waiting, context, is_coordinator=request.access.can_coordinate)
    return show_form(request, "reporting/publishing_month.html", form, context)


def describe_area_decision(typed: Mapping[str, Any]) -> str:
    """Say what was done. An edition of a corrected month may have gone out with its approval."""
    is_out = PublicEdition.objects.filter(pk=typed["edition"], number__isnull=False).exists()
    return OUT_WITH_CORRECTION if typed["decision"] == "agree" and is_out else DECIDED[typed["decision"]]


def say_who(waiting: PublicEdition | None, *, by: User) -> dict[str, object]:
    """Return whether this person can approve the edition in progress, or make it public, and why not."""
    if waiting is None:
        return {}
    why_not = describe_why_not(waiting, by=by)
    return {"may_approve": waiting.state == EditionState.ASKED and not why_not, "why_not": why_not}


def name_turn(waiting: PublicEdition | None, context: Mapping[str, object], *, is_coordinator: bool) -> str:
    """Say to this person whose turn it is with the edition in progress: "your", "the coordinator’s". Empty where an
    approved one waits for the others of its correction."""
    if waiting is None:
        return ""
    if waiting.state == EditionState.ASKED:
        return "your" if context["may_approve"] and not context["first_day"] else "the information officer’s"
    if context["corrected"]:
        return ""
    return "your" if is_coordinator and not context["why_not"] else "the coordinator’s"


def describe_why_not(waiting: PlaceEdition, *, by: User) -> str:
    """Return why this person can't approve the edition in progress, or make it public; empty where they can."""
    publishing = find_publishing(period_of(waiting))
    check = publishing.check_can_approve if waiting.agreed_by_id is None else publishing.check_can_open
    refusal = try_to(lambda: check(waiting, by=by))
    return describe_refusal(refusal) if refusal else ""


def preview(period: ReportingPeriod, waiting: PublicEdition | None, newest: PublicEdition | None) -> dict[str, object]:
    """Return what the edition in progress would show, or the one that could be asked for."""
    snapshot = waiting.snapshot if waiting else latest_snapshot(period, include_drafts=False)
    snapshot.period = period
    prepared = prepare_edition(snapshot)
    # The officer decides about the edition's own lines, not about today's.
    public = list_public_lines(waiting) if waiting else prepared.lines
    return {
        "snapshot": snapshot,
        "view": publishing_view(snapshot, public, prepared),
        "given_away": prepared.given_away,
        "left_out": [Month.parse(left_out).label for left_out in (waiting.left_out if waiting else prepared.left_out)],
        "years": make_years(waiting.years if waiting else prepared.years),
        "kpis": [kept["title"] for kept in (waiting.kpis if waiting else prepared.kpis)],
        "is_out_of_step": waiting is not None and waiting.fingerprint != prepared.fingerprint,
        "says_the_same": AreaPublishing(period).is_said(prepared),
        "corrected": find_corrected(period),
        "changed": list_public_changes(snapshot, list_public_lines(newest), public) if waiting and newest else [],
    }


def find_corrected(period: ReportingPeriod) -> Snapshot | None:
    """Return the next version of a published month, which its public edition goes out with."""
    return period.snapshots.filter(state=SnapshotState.DRAFT.value).first()


def declined(period: ReportingPeriod) -> PublicEdition | None:
    """Return the last edition if it was declined and none was published since."""
    last = PublicEdition.objects.filter(period=period).select_related("declined_by").order_by("-id").first()
    return last if last is not None and last.state == EditionState.DECLINED else None


def take_decision(
    request: AreaRequest | RegionRequest,
    period: Period,
    form: EditionForm,
    describe: Callable[[Mapping[str, Any]], str],
) -> HttpResponse:
    """Show the page again with the decision, or with why there was none. `describe` says what was done."""
    if not is_saved(request, form, lambda: decide(period, form.cleaned_data, by=request.user)):
        return send_back(request, form, request.path)
    messages.success(request, describe(form.cleaned_data).format(period.month.label))
    return redirect(request.path)


def decide(period: Period, typed: Mapping[str, Any], *, by: User) -> None:
    """Do what the button says, with the edition that the page showed."""
    if typed["decision"] == "ask":
        ask_consent(period, by=by)
        return
    if typed["decision"] == "explain" and isinstance(period, ReportingPeriod):
        explain_withdrawal(period, why=typed["why"], by=by)
        return
    # The key comes from a form, and must not reach another month's edition.
    edition = find_publishing(period).editions.filter(pk=typed["edition"]).first()
    if edition is None:
        raise TransitionRefused(NOTHING_DECIDED)
    match typed["decision"]:
        case "agree":
            agree(edition, by=by, seen=typed["seen"])
        case "decline":
            decline(edition, why=typed["why"], by=by)
        case _:
            publish_edition(edition, by=by)


def explain_withdrawal(period: ReportingPeriod, *, why: str, by: User) -> None:
    withdrawal = find_month_withdrawal(period)
    if withdrawal is None:
        raise TransitionRefused(NOTHING_DECIDED)
    explain(withdrawal, why=why, by=by)


WHO_WITHDRAWS = "Only an information officer can withdraw what is public."
DOWN = "{} is no longer in any public pages, files or board packs."


@open_to(Role.INFORMATION, because=WHO_WITHDRAWS)
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


# --- Of a region ----------------------------------------------------------------------------------

REGION_DECIDED = {
    "ask": "You asked for approval of the public edition of {}. Someone else from the region has to approve it.",
    "agree": "You approved the public edition of {}. A director can make it public now.",
    "decline": "You declined the public edition of {}.",
    "publish": "{} is public: anyone can read it now.",
}
WITHDRAWN = "You withdrew your request about the public edition of {}."


@open_to_region()
@noted_as("region.read")
@require_safe
def region_publishing(request: RegionRequest, region: Region) -> HttpResponse:
    """List the months that the region's areas have made public, with the region's own editions."""
    context = {"region": region, "missing": request.in_region.missing, "rows": list_states(region)}
    return render(request, "reporting/region_publishing.html", context)


@open_to_region()
@noted_as("region.read")
def region_publishing_month(request: RegionRequest, region: Region, month: Month) -> HttpResponse:
    """Show what anybody would read of a month, and whose turn it is."""
    period = RegionPeriod(region, month)
    if request.method == "POST":
        form = form_for(request, EditionForm)
        return take_decision(request, period, form, lambda typed: describe_decision(region, typed, by=request.user))
    form = form_left(request, lambda typed: EditionForm(typed, auto_id="left-%s"))
    publishing = RegionPublishing(period)
    newest, waiting = publishing.find_newest(), publishing.find_under_way()
    is_own = waiting is not None and waiting.asked_by_id == request.user.pk
    context = {
        "region": region,
        "month": month,
        "waiting": waiting,
        "newest": newest,
        "is_down": newest is not None and is_region_down(region, month),
        "is_own": is_own,
        "is_director": request.in_region.is_any(RegionRole.DIRECTOR),
        "why_not": describe_why_not(waiting, by=request.user) if waiting else "",
        **preview_region(region, month, waiting, newest),
    }
    return show_form(request, "reporting/region_publishing_month.html", form, context)


def is_region_down(region: Region, month: Month) -> bool:
    try:
        find_region_month(region.slug, month)
    except NotHeld:
        return True
    return False


def preview_region(
    region: Region, month: Month, waiting: RegionEdition | None, newest: RegionEdition | None
) -> dict[str, object]:
    """Return what the edition in progress would show, or the one that could be asked for."""
    prepared, refused = try_edition(region, month)
    if prepared is None:
        return {"refused": refused}
    is_out_of_step = waiting is not None and waiting.fingerprint != prepared.fingerprint
    # Somebody decides about the edition itself. Once it is out of date, nobody may read it any more: an area may have
    # withdrawn its consent or its month since.
    content = waiting.content if waiting and not is_out_of_step else prepared.undecided
    before = {one.month: one.content for one in list_series(region.slug, month + -(SERIES - 1), month.previous)}
    return {
        "view": make_view(content, name=region.name, month=month, before=before),
        "settles": prepared.settled,
        "is_out_of_step": is_out_of_step,
        "says_the_same": newest is not None and newest.fingerprint == prepared.fingerprint,
    }


@open_to_region(RegionRole.DIRECTOR)
@noted_as("region.read")
@require_safe
def region_publishing_open(request: RegionRequest, region: Region, month: Month) -> HttpResponse:
    """Ask once more before a month is made public: what its totals decide can't be undone."""
    waiting = RegionPublishing(RegionPeriod(region, month)).find_under_way()
    if waiting is None or waiting.agreed_by_id is None:
        return redirect("region-public:edition", region.slug, month)
    context = {"region": region, "month": month, "waiting": waiting, **preview_region(region, month, waiting, None)}
    return render(request, "reporting/region_publishing_open.html", context)


def describe_decision(region: Region, typed: Mapping[str, Any], *, by: User) -> str:
    edition = RegionEdition.objects.filter(region=region, pk=typed["edition"], asked_by=by)
    return WITHDRAWN if typed["decision"] == "decline" and edition.exists() else REGION_DECIDED[typed["decision"]]
