"""The pages of who is on the strategic group and who was at a meeting, and where a board that stays away is named."""

from datetime import date

import pytest
from django.urls import reverse

from actions.models import Attendance, Seat
from actions.workflow import Presence
from boards.rules import Role
from tests.challenging import make_strand
from tests.factories import make_board, make_member
from tests.meeting import attend, hold, seat, strategic_group
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db


def address(name: str, *args: object) -> str:
    return reverse(f"actions:{name}", args=["testford", *args])


def test_a_member_is_added_in_a_form_that_keeps_what_was_typed(town):
    client, url = signed_in(town.coordinator), address("seat-add")
    typed = {"board": town.csp.pk, "title": "Chair", "substitute": "Deputy chair", "since": "32 May"}
    page = client.post(url, typed).text
    assert "Deputy chair" in page
    assert not Seat.objects.exists()
    answer = client.post(url, typed | {"since": "1 April 2026"}, follow=True)
    assert answer.redirect_chain == [(address("group"), 302)]
    assert "Chair is now a member of the group." in answer.text
    assert "Substitute: Deputy chair." in answer.text
    client.post(address("seat-end", Seat.objects.get().pk), {"ended_on": "1 May 2026"})
    assert Seat.objects.get().ended_on == date(2026, 5, 1)
    assert "No one has recorded yet who is on the group." in client.get(address("group")).text


def test_a_meeting_asks_who_came_for_each_seat_of_its_day_and_misses_none(town):
    chair, _late = seat(town), seat(town, "Later", since=date(2026, 11, 1))
    deputy = seat(town, "Superintendent", substitute="Chief inspector")
    meeting = hold(town, make_strand(town), board=strategic_group(town))
    client, url = signed_in(town.coordinator), address("meeting-attendance", meeting.number)
    page = client.get(url).text
    assert "Chief inspector" in page
    assert "Later" not in page
    sent = client.post(url, {f"seat_{chair.pk}": "present", "revision": "1"})
    assert "Say who came for Superintendent" in sent.text
    assert not Attendance.objects.exists()
    both = {f"seat_{chair.pk}": "present", f"seat_{deputy.pk}": "substitute", "revision": "1"}
    page = client.post(url, both, follow=True).text
    assert f"Superintendent, {town.csp.short_name}: substitute came" in page
    assert Attendance.objects.get(seat=deputy).presence == Presence.SUBSTITUTE
    changed = client.post(url, both | {f"seat_{deputy.pk}": "absent", "revision": "2"})
    assert "Say why you are changing who was there" in changed.text


def test_a_board_that_stays_away_is_on_the_group_the_minutes_and_the_groups_home(town):
    away = seat(town)
    for day in (5, 12, 13):
        group = strategic_group(town)
        meeting = hold(town, make_strand(town, f"s{day}"), board=group, held_on=date(2026, 10, day))
        attend(town, meeting, {away: Presence.APOLOGY})
    said = f"The {town.csp.name} has not been at the strategic group’s last 3 meetings."
    client = signed_in(town.coordinator)
    urls = [
        address("group"),
        address("meeting-view", meeting.number),
        reverse("reporting:area-home", args=["testford"]),
    ]
    assert [said in client.get(url).text for url in urls] == [True, True, True]
    assert said not in client.get(address("meeting-view", meeting.number - 1)).text


def test_a_town_that_has_named_nobody_sees_nothing_of_it(town):
    meeting = hold(town, make_strand(town), board=strategic_group(town))
    client = signed_in(town.coordinator)
    assert "Who was there" not in client.get(address("meeting-view", meeting.number)).text
    answer = client.get(address("meeting-attendance", meeting.number), follow=True)
    assert "The group has no members yet for that day." in answer.text


def test_everybody_reads_who_is_on_the_group_and_only_a_coordinator_changes_it(town):
    chair = seat(town)
    reader = make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "hwbb"))
    page = signed_in(reader).get(address("group")).text
    assert chair.title in page
    assert "Add a member" not in page
    assert signed_in(reader).get(address("seat-change", chair.pk)).status_code == 403
