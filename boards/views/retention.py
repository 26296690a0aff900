"""How long records are kept, and what is on hold: for an area, and for the operator what belongs to no area."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from boards.deletion import find_months, list_every_hold, list_holds
from boards.forms.area import EVERY, HoldForm, MonthsForm, ReleaseForm, RuleDecisionForm
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.presenters.retention import NEVER_REMOVED, describe_hold, describe_rule, view_kinds
from boards.retention import describe_months, list_kinds
from boards.rules import PUBLISHERS, Role
from boards.services.retention import (
    check_can_answer,
    check_can_release,
    decide_rule,
    find_kind,
    place_hold,
    release_hold,
    set_months,
)
from core.forms.pages import (
    describe_refusal,
    form_for,
    is_saved,
    pressed,
    response_status,
    saved,
    show_form,
    taken_once,
    try_to,
)
from core.models import NOTICE_DAYS, HoldState, LegalHold, RetentionRule, RuleState, User
from core.permissions import check_is_operator

WHO = "Only coordinators and information officers can see how long records are kept."
WHO_DECIDES = "Only an information officer can do this."
PLACED = "We will not delete any of this while the hold lasts. Someone else has to release the hold."
RELEASED = f"The hold is released. We will announce each deletion again, at least {NOTICE_DAYS} days before."


# --- What there is ---------------------------------------------------------------------------------


@open_to(*PUBLISHERS, Role.OPERATOR, because=WHO)
@require_safe
def retention(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show each kind of record of the area: how long it is kept, what goes next, and what is on hold."""
    return _show(request, area, can_change=request.access.is_any(Role.INFORMATION))


@require_safe
def operator_retention(request: HttpRequest) -> HttpResponse:
    """Show the operator what belongs to no area, and the holds of every area."""
    check_is_operator(request.user)
    return _show(request, None, can_change=True)


def _show(request: HttpRequest, area: PartnershipArea | None, *, can_change: bool) -> HttpResponse:
    today, slug = timezone.localdate(), area.slug if area else ""
    kinds = list_kinds(slug)
    rules = RetentionRule.objects.filter(area=slug, state=RuleState.ASKED.value).select_related("asked_by")
    holds = list_holds(slug, today=today) if area else list_every_hold(today=today)
    context = {
        "area": area,
        "rows": [(view, _address("months", area, view.code)) for view in view_kinds(slug, kinds, today=today)],
        "holds": [(hold, describe_hold(hold), _address("release", area, hold.pk)) for hold in holds],
        "asked": [(_describe(area, rule), rule, _address("decide", area, rule.pk)) for rule in rules],
        "hold_url": _address("hold", area),
        "can_change": can_change,
        "never": NEVER_REMOVED,
        "days": NOTICE_DAYS,
    }
    return render(request, "boards/retention.html", context)


NAMES = {"": "retention", "hold": "hold-place", "release": "hold-release", "months": "retention-months"}


def _address(name: str, area: PartnershipArea | None, *parts: object) -> str:
    name = NAMES.get(name, f"retention-{name}")
    if area is None:
        return reverse(f"boards:operator-{name}", args=parts)
    return reverse(f"boards:{name}", args=[area.slug, *parts])


def _describe(area: PartnershipArea | None, rule: RetentionRule) -> str:
    kind = find_kind(area, rule.kind)
    return describe_rule(rule, kind, find_months(rule.area, kind) if kind else rule.months)


# --- Holds -----------------------------------------------------------------------------------------


