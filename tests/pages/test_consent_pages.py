"""Permission to use figures, as pages: given, agreed to and withdrawn with a page in between."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from boards.models import Consent
from boards.rules import Role
from core.calendar import date_label
from tests.factories.regions import make_region
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
LIST = "/testford/consent/"


def words(html: bytes) -> str:
    main = html.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def test_a_coordinator_gives_it_an_officer_agrees_and_either_withdraws_it(town: Town):
    coordinator, officer = signed_in(town.people[Role.COORDINATOR]), signed_in(town.people[Role.INFORMATION])
    today = timezone.localdate()
    typed = {"starts_on": date_label(today), "ends_on": date_label(today + timedelta(days=90))}
    assert "Give this permission" not in words(officer.get(LIST).content)
    assert officer.post(LIST, typed).status_code == 403
    assert coordinator.post(LIST, typed).status_code == 302
    page = f"{LIST}{Consent.objects.get().pk}/"
    assert "Waiting for the information officer" in words(officer.get(LIST).content)
    assert "Agree to this permission" not in words(coordinator.get(page).content)
    assert "Agree to this permission" in words(officer.get(page).content)
    assert "Nothing was changed. Press one of the buttons below." in words(officer.post(page, follow=True).content)
    assert "The permission now applies" in words(officer.post(page, {"act": "agree"}, follow=True).content)
    assert "Comparison by other areas In force Given by coordinator" in words(coordinator.get(LIST).content)
    done = coordinator.post(page, {"act": "withdraw"}, follow=True)
    assert "You withdrew the permission. It no longer applies." in words(done.content)
    assert "Withdrawn" in words(officer.get(LIST).content)


def test_a_region_that_invited_the_area_can_be_chosen_with_what_it_shows(town: Town):
    coordinator = signed_in(town.people[Role.COORDINATOR])
    assert "What you permit" not in words(coordinator.get(LIST).content)
    region = make_region(town.area, shows=None)
    page = words(coordinator.get(LIST).content)
    assert "Essex: what the area has made public" in page
    today = timezone.localdate()
    typed = {"starts_on": date_label(today), "ends_on": date_label(today + timedelta(days=90))}
    assert "Choose the what you permit" not in words(coordinator.post(LIST, typed).content)
    assert coordinator.post(LIST, typed | {"use": "kent partners"}).status_code == 200
    assert not Consent.objects.exists()
    assert coordinator.post(LIST, typed | {"use": "essex partners"}).status_code == 302
    given = Consent.objects.get()
    assert (given.region, given.shows) == (region, "partners")
    shown = words(signed_in(town.people[Role.INFORMATION]).get(f"{LIST}{given.pk}/").content)
    assert "people with a role in Essex can see every figure in Testford’s published months, including small" in shown


def test_what_is_wrong_is_said_and_nothing_is_lost(town: Town):
    typed = {"starts_on": "1 May 2030", "ends_on": "30 April 2030"}
    answer = signed_in(town.people[Role.COORDINATOR]).post(LIST, typed)
    assert "The permission starts on 1 May 2030: choose a later last day." in words(answer.content)
    assert 'value="30 April 2030"' in answer.content.decode()
    assert Consent.objects.count() == 0


def test_anothers_permission_is_not_there(town: Town, outsider):
    today = timezone.localdate()
    theirs = Consent.objects.create(
        area=outsider.memberships.first().area,
        starts_on=today,
        ends_on=today + timedelta(days=1),
        given_at=timezone.now(),
        given_by=outsider,
    )
    assert signed_in(town.people[Role.COORDINATOR]).get(f"{LIST}{theirs.pk}/").status_code == 404
