"""The people of an area: list them, give and remove roles, decide requests for roles, and reset second factors."""

import logging
from typing import Any, cast

from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from boards.forms.area import FactorRolesForm
from boards.forms.parts import lower_first
from boards.forms.people import PersonForm, ResetForm, RoleDecisionForm
from boards.models import FactorReset, Membership, PartnershipArea, RoleRequest
from boards.models.requests import RESET_DAYS
from boards.permissions import (
    AreaRequest,
    access_to,
    find_first_day,
    list_role_decisions,
    needs_factor,
    open_to,
    why_not_confirmed_by,
)
from boards.presenters.requests import describe_request, make_row
from boards.rules import CONFIRMED_ROLES, FACTOR_RESETTERS, PUBLISHERS, WHAT_ROLES_DO, Role
from boards.selectors import count_recovery_codes, list_open_resets, list_people_with_factor
from boards.services.factors import (
    ask_reset,
    check_can_confirm,
    confirm_reset,
    has_lapsed,
    offer_no_factor,
    refuse_reset,
    set_factor_roles,
    tell_reset,
)
from boards.services.people import check_place, grant_role, revoke_role, send_access
from boards.services.requests import ask_end, ask_role, confirm_request, decline_request, end_wait, withdraw_request
from core.forms.pages import (
    NO_ACT,
    REFUSALS,
    describe_refusal,
    form_for,
    is_done,
    is_saved,
    pressed,
    response_status,
    saved,
    show_form,
    taken_once,
    try_to,
)
from core.identity.factors import AFTER_SET_UP, list_factors
from core.labels import with_article
from core.models import User
from core.pages import PersonRequest
from core.permissions import check_is_operator, is_let_off, is_operator

logger = logging.getLogger(__name__)
WAITS = "It waits until an information officer confirms it. We email every information officer."


@open_to(Role.COORDINATOR)
@require_safe
def people_list(request: HttpRequest, area: PartnershipArea) -> HttpResponse:
    memberships = Membership.objects.filter(area=area).select_related("user", "agency", "board")
    rows = sorted(
        memberships, key=lambda membership: (membership.user.name.casefold(), membership.user.email, membership.pk)
    )
    today = timezone.localdate()
    waiting = RoleRequest.objects.waiting(today).filter(area=area).select_related("area", "user", "asked_by")
    context = {
        "area": area,
        "memberships": rows,
        "waiting": [make_row(role_request, today=today) for role_request in waiting],
    }
    return render(request, "boards/people_list.html", context)


@open_to(Role.COORDINATOR)
def person_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    granted: list[Membership] = []
    response = _add(request, area, granted)
    # Send only after the role is committed: nobody can take an e-mail back.
    for membership in granted:
        tell_person(request, membership, by=request.user)
    return response


@taken_once
def _add(request: AreaRequest, area: PartnershipArea, granted: list[Membership]) -> HttpResponse:
    """Give the role once. `granted` then has it."""
    form = form_for(request, lambda typed: PersonForm(typed, area=area))

    def grant() -> Membership | RoleRequest:
        typed = form.cleaned_data
        if typed["role"] in CONFIRMED_ROLES:
            check_place(typed["role"], agency=typed["agency"], board=typed["board"])
            who = {name: typed[name] for name in ("email", "name", "role", "is_attested")}
            return ask_role(area, **who, by=request.user)
        membership, _ = grant_role(area, **typed, by=request.user)
        return membership

    match saved(request, form, grant):
        case RoleRequest() as role_request:
            messages.success(request, f"You asked to {lower_first(describe_request(role_request))}. {WAITS}")
        case Membership() as membership:
            granted.append(membership)
        case None:
            return show_form(request, "boards/person_add.html", form)
    return redirect("boards:people-list", area.slug)


@open_to(Role.COORDINATOR)
@require_POST
def person_tell(request: AreaRequest, area: PartnershipArea, membership: int) -> HttpResponse:
    """Send the e-mail again, because it was lost or its link has expired."""
    tell_person(request, find_membership(area, membership), by=request.user)
    return redirect("boards:people-list", area.slug)