@open_to(Role.INFORMATION, because=WHO_DECIDES)
@taken_once
def hold_place(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    choices = [("", EVERY), *((kind.code, kind.label) for kind in list_kinds(area.slug))]
    form = form_for(request, lambda typed: HoldForm(typed, choices=choices, choice="kind"))
    if is_saved(request, form, lambda: place_hold(area, **form.typed(), by=request.user)):
        messages.success(request, PLACED)
        return redirect("boards:retention", area.slug)
    return show_form(request, "boards/hold_place.html", form, {"area": area, "back": _address("", area)})


@taken_once
def operator_hold_place(request: HttpRequest) -> HttpResponse:
    """Hold every kind of record of an area, or of what belongs to none."""
    check_is_operator(request.user)
    areas = {area.slug: area for area in PartnershipArea.objects.order_by("name")}
    choices = [("", "Things that belong to no area"), *((slug, area.name) for slug, area in areas.items())]
    form = form_for(request, lambda typed: HoldForm(typed, choices=choices, choice="area"))

    def place() -> object:
        typed = form.typed()
        return place_hold(areas.get(typed.pop("area")), kind="", **typed, by=cast("User", request.user))

    if is_saved(request, form, place):
        messages.success(request, PLACED)
        return redirect("boards:operator-retention")
    return show_form(request, "boards/hold_place.html", form, {"back": _address("", None)})


@open_to(Role.INFORMATION, because=WHO_DECIDES)
def hold_release(request: AreaRequest, area: PartnershipArea, hold: int) -> HttpResponse:
    legal_hold = get_object_or_404(
        LegalHold.objects.select_related("placed_by", "released_by"), pk=hold, area=area.slug
    )
    return _release(request, legal_hold, area, of=area)


def operator_hold_release(request: HttpRequest, hold: int) -> HttpResponse:
    check_is_operator(request.user)
    legal_hold = get_object_or_404(LegalHold.objects.select_related("placed_by", "released_by"), pk=hold)
    return _release(request, legal_hold, None, of=PartnershipArea.objects.filter(slug=legal_hold.area).first())


def _release(
    request: HttpRequest, legal_hold: LegalHold, area: PartnershipArea | None, *, of: PartnershipArea | None
) -> HttpResponse:
    """Show the hold, with the form that releases it, on a page of an area or of the operator."""
    by = cast("User", request.user)
    form = form_for(request, ReleaseForm)
    if is_saved(request, form, lambda: release_hold(of, legal_hold, why=form.cleaned_data["why"], by=by)):
        messages.success(request, RELEASED)
        return redirect(_address("", area))
    is_on = legal_hold.state == HoldState.ON
    refusal = try_to(lambda: check_can_release(of, legal_hold, by=by)) if is_on else None
    context = {
        "area": area,
        "hold": legal_hold,
        "name": describe_hold(legal_hold),
        "is_on": is_on,
        "why_not": describe_refusal(refusal) if refusal else "",
        "back": _address("", area),
        "days": NOTICE_DAYS,
    }
    return show_form(request, "boards/hold_release.html", form, context, status=response_status(form))


# --- The periods -----------------------------------------------------------------------------------


@open_to(Role.INFORMATION, because=WHO_DECIDES)
@taken_once
def retention_months(request: AreaRequest, area: PartnershipArea, records: str) -> HttpResponse:
    return _months(request, area, records)


@taken_once
def operator_retention_months(request: HttpRequest, records: str) -> HttpResponse:
    check_is_operator(request.user)
    return _months(request, None, records)


def _months(request: HttpRequest, area: PartnershipArea | None, records: str) -> HttpResponse:
    """Change how long a kind is kept. If it is shorter, somebody else has to agree."""
    kind = find_kind(area, records)
    if kind is None:
        raise Http404("There is no such kind of record.")
    months, by = find_months(area.slug if area else "", kind), cast("User", request.user)
    form = form_for(request, lambda typed: MonthsForm(typed, kind=kind, initial={"months": months}))

    def save() -> RetentionRule:
        typed = form.cleaned_data
        return set_months(area, kind, months=typed["months"], why=typed["why"], by=by)

    if rule := saved(request, form, save):
        waits = "You asked for a shorter period. Someone else has to agree to it."
        messages.success(request, waits if rule.is_shorter else "Saved. It applies from now on.")
        return redirect(_address("", area))
    context = {"area": area, "kind": kind, "keeps": describe_months(months), "back": _address("", area)}
    return show_form(request, "boards/retention_months.html", form, context)


@open_to(*PUBLISHERS, Role.OPERATOR, because=WHO)
def retention_decide(request: AreaRequest, area: PartnershipArea, rule: int) -> HttpResponse:
    return _decide(request, area, rule)


def operator_retention_decide(request: HttpRequest, own: int) -> HttpResponse:
    check_is_operator(request.user)
    return _decide(request, None, own)


def _decide(request: HttpRequest, area: PartnershipArea | None, pk: int) -> HttpResponse:
    """Show a request for a shorter period, with buttons to agree or decline."""
    rules = RetentionRule.objects.select_related("asked_by", "decided_by")
    rule, by = get_object_or_404(rules, pk=pk, area=area.slug if area else ""), cast("User", request.user)
    act = pressed(request, "decision")
    form = form_for(request, lambda typed: RuleDecisionForm(typed, auto_id=f"{act or 'decide'}-%s"))

    def decide() -> None:
        typed = form.cleaned_data
        decide_rule(area, rule, agrees=typed["decision"] == "agree", why=typed["why"], by=by)

    if is_saved(request, form, decide):
        messages.success(request, "Your decision is saved.")
        return redirect(_address("", area))
    is_waiting = rule.state == RuleState.ASKED
    refusal = try_to(lambda: check_can_answer(area, rule, by=by)) if is_waiting else None
    context = {
        "area": area,
        "rule": rule,
        "title": _describe(area, rule),
        "can_decide": is_waiting and refusal is None,
        "why_not": describe_refusal(refusal) if refusal else "",
        "back": _address("", area),
        "days": NOTICE_DAYS,
    }
    return show_form(request, "boards/retention_decide.html", form, context, status=response_status(form))
