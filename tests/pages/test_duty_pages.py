"""The page of the Serious Violence Duty, and the line in the strategic group's packs."""

import pytest
from django.urls import reverse

from actions.models import Authority, DutyAct
from boards.rules import Role
from tests.duty import act, authority, start
from tests.factories import make_board, make_member
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db


def address(name: str, *args: object) -> str:
    return reverse(f"actions:{name}", args=["testford", *args])


def test_it_starts_with_one_press_and_ends_with_another(town):
    client, url = signed_in(town.coordinator), address("duty")
    assert "No one records the duty here yet." in client.get(url).text
    page = client.get(address("duty-start")).text
    assert page.count("checked") == 6
    kinds = ["police", "probation", "youth-offending", "health", "council"]
    page = client.post(address("duty-start"), {"kinds": kinds}, follow=True).text
    assert "You can now record who was consulted and who has signed what." in page
    assert "Fire and rescue isn’t on the list." in page
    assert Authority.objects.count() == 5
    page = client.post(address("duty-end"), follow=True).text
    assert "No one records the duty here yet." in page
    assert Authority.objects.filter(retired=True).count() == 5


def test_an_act_is_recorded_in_a_form_that_keeps_what_was_typed(town):
    client, prison = signed_in(town.coordinator), authority(town)
    url = address("act-add", prison.pk)
    typed = {"kind": "consulted", "paper": "strategy", "year": "2026", "done_on": "32 May", "note": "By letter"}
    page = client.post(url, typed).text
    assert "By letter" in page
    assert not DutyAct.objects.exists()
    page = client.post(url, typed | {"done_on": "10 February 2026"}, follow=True).text
    assert "Consulted on the strategy 2026–27 on 10 February 2026. By letter" in page
    page = client.post(address("act-remove", DutyAct.objects.get().pk), {"why": "Twice"}, follow=True).text
    assert "The audit log keeps what it said." in page
    assert "By letter" not in page


def test_an_authority_is_changed_taken_off_and_brought_back(town):
    client, prison = signed_in(town.coordinator), authority(town)
    url = address("authority-change", prison.pk)
    typed = {"kind": "prison", "name": "HMP Anytown", "contact": "Governor"}
    page = client.post(url, typed | {"revision": "0"}, follow=True).text
    assert "Prison. Contact: Governor." in page
    start(town)
    assert Authority.objects.in_use().count() == 7
    page = client.post(url, typed | {"revision": "1", "retired": "on"}, follow=True).text
    assert "No longer on the list: " in page
    page = client.post(url, typed | {"revision": "2"}, follow=True).text
    assert "No longer on the list: " not in page


def test_everybody_reads_it_and_only_a_coordinator_changes_it(town):
    fire = start(town)
    act(town, Authority.objects.get(kind="police"))
    reader = make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "hwbb"))
    client = signed_in(reader)
    page = client.get(address("duty")).text
    assert "Fire and rescue hasn’t signed the strategy 2026–27." in page
    assert "Record what happened" not in page
    assert address("duty") in client.get(address("group")).text
    assert client.get(address("act-add", next(iter(fire.values())).pk)).status_code == 403


def test_a_town_that_does_not_record_it_sees_nothing_of_it(town):
    reader = make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "hwbb"))
    assert address("duty") not in signed_in(reader).get(address("group")).text
