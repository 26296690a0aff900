"""Sessions with the community: everybody in the area reads them; leads of agencies and the coordinator add them."""

from collections.abc import Callable, Collection
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.forms.engagement import CountsForm, EventForm, ExpectationForm, SessionFilter, SessionForm
from actions.forms.plan import ReasonForm
from actions.models import CountedIndicator, EngagementSession, Event
from actions.permissions import can_tell_events, can_tell_sessions, check_can_tell_sessions
from actions.presenters.engagement import (
    can_be_corrected,
    describe_answers,
    describe_comparison,
    describe_made,
    describe_step,
    group_by_month,
    make_event_views,
    session_facts,
    voice_view,
)
from actions.selectors.engagement import (
    AnsweredSession,
    CountedMonth,
    by_month,
    count_sessions,
    counted_months,
    list_sessions,
)
from actions.selectors.events import find_event, list_events
from actions.services.engagement import (
    Carried,
    add_session,
    archive_session,
    bring_back_session,
    carry_counts,
    change_session,
    count_indicators,
    why_archived,
    why_not_archived,
)
from actions.services.events import add_event, change_event, remove_event
from actions.services.progress import expect_of_action, expect_of_event
from actions.views.plan import Words, own_action, show, to_action
from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.permissions import Access, AreaRequest, open_to
from boards.rules import CHAIR_ROLES, Role
from core.calendar import Month
from core.forms.pages import form_for, is_done, is_saved, saved, seen_in, show_form, taken_once
from core.pages import NotHeld, list_page
from indicators.figures import shorten
from indicators.models import Collection as Collected
from indicators.models import Indicator
from indicators.permissions import can_enter, check_can_enter

WHO = "Only leads of agencies and the coordinator can add sessions with the community."
WHO_COUNTS = "Only a coordinator can decide which indicators count sessions."


def find_session(area: PartnershipArea, key: int) -> EngagementSession:
    """Return the session. Raises Http404, also for another area's."""
    session = get_object_or_404(list_sessions(area).select_related("agency", "added_by", "archived_by"), pk=key)
    session.area = session.agency.area = area
    return session


def list_own_agencies(access: Access) -> list[Agency]:
    """Return the agencies whose sessions this person may add."""
    agencies = Agency.objects.in_use().filter(area=access.area)
    return list(agencies if access.can_coordinate else agencies.filter(pk__in=access.led))


# --- The list, and what is counted of it ------------------------------------------------------------


@open_to()
@require_safe
def session_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the sessions by month, newest first; filtered by agency, year and open answers. A lead also sees what their
    returns say."""
    chosen, access = SessionFilter(request.GET, queryset=list_sessions(area)), request.access
    shown = list_page(request, chosen)
    # Of all that was found, not of this page: the totals are those of whole months.
    sessions = EngagementSession.objects.filter(pk__in=chosen.qs.order_by().values("pk"))
    every = EngagementSession.objects.filter(area=area, archived_at=None)
    of = by_month(count_sessions(every)) if chosen.chosen else None
    context = shown | {
        "rows": [
            (part.month, part.totals, [make_answer_lines(area, session) for session in part.sessions])
            for part in group_by_month(shown["page"], by_month(count_sessions(sessions)), of=of)
        ],
        "shows_totals": not chosen.form.cleaned_data.get("archived"),
        "compared": [month_part(access, month) for month in shown_months(access)],
        "may_tell": access.can_coordinate or bool(access.led),
        "may_count": access.can_coordinate,
    }
    return render(request, "actions/session_list.html", context)


def make_answer_lines(area: PartnershipArea, session: AnsweredSession) -> dict[str, Any]:
    session.area = area
    return {
        "session": session,
        "facts": session_facts(session),
        "answers": describe_answers(session.waiting, session.total),
    }


def shown_months(access: Access) -> list[CountedMonth]:
    """Return the open months of a lead's agencies, and those that differ; for the coordinator those of every agency."""
    agencies: Collection[int] = access.led
    if access.can_coordinate:
        agencies = list(Agency.objects.filter(area=access.area).values_list("pk", flat=True))
    months = counted_months(access.area, agencies) if agencies else []
    return [month for month in months if month.can_carry or month.off]


def month_part(access: Access, month: CountedMonth) -> dict[str, Any]:
    submission, is_own = month.submission, can_enter(access, month.agency)
    return {
        "month": month,
        "made": describe_made(month.totals),
        "rows": [
            (row, describe_comparison(row, is_own=is_own), is_own and can_be_corrected(row, month))
            for row in month.rows
        ],
        "step": describe_step(month, is_own=is_own),
        "may_carry": month.can_carry and not month.is_same and is_own,
        "revision": submission.revision if submission else 0,
    }