@open_to(Role.COORDINATOR)
def person_remove(request: AreaRequest, area: PartnershipArea, membership: int) -> HttpResponse:
    member = find_membership(area, membership)
    form, is_asked = form_for(request, forms.Form), member.role in CONFIRMED_ROLES
    remove = ask_end if is_asked else revoke_role
    if is_saved(request, form, lambda: remove(member, by=request.user)):
        done = f"{member.user} is no longer {with_article(describe_role(member))} in {area.name}."
        messages.success(request, f"You asked to end {member.user}’s role. {WAITS}" if is_asked else done)
        return redirect("boards:people-list", area.slug)
    context = {"member": member, "role": describe_role(member), "is_asked": is_asked}
    return show_form(request, "boards/person_remove.html", form, context)


def find_membership(area: PartnershipArea, pk: int) -> Membership:
    """Return the membership. Raises Http404, also for another area's."""
    return get_object_or_404(Membership.objects.select_related("user", "area", "agency", "board"), area=area, pk=pk)


def describe_role(membership: Membership) -> str:
    """Describe a role: "agency lead for Police"."""
    place = membership.agency or membership.board
    return membership.get_role_display().lower() + (f" for {place}" if place else "")


def tell_person(request: HttpRequest, membership: Membership, *, by: User) -> None:
    """Send the e-mail, and show on the next page whether it was sent. The role is already saved."""
    user = membership.user
    try:
        send_access(membership, by=by)
    except OSError:
        logger.exception("The email to a new member of %s could not be sent.", membership.area.slug)
        messages.error(
            request,
            f"{user} now has the role, but the email to {user.email} could not be sent. "
            "Send it again from the list below; if that fails too, tell the operator.",
        )
    else:
        role = with_article(describe_role(membership))
        messages.success(request, f"{user} is {role}. We have sent an email to {user.email}.")


# Requests for strong roles: an information officer confirms one on a page of the area, and an operator on a page of
# their own.

WHO = "Only coordinators and information officers can see who is to get a role."
MOST_PAST = 50  # on one page
DONE = {
    "confirm": "You confirmed it: {}.",
    "decline": "You declined it: {}.",
    "withdraw": "You withdrew the request: {}.",
    "shorten": "You ended the wait: {}.",
}


@open_to(*PUBLISHERS, because=WHO)
@require_safe
def role_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the requests, and the information officers with the day from which each decides alone."""
    today = timezone.localdate()
    requests = RoleRequest.objects.filter(area=area).select_related("area", "user", "asked_by", "decided_by")
    rows = [make_row(role_request, today=today) for role_request in requests[:MOST_PAST]]
    officer_roles = Membership.objects.filter(area=area, role=Role.INFORMATION.value, user__is_active=True)
    officers = [
        (officer.user, officer.acts_from if officer.acts_from and officer.acts_from > today else None)
        for officer in officer_roles.select_related("user").order_by("user__name")
    ]
    context = {
        "area": area,
        "officers": officers,
        "waiting": [row for row in rows if row.is_waiting],
        "past": [row for row in rows if not row.is_waiting],
    }
    return render(request, "boards/role_list.html", context)


@open_to(*PUBLISHERS, because=WHO)
def role_decide(request: AreaRequest, area: PartnershipArea, asked: int) -> HttpResponse:
    return _show(request, find_request(asked, area=area), back=reverse("boards:role-list", args=[area.slug]))


@require_safe
def operator_role_list(request: HttpRequest) -> HttpResponse:
    """List what waits in all areas, for the operator."""
    check_is_operator(request.user)
    today = timezone.localdate()
    requests = RoleRequest.objects.waiting(today).select_related("area", "user", "asked_by", "decided_by")
    rows = [make_row(role_request, today=today, is_operator=True) for role_request in requests]
    return render(request, "boards/role_list.html", {"waiting": rows, "show_area": True})


def operator_role_decide(request: HttpRequest, asked: int) -> HttpResponse:
    check_is_operator(request.user)
    return _show(request, find_request(asked), back=reverse("boards:operator-role-list"))


def find_request(pk: int, **where: object) -> RoleRequest:
    """Return the request. Raises Http404, also for another area's."""
    requests = RoleRequest.objects.select_related("area", "user", "asked_by", "decided_by", "shortened_by")
    return get_object_or_404(requests, pk=pk, **where)


