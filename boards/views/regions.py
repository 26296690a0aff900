"""The pages of regions: which there are, which areas each invited, who works for it, and what an area lets it use.

The operator sets regions up; a director adds analysts.
"""

import logging
from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from boards.forms.area import ConsentForm, RegionForm, RegionPersonForm, RegionPlaceForm
from boards.models import Consent, PartnershipArea, Region, RegionMembership, RegionPlace
from boards.permissions import AreaRequest, RegionRequest, open_to, open_to_region
from boards.rules import PUBLISHERS, RegionRole, Role
from boards.services.regions import (
    agree_to_consent,
    check_can_agree,
    give_consent,
    grant_region_role,
    invite_area,
    make_region,
    remove_area,
    revoke_region_role,
    send_region_access,
    withdraw_consent,
)
from core.forms.pages import (
    NO_ACT,
    describe_refusal,
    form_for,
    is_done,
    is_saved,
    saved,
    show_form,
    taken_once,
    try_to,
)
from core.labels import with_article
from core.models import User
from core.permissions import check_is_operator, is_operator

logger = logging.getLogger(__name__)


@require_safe
def region_list(request: HttpRequest) -> HttpResponse:
    """List the regions that somebody works for; all of them for the operator."""
    user = cast("User", request.user)  # SignInMiddleware ensures it
    regions = Region.objects.all()
    if not is_operator(user):
        regions = regions.filter(memberships__user=user).distinct()
    directed = RegionMembership.objects.filter(user=user, role=RegionRole.DIRECTOR.value)
    context = {
        "regions": regions,
        "can_add": is_operator(user),
        "directed": set(directed.values_list("region_id", flat=True)),
    }
    return render(request, "boards/region_list.html", context)