@open_to(Role.AGENCY_LEAD, because=WHO)
def counts_carry(request: AreaRequest, area: PartnershipArea, month: Month, agency: str) -> HttpResponse:
    """Put the totals of a month's sessions into the agency's return. People who were signed out get here after they
    sign in."""
    place = get_object_or_404(Agency, area=area, code=agency)
    period = get_object_or_404(ReportingPeriod, area=area, starts_on=month.first_day)
    place.area = period.area = area
    # The role alone isn't enough: it may be for another agency.
    check_can_enter(place, by=request.user)
    if request.method != "POST":
        messages.info(request, "The counts aren’t in the return yet. Press the button below to put them in.")
        return redirect("actions:session-list", area.slug)

    def carry() -> None:
        carried = carry_counts(place, period, revision=seen_in(request), by=request.user)
        messages.success(request, describe_carried(carried))

    if is_done(request, carry):
        return redirect("indicators:return-edit", area.slug, period.month, place.code)
    return redirect("actions:session-list", area.slug)


def describe_carried(carried: Carried) -> str:
    changes = ". ".join(f"{title}: {now}{f' (was {was})' if was else ''}" for title, was, now in carried.changes)
    did = (
        f"Put in from your sessions: {changes}."
        if changes
        else ("The return already has the counts from your sessions.")
    )
    for title, note in carried.notes.items():
        did += f" The note on {title} was removed, because it said why there was no figure: “{shorten(note, 160)}”."
    return f"{did} Check the return, and submit it when everything is there."


@open_to(Role.COORDINATOR, because=WHO_COUNTS)
def count_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Choose which indicator counts what, among all that can."""
    counted = {
        counted_indicator.indicator_id: counted_indicator
        for counted_indicator in CountedIndicator.objects.filter(indicator__area=area)
    }
    # Also those that could no longer be chosen: they may stop counting.
    of_area = Indicator.objects.filter(area=area)
    could = of_area.in_use().filter(collection=Collected.RETURN.value, dimension=None)
    countable = could | of_area.filter(pk__in=counted)
    indicators = sorted(countable.select_related("owner", "section"), key=lambda indicator: indicator.pk not in counted)
    form = form_for(request, lambda typed: CountsForm(typed, indicators=indicators, counted=counted))

    if is_saved(request, form, lambda: count_indicators(form.changed, by=request.user)):
        messages.success(request, "We saved which indicators count sessions.")
        return redirect("actions:session-list", area.slug)
    return show_form(request, "actions/engagement_counts.html", form)


# --- A session --------------------------------------------------------------------------------------


@open_to()
@require_safe
def session_view(request: AreaRequest, area: PartnershipArea, session: int) -> HttpResponse:
    """Show a session, what people said there, and what was done."""
    session_row, today = find_session(area, session), timezone.localdate()
    voices = session_row.voices.select_related("closed_by").order_by("due_on", "id")
    may_tell = can_tell_sessions(request.access, session_row.agency)
    context = {
        "session": session_row,
        "voices": [voice_view(voice, today=today) for voice in voices],
        "may_tell": may_tell,
        "may_change": may_tell and session_row.archived_at is None,
    }
    return render(request, "actions/session_view.html", context)


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR, because=WHO)
@taken_once
def session_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Add a session."""
    agencies = list_own_agencies(request.access)
    agency = next((agency for agency in agencies if agency.code == request.GET.get("agency")), None)
    form = form_for(request, lambda typed: SessionForm(typed, agencies=agencies, chosen=agency))
    if session := saved(request, form, lambda: add_session(form.cleaned_data["agency"], form.draft, by=request.user)):
        messages.success(request, f"“{session}” is saved. If people were promised an answer, add what they said below.")
        return redirect(session)
    return show_form(request, "actions/session_form.html", form, {"session": None, "agencies": agencies})


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR, because=WHO)
def session_edit(request: AreaRequest, area: PartnershipArea, session: int) -> HttpResponse:
    """Change a session."""
    session_row = find_session(area, session)
    check_can_tell_sessions(session_row.agency, by=request.user)
    form = form_for(request, lambda typed: SessionForm(typed, session=session_row))
    if is_saved(request, form, lambda: change_session(session_row, form.draft, revision=form.seen, by=request.user)):
        messages.success(request, f"“{form.draft.title}” is saved.")
        return redirect(session_row)
    context = {"session": session_row, "agencies": [session_row.agency], "closed": why_archived(session_row)}
    return show_form(request, "actions/session_form.html", form, context)


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR, because=WHO)
def session_archive(request: AreaRequest, area: PartnershipArea, session: int) -> HttpResponse:
    """Archive a session."""
    return ask_why(request, find_session(area, session), archive_session, done="is archived")


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR, because=WHO)
def session_bring_back(request: AreaRequest, area: PartnershipArea, session: int) -> HttpResponse:
    """Bring an archived session back."""
    return ask_why(request, find_session(area, session), bring_back_session, done="counts again")


