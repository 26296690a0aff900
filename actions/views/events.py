"""Events that may have changed figures: everybody in the area reads them; the coordinator and the chairs add them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from actions.forms.events import EventForm, ExpectationForm
from actions.forms.plan import ReasonForm
from actions.models import Event
from actions.permissions import can_tell_events
from actions.presenters.events import make_event_views
from actions.selectors.events import find_event, list_events
from actions.services.events import add_event, change_event, remove_event
from actions.services.expectations import expect_of_action, expect_of_event
from actions.views.actions import Words, own_action, show, to_action
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import CHAIR_ROLES, Role
from core.form_pages import ANY_FORM, form_for, is_saved
from core.not_held import NotHeld
from core.services.sent_once import taken_once
from indicators.models import Indicator

TELLERS = (Role.COORDINATOR, *CHAIR_ROLES)
WHO = "Only the coordinator and the chairs of boards can add events."
EXPECTED = (
    "We save what you say with today’s date, and you can’t change it. If you add more later, the page shows both, "
    "with the result."
)


def own_event(request: AreaRequest, number: int) -> Event:
    """Return an event that this person may change. Raises NotHeld or PermissionDenied."""
    event = find_event(request.access.area, number)
    if event is None:
        raise NotHeld(f"{request.access.area.name} has no event E{number}, or it was removed.")
    if not can_tell_events(request.access, event.board_id):
        also = f" and a chair of {event.board.name}" if event.board else ""
        raise PermissionDenied(f"Only the coordinator{also} can change {event.reference}.")
    return event


def to_list(area: PartnershipArea) -> tuple[str, str]:
    return "Events", reverse("actions:event-list", args=[area.slug])


@open_to()
@require_safe
def event_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List all events, newest first, with their indicators and what people expected."""
    events = list(list_events(area))
    context = {
        "views": make_event_views(events, request.access),
        "may_add": request.access.is_any(*TELLERS),
        "impact_url": reverse("reporting:impact", args=[area.slug]),
    }
    return render(request, "actions/event_list.html", context)


@open_to(*TELLERS, because=WHO)
@require_http_methods(ANY_FORM)
@taken_once
def event_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, lambda typed: EventForm(typed, access=request.access, area=area))
    added: list[Event] = []
    if is_saved(request, form, lambda: added.append(add_event(area, form.draft(), by=request.user))):
        messages.success(request, f"{added[0].reference} is saved. Now say what you expect of it.")
        return redirect("actions:event-expect", area.slug, added[0].number)
    lead = "The charts of its indicators mark the event, and compare the months before and after it."
    return show(request, form, Words("Add an event", "Save", to_list(area), lead=lead))


@open_to(*TELLERS, because=WHO)
@require_http_methods(ANY_FORM)
def event_change(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    event = own_event(request, number)
    form = form_for(request, lambda typed: EventForm(typed, access=request.access, area=area, event=event))

    def change() -> object:
        return change_event(event, form.draft(), revision=form.cleaned_data["revision"], by=request.user)

    if is_saved(request, form, change):
        messages.success(request, f"{event.reference} is saved.")
        return redirect("actions:event-list", area.slug)
    return show(request, form, Words(f"Change {event.reference}", "Save", to_list(area)))


@open_to(*TELLERS, because=WHO)
@require_http_methods(ANY_FORM)
def event_remove(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Ask why, then remove an event."""
    event = own_event(request, number)
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: remove_event(event, **form.typed(), by=request.user)):
        messages.success(request, f"{event} is removed.")
        return redirect("actions:event-list", area.slug)
    lead = "The event leaves the charts, the lists and all new packs. We save the reason."
    words = Words(f"Remove {event}", "Remove it", to_list(area), lead=lead, warns=True)
    return show(request, form, words)


@open_to(*TELLERS, because=WHO)
@require_http_methods(ANY_FORM)
@taken_once
def event_expect(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    event = own_event(request, number)
    named = [aim.indicator for aim in event.aims.all()]
    form = form_for(request, lambda typed: ExpectationForm(typed, offered=named))
    if is_saved(request, form, lambda: expect_of_event(event, form.draft(), by=request.user)):
        messages.success(request, f"What you expect of {event.reference} is saved.")
        return redirect("actions:event-list", area.slug)
    words = Words(f"Say what you expect of {event.reference}", "Save", to_list(area), lead=EXPECTED)
    return show(request, form, words)


@open_to()
@require_http_methods(ANY_FORM)
@taken_once
def action_expect(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Let its owner, a lead of its agency or the coordinator say what it should change."""
    action = own_action(request, number)
    offered = list(Indicator.objects.in_use(or_held=[action.measure_id]).filter(area=area))
    form = form_for(
        request, lambda typed: ExpectationForm(typed, offered=offered, initial={"indicator": action.measure_id})
    )
    if is_saved(request, form, lambda: expect_of_action(action, form.draft(), by=request.user)):
        messages.success(request, f"What you expect of {action.reference} is saved.")
        return redirect(action)
    words = Words(f"Say what you expect of {action.reference}", "Save", to_action(action), lead=EXPECTED)
    return show(request, form, words)
