"""How do people sign in, and what happens when somebody loses a device?"""

from typing import Any

from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from boards.forms.area import FactorRolesForm
from boards.forms.people import ResetForm
from boards.models import FactorReset, Membership, PartnershipArea
from boards.models.factors import RESET_DAYS
from boards.permissions import AreaRequest, needs_factor, open_to
from boards.roles import FACTOR_RESETTERS, Role
from boards.selectors import list_open_resets, list_people_with_factor
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
from core.form_pages import ANY_FORM, NO_ACT, describe_refusal, form_for, is_done, is_saved, show_form, try_to
from core.permissions import is_let_off, is_operator
from core.selectors.factors import count_recovery_codes, list_factors
from core.services.factors import AFTER_SET_UP
from core.services.links import site_address
from core.services.sent_once import taken_once
from core.views import PersonRequest

WHO = "Only a coordinator, an information officer or an operator can do this."


@require_safe
def factor_home(request: PersonRequest) -> HttpResponse:
    """Show how somebody signs in: their passkeys, app and recovery codes. It is also where they set one up, and the
    only page that they see until a role's second factor is there."""
    held = list(list_factors(request.user).order_by("created_at", "pk"))
    context = {
        "app": next((each for each in held if each.type == Authenticator.Type.TOTP), None),
        "passkeys": [each for each in held if each.type == Authenticator.Type.WEBAUTHN],
        "codes_left": count_recovery_codes(request.user, of=mfa_settings.RECOVERY_CODE_COUNT) if held else 0,
        "has_factor": bool(held),
        "needs_factor": needs_factor(request.user),
        "is_let_off": is_let_off(request.user),
        "next_url": request.session.pop(AFTER_SET_UP, "") if held else "",
        "helped": _list_helped(request) if held or is_let_off(request.user) else [],
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
        messages.success(request, "Saved. People with these roles set up a second factor when they next open a page.")
        return redirect("indicators:setup", area.slug)
    return show_form(request, "boards/factor_roles.html", form)


@open_to(*FACTOR_RESETTERS, because=WHO)
@require_safe
def reset_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the requests to reset a second factor, and the people who have one."""
    waiting = list(list_open_resets(area))
    asked = {reset.person_id for reset in waiting if not has_lapsed(reset)}
    people = [held for held in list_people_with_factor(area) if held.user_id not in asked | {request.user.pk}]
    return render(request, "boards/reset_list.html", {"waiting": waiting, "people": people, "days": RESET_DAYS})


@open_to(*FACTOR_RESETTERS, because=WHO)
@require_http_methods(ANY_FORM)
def reset_ask(request: AreaRequest, area: PartnershipArea, membership: int) -> HttpResponse:
    """Ask for somebody's second factor to be reset. The page says what happens then."""
    asked: list[FactorReset] = []
    response = _ask(request, area, membership, asked)
    for reset in asked:
        _tell(request, reset)
    return response


@taken_once
def _ask(request: AreaRequest, area: PartnershipArea, membership: int, asked: list[FactorReset]) -> HttpResponse:
    held = get_object_or_404(Membership.objects.select_related("user", "area"), area=area, pk=membership)
    form = form_for(request, ResetForm)
    if is_saved(request, form, lambda: asked.append(ask_reset(held, why=form.cleaned_data["why"], by=request.user))):
        messages.success(request, f"You asked for {held.user}’s second factor to be reset. Somebody else confirms it.")
        return redirect("boards:reset-list", area.slug)
    return show_form(request, "boards/reset_ask.html", form, {"held": held, "days": RESET_DAYS})


@open_to(*FACTOR_RESETTERS, because=WHO)
@require_http_methods(ANY_FORM)
def reset_decide(request: AreaRequest, area: PartnershipArea, reset: int) -> HttpResponse:
    """Show one request, with buttons to confirm or decline."""
    resets = FactorReset.objects.select_related("area", "person", "asked_by")
    found = get_object_or_404(resets, area=area, pk=reset)
    if request.method == "POST":
        return _decide(request, found)
    context: dict[str, Any] = {
        "reset": found,
        "is_open": found.confirmed_at is None and found.refused_at is None,
        "has_lapsed": has_lapsed(found),
        "is_asker": found.asked_by_id == request.user.pk,
        "days": RESET_DAYS,
    }
    refusal = try_to(lambda: check_can_confirm(found, by=request.user)) if context["is_open"] else None
    context["why_not"] = describe_refusal(refusal) if refusal else ""
    return render(request, "boards/reset_decide.html", context)


def _decide(request: AreaRequest, found: FactorReset) -> HttpResponse:
    decided: list[FactorReset] = []
    acts = {
        "confirm": (
            confirm_reset,
            f"{found.person}’s second factor is reset. They set up a new one at sign-in.",
        ),
        "refuse": (refuse_reset, f"The request is closed. {found.person}’s second factor stays."),
    }
    act, done = acts.get(request.POST.get("act", ""), (None, ""))
    if act is None:
        messages.error(request, NO_ACT)
        return redirect(reverse("boards:reset-decide", args=[found.area.slug, found.pk]))
    was_open = found.confirmed_at is None and found.refused_at is None
    if is_done(request, lambda: decided.append(act(found, by=request.user)), done=done) and was_open:
        for reset in decided:
            _tell(request, reset)
    return redirect("boards:reset-list", found.area.slug)


def _tell(request: AreaRequest, reset: FactorReset) -> None:
    if lost := tell_reset(reset, absolute=site_address):
        messages.error(request, f"The e-mail about this could not be sent to {', '.join(lost)}. Tell them yourself.")
