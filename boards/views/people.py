"""Who takes part in an area? Lists people, and gives and removes roles."""

import logging

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from boards.forms import PersonForm
from boards.models import Membership, PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.people import grant_role, revoke_role, send_access
from core.form_pages import form_for, is_saved, show_form
from core.services.sent_once import taken_once

logger = logging.getLogger(__name__)


@open_to(Role.COORDINATOR)
@require_safe
def people_list(request: HttpRequest, area: PartnershipArea) -> HttpResponse:
    memberships = Membership.objects.filter(area=area).select_related("user", "agency", "board")
    rows = sorted(memberships, key=lambda held: (held.user.name.casefold(), held.user.email, held.pk))
    return render(request, "boards/people_list.html", {"area": area, "memberships": rows})


@open_to(Role.COORDINATOR)
def person_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    granted: list[Membership] = []
    response = _add(request, area, granted)
    # Send only after the role is committed: nobody can take an e-mail back.
    for membership in granted:
        _tell(request, membership)
    return response


@taken_once
def _add(request: AreaRequest, area: PartnershipArea, granted: list[Membership]) -> HttpResponse:
    """Give the role once. `granted` then has it."""
    form = form_for(request, lambda typed: PersonForm(typed, area=area))

    def grant() -> None:
        membership, _ = grant_role(area, **form.cleaned_data, by=request.user)
        granted.append(membership)

    if is_saved(request, form, grant):
        return redirect("boards:people-list", area.slug)
    return show_form(request, "boards/person_add.html", form)


@open_to(Role.COORDINATOR)
@require_POST
def person_tell(request: AreaRequest, area: PartnershipArea, membership: int) -> HttpResponse:
    """Send the e-mail again, because it was lost or its link has expired."""
    _tell(request, find_membership(area, membership))
    return redirect("boards:people-list", area.slug)


@open_to(Role.COORDINATOR)
def person_remove(request: AreaRequest, area: PartnershipArea, membership: int) -> HttpResponse:
    held = find_membership(area, membership)
    form = form_for(request, forms.Form)
    if is_saved(request, form, lambda: revoke_role(held, by=request.user)):
        messages.success(request, f"{held.user} is no longer {describe_role(held)} in {area.name}.")
        # Somebody who removed their own role may no longer open this list.
        gone = held.user == request.user and held.role == Role.COORDINATOR
        return redirect("reporting:home") if gone else redirect("boards:people-list", area.slug)
    return show_form(request, "boards/person_remove.html", form, {"held": held, "role": describe_role(held)})


def find_membership(area: PartnershipArea, pk: int) -> Membership:
    """Return the membership. Raises Http404, also for another area's."""
    return get_object_or_404(Membership.objects.select_related("user", "area", "agency", "board"), area=area, pk=pk)


def describe_role(held: Membership) -> str:
    """Describe a role: "agency lead for Police"."""
    place = held.agency or held.board
    return held.get_role_display().lower() + (f" for {place}" if place else "")


def _tell(request: AreaRequest, membership: Membership) -> None:
    """Send the e-mail, and show on the next page whether it was sent. The role is already saved."""
    user = membership.user
    try:
        send_access(membership, absolute=request.build_absolute_uri, by=request.user)
    except OSError:
        logger.exception("The e-mail to a new member of %s could not be sent.", membership.area.slug)
        messages.error(
            request,
            f"{user} now has the role, but the e-mail to {user.email} could not be sent. "
            "Send it again from the list below; if that fails too, tell the operator.",
        )
    else:
        messages.success(request, f"{user} is {describe_role(membership)}. We have sent an e-mail to {user.email}.")
