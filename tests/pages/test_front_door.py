"""What does somebody without an account find? The sign-in page, a missing page, and help."""

import re

import pytest
from django.test import Client

from boards.rules import Role
from core.calendar import Month
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
LIST, SIGNS = "/testford/public/", "/testford/public/signs/"
# The sign-in page, which `/` and every address of an area lead to, and pages that are missing.
PATHS = ("/", "/account/login/", "/nowhere/", "/a/b/c/d/", "/nowhere/public/")


def make_public_town() -> Town:
    """October is public. So are the signs."""
    town = make_town()
    scenarios.accept(town, OCTOBER, {"arrests": 15, "charges": 9})
    scenarios.publish(town, OCTOBER)
    scenarios.publish_openly(town, OCTOBER)
    scenarios.tell_signs(town)
    return town


made, town = stand(make_public_town)


def list_links(path: str, client: Client | None = None) -> list[str]:
    html = (client or Client()).get(path, follow=True).content.decode()
    return re.findall(r'href="(/\w+/public/[^"]*)"', html)


@pytest.mark.parametrize("path", PATHS)
def test_it_leads_to_what_anybody_can_read(town: Town, path: str):
    assert list_links(path) == [LIST, SIGNS]
    assert "You do not need an account" in Client().get(path, follow=True).content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_it_names_no_area_whose_pages_are_not_public(town: Town, path: str):
    make_town("quietford")
    edition = town.area.periods.get(starts_on=OCTOBER.first_day).editions.get()
    withdraw_month(edition.period, why="Wrong", by=town.people[Role.INFORMATION])
    assert list_links(path) == [SIGNS]
    turn_public_pages(town.area, on=False, by=town.coordinator)
    assert list_links(path) == []
    assert "need an account to read" not in Client().get(path, follow=True).content.decode()


def test_whoever_has_signed_in_is_led_home_from_a_missing_page(town: Town):
    client = signed_in(town.coordinator)
    assert list_links("/a/b/c/d/", client) == []
    assert "Go to your home page" in client.get("/a/b/c/d/").content.decode()


def test_help_for_residents_comes_first_for_somebody_without_an_account(town: Town):
    first = r'<ul class="govuk-list">\s*<li><a class="govuk-link" href="/help/([\w-]+)/">'
    client = Client()
    assert re.search(first, client.get("/help/").content.decode())[1] == "resident"
    assert "Help for residents" in client.get("/account/login/").content.decode()
    client.force_login(town.coordinator)
    assert re.search(first, client.get("/help/").content.decode())[1] == "board-member"
    assert "Help for residents" not in client.get("/").content.decode()