@taken_once
def region_add(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    check_is_operator(user)
    form = form_for(request, RegionForm)
    if region := saved(request, form, lambda: make_region(**form.cleaned_data, by=user)):
        messages.success(request, f"{region.name} has been added. Invite its areas, and add a director.")
        return redirect("region-setup:setup", region.slug)
    return show_form(request, "boards/region_add.html", form)


@open_to_region(RegionRole.DIRECTOR, and_operator=True)
@require_safe
def region_setup(request: RegionRequest, region: Region) -> HttpResponse:
    """List the region's areas, with what each shows, and its people."""
    people = RegionMembership.objects.filter(region=region).select_related("user").order_by("user__name", "pk")
    keys = dict(RegionPlace.objects.filter(region=region).values_list("area_id", "pk"))
    context = {
        "region": region,
        "in_region": request.in_region,
        "places": [(place, keys.get(place.area_id)) for place in request.in_region.places],
        "people": people,
        "is_operator": is_operator(request.user),
    }
    return render(request, "boards/region_setup.html", context)


@open_to_region(RegionRole.DIRECTOR, and_operator=True)
@taken_once
def place_add(request: RegionRequest, region: Region) -> HttpResponse:
    check_is_operator(request.user)
    form = form_for(request, lambda typed: RegionPlaceForm(typed, region=region))
    if is_saved(request, form, lambda: invite_area(region, form.cleaned_data["area"], by=request.user)):
        area = form.cleaned_data["area"]
        messages.success(
            request,
            f"{area} is invited. The area can now give permission under Public pages, Permission to use figures.",
        )
        return redirect("region-setup:setup", region.slug)
    return show_form(request, "boards/region_place_add.html", form, {"region": region})


@open_to_region(RegionRole.DIRECTOR, and_operator=True)
def place_remove(request: RegionRequest, region: Region, place: int) -> HttpResponse:
    check_is_operator(request.user)
    region_place = get_object_or_404(RegionPlace.objects.select_related("region", "area"), region=region, pk=place)
    form = form_for(request, forms.Form)
    if is_saved(request, form, lambda: remove_area(region_place, by=request.user)):
        messages.success(request, f"{region_place.area} is no longer in {region}.")
        return redirect("region-setup:setup", region.slug)
    return show_form(request, "boards/region_place_remove.html", form, {"region": region, "region_place": region_place})


@open_to_region(RegionRole.DIRECTOR, and_operator=True)
def person_add(request: RegionRequest, region: Region) -> HttpResponse:
    granted: list[RegionMembership] = []
    response = _add(request, region, granted)
    # Send only after the role is committed: nobody can take an e-mail back.
    for membership in granted:
        tell(request, membership)
    return response


@taken_once
def _add(request: RegionRequest, region: Region, granted: list[RegionMembership]) -> HttpResponse:
    by = request.user
    form = form_for(request, lambda typed: RegionPersonForm(typed, is_operator=is_operator(by)))
    if membership := saved(request, form, lambda: grant_region_role(region, **form.cleaned_data, by=by)):
        granted.append(membership)
        return redirect("region-setup:setup", region.slug)
    return show_form(request, "boards/region_person_add.html", form, {"region": region})


@open_to_region(RegionRole.DIRECTOR, and_operator=True)
@require_POST
def person_tell(request: RegionRequest, region: Region, held: int) -> HttpResponse:
    """Send the e-mail again, because it was lost or its link has expired."""
    tell(request, find_membership(region, held))
    return redirect("region-setup:setup", region.slug)


@open_to_region(RegionRole.DIRECTOR, and_operator=True)
def person_remove(request: RegionRequest, region: Region, held: int) -> HttpResponse:
    member, form = find_membership(region, held), form_for(request, forms.Form)
    setup = reverse("region-setup:setup", args=[region.slug])
    if is_saved(request, form, lambda: revoke_region_role(member, by=request.user)):
        role = with_article(member.get_role_display().lower())
        messages.success(request, f"{member.user} is no longer {role} of {region}.")
        # Whoever removed their own role can't open the set-up any more.
        return redirect("region-setup:list") if member.user == request.user else redirect(setup)
    return show_form(request, "boards/region_person_remove.html", form, {"region": region, "member": member})


def find_membership(region: Region, pk: int) -> RegionMembership:
    """Return the membership. Raises Http404, also for another region's."""
    return get_object_or_404(RegionMembership.objects.select_related("user", "region"), region=region, pk=pk)


def tell(request: RegionRequest, membership: RegionMembership) -> None:
    """Send the e-mail, and show on the next page whether it was sent. The role is already saved."""
    try:
        send_region_access(membership, by=request.user)
    except OSError:
        logger.exception("The email to a new member of the region %s could not be sent.", membership.region.slug)
        messages.error(
            request,
            f"{membership.user} has the role, but the email to {membership.user.email} could not be sent. "
            "Send it again from the list below; if that fails too, tell the operator.",
        )
    else:
        messages.success(request, f"We have sent an email to {membership.user.email}.")


WHO = "Only a coordinator or an information officer can decide who may use the figures."


@open_to(*PUBLISHERS, Role.OPERATOR, because=WHO)
@taken_once
def consent_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the consents, with a form to give one."""
    regions = list(Region.objects.filter(places__area=area))
    form = form_for(request, lambda typed: ConsentForm(typed, regions=regions))
    if is_saved(request, form, lambda: give_consent(area, **form.typed(), by=request.user)):
        messages.success(request, "You gave permission. It applies once an information officer agrees.")
        return redirect(request.path)
    consents = Consent.objects.filter(area=area).select_related("region", "given_by", "agreed_by", "withdrawn_by")
    context = {"consents": [(consent, describe_state(consent)) for consent in consents]}
    return show_form(request, "boards/consent_list.html", form, context)


@open_to(*PUBLISHERS, Role.OPERATOR, because=WHO)
def consent_decide(request: AreaRequest, area: PartnershipArea, consent: int) -> HttpResponse:
    """Show one consent, with buttons to agree or withdraw."""
    permission = get_object_or_404(
        Consent.objects.select_related("area", "region", "given_by", "agreed_by"), area=area, pk=consent
    )
    if request.method == "POST":
        act = request.POST.get("act")
        if act == "agree":
            done = f"The permission now applies: {permission.use}."
            is_done(request, lambda: agree_to_consent(permission, by=request.user), done=done)
        elif act == "withdraw":
            done = "You withdrew the permission. It no longer applies."
            is_done(request, lambda: withdraw_consent(permission, by=request.user), done=done)
        else:
            messages.error(request, NO_ACT)
        return redirect("boards:consent-list", area.slug)
    is_waiting = permission.agreed_at is None and permission.withdrawn_at is None
    refusal = try_to(lambda: check_can_agree(permission, by=request.user)) if is_waiting else None
    context = {
        "consent": permission,
        "state": describe_state(permission),
        "may_agree": is_waiting and refusal is None,
        "why_not": describe_refusal(refusal) if refusal and request.access.is_any(Role.INFORMATION) else "",
        "may_withdraw": request.access.can_publish,
    }
    return show_form(request, "boards/consent_decide.html", None, context)


def describe_state(consent: Consent) -> str:
    """Describe a consent's state today, in a few words."""
    today = timezone.localdate()
    if consent.withdrawn_at is not None:
        return "Withdrawn"
    if consent.ends_on < today:
        return "Ended"
    if consent.agreed_at is None:
        return "Waiting for the information officer"
    return "In force" if consent.starts_on <= today else "Applies from its first day"
