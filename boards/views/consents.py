"""Who may use this area's published figures? A coordinator gives a consent, an information officer agrees."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from boards.forms.area import ConsentForm
from boards.models import Consent, PartnershipArea, Region
from boards.permissions import AreaRequest, open_to
from boards.roles import PUBLISHERS, Role
from boards.services.consents import agree_to_consent, check_can_agree, give_consent, withdraw_consent
from core.form_pages import ANY_FORM, NO_ACT, describe_refusal, form_for, is_done, is_saved, show_form, try_to
from core.services.sent_once import taken_once

WHO = "Only a coordinator or an information officer can decide who may use the figures."


@open_to(*PUBLISHERS, Role.OPERATOR, because=WHO)
@require_http_methods(ANY_FORM)
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
@require_http_methods(ANY_FORM)
def consent_decide(request: AreaRequest, area: PartnershipArea, consent: int) -> HttpResponse:
    """Show one consent, with buttons to agree or withdraw."""
    found = get_object_or_404(
        Consent.objects.select_related("area", "region", "given_by", "agreed_by"), area=area, pk=consent
    )
    if request.method == "POST":
        act = request.POST.get("act")
        if act == "agree":
            done = f"The permission now applies: {found.use}."
            is_done(request, lambda: agree_to_consent(found, by=request.user), done=done)
        elif act == "withdraw":
            done = "You withdrew the permission. It no longer applies."
            is_done(request, lambda: withdraw_consent(found, by=request.user), done=done)
        else:
            messages.error(request, NO_ACT)
        return redirect("boards:consent-list", area.slug)
    is_waiting = found.agreed_at is None and found.withdrawn_at is None
    refusal = try_to(lambda: check_can_agree(found, by=request.user)) if is_waiting else None
    context = {
        "consent": found,
        "state": describe_state(found),
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
        return "Over"
    if consent.agreed_at is None:
        return "Waiting for the information officer"
    return "In force" if consent.starts_on <= today else "Applies from its first day"
