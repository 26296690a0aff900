"""How tests plan meetings, record them, and set up a sub-group: through the services."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from actions.models import Action, Challenge, Meeting, MeetingNote, NoteKind, Seat, SubGroup
from actions.services.group import SeatDraft, add_seat, note_attendance
from actions.services.meetings import (
    ItemDraft,
    MeetingDraft,
    SubGroupDraft,
    add_sub_group,
    plan_meeting,
    record_meeting,
)
from actions.services.notes import NoteDraft, add_note
from actions.workflow import Presence, WhyProposed
from boards.models import Board, Strand
from boards.rules import STRATEGIC_GROUP, Role
from core.calendar import Month
from core.models import User
from tests.factories import make_board
from tests.scenarios import Town, open_month, publish

SEPTEMBER = Month(2026, 9)
DAY = date(2026, 10, 15)
WHYS = {Strand: WhyProposed.STRAND, Action: WhyProposed.RED, Challenge: WhyProposed.CHALLENGE}


def strategic_group(town: Town) -> Board:
    found = Board.objects.filter(area=town.area, code=STRATEGIC_GROUP).first()
    return found or make_board(town.area, STRATEGIC_GROUP, name="Strategic Group")


def make_group(town: Town, code: str = "outreach", **options: Any) -> SubGroup:
    """It reports to the board, and the lead of the police is in it."""
    wanted: dict[str, Any] = {
        "name": f"{code.capitalize()} sub-group",
        "remit": "To find out who is exploited, and where.",
        "board": town.csp,
        "members": (town.lead,),
        "chair": None,
    } | options
    return add_sub_group(town.area, code, SubGroupDraft(**wanted), by=town.coordinator)


def draft(town: Town, **options: Any) -> MeetingDraft:
    """Of the board, about September as it was published first; a sub-group's about no month."""
    wanted: dict[str, Any] = {"held_on": DAY} | options
    if "sub_group" not in wanted:
        wanted.setdefault("board", town.csp)
        if "period" not in wanted:
            period = open_month(town, SEPTEMBER)
            if not period.is_published:
                publish(town, SEPTEMBER)
            wanted |= {"period": open_month(town, SEPTEMBER), "version": 1}
    return MeetingDraft(**wanted)


def meet(town: Town, **options: Any) -> Meeting:
    """The coordinator plans it."""
    return plan_meeting(town.area, draft(town, **options), by=town.coordinator)


def item(thing: Any, *, is_discussed: bool = True, why: WhyProposed | None = None, words: str = "") -> ItemDraft:
    return ItemDraft(why or WHYS.get(type(thing), WhyProposed.SIGNAL), thing, words or str(thing), is_discussed)


def record(town: Town, meeting: Meeting, *items: ItemDraft, notes: str = "It was said.", why: str = "") -> Meeting:
    """The coordinator records it, or amends its record."""
    revision = Meeting.objects.get(pk=meeting.pk).revision
    return record_meeting(meeting, items, notes=notes, revision=revision, why=why, by=town.coordinator)


def hold(town: Town, *things: Any, **options: Any) -> Meeting:
    """A meeting that discussed these."""
    return record(town, meet(town, **options), *(item(thing) for thing in things))


def seat(town: Town, title: str = "Chair of the board", **options: Any) -> Seat:
    """A seat on the strategic group that the board fills."""
    wanted: dict[str, Any] = {"board": town.csp, "title": title, "since": date(2026, 1, 1)} | options
    return add_seat(town.area, SeatDraft(**wanted), by=town.coordinator)


def attend(town: Town, meeting: Meeting, presences: Mapping[Seat, Presence], why: str = "") -> Meeting:
    """The coordinator says who was there."""
    revision = Meeting.objects.get(pk=meeting.pk).revision
    return note_attendance(meeting, presences, revision=revision, why=why, by=town.coordinator)


def note(
    town: Town, kind: NoteKind = NoteKind.DECISION, text: str = "Share the list", by: User | None = None, **options: Any
) -> MeetingNote:
    """A member of the strategic group writes it down while September is on the screen."""
    draft = NoteDraft(kind=kind, text=text, period=open_month(town, SEPTEMBER), **options)
    return add_note(town.area, draft, by=by or town.people[Role.STRATEGIC])
