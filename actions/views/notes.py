"""Decisions and challenges that were written down from the big screen, as drafts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from actions.forms.meetings import MeetingNoteForm
from actions.models import NoteKind
from actions.permissions import can_note
from actions.presenters.challenges import ACTION, INDICATOR
from actions.presenters.notes import describe_note
from actions.presenters.threads import find_published, find_subject, make_query, newest_month
from actions.selectors.notes import find_note, readable_notes
from actions.services.notes import NoteDraft, add_note, delete_note
from actions.views.plan import Words, show
from boards.forms.parts import PolishedForm
from boards.models import PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from boards.rules import Role
from core.forms.pages import form_for, is_saved, taken_once, typed_into

WHO = "Only members of the strategic group and the coordinator can write notes from a meeting."
TITLES = {
    NoteKind.DECISION: ("Note a decision", "What was decided"),
    NoteKind.CHALLENGE: ("Note a challenge", "What to ask"),
}
SHOWN = ("kind", INDICATOR, ACTION, "month", "board", "version")  # in an address, and in the form's hidden boxes


@dataclass(frozen=True, slots=True)
class Screen:
    """What the big screen showed when somebody began to write: `parts` are for the note, `url` leads back to it."""

    kind: NoteKind
    parts: Mapping[str, Any]
    words: str
    url: str
    query: Mapping[str, str]


def read_screen(access: Access, data: QueryDict) -> Screen:
    """Read it from an address or a form. Raises NotHeld, also for what another area has."""
    # PostgreSQL refuses a NUL.
    query = {name: str(data.get(name, "")).replace("\x00", "")[:60] for name in SHOWN}
    kind = NoteKind.CHALLENGE if query["kind"] == NoteKind.CHALLENGE else NoteKind.DECISION
    query |= {"kind": kind.value, "month": query["month"] or newest_month(access.area)}
    period = find_published(access.area, query["month"])
    parts: dict[str, Any] = {"period": period}
    words = period.month.label
    if query[INDICATOR] or query[ACTION]:
        subject = find_subject(access, data)
        parts, words = {**parts, **subject.parts}, subject.words
    place = {"chart": query[INDICATOR]} if query[INDICATOR] else {"show": "plan"}
    address = make_query(**place, board=query["board"], version=query["version"])
    url = f"{reverse('reporting:month-present', args=[access.area.slug, period.month])}?{address}"
    return Screen(kind, parts, words, url, query)


@open_to(Role.STRATEGIC, Role.COORDINATOR, because=WHO)
@taken_once
def note_add(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Save a draft about what the screen shows, and go back to the screen."""
    screen = read_screen(request.access, typed_into(request) or request.GET)
    if not can_note(request.access, screen.kind):
        raise PermissionDenied("Only members of the strategic group can note a challenge.")
    title, label = TITLES[screen.kind]
    form = form_for(request, lambda typed: MeetingNoteForm(typed, label=label, shown=screen.query))

    def save() -> object:
        draft = NoteDraft(kind=screen.kind, text=form.cleaned_data["text"], **screen.parts)
        return add_note(area, draft, by=request.user)

    if is_saved(request, form, save):
        messages.success(request, "The draft is saved. After the meeting, finish it from your home page.")
        return redirect(screen.url)
    lead = f"About: {screen.words}. A sentence is enough. This is only a draft: you finish it after the meeting."
    return show(request, form, Words(title, "Save the draft", ("Back to the screen", screen.url), lead=lead))


@open_to(Role.STRATEGIC, Role.COORDINATOR, because=WHO)
@require_safe
def note_list(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """List the drafts that this person can finish, the oldest first."""
    views = [describe_note(note, request.access) for note in readable_notes(request.access)]
    return render(request, "actions/note_list.html", {"notes": views})


@open_to(Role.STRATEGIC, Role.COORDINATOR, because=WHO)
def note_delete(request: AreaRequest, area: PartnershipArea, note_key: int) -> HttpResponse:
    """Show the draft once more, then delete it."""
    note = find_note(request.access, note_key)
    if note is None:
        raise Http404(f"{area.name} has no such note, or you can’t read it.")
    note.area = area
    form = form_for(request, PolishedForm)
    if is_saved(request, form, lambda: delete_note(note, by=request.user)):
        messages.success(request, "The note is deleted.")
        return redirect("actions:note-list", area.slug)
    lead = (
        "This deletes a note. You can’t undo this. Minutes and challenges that already use it don’t change. "
        f"“{note.text}”"
    )
    back = ("Notes from meetings", reverse("actions:note-list", args=[area.slug]))
    return show(request, form, Words("Delete this note", "Delete it", back, lead=lead, warns=True))
