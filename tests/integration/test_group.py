"""Who is on the strategic group, who was at its meetings, and which board hasn't been there."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from actions.models import Seat
from actions.selectors.group import find_absences, list_seats
from actions.services.group import SeatDraft, add_seat, change_seat, end_seat, note_attendance
from actions.workflow import Presence
from core.labels import Refused, TransitionRefused
from core.models import AuditEvent
from tests.challenging import make_strand
from tests.factories import make_board
from tests.meeting import attend, hold, meet, seat, strategic_group
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
PRESENT, SUBSTITUTE, APOLOGY, ABSENT = Presence
DAYS = [date(2026, 10, 5), date(2026, 10, 12), date(2026, 10, 19), date(2026, 10, 26)]


@pytest.fixture
def lscb(town: Town):
    return make_board(town.area, "lscb", name="Safeguarding Children Partnership")


def held(town: Town, day: date):
    return hold(town, make_strand(town, f"s{day:%d}"), board=strategic_group(town), held_on=day)


def absences(town: Town, **options) -> dict[str, int]:
    return {absence.board.code: absence.meetings for absence in find_absences(town.area, **options)}


def test_a_board_that_sent_nobody_to_three_meetings_is_named(town, lscb):
    here, away = seat(town), seat(town, "Scrutineer", board=lscb)
    for day, presence in zip(DAYS, (PRESENT, APOLOGY, ABSENT, APOLOGY), strict=True):
        attend(town, held(town, day), {here: PRESENT, away: presence})
        expected = {"lscb": 3} if day == DAYS[-1] else {}
        assert absences(town) == expected
    assert [absence.words for absence in find_absences(town.area)] == [
        "The Safeguarding Children Partnership has not been at the strategic group’s last 3 meetings."
    ]


def test_a_substitute_and_another_seat_of_the_board_count_as_there(town, lscb):
    first, second = seat(town, "Scrutineer", board=lscb), seat(town, "Head of safeguarding", board=lscb)
    attend(town, held(town, DAYS[0]), {first: ABSENT, second: ABSENT})
    attend(town, held(town, DAYS[1]), {first: ABSENT, second: ABSENT})
    meeting = held(town, DAYS[2])
    attend(town, meeting, {first: ABSENT, second: ABSENT})
    assert absences(town) == {"lscb": 3}
    attend(town, meeting, {first: APOLOGY, second: SUBSTITUTE}, why="The list was wrong")
    assert absences(town) == {}


def test_a_meeting_of_which_nobody_said_who_was_there_counts_for_nothing(town, lscb):
    away = seat(town, "Scrutineer", board=lscb)
    for day in DAYS[:2]:
        attend(town, held(town, day), {away: ABSENT})
    held(town, DAYS[2])
    assert absences(town) == {}


def test_minutes_keep_what_was_so_at_their_meeting(town, lscb):
    away = seat(town, "Scrutineer", board=lscb)
    meetings = [attend(town, held(town, day), {away: ABSENT}) for day in DAYS[:3]]
    attend(town, held(town, DAYS[3]), {away: PRESENT})
    assert absences(town) == {}
    assert absences(town, until=meetings[1]) == {}
    assert absences(town, until=meetings[2]) == {"lscb": 3}


def test_a_board_without_a_seat_any_more_isnt_blamed(town, lscb):
    away = seat(town, "Scrutineer", board=lscb)
    meetings = [attend(town, held(town, day), {away: ABSENT}) for day in DAYS[:3]]
    end_seat(away, ended_on=DAYS[3], by=town.coordinator)
    assert absences(town) == {}
    assert absences(town, until=meetings[2]) == {"lscb": 3}


def test_seats_are_those_of_the_day(town):
    early, late = seat(town, "One"), seat(town, "Two", since=DAYS[1])
    end_seat(early, ended_on=DAYS[1], by=town.coordinator)
    assert [list(list_seats(town.area, on=day)) for day in DAYS[:3]] == [[early], [early, late], [late]]
    meeting = held(town, DAYS[1])
    with pytest.raises(ValidationError, match="Two is missing"):
        attend(town, meeting, {early: PRESENT})


def test_a_seat_is_added_once_changed_and_ended(town, lscb):
    chair = seat(town)
    with pytest.raises(ValidationError, match="already has a member with that role"):
        seat(town)
    draft = SeatDraft(board=lscb, title="Chair", person=town.lead, substitute="Deputy", since=chair.since)
    changed = change_seat(chair, draft, revision=0, by=town.coordinator)
    assert (changed.board, changed.person, changed.revision) == (lscb, town.lead, 1)
    with pytest.raises(Refused, match="was changed after you opened this form"):
        change_seat(chair, SeatDraft(board=lscb, title="Other", since=chair.since), revision=0, by=town.coordinator)
    assert change_seat(chair, draft, revision=0, by=town.coordinator).revision == 1, "the same once more is nothing"
    with pytest.raises(ValidationError, match="before this membership began"):
        end_seat(chair, ended_on=date(2025, 12, 31), by=town.coordinator)
    for _ in range(2):
        end_seat(chair, ended_on=DAYS[0], by=town.coordinator)
    with pytest.raises(TransitionRefused, match="is no longer a member"):
        change_seat(chair, draft, revision=2, by=town.coordinator)
    acts = AuditEvent.objects.filter(verb__startswith="seat.").order_by("id").values_list("verb", flat=True)
    assert list(acts) == ["seat.added", "seat.changed", "seat.ended"]


def test_what_a_seat_can_not_be(town, lscb):
    other = make_board(town.area, "gone", retired=True)
    for wanted, field in (
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"substitute": "x" * 121}, "substitute"),
        ({"board": strategic_group(town)}, "board"),
        ({"board": other}, "board"),
        ({"since": date(1000, 1, 1)}, "since"),
    ):
        with pytest.raises(ValidationError) as refused:
            seat(town, **{"title": "Chair", "board": lscb} | wanted)
        assert list(refused.value.message_dict) == [field]
    assert not Seat.objects.exists()


def test_a_seat_does_not_end_before_a_meeting_that_it_was_at(town):
    chair = seat(town)
    meeting = attend(town, held(town, DAYS[1]), {chair: PRESENT})
    with pytest.raises(ValidationError, match=f"{meeting.reference} is after that day"):
        end_seat(chair, ended_on=DAYS[0], by=town.coordinator)


def test_a_seat_that_was_at_a_meeting_stays_with_its_board(town, lscb):
    chair = seat(town)
    attend(town, held(town, DAYS[0]), {chair: PRESENT})
    draft = SeatDraft(board=lscb, title=chair.title, since=chair.since)
    with pytest.raises(
        ValidationError, match=f"This member has been at meetings for the {town.csp}, so you can’t change the board"
    ):
        change_seat(chair, draft, revision=0, by=town.coordinator)
    assert Seat.objects.get().board == town.csp


def test_a_seat_does_not_end_on_a_day_to_come(town):
    chair = seat(town)
    with pytest.raises(ValidationError, match="That day is still to come"):
        end_seat(chair, ended_on=timezone.localdate() + timedelta(days=1), by=town.coordinator)
    assert list(list_seats(town.area)) == [chair]


def test_who_was_there_changes_only_for_a_reason_which_the_record_keeps(town):
    chair = seat(town)
    meeting = attend(town, held(town, DAYS[0]), {chair: PRESENT})
    attend(town, meeting, {chair: PRESENT})
    with pytest.raises(ValidationError, match="Say why you are changing who was there"):
        attend(town, meeting, {chair: APOLOGY})
    attend(town, meeting, {chair: APOLOGY}, why="Minutes were wrong")
    first, second = AuditEvent.objects.filter(verb="meeting.attendance").order_by("id")
    assert first.details["after"] == {"Chair of the board": "present"}
    assert second.details["before"] == {"Chair of the board": "present"}
    assert second.details["why"] == "Minutes were wrong"


def test_of_two_people_who_say_who_was_there_the_second_is_told(town):
    chair = seat(town)
    meeting = held(town, DAYS[0])
    attend(town, meeting, {chair: PRESENT})
    with pytest.raises(Refused, match="was changed after you opened this form"):
        note_attendance(meeting, {chair: APOLOGY}, revision=1, why="So it was", by=town.coordinator)


def test_only_held_meetings_of_the_strategic_group_say_who_was_there(town):
    chair = seat(town)
    with pytest.raises(TransitionRefused, match="isn’t recorded yet"):
        attend(town, meet(town, board=strategic_group(town)), {chair: PRESENT})
    with pytest.raises(TransitionRefused, match="only for a meeting of the strategic group"):
        attend(town, hold(town, make_strand(town)), {chair: PRESENT})


def test_only_the_coordinator_does_it(town):
    chair = seat(town)
    meeting = held(town, DAYS[0])
    with pytest.raises(PermissionDenied):
        add_seat(town.area, SeatDraft(board=town.csp, title="Other", since=DAYS[0]), by=town.lead)
    with pytest.raises(PermissionDenied):
        end_seat(chair, ended_on=DAYS[0], by=town.lead)
    with pytest.raises(PermissionDenied):
        note_attendance(meeting, {chair: PRESENT}, revision=1, by=town.lead)
