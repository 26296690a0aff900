"""Who takes part in an area? Lists people, and gives and removes roles."""

import logging

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from boards.forms.fields import lower_first
from boards.forms.people import PersonForm
from boards.models import Membership, PartnershipArea, RoleRequest
from boards.permissions import AreaRequest, open_to
from boards.presenters.role_requests import describe_request, make_row
from boards.roles import CONFIRMED_ROLES, Role
from boards.services.people import check_place, grant_role, revoke_role, send_access
from boards.services.role_requests import ask_end, ask_role
from core.form_pages import form_for, is_saved, show_form
from core.labels import with_article
from core.models import User
from core.services.sent_once import taken_once

logger = logging.getLogger(__name__)
WAITS = "It waits until an information officer confirms it. We e-mail every information officer."


@open_to(Role.COORDINATOR)
@require_safe
def people_list(request: HttpRequest, area: PartnershipArea) -> HttpResponse:
    memberships = Membership.objects.filter(area=area).select_related("user", "agency", "board")
    rows = sorted(memberships, key=lambda held: (held.user.name.casefold(), held.user.email, held.pk))
    today = timezone.localdate()
    waiting = RoleRequest.objects.waiting(today).filter(area=area).select_related("area", "user", "asked_by")
    context = {"area": area, "memberships": rows, "waiting": [make_row(asked, today=today) for asked in waiting]}
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
    asked: list[RoleRequest] = []

    def grant() -> None:
        typed = form.cleaned_data
        if typed["role"] in CONFIRMED_ROLES:
            check_place(typed["role"], agency=typed["agency"], board=typed["board"])
            who = {name: typed[name] for name in ("email", "name", "role", "is_attested")}
            asked.append(ask_role(area, **who, by=request.user))
        else:
            membership, _ = grant_role(area, **typed, by=request.user)
            granted.append(membership)

    if is_saved(request, form, grant):
        if asked:
            messages.success(request, f"You asked to {lower_first(describe_request(asked[0]))}. {WAITS}")
        return redirect("boards:people-list", area.slug)
    return show_form(request, "boards/person_add.html", form)


@open_to(Role.COORDINATOR)
@require_POST
def person_tell(request: AreaRequest, area: PartnershipArea, membership: int) -> HttpResponse:
    """Send the e-mail again, because it was lost or its link has expired."""
    tell_person(request, find_membership(area, membership), by=request.user)
    return redirect("boards:people-list", area.slug)


@open_to(Role.COORDINATOR)
def person_remove(request: AreaRequest, area: PartnershipArea, membership: int) -> HttpResponse:
    held = find_membership(area, membership)
    form, is_asked = form_for(request, forms.Form), held.role in CONFIRMED_ROLES
    remove = ask_end if is_asked else revoke_role
    if is_saved(request, form, lambda: remove(held, by=request.user)):
        done = f"{held.user} is no longer {with_article(describe_role(held))} in {area.name}."
        messages.success(request, f"You asked to end {held.user}’s role. {WAITS}" if is_asked else done)
        return redirect("boards:people-list", area.slug)
    context = {"held": held, "role": describe_role(held), "is_asked": is_asked}
    return show_form(request, "boards/person_remove.html", form, context)


def find_membership(area: PartnershipArea, pk: int) -> Membership:
    """Return the membership. Raises Http404, also for another area's."""
    return get_object_or_404(Membership.objects.select_related("user", "area", "agency", "board"), area=area, pk=pk)


def describe_role(held: Membership) -> str:
    """Describe a role: "agency lead for Police"."""
    place = held.agency or held.board
    return held.get_role_display().lower() + (f" for {place}" if place else "")


def tell_person(request: HttpRequest, membership: Membership, *, by: User) -> None:
    """Send the e-mail, and show on the next page whether it was sent. The role is already saved."""
    user = membership.user
    try:
        send_access(membership, by=by)
    except OSError:
        logger.exception("The e-mail to a new member of %s could not be sent.", membership.area.slug)
        messages.error(
            request,
            f"{user} now has the role, but the e-mail to {user.email} could not be sent. "
            "Send it again from the list below; if that fails too, tell the operator.",
        )
    else:
        role = with_article(describe_role(membership))
        messages.success(request, f"{user} is {role}. We have sent an e-mail to {user.email}.")