def ask_why(request: AreaRequest, session: EngagementSession, act: Callable[..., object], *, done: str) -> HttpResponse:
    check_can_tell_sessions(session.agency, by=request.user)
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: act(session, why=form.cleaned_data["why"], by=request.user)):
        messages.success(request, f"“{session}” {done}.")
        return redirect(session)
    archives = act is archive_session
    closed = why_archived(session) if archives else why_not_archived(session)
    context = {"session": session, "archives": archives, "closed": closed}
    return show_form(request, "actions/session_archive.html", form, context)


TELLERS = (Role.COORDINATOR, *CHAIR_ROLES)
WHO_ADDS_EVENTS = "Only the coordinator and the chairs of boards can add events."
EXPECTED = (
    "We save what you say with today’s date, and you can’t change it afterwards. If you add more later, the "
    "page shows both, with the result."
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


@open_to(*TELLERS, because=WHO_ADDS_EVENTS)
@taken_once
def event_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    form = form_for(request, lambda typed: EventForm(typed, access=request.access, area=area))
    if event := saved(request, form, lambda: add_event(area, form.draft(), by=request.user)):
        messages.success(request, f"{event.reference} is saved. Now say what you expect of it.")
        return redirect("actions:event-expect", area.slug, event.number)
    lead = "The charts of its indicators mark the event, and compare the months before and after it."
    return show(request, form, Words("Add an event", "Save", to_list(area), lead=lead))


@open_to(*TELLERS, because=WHO_ADDS_EVENTS)
def event_change(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    event = own_event(request, number)
    form = form_for(request, lambda typed: EventForm(typed, access=request.access, area=area, event=event))

    def change() -> object:
        return change_event(event, form.draft(), revision=form.cleaned_data["revision"], by=request.user)

    if is_saved(request, form, change):
        messages.success(request, f"{event.reference} is saved.")
        return redirect("actions:event-list", area.slug)
    return show(request, form, Words(f"Change {event.reference}", "Save", to_list(area)))


@open_to(*TELLERS, because=WHO_ADDS_EVENTS)
def event_remove(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Ask why, then remove an event."""
    event = own_event(request, number)
    form = form_for(request, ReasonForm)
    if is_saved(request, form, lambda: remove_event(event, **form.typed(), by=request.user)):
        messages.success(request, f"{event} is removed.")
        return redirect("actions:event-list", area.slug)
    lead = "This takes the event off the charts, the lists and all new packs. You can’t undo this. We save the reason."
    words = Words(f"Remove {event}", "Remove it", to_list(area), lead=lead, warns=True)
    return show(request, form, words)


@open_to(*TELLERS, because=WHO_ADDS_EVENTS)
@taken_once
def event_expect(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    event = own_event(request, number)
    named = [aim.indicator for aim in event.aims.all()]
    form = form_for(request, lambda typed: ExpectationForm(typed, offered=named))
    if is_saved(request, form, lambda: expect_of_event(event, form.draft(), by=request.user)):
        messages.success(request, f"We saved what you expect of {event.reference}.")
        return redirect("actions:event-list", area.slug)
    words = Words(f"Say what you expect of {event.reference}", "Save", to_list(area), lead=EXPECTED)
    return show(request, form, words)


@open_to()
@taken_once
def action_expect(request: AreaRequest, area: PartnershipArea, number: int) -> HttpResponse:
    """Let its owner, a lead of its agency or the coordinator say what it should change."""
    action = own_action(request, number)
    offered = list(Indicator.objects.in_use(or_held=[action.measure_id]).filter(area=area))
    form = form_for(
        request, lambda typed: ExpectationForm(typed, offered=offered, initial={"indicator": action.measure_id})
    )
    if is_saved(request, form, lambda: expect_of_action(action, form.draft(), by=request.user)):
        messages.success(request, f"We saved what you expect of {action.reference}.")
        return redirect(action)
    words = Words(f"Say what you expect of {action.reference}", "Save", to_action(action), lead=EXPECTED)
    return show(request, form, words)
