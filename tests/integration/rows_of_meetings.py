"""Rows of meetings, sub-groups and the duty, as the product makes them; and what the database refuses of them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone

from actions.models import (
    Action,
    AgendaItem,
    Attendance,
    Authority,
    Challenge,
    DutyAct,
    Meeting,
    MeetingNote,
    Seat,
    SubGroup,
)
from actions.services.meetings import call_off
from actions.workflow import Presence
from boards.models import ReportingPeriod
from indicators.models import Indicator
from tests.challenging import make_strand
from tests.duty import act, authority
from tests.integration.rows import one, twice
from tests.meeting import attend, hold, make_group, meet, note, seat, strategic_group
from tests.scenarios import Town

type Violation = tuple[str, Callable[[Town], object]]
NOW = timezone.now()


def leave_meetings(town: Town) -> None:
    """A sub-group with a planned meeting, a meeting of the board that was held, and one that was called off. What was
    discussed is there already, and so is a published month."""
    period = ReportingPeriod.objects.filter(area=town.area, status="published").earliest("starts_on")
    month: dict[str, Any] = {"period": period, "version": 1, "held_on": timezone.localdate()}
    kinds: tuple[Any, ...] = (Indicator, Action, Challenge)
    things = [kind.objects.filter(area=town.area).order_by("pk")[0] for kind in kinds]
    hold(town, make_strand(town), *things, **month)
    call_off(meet(town, **month), why="Snow", by=town.coordinator)
    meet(town, sub_group=make_group(town))
    attend(town, hold(town, board=strategic_group(town), **month), {seat(town): Presence.PRESENT})
    act(town, authority(town, agency=town.police))
    note(town)


SEAT, ATTENDANCE = Seat.objects.all(), Attendance.objects.all()
AUTHORITY, ACT = Authority.objects.all(), DutyAct.objects.all()
NOTE = MeetingNote.objects.all()
GROUP, ITEM = SubGroup.objects.all(), AgendaItem.objects.all()
HELD, OFF, PLANNED = (Meeting.objects.filter(state=state) for state in ("held", "called_off", "planned"))


def of(thing: str) -> Any:
    """The item that is about one."""
    return ITEM.filter(**{f"{thing}__isnull": False})


MEETING_CASES: list[Violation] = [
    ("one_sub_group_per_code", lambda town: twice(GROUP)),
    ("sub_group_has_its_remit", lambda town: GROUP.update(remit="")),
    ("sub_group_brought_back_at_by_why", lambda town: GROUP.update(brought_back_why="So it is")),
    ("sub_group_brought_back_at_by_why", lambda town: GROUP.update(brought_back_at=NOW, brought_back_by=town.lead)),
    (
        "sub_group_brought_back_at_by_why",
        lambda town: GROUP.update(brought_back_by=town.lead, brought_back_why="So it is"),
    ),
    ("sub_group_retired_at_by_why", lambda town: GROUP.update(retired_why="Done")),
    ("sub_group_retired_at_by_why", lambda town: GROUP.update(retired=True, retired_at=NOW, retired_by=town.lead)),
    (
        "sub_group_retired_at_by_why",
        lambda town: GROUP.update(retired_at=NOW, retired_by=town.lead, retired_why="Done"),
    ),
    ("one_meeting_per_number", lambda town: twice(HELD.filter(board__code="csp"))),
    ("meetings_count_from_one", lambda town: HELD.update(number=0)),
    ("meeting_of_a_board_or_a_sub_group", lambda town: HELD.update(board=None)),
    ("meeting_of_a_board_or_a_sub_group", lambda town: HELD.update(sub_group=GROUP.get())),
    ("meeting_looked_at_a_version", lambda town: HELD.update(period=None)),
    ("meeting_looked_at_a_version", lambda town: HELD.update(version=None)),
    ("meeting_looked_at_a_version", lambda town: HELD.update(version=0)),
    ("meeting_looked_at_a_version", lambda town: PLANNED.update(version=1)),
    ("meeting_recorded_at_by", lambda town: HELD.update(recorded_at=None)),
    ("meeting_recorded_at_by", lambda town: HELD.update(recorded_by=None)),
    ("meeting_recorded_at_by", lambda town: HELD.update(state="planned")),
    ("meeting_recorded_at_by", lambda town: PLANNED.update(recorded_at=NOW, recorded_by=town.lead)),
    ("meeting_recorded_at_by", lambda town: PLANNED.update(state="held")),
    ("meeting_called_off_at_by_why", lambda town: OFF.update(called_off_at=None)),
    ("meeting_called_off_at_by_why", lambda town: OFF.update(called_off_by=None)),
    ("meeting_called_off_at_by_why", lambda town: OFF.update(called_off_why="")),
    ("meeting_called_off_at_by_why", lambda town: PLANNED.update(called_off_why="Snow")),
    ("meeting_called_off_at_by_why", lambda town: PLANNED.update(state="called_off")),
    ("meeting_changed_at_by", lambda town: PLANNED.update(changed_at=NOW)),
    ("meeting_changed_at_by", lambda town: PLANNED.update(changed_by=town.lead)),
    ("meeting_amended_at_by", lambda town: HELD.update(amended_at=NOW)),
    ("meeting_amended_at_by", lambda town: HELD.update(amended_by=town.lead)),
    ("meeting_amended_at_by", lambda town: PLANNED.update(amended_at=NOW, amended_by=town.lead)),
    ("agenda_item_is_about_one_thing", lambda town: of("strand").update(strand=None)),
    ("agenda_item_is_about_one_thing", lambda town: of("strand").update(action=one(Action.objects.all()).get())),
    ("one_seat_per_role_of_a_board", lambda town: twice(SEAT)),
    ("seat_names_its_role", lambda town: SEAT.update(title="")),
    ("seat_ends_after_it_begins", lambda town: SEAT.update(ended_on=date(2020, 1, 1))),
    ("one_attendance_per_seat", lambda town: twice(ATTENDANCE)),
    ("one_authority_per_name", lambda town: twice(AUTHORITY)),
    ("authority_has_a_name", lambda town: AUTHORITY.update(name="")),
    ("one_act_of_a_kind_on_a_day", lambda town: twice(ACT)),
    ("meeting_note_says_something", lambda town: NOTE.update(text="")),
    (
        "meeting_note_is_about_one_thing",
        lambda town: NOTE.update(indicator=Indicator.objects.first(), action=Action.objects.first()),
    ),
    ("noted_challenge_has_a_subject", lambda town: NOTE.update(kind="challenge", indicator=None, action=None)),
    ("year_of_a_paper", lambda town: ACT.update(year=1999)),
    *(
        (f"one_agenda_item_per_{thing}", lambda town, thing=thing: twice(of(thing)))
        for thing in ("indicator", "action", "challenge", "strand")
    ),
]
