"""From which month is an indicator recorded differently? One person asks, another confirms."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import ANY_FORM, NO_ACT, describe_refusal, form_for, is_done, is_saved, show_form, try_to
from core.months import Month
from core.services.sent_once import taken_once
from indicators.forms.recordings import RecordingForm
from indicators.models import Indicator, RecordingChange
from indicators.permissions import can_judge, check_can_confirm_recording
from indicators.services.recordings import ask_recording_change, confirm_recording_change, decline_recording_change
from indicators.views.catalogue import find_indicator
from indicators.workflow import RecordingState

WHO = "Only a coordinator or an analyst can say how a count is recorded."


@open_to(Role.COORDINATOR, Role.ANALYST, Role.OPERATOR, because=WHO)
@taken_once
def recording_list(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Show the changes of an indicator's recording, and a form to ask for one."""
    indicator = find_indicator(area, code)
    form = form_for(request, lambda typed: RecordingForm(typed, area=area))
    if is_saved(request, form, lambda: ask_recording_change(indicator, **form.cleaned_data, by=request.user)):
        messages.success(request, "The change has been asked for. It applies once another person confirms it.")
        return redirect(request.path)
    changes = [
        (Month.of(change.applies_from), change)
        for change in indicator.recording_changes.select_related("asked_by", "decided_by")
    ]
    context = {
        "indicator": indicator,
        "changes": changes,
        "asked": RecordingState.ASKED.value,
        "may_ask": can_judge(request.access),
    }
    return show_form(request, "indicators/recording_list.html", form, context)


@open_to(Role.COORDINATOR, Role.ANALYST, Role.OPERATOR, because=WHO)
@require_http_methods(ANY_FORM)
def recording_decide(request: AreaRequest, area: PartnershipArea, code: str, change: int) -> HttpResponse:
    """Ask before confirming: a confirmed change can't be undone."""
    indicator = find_indicator(area, code)
    asked = find_change(indicator, change)
    if request.method == "POST":
        month = Month.of(asked.applies_from).label
        if request.POST.get("act") == "confirm":
            done = f"Confirmed. {indicator} starts a new series in {month}."
            is_done(request, lambda: confirm_recording_change(asked, by=request.user), done=done)
        elif request.POST.get("act") == "decline":
            is_done(request, lambda: decline_recording_change(asked, by=request.user), done="The change was declined.")
        else:
            messages.error(request, NO_ACT)
        return redirect("indicators:recording-list", area.slug, indicator.code)
    is_asked = asked.state == RecordingState.ASKED
    refusal = try_to(lambda: check_can_confirm_recording(asked, by=request.user)) if is_asked else None
    context = {
        "indicator": indicator,
        "change": asked,
        "month": Month.of(asked.applies_from),
        "is_own": asked.asked_by_id == request.user.pk,
        "is_asked": is_asked,
        "why_not": describe_refusal(refusal) if refusal else "",
        "may_decline": refusal is None or can_judge(request.access),
    }
    return show_form(request, "indicators/recording_decide.html", None, context)


def find_change(indicator: Indicator, key: int) -> RecordingChange:
    """Find a change of this indicator. Raises Http404, also for another indicator's."""
    changes = RecordingChange.objects.select_related("asked_by", "decided_by", "indicator__area")
    return get_object_or_404(changes, indicator=indicator, pk=key)
