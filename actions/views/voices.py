""" "You said, we did": what people said in sessions with the community, and what was done."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from actions.forms.engagement import CloseForm, ReopenForm, VoiceFilter, VoiceForm
from actions.models import Voice
from actions.permissions import can_tell_sessions, check_can_tell_sessions
from actions.presenters.engagement import voice_view
from actions.selectors.engagement import list_voices
from actions.services.engagement import (
    ANSWERED,
    NOT_ANSWERED,
    add_voice,
    change_voice,
    close_voice,
    reopen_voice,
    why_archived,
)
from actions.views.engagement import WHO, find_session
from actions.views.plan import find_way_back, go_back
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.forms.pages import form_for, is_saved, show_form, taken_once
from core.pages import list_page


def find_voice(request: AreaRequest, area: PartnershipArea, key: int) -> Voice:
    """Return a voice that this person may change. Raises Http404, also for another area's; or PermissionDenied."""
    voices = Voice.objects.select_related("session__agency", "closed_by")
    voice = get_object_or_404(voices, pk=key, session__area=area)
    voice.session.area = voice.session.agency.area = area
    # The role alone isn't enough: it may be for another agency.
    check_can_tell_sessions(voice.session.agency, by=request.user)
    return voice


@open_to()
@require_safe
def voice_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List what people said, with open ones first."""
    today, chosen = timezone.localdate(), VoiceFilter(request.GET, queryset=list_voices(area))
    shown = list_page(request, chosen)
    rows = [
        (voice_view(voice, today=today), can_tell_sessions(request.access, voice.session.agency))
        for voice in shown["page"]
    ]
    return render(request, "actions/engagement_voices.html", {**shown, "rows": rows})


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR, because=WHO)
@taken_once
def voice_add(request: AreaRequest, area: PartnershipArea, session: int) -> HttpResponse:
    """Add what people said, and when the answer is due."""
    session_row = find_session(area, session)
    check_can_tell_sessions(session_row.agency, by=request.user)
    form = form_for(request, VoiceForm)

    def add() -> object:
        return add_voice(
            session_row, said=form.cleaned_data["said"], due_on=form.cleaned_data["due_on"], by=request.user
        )

    if is_saved(request, form, add):
        messages.success(request, "We saved what people said.")
        return redirect(session_row)
    closed = why_archived(session_row)
    return show(request, form, title="Add what people said", button="Save", session=session_row, closed=closed)


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR, because=WHO)
def voice_edit(request: AreaRequest, area: PartnershipArea, voice: int) -> HttpResponse:
    """Change what people said, or when the answer is due."""
    voice_row = find_voice(request, area, voice)
    form = form_for(request, lambda typed: VoiceForm(typed, voice=voice_row))
    if is_saved(request, form, lambda: change_voice(voice_row, **form.typed(), by=request.user)):
        messages.success(request, "We saved what people said.")
        return redirect(voice_row.session)
    return show(
        request, form, title="Change what people said", button="Save", closed=why_closed(voice_row), voice=voice_row
    )


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR, because=WHO)
def voice_close(request: AreaRequest, area: PartnershipArea, voice: int) -> HttpResponse:
    """Say what was done, or why nothing was done."""
    voice_row = find_voice(request, area, voice)
    form = form_for(request, lambda typed: CloseForm(typed, initial={"revision": voice_row.revision}))
    if is_saved(request, form, lambda: close_voice(voice_row, **form.typed(), by=request.user)):
        messages.success(request, "We saved what was done.")
        return go_back(request, voice_row.session.get_absolute_url())
    return show(request, form, title="Say what was done", button="Save", closed=why_closed(voice_row), voice=voice_row)


@open_to(Role.AGENCY_LEAD, Role.COORDINATOR, because=WHO)
def voice_reopen(request: AreaRequest, area: PartnershipArea, voice: int) -> HttpResponse:
    """Reopen an answer."""
    voice_row = find_voice(request, area, voice)
    form = form_for(request, lambda typed: ReopenForm(typed, initial={"revision": voice_row.revision}))
    if is_saved(request, form, lambda: reopen_voice(voice_row, **form.typed(), by=request.user)):
        messages.success(request, "It is open again, so an answer is due.")
        return redirect(voice_row.session)
    closed = why_archived(voice_row.session) or ("" if voice_row.closed_at else NOT_ANSWERED)
    return show(request, form, title="Reopen", button="Reopen", closed=closed, voice=voice_row)


def why_closed(voice: Voice) -> str:
    """Return why it can't change; empty if it has no answer yet."""
    return why_archived(voice.session) or (ANSWERED if voice.closed_at else "")


def show(request: AreaRequest, form: forms.BaseForm, *, voice: Voice | None = None, **context: Any) -> HttpResponse:
    """Render the page of one form; for an existing voice, with its text."""
    if voice is not None:
        context |= {"session": voice.session, "view": voice_view(voice, today=timezone.localdate())}
    return show_form(request, "actions/engagement_voice.html", form, {**context, "back": find_way_back(request)})
