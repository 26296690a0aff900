"""Write down a decision or a challenge during a meeting, as a draft, and finish it later."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, Challenge, MeetingNote, NoteKind
from actions.models.meetings import LONGEST_NOTE
from actions.permissions import check_can_note
from actions.selectors.notes import find_note
from actions.services.challenges import ChallengeDraft, raise_challenge, read_text
from boards.models import PartnershipArea, ReportingPeriod
from boards.permissions import access_to
from core import audit
from core.models import User
from indicators.models import Indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDraft:
    """What to write down, and what the screen showed."""

    kind: NoteKind
    text: str
    period: ReportingPeriod
    indicator: Indicator | None = None
    action: Action | None = None


@transaction.atomic
def add_note(area: PartnershipArea, draft: NoteDraft, *, by: User) -> MeetingNote:
    """Raises PermissionDenied, also for a part of another area; or ValidationError."""
    check_can_note(area, draft.kind, by=by)
    parts = (draft.period, draft.indicator, draft.action)
    if {part.area_id for part in parts if part is not None} != {area.pk}:
        raise PermissionDenied("Choose something in this area.")
    if draft.kind is NoteKind.CHALLENGE and not (draft.indicator or draft.action):
        raise ValidationError(
            "A challenge must be about an indicator or an action: open its page first, then note the challenge."
        )
    text, wrong = read_text(draft.text, longest=LONGEST_NOTE, missing="Enter the note.", what="note")
    if wrong:
        raise ValidationError({"text": wrong})
    note = MeetingNote.objects.create(
        area=area,
        kind=draft.kind.value,
        text=text,
        period=draft.period,
        indicator=draft.indicator,
        action=draft.action,
        noted_at=timezone.now(),
        noted_by=by,
    )
    # Without its text: others read the record, and a draft is its author's.
    audit.record("meeting_note.added", note, by=by, area=area.slug, kind=note.kind)
    return note


@transaction.atomic
def delete_note(note: MeetingNote, *, by: User) -> None:
    """Delete a draft that nobody needs any more. One that is gone already, such as by a second press, is no error."""
    access = access_to(note.area, by=by)
    if access.is_outsider:
        raise PermissionDenied(f"Only people with a role in {note.area.name} can do this.")
    current = find_note(access, note.pk)
    if current is None:
        return
    audit.record("meeting_note.deleted", current, by=by, area=note.area.slug, kind=current.kind)
    current.delete()


@transaction.atomic
def raise_noted(draft: ChallengeDraft, note: MeetingNote | None, *, by: User) -> Challenge:
    """Raise a challenge, as raise_challenge does, and delete the draft that it was made from, if any."""
    challenge = raise_challenge(draft, by=by)
    if note is not None:
        delete_note(note, by=by)
    return challenge