def _show(request: HttpRequest, role_request: RoleRequest, *, back: str) -> HttpResponse:
    by, act = cast("User", request.user), pressed(request, "decision")
    form = form_for(request, lambda typed: RoleDecisionForm(typed, auto_id=f"{act or 'decide'}-%s"))
    granted = saved(request, form, lambda: _decide(role_request, form, by=by))
    if granted is not None:
        messages.success(request, DONE[form.cleaned_data["decision"]].format(describe_request(role_request)))
        # Send only after the role is committed: nobody can take an e-mail back.
        for membership in granted:
            tell_person(request, membership, by=by)
        gone = not is_operator(by) and not access_to(role_request.area, by=by).is_any(*PUBLISHERS)
        return redirect("reporting:home" if gone else request.path)
    today = timezone.localdate()
    context = {
        "role_request": role_request,
        "row": make_row(role_request, today=today),
        "does": WHAT_ROLES_DO[Role(role_request.role)],
        "acts": list_role_decisions(role_request, by=by),
        "why_not": why_not_confirmed_by(role_request, by),
        "first_day": find_first_day(role_request.area, role_request.user),
        "back": back,
    }
    return show_form(request, "boards/role_request.html", form, context, status=response_status(form))


def _decide(role_request: RoleRequest, form: RoleDecisionForm, *, by: User) -> list[Membership]:
    """Do what was decided, and return the membership that it gave, if it gave one."""
    typed = form.cleaned_data
    match typed["decision"]:
        case "confirm":
            if membership := confirm_request(role_request, by=by):
                return [membership]
        case "decline":
            decline_request(role_request, why=typed["why"], by=by)
        case "shorten":
            end_wait(role_request, why=typed["why"], by=by)
        case _:
            withdraw_request(role_request, by=by)
    return []


WHO_RESETS = "Only a coordinator, an information officer or an operator can do this."


@require_safe
def factor_home(request: PersonRequest) -> HttpResponse:
    """Show how somebody signs in: their passkeys, app and recovery codes. It is also where they set one up, and the
    only page that they see until a role's second factor is there."""
    factors = list(list_factors(request.user).order_by("created_at", "pk"))
    context = {
        "app": next((factor for factor in factors if factor.type == Authenticator.Type.TOTP), None),
        "passkeys": [factor for factor in factors if factor.type == Authenticator.Type.WEBAUTHN],
        "codes_left": count_recovery_codes(request.user, of=mfa_settings.RECOVERY_CODE_COUNT) if factors else 0,
        "has_factor": bool(factors),
        "needs_factor": needs_factor(request.user),
        "is_let_off": is_let_off(request.user),
        "next_url": request.session.pop(AFTER_SET_UP, "") if factors else "",
        "helped": _list_helped(request) if factors or is_let_off(request.user) else [],
    }
    return render(request, "mfa/index.html", context)


def _list_helped(request: PersonRequest) -> QuerySet[PartnershipArea]:
    """Return the areas where they can ask for a reset."""
    if is_operator(request.user):
        return PartnershipArea.objects.all()
    roles = [role.value for role in FACTOR_RESETTERS]
    return PartnershipArea.objects.filter(
        pk__in=Membership.objects.filter(user=request.user, role__in=roles).values("area")
    )


@require_POST
def factor_later(request: PersonRequest) -> HttpResponse:
    """Take the offer of a second factor off somebody's home page."""
    link = format_html('<a class="govuk-link" href="{}">How you sign in</a>', reverse("mfa_index"))
    done = format_html("You can set one up later, under {}.", link)
    is_done(request, lambda: offer_no_factor(by=request.user), done=done)
    return redirect("reporting:home")


