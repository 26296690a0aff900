"""The page that shows before anything is deleted, and those that hold, release and change."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards.deletion import apply_retention, find_months
from boards.retention import list_kinds
from boards.rules import Role
from boards.services.retention import place_hold
from core.models import LegalHold, RetentionRule
from tests import scenarios
from tests.factories import make_member
from tests.retained import make_old_reads
from tests.standing import stand
from tests.visiting import signed_in

today = timezone.localdate  # read in each test: a run may pass midnight
YEAR = timedelta(days=366)


made, town = stand(scenarios.make_town)


@pytest.fixture
def officer(town) -> Client:
    return signed_in(town.people[Role.INFORMATION])


def address(name: str, *parts: object) -> str:
    return reverse(f"boards:{name}", args=["testford", *parts])


def test_shows_each_kind_and_what_goes_when(town, officer):
    make_old_reads(3 * YEAR, 3 * YEAR, area="testford")
    apply_retention(["testford"], today=today())
    page = officer.get(address("retention")).content.decode()
    for kind in list_kinds("testford"):
        assert kind.label in page
        assert kind.why in page
    assert "We will delete 2 records from before" in page
    assert "The oldest is from" in page
    assert "We never delete published months" in page
    assert signed_in(town.coordinator).get(address("retention")).status_code == 200
    assert "Place a hold" not in signed_in(town.coordinator).get(address("retention")).content.decode()


def test_a_hold_and_its_release_on_pages(town, officer):
    make_old_reads(3 * YEAR, area="testford")
    apply_retention(["testford"], today=today())
    again = officer.post(address("hold-place"), {"kind": "reads", "why": "", "ends_on": "40 May"}).content.decode()
    assert "Last day" in again
    assert "40 May" in again
    assert not LegalHold.objects.exists()
    officer.post(address("hold-place"), {"kind": "reads", "why": "A claim", "ends_on": ""})
    held = LegalHold.objects.get()
    page = officer.get(address("retention")).content.decode()
    assert "On hold: nothing is deleted." in page
    assert "A claim" in page
    own = officer.post(address("hold-release", held.pk), {"why": "Over"})
    assert own.status_code == 403
    assert "someone else has to release it" in own.content.decode()
    other = signed_in(make_member(town.area, Role.INFORMATION))
    assert "Release this hold?" in other.get(address("hold-release", held.pk)).content.decode()
    assert "Say why the records may be deleted again" in (
        other.post(address("hold-release", held.pk), {"why": ""}).content.decode()
    )
    other.post(address("hold-release", held.pk), {"why": "Over"})
    held.refresh_from_db()
    assert held.state == "released"
    assert "This hold is released" in officer.get(address("hold-release", held.pk)).content.decode()


def test_a_hold_of_another_area_is_not_found(town, officer):
    other = scenarios.make_town("elsewhere")
    held = place_hold(other.area, kind="", why="A claim", ends_on=None, by=other.people[Role.INFORMATION])
    assert officer.post(address("hold-release", held.pk), {"why": "Over"}).status_code == 404
    held.refresh_from_db()
    assert held.state == "on"


def test_a_shorter_period_waits_for_somebody_else(town, officer):
    (kind,) = (kind for kind in list_kinds("testford") if kind.code == "reads")
    wrong = officer.post(address("retention-months", "reads"), {"months": "3", "why": "Ours"}).content.decode()
    assert "Enter a number of months from 12 to 84." in wrong
    assert "must be a whole number" in (
        officer.post(address("retention-months", "reads"), {"months": "x", "why": "Ours"}).content.decode()
    )
    officer.post(address("retention-months", "reads"), {"months": "12", "why": "Ours"})
    rule = RetentionRule.objects.get()
    assert find_months("testford", kind) == 24
    assert officer.post(address("retention-decide", rule.pk), {"decision": "agree"}).status_code == 403
    coordinator = signed_in(town.coordinator)
    assert "Agree to a shorter period?" in coordinator.get(address("retention-decide", rule.pk)).content.decode()
    coordinator.post(address("retention-decide", rule.pk), {"decision": "agree"})
    assert find_months("testford", kind) == 12
    officer.post(address("retention-months", "reads"), {"months": "60", "why": "Ours"})
    assert find_months("testford", kind) == 60


def test_the_operator_sees_what_belongs_to_no_area_and_every_hold(town):
    operator = signed_in(scenarios.make_operator())
    page = operator.get(reverse("boards:operator-retention")).content.decode()
    for kind in list_kinds(""):
        assert kind.label in page
    operator.post(reverse("boards:operator-hold-place"), {"area": "testford", "why": "An inquiry", "ends_on": ""})
    assert LegalHold.objects.get().area == "testford"
    assert "testford: Every kind of record" in operator.get(reverse("boards:operator-retention")).content.decode()
    operator.post(reverse("boards:operator-hold-place"), {"area": "no-such", "why": "An inquiry", "ends_on": ""})
    assert LegalHold.objects.count() == 1
