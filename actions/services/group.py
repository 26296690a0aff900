"""Keep the seats of the strategic group, and say who was at its meetings. Only the coordinator does either."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Attendance, Meeting, Seat
from actions.selectors.group import list_seats
from actions.selectors.plan import is_member
from actions.services.progress import OUT_OF_RANGE, is_in_range
from actions.workflow import MeetingState, Presence
from boards.models import Board, PartnershipArea
from boards.permissions import check_can_coordinate
from boards.rules import STRATEGIC_GROUP
from boards.services.area import changes_between, lock_area, why_not_chosen
from core import audit
from core.database import lock_row
from core.forms.pages import check_revision, checked_reason, now_has
from core.labels import TransitionRefused
from core.models import User
from core.texts import one_line

LONGEST_TITLE: int = Seat._meta.get_field("title").max_length or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatDraft:
    """The content of a seat."""

    board: Board
    title: str
    person: User | None = None
    substitute: str = ""
    since: date


@transaction.atomic
def add_seat(area: PartnershipArea, draft: SeatDraft, *, by: User) -> Seat:
    check_can_coordinate(area, by=by)
    # Two seats added together could otherwise be the same role.
    lock_area(area)
    seat = Seat(area=area)
    _fill(seat, draft)
    seat.save()
    audit.record("seat.added", seat, by=by, area=area.slug, **_facts(seat))
    return seat


@transaction.atomic
def change_seat(seat: Seat, draft: SeatDraft, *, revision: int, by: User) -> Seat:
    """Change a seat: another person has the role, it has another substitute, or its name was wrong."""
    seat, before = _locked(seat, by=by), Seat.objects.select_related("board", "person").get(pk=seat.pk)
    _fill(seat, draft)
    if seat.board_id != before.board_id and before.attendances.exists():
        # The minutes of these meetings would name another board.
        told = (
            f"This member has been at meetings for the {before.board}, so you can’t change the board. End this "
            "membership, then add another for the new board."
        )
        raise ValidationError({"board": told})
    changes = changes_between(before, seat)
    if not changes:
        return seat  # nothing to do, or a form that was sent twice
    check_revision(before, revision, told=now_has(before, changes, name=before))
    seat.revision += 1
    seat.save(update_fields=["board", "title", "person", "substitute", "since", "revision"])
    audit.record("seat.changed", seat, by=by, area=seat.area.slug, changes=changes)
    return seat


@transaction.atomic
def end_seat(seat: Seat, *, ended_on: date, by: User) -> Seat:
    """End a seat: its board no longer sends this role. The meetings that it was at keep naming it."""
    seat = _locked(seat, by=by, ended_on=ended_on)
    if seat.ended_on == ended_on:
        return seat  # a form that was sent twice
    if not is_in_range(ended_on):
        raise ValidationError({"ended_on": OUT_OF_RANGE})
    if ended_on > timezone.localdate():
        # It leaves the list at once, and the next meeting would miss its member.
        raise ValidationError({"ended_on": "That day is still to come: enter today’s date or an earlier one."})
    if ended_on < seat.since:
        raise ValidationError({"ended_on": "That is before this membership began: enter a later day."})
    if later := seat.attendances.filter(meeting__held_on__gt=ended_on).select_related("meeting").first():
        told = (
            f"Meeting {later.meeting.reference} is after that day and records whether this member was there: enter a "
            "later day."
        )
        raise ValidationError({"ended_on": told})
    seat.ended_on = ended_on
    seat.revision += 1
    seat.save(update_fields=["ended_on", "revision"])
    audit.record("seat.ended", seat, by=by, area=seat.area.slug, ended_on=str(ended_on))
    return seat


@transaction.atomic
def note_attendance(
    meeting: Meeting, presences: Mapping[Seat, Presence], *, revision: int, why: str = "", by: User
) -> Meeting:
    """Say who was at a meeting of the strategic group, for each seat that it had on the day. To change that takes a
    reason; the audit log keeps what was said before."""
    check_can_coordinate(meeting.area, by=by)
    meeting = lock_row(Meeting.objects.select_related("area", "board"), meeting.pk)
    if refusal := why_no_attendance(meeting):
        raise TransitionRefused(refusal)
    noted = {row.seat: row for row in meeting.attendances.select_related("seat")}
    missing = [seat for seat in list_seats(meeting.area, on=meeting.held_on) if seat not in {*presences, *noted}]
    if missing:
        raise ValidationError(f"Say for each member who came: {missing[0]} is missing.")
    before = {seat.title: row.presence for seat, row in noted.items()}
    after = before | {seat.title: presence.value for seat, presence in presences.items()}
    if before == after:
        return meeting  # nothing to do, or a form that was sent twice
    check_revision(meeting, revision, told=f"{meeting.reference} was changed after you opened this form.")
    if before:
        why = checked_reason(why, missing="Say why you are changing who was there. The audit log keeps the reason.")
    for seat, presence in presences.items():
        Attendance.objects.update_or_create(meeting=meeting, seat=seat, defaults={"presence": presence.value})
    meeting.revision += 1
    meeting.save(update_fields=["revision"])
    details = {"why": why, "before": before} if before else {}
    audit.record("meeting.attendance", meeting, by=by, area=meeting.area.slug, after=after, **details)
    return meeting


def why_no_attendance(meeting: Meeting) -> str:
    """Return why nobody can say who was at a meeting, as a sentence; empty if they can."""
    if meeting.board is None or meeting.board.code != STRATEGIC_GROUP:
        return "You can record who was there only for a meeting of the strategic group."
    if meeting.state != MeetingState.HELD:
        return f"{meeting.reference} isn’t recorded yet: first record what was discussed."
    return ""


# --- What they have in common ------------------------------------------------------------------------


def _locked(seat: Seat, *, by: User, ended_on: date | None = None) -> Seat:
    check_can_coordinate(seat.area, by=by)
    lock_area(seat.area)
    seat = lock_row(Seat.objects.select_related("area", "board"), seat.pk)
    if seat.ended_on is not None and seat.ended_on != ended_on:
        raise TransitionRefused(f"{seat} is no longer a member, so you can’t change this membership.")
    return seat


def _facts(seat: Seat) -> dict[str, str]:
    person = seat.person.email if seat.person else ""
    return {"board": seat.board.code, "title": seat.title, "person": person, "since": str(seat.since)}


def _fill(seat: Seat, draft: SeatDraft) -> None:
    title, substitute = one_line(draft.title), one_line(draft.substitute)
    errors = _find_faults(title, substitute)
    if why_not := why_not_chosen(draft.board, area_id=seat.area_id, held=[seat.board_id]):
        errors["board"] = why_not
    elif draft.board.code == STRATEGIC_GROUP:
        errors["board"] = "The group’s members come from the other boards: choose the one that sends this member."
    elif _is_taken(seat, draft.board, title):
        errors["title"] = f"The {draft.board} already has a member with that role: enter another role."
    if not is_in_range(draft.since):
        errors["since"] = OUT_OF_RANGE
    if draft.person is not None and draft.person.pk != seat.person_id and not is_member(draft.person, seat.area):
        errors["person"] = f"{draft.person} has no role in {seat.area.name}: choose someone who does."
    if errors:
        raise ValidationError(errors)
    seat.board, seat.title, seat.person = draft.board, title, draft.person
    seat.substitute, seat.since = substitute, draft.since


def _find_faults(title: str, substitute: str) -> dict[str, str]:
    errors = {}
    if not title:
        errors["title"] = "Enter the role, such as Director of children’s services."
    for name, words in (("title", title), ("substitute", substitute)):
        if len(words) > LONGEST_TITLE:
            errors[name] = f"Shorten the role to {LONGEST_TITLE} characters; it has {len(words):,}."
    return errors


def _is_taken(seat: Seat, board: Board, title: str) -> bool:
    others = Seat.objects.filter(board=board, title=title, ended_on=None)
    return others.exclude(pk=seat.pk).exists()
