"""The Serious Violence Duty: its authorities in the area, who was consulted and who has signed what."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.forms.duty import ActForm, AuthorityForm, StartForm
from actions.forms.plan import ReasonForm
from actions.models import Authority
from actions.presenters.duty import describe_act, make_duty
from actions.selectors.duty import find_act, find_authority, list_authorities, list_retired
from actions.services.duty import (
    add_authority,
    change_authority,
    end_duty,
    propose_authorities,
    record_act,
    start_duty,
    take_back_act,
)
from actions.views.plan import Words, show
from boards.forms.parts import PolishedForm
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.forms.pages import form_for, is_saved, taken_once

WHO = "Only a coordinator can record what authorities did under the duty."
STARTS = "Everyone in the area can see the page, and the strategic group’s pack says who has signed the strategy."
COMES_BACK = " The earlier list comes back, with what each authority did."
ENDS = "The page and packs stop showing the Serious Violence Duty. We keep what was recorded, so you can start again."


@open_to()
@require_safe
def duty(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the authorities, what each did, and what is missing."""
    authorities = list(list_authorities(area))
    retired = list_retired(area) if authorities and request.access.can_coordinate else []
    context = {"duty": make_duty(authorities), "is_kept": bool(authorities), "retired": retired}
    return render(request, "actions/duty_view.html", context)


def to_duty(area: PartnershipArea) -> tuple[str, str]:
    return "Serious Violence Duty", reverse("actions:duty", args=[area.slug])


def the_authority(area: PartnershipArea, pk: int) -> Authority:
    """Return the authority. Raises Http404."""
    authority = find_authority(area, pk)
    if authority is None:
        raise Http404(f"{area.name} has no such authority.")
    authority.area = area
    return authority


@open_to(Role.COORDINATOR, because=WHO)
def duty_start(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Propose the specified authorities from the agencies that the area has."""
    proposed = propose_authorities(area)
    form = form_for(request, lambda typed: StartForm(typed, proposed=proposed))
    if is_saved(request, form, lambda: start_duty(area, form.cleaned_data.get("kinds", ()), by=request.user)):
        messages.success(request, "You can now record who was consulted and who has signed what.")
        return redirect("actions:duty", area.slug)
    comes_back = COMES_BACK if Authority.objects.filter(area=area).exists() else ""
    words = Words("Record the Serious Violence Duty", "Start", to_duty(area), lead=STARTS + comes_back)
    return show(request, form, words)


@open_to(Role.COORDINATOR, because=WHO)
def duty_end(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, PolishedForm)
    if is_saved(request, form, lambda: end_duty(area, by=request.user)):
        messages.success(request, "The duty is no longer shown.")
        return redirect("actions:duty", area.slug)
    words = Words("Stop recording the Serious Violence Duty", "Stop", to_duty(area), lead=ENDS, warns=True)
    return show(request, form, words)


@open_to(Role.COORDINATOR, because=WHO)
@taken_once
def authority_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, lambda typed: AuthorityForm(typed, area=area))
    if is_saved(request, form, lambda: add_authority(area, form.draft(), by=request.user)):
        messages.success(request, f"{form.draft().name} is on the list.")
        return redirect("actions:duty", area.slug)
    return show(request, form, Words("Add an authority", "Add it", to_duty(area)))


@open_to(Role.COORDINATOR, because=WHO)
def authority_change(request: AreaRequest, area: PartnershipArea, authority_key: int) -> HttpResponse:
    authority = the_authority(area, authority_key)
    form = form_for(request, lambda typed: AuthorityForm(typed, area=area, authority=authority))
    draft = form.draft
    if is_saved(request, form, lambda: change_authority(authority, draft(), revision=form.seen, by=request.user)):
        messages.success(request, f"{draft().name} has been saved.")
        return redirect("actions:duty", area.slug)
    return show(request, form, Words(f"Change {authority}", "Save", to_duty(area)))


@open_to(Role.COORDINATOR, because=WHO)
@taken_once
def act_add(request: AreaRequest, area: PartnershipArea, authority_key: int) -> HttpResponse:
    authority = the_authority(area, authority_key)
    form = form_for(request, ActForm)
    if is_saved(request, form, lambda: record_act(authority, form.draft(), by=request.user)):
        messages.success(request, f"We saved what happened with {authority}.")
        return redirect("actions:duty", area.slug)
    return show(request, form, Words(f"Record what happened with {authority}", "Save it", to_duty(area)))


@open_to(Role.COORDINATOR, because=WHO)
def act_remove(request: AreaRequest, area: PartnershipArea, act_key: int) -> HttpResponse:
    """Ask why, then remove an act that was recorded wrongly."""
    act = find_act(area, act_key)
    if act is None:
        raise Http404(f"There is no such entry for an authority in {area.name}.")
    act.authority.area = area
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: take_back_act(act, **form.typed(), by=request.user)):
        messages.success(request, "The entry is removed. The audit log keeps what it said.")
        return redirect("actions:duty", area.slug)
    lead = f"This takes one entry off the page. You can’t undo this. {act.authority}: {describe_act(act)}"
    return show(request, form, Words("Remove what was recorded", "Remove it", to_duty(area), lead=lead, warns=True))