@open_to(Role.COORDINATOR)
def factor_roles(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Choose which other roles need a second factor in this area."""
    initial = {"roles": [role.value for role in area.roles_with_factor]}
    form = form_for(request, lambda typed: FactorRolesForm(typed, initial=initial))
    if is_saved(request, form, lambda: set_factor_roles(area, **form.cleaned_data, by=request.user)):
        messages.success(
            request, "Saved. People with these roles will have to set up a second factor when they next open a page."
        )
        return redirect("indicators:setup", area.slug)
    return show_form(request, "boards/factor_roles.html", form)


@open_to(*FACTOR_RESETTERS, because=WHO_RESETS)
@require_safe
def reset_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the requests to reset a second factor, and the people who have one."""
    waiting = list(list_open_resets(area))
    lost = {reset.person_id for reset in waiting if not has_lapsed(reset)}
    people = [
        membership for membership in list_people_with_factor(area) if membership.user_id not in lost | {request.user.pk}
    ]
    return render(request, "boards/reset_list.html", {"waiting": waiting, "people": people, "days": RESET_DAYS})


@open_to(*FACTOR_RESETTERS, because=WHO_RESETS)
def reset_ask(request: AreaRequest, area: PartnershipArea, membership: int) -> HttpResponse:
    """Ask for somebody's second factor to be reset. The page says what happens then."""
    resets: list[FactorReset] = []
    response = _ask(request, area, membership, resets)
    for reset in resets:
        _tell(request, reset)
    return response


@taken_once
def _ask(request: AreaRequest, area: PartnershipArea, membership: int, resets: list[FactorReset]) -> HttpResponse:
    member = get_object_or_404(Membership.objects.select_related("user", "area"), area=area, pk=membership)
    form = form_for(request, ResetForm)
    if reset := saved(request, form, lambda: ask_reset(member, why=form.cleaned_data["why"], by=request.user)):
        resets.append(reset)
        messages.success(
            request, f"You asked for {member.user}’s second factor to be reset. Someone else has to confirm it."
        )
        return redirect("boards:reset-list", area.slug)
    return show_form(request, "boards/reset_ask.html", form, {"member": member, "days": RESET_DAYS})


@open_to(*FACTOR_RESETTERS, because=WHO_RESETS)
def reset_decide(request: AreaRequest, area: PartnershipArea, reset: int) -> HttpResponse:
    """Show one request, with buttons to confirm or decline."""
    resets = FactorReset.objects.select_related("area", "person", "asked_by")
    factor_reset = get_object_or_404(resets, area=area, pk=reset)
    if request.method == "POST":
        return _decide_reset(request, factor_reset)
    context: dict[str, Any] = {
        "reset": factor_reset,
        "is_open": factor_reset.confirmed_at is None and factor_reset.refused_at is None,
        "has_lapsed": has_lapsed(factor_reset),
        "is_asker": factor_reset.asked_by_id == request.user.pk,
        "days": RESET_DAYS,
    }
    refusal = try_to(lambda: check_can_confirm(factor_reset, by=request.user)) if context["is_open"] else None
    context["why_not"] = describe_refusal(refusal) if refusal else ""
    return render(request, "boards/reset_decide.html", context)


def _decide_reset(request: AreaRequest, factor_reset: FactorReset) -> HttpResponse:
    acts = {
        "confirm": (
            confirm_reset,
            f"{factor_reset.person}’s second factor is reset. They will set up a new one when they next sign in.",
        ),
        "refuse": (refuse_reset, f"The request is closed. {factor_reset.person}’s second factor hasn’t changed."),
    }
    act, done = acts.get(request.POST.get("act", ""), (None, ""))
    if act is None:
        messages.error(request, NO_ACT)
        return redirect(reverse("boards:reset-decide", args=[factor_reset.area.slug, factor_reset.pk]))
    was_open = factor_reset.confirmed_at is None and factor_reset.refused_at is None
    try:
        decided = act(factor_reset, by=request.user)
    except REFUSALS as refusal:
        messages.error(request, describe_refusal(refusal))
    else:
        messages.success(request, done)
        if was_open:
            _tell(request, decided)
    return redirect("boards:reset-list", factor_reset.area.slug)


def _tell(request: AreaRequest, reset: FactorReset) -> None:
    if lost := tell_reset(reset):
        messages.error(request, f"The email about this could not be sent to {', '.join(lost)}. Tell them yourself.")
