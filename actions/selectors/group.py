"""Finds who is drawn from the boards, and which board hasn't been at the strategic group's meetings."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from django.db.models import Q, QuerySet

from actions.models import Attendance, Meeting, Seat
from actions.workflow import THERE, MeetingState
from boards.models import Board, PartnershipArea
from boards.rules import STRATEGIC_GROUP


def list_seats(area: PartnershipArea, *, on: date | None = None) -> QuerySet[Seat]:
    """Return the area's seats that haven't ended, or those that there were on a day, by board."""
    seats = Seat.objects.filter(area=area).select_related("board", "person")
    if on is None:
        return seats.filter(ended_on=None)
    return seats.filter(Q(ended_on=None) | Q(ended_on__gte=on), since__lte=on)


def find_seat(area: PartnershipArea, pk: int) -> Seat | None:
    return Seat.objects.select_related("board", "person").filter(area=area, pk=pk).first()


def list_attendance(meeting: Meeting) -> list[Attendance]:
    """Return who was at a meeting, by board. One query."""
    return list(meeting.attendances.select_related("seat__board").order_by("seat__board__position", "seat__title"))


@dataclass(frozen=True, slots=True)
class Absence:
    """A board that sent nobody to the last `meetings` meetings, neither a member nor a substitute."""

    board: Board
    meetings: int

    @property
    def words(self) -> str:
        """ "The Safeguarding Children Partnership has not been at the strategic group’s last 3 meetings."."""
        meetings = "meeting" if self.meetings == 1 else f"{self.meetings} meetings"
        return f"The {self.board.name} has not been at the strategic group’s last {meetings}."


def find_absences(area: PartnershipArea, *, until: Meeting | None = None) -> list[Absence]:
    """Return the boards that haven't been at the strategic group for as many meetings as the area says, longest first;
    as of a meeting, if one is given. One query.

    Only meetings for which somebody said who was there count, and only boards that had a seat at the newest of them.
    """
    noted = Attendance.objects.filter(
        seat__area=area, meeting__board__code=STRATEGIC_GROUP, meeting__state=MeetingState.HELD.value
    )
    boards = Seat.objects.filter(area=area, ended_on=None)
    if until is not None:
        boards = Seat.objects.filter(attendances__meeting=until)
        before = Q(meeting__held_on=until.held_on, meeting__number__lte=until.number)
        noted = noted.filter(before | Q(meeting__held_on__lt=until.held_on))
    rows = noted.filter(seat__board__in=boards.order_by().values("board")).select_related("seat__board")
    absences = count_absences(rows.order_by("-meeting__held_on", "-meeting__number"))
    return [absence for absence in absences if absence.meetings >= area.silent_meetings]


def count_absences(newest_first: Iterable[Attendance]) -> list[Absence]:
    """Count for each board the meetings since it was last there, most first."""
    meetings_of: dict[Board, dict[int, bool]] = defaultdict(dict)  # whether it was there, by meeting
    for row in newest_first:
        meetings = meetings_of[row.seat.board]
        meetings[row.meeting_id] = meetings.get(row.meeting_id, False) or row.presence in THERE
    absences = [
        Absence(board, len(list(takewhile(lambda was_there: not was_there, meetings.values()))))
        for board, meetings in meetings_of.items()
    ]
    return sorted(absences, key=lambda absence: -absence.meetings)
