"""A region's set-up, as pages: made, filled with areas and people, and emptied again."""

import pytest
from django.core import mail
from django.test import Client

from boards.models import Region, RegionMembership, RegionPlace
from boards.rules import RegionRole
from tests import scenarios
from tests.factories import make_area
from tests.factories.regions import make_region, make_region_member
from tests.pages.test_consent_pages import words
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PERSON = {"email": "d@county.example", "name": "D", "role": "director", "is_attested": "on"}


def test_the_operator_makes_a_region_invites_areas_and_adds_a_director():
    area = make_area("southend", name="Southend")
    client = signed_in(scenarios.make_operator())
    assert "There are no regions yet" in words(client.get("/regions/").content)
    for slug, sentence in (("add", "already the address of another page"), ("No Slug", "Use lower-case letters")):
        assert sentence in words(client.post("/regions/add/", {"name": "Essex", "slug": slug}).content)
    made = client.post("/regions/add/", {"name": "Essex", "slug": "essex"}, follow=True)
    assert "3 more areas must agree" in words(made.content)
    again = client.post("/regions/add/", {"name": "Essex", "slug": "essex"})
    assert again.status_code in (200, 302)
    assert Region.objects.count() == 1

    setup = "/regions/essex/setup/"
    page = words(client.post(f"{setup}areas/add/", {"area": area.pk}, follow=True).content)
    assert "Southend is invited" in page
    assert "Nothing: it hasn’t agreed" in page
    assert "Choose the area from the list" in words(client.post(f"{setup}areas/add/", {"area": area.pk}).content)

    assert "Confirm that you know" in words(client.post(f"{setup}people/add/", PERSON | {"is_attested": ""}).content)
    assert "We have sent an email" in words(client.post(f"{setup}people/add/", PERSON, follow=True).content)
    assert "given you a role in Essex on the V+V Dashboard: director" in mail.outbox[0].body
    held = RegionMembership.objects.get()
    client.post(f"{setup}people/{held.pk}/tell/")
    assert len(mail.outbox) == 2

    assert "Remove Southend from Essex?" in words(
        client.get(f"{setup}areas/{area.region_places.get().pk}/remove/").content
    )
    client.post(f"{setup}areas/{area.region_places.get().pk}/remove/")
    client.post(f"{setup}people/{held.pk}/remove/")
    assert not RegionPlace.objects.exists()
    assert not RegionMembership.objects.exists()


def test_a_director_sees_the_set_up_and_adds_analysts_only():
    region = make_region(make_area("southend", name="Southend"))
    director, analyst = make_region_member(region), make_region_member(region, RegionRole.ANALYST)
    client = signed_in(director)
    setup = "/regions/essex/setup/"
    page = words(client.get(setup).content)
    assert "Its published months, as its partners see them" in page
    assert "Invite an area" not in page
    assert "Each area can see what these people opened." in page
    assert client.get(f"{setup}areas/add/").status_code == 403
    add = client.get(f"{setup}people/add/").content.decode()
    assert 'type="radio"' not in add  # there is nothing to choose
    assert "This gives no role inside any area." in add
    assert "Regional analyst: reads what the areas agreed to" in add
    assert "Choose the role from the list" in words(client.post(f"{setup}people/add/", PERSON).content)
    assert client.post(f"{setup}people/add/", PERSON | {"role": "analyst"}).status_code == 302
    held = RegionMembership.objects.get(user=director)
    refused = client.post(f"{setup}people/{held.pk}/remove/")
    assert "only a director can decide about analysts" in words(refused.content)
    assert signed_in(analyst).get(setup).status_code == 403
    assert setup in client.get("/regions/").content.decode()
    own = signed_in(analyst).get("/regions/")
    assert own.status_code == 200
    assert setup not in own.content.decode()  # it would be refused


def test_nobody_else_gets_in(town):
    make_region(town.area)
    for user in town.people.values():
        client = signed_in(user)
        assert client.get("/regions/essex/setup/").status_code == 404
        assert client.get("/regions/add/").status_code == 403
        assert "You have no role in any region" in words(client.get("/regions/").content)
    assert Client().get("/regions/essex/setup/").status_code == 302


def test_a_role_in_a_region_asks_for_a_second_factor(settings):
    settings.PRODUCTION = True
    member = make_region_member(make_region(make_area("a")))
    assert signed_in(member).get("/regions/").headers["Location"] == "/account/second-factor/"
