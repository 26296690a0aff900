"""Keys for machines, as pages: one is shown once, replaced, taken over and revoked."""

import re
import time
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from boards.models import ApiKey
from boards.rules import Role
from core.calendar import date_label
from core.forms import kept
from core.models import User
from tests.factories import make_member
from tests.keys import agency_key, give_key, opened, turn_on
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
LIST, ADD = "/testford/keys/", "/testford/keys/add/"
SECRET = re.compile(r"vvd_[a-z0-9]{8}_[\w-]{43}")


def browser(user: User, *, confirmed: bool = True) -> Client:
    """Somebody who has just said again who they are."""
    client = signed_in(user)
    if confirmed:
        confirm(client, user)
    return client


def confirm(client: Client, user: User) -> None:
    """… as the page that asks again notes it."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def words(answer) -> str:
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def typed(**more) -> dict[str, object]:
    ends_on = date_label(timezone.localdate() + timedelta(days=60))
    return {"owner": "me", "name": "Power BI", "scopes": ["read:months"], "ends_on": ends_on} | more


def test_a_key_is_made_and_shown_once(town: Town):
    turn_on(town)
    person = browser(town.people[Role.BOARD_MEMBER])
    assert "You have no keys here." in words(person.get(LIST))

    made = person.post(ADD, typed())

    secret = SECRET.search(words(made)).group()
    assert opened(secret).access.user == town.people[Role.BOARD_MEMBER]
    assert made.headers["Cache-Control"] == "private, no-store"
    key = ApiKey.objects.get()
    for page in (LIST, f"{LIST}{key.pk}/", "/account/keys/"):
        shown = words(person.get(page))
        assert f"vvd_{key.prefix}" in shown
        assert not SECRET.search(shown)


def test_a_session_alone_makes_no_key(town: Town):
    """A key would outlive it. What was typed is there again once they have said who they are."""
    key, _ = give_key(town, town.coordinator, name="Old")
    person = browser(town.coordinator, confirmed=False)
    proof = {kept.FIELD: kept.proof(town.coordinator)}  # which the page has
    for answer in (person.get(ADD), person.post(ADD, typed() | proof)):
        assert answer.headers["Location"] == "/account/reauthenticate/?next=%2Ftestford%2Fkeys%2Fadd%2F"
    replaced = person.post(f"{LIST}{key.pk}/", {"act": "replace", "ends_on": typed()["ends_on"]})
    assert replaced.headers["Location"].startswith("/account/reauthenticate/")
    assert ApiKey.objects.count() == 1
    confirm(person, town.coordinator)
    again = person.get(ADD)
    assert 'value="Power BI"' in again.content.decode()
    # To revoke one, a session is enough: that is what somebody needs at once.
    assert "no longer works" in words(
        browser(town.coordinator).post(f"{LIST}{key.pk}/", {"act": "revoke"}, follow=True)
    )


def test_a_second_press_makes_no_second_key(town: Town):
    turn_on(town)
    person = browser(town.coordinator)
    person.post(ADD, typed())
    again = person.post(ADD, typed())
    assert "There is already a key called “Power BI”." in words(again)
    assert ApiKey.objects.count() == 1


def test_what_is_wrong_is_said_and_what_was_typed_stays(town: Town):
    turn_on(town)
    answer = browser(town.coordinator).post(ADD, typed(name="Excel", scopes=[], ends_on="1 May 2099"))
    assert "Choose what the key opens" in words(answer)
    assert 'value="Excel"' in answer.content.decode()
    answer = browser(town.coordinator).post(ADD, typed(ends_on="1 May 2099"))
    assert "A key can last a year at most" in words(answer)
    assert 'value="1 May 2099"' in answer.content.decode()


def test_only_a_lead_is_offered_the_agencys_return(town: Town):
    turn_on(town)
    assert "The agency’s return" not in words(browser(town.coordinator).get(ADD))
    lead = browser(town.lead)
    assert "The agency’s return" in words(lead.get(ADD))
    own = lead.post(ADD, typed(scopes=["write:return"]))
    assert "Only an agency’s key can save its return." in words(own)
    made = lead.post(ADD, typed(owner="police", scopes=["write:return"]))
    assert opened(SECRET.search(words(made)).group()).agency == town.police.pk


def test_keys_are_off_until_a_coordinator_turns_them_on(town: Town):
    lead, officer, coordinator = (browser(who) for who in (town.lead, town.people[Role.INFORMATION], town.coordinator))
    assert "Keys are turned off in Testford" in words(lead.get(LIST))
    assert "turned off keys for machines" in words(lead.post(ADD, typed()))
    assert "Only a coordinator of Testford can do this." in words(officer.post(LIST, {"act": "on"}, follow=True))
    assert "Keys now work." in words(coordinator.post(LIST, {"act": "on"}, follow=True))
    assert "Make a key" in words(lead.get(LIST))
    assert "Keys no longer work" in words(officer.post(LIST, {"act": "off"}, follow=True))
    assert ApiKey.objects.count() == 0


def test_another_lead_takes_over_and_the_officer_revokes(town: Town):
    key, secret = agency_key(town)
    page = f"{LIST}{key.pk}/"
    second = make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    assert "You are now responsible for this key." in words(
        browser(second).post(page, {"act": "take-over"}, follow=True)
    )
    assert opened(secret).access.user == second
    officer = browser(town.people[Role.INFORMATION])
    assert "Only a lead of the agency can take over its key" in words(
        officer.post(page, {"act": "take-over"}, follow=True)
    )
    assert "Nothing was changed." in words(officer.post(page, follow=True))
    done = words(officer.post(page, {"act": "revoke"}, follow=True))
    assert "The key no longer works." in done
    assert "Revoked, by information" in done
    assert "Revoke this key" not in done


def test_a_replaced_key_leads_to_the_new_one(town: Town):
    key, _ = give_key(town, town.coordinator)
    page, person = f"{LIST}{key.pk}/", browser(town.coordinator)
    wrong = person.post(page, {"act": "replace", "ends_on": "soon"})
    assert "must be a real day" in words(wrong)
    made = person.post(page, {"act": "replace", "ends_on": typed()["ends_on"]})
    assert opened(SECRET.search(words(made)).group())
    assert f"The earlier key, vvd_{key.prefix}, works until" in words(made)
    assert "The key that replaces this one" in words(person.get(page))
    again = person.post(page, {"act": "replace", "ends_on": typed()["ends_on"]})
    assert (again.status_code, "already replaced" in words(again)) == (409, True)


def test_anothers_key_is_not_there(town: Town, outsider):
    key, _ = give_key(town, town.people[Role.ANALYST])
    page = f"{LIST}{key.pk}/"
    assert browser(town.lead).get(page).status_code == 404
    assert browser(town.lead).post(page, {"act": "revoke"}).status_code == 404
    assert browser(outsider).get(page).status_code == 404
    assert browser(town.people[Role.INFORMATION]).get(page).status_code == 200
    assert "Power BI" not in words(browser(town.lead).get(LIST))
