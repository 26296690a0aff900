"""A second factor in a real browser: passkeys by a virtual authenticator, an app without scripts."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.factors import code_of
from tests.functional.accessibility import faults_of
from tests.functional.browsing import NARROW
from tests.functional.pages import send
from tests.functional.site import COORDINATOR, PASSWORD, Demo, Site, served
from tests.functional.test_sign_in import come_in, letter_to

# It isn't let off, as accounts under .example are.
OFFICER = "information@anytown.example"
NEW = "new.coordinator@anytown.test"
FACTOR = "/account/second-factor/"
CHOSEN = "a pebble on every window"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def at_its_domain(demo: Demo, tmp_path: Path) -> Iterator[Site]:
    """By a name: passkeys belong to a domain, and 127.0.0.1 is none."""
    with served(demo, tmp_path, host="localhost") as site:
        yield site


def rename(site: Site, who: str) -> str:
    """Let off no longer."""
    other = who.replace(".example", ".test")
    with closing(sqlite3.connect(site.database, timeout=20)) as database, database:
        assert database.execute("UPDATE core_user SET email = ? WHERE email = ?", (other, who)).rowcount == 1
    return other


def give_key(page: Page, **options: object) -> tuple[CDPSession, str]:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY | options})
    return session, made["authenticatorId"]


def invite(coordinator: Page, officer: Page) -> None:
    """Two people make somebody a coordinator."""
    coordinator.goto("/anytown/setup/people/add/")
    coordinator.get_by_label("Email address").fill(NEW)
    coordinator.get_by_label("Name").fill("New coordinator (demo)")
    coordinator.get_by_label("Coordinator:").check()
    coordinator.get_by_label("I know who this person is").check()
    send(coordinator, "Add and send the email")
    officer.goto("/anytown/roles/")
    officer.get_by_role("link", name="Make New coordinator (demo)").click()
    send(officer, "Confirm")


def test_a_new_coordinator_gets_in_with_a_passkey(at_its_domain: Site, visit):
    """From the invitation to the first page in five steps, on a phone."""
    invite(visit(at_its_domain, COORDINATOR), visit(at_its_domain, OFFICER))
    person = visit(at_its_domain, viewport=NARROW)
    give_key(person)
    (link,) = re.findall(r"http://localhost:\d+/account/password/\S+", letter_to(at_its_domain, NEW))

    person.goto(link)  # 1
    person.get_by_label("New password", exact=True).fill(CHOSEN)
    person.get_by_label("New password again").fill(CHOSEN)
    send(person, "Save password")  # 2
    expect(person.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    assert faults_of(person) == []
    with person.expect_navigation():
        person.get_by_role("link", name="Add a passkey").click()  # 3
    assert faults_of(person) == []
    expect(person.get_by_text("Your browser didn’t make a passkey")).to_be_hidden()
    with person.expect_event("load"):
        person.get_by_role("button", name="Add a passkey").click()  # 4
    expect(person.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert len(re.findall(r"^\d{8}$", person.locator("main").inner_text(), re.M)) == 10
    assert faults_of(person) == []
    with person.expect_navigation():
        person.get_by_role("link", name="I have saved the codes").click()  # 5
    expect(person.get_by_text("Coordinator", exact=True)).to_be_visible()
    assert "A passkey was added to your account" in at_its_domain.log.read_text(encoding="utf-8")

    # The next day.
    person.goto("/account/second-factor/")
    assert faults_of(person) == []
    person.get_by_role("button", name="Sign out").click()
    come_in(person, NEW, CHOSEN)
    expect(person.get_by_role("heading", name="Prove that it’s you")).to_be_visible()
    expect(person.get_by_text("The passkey did not work")).to_be_hidden()
    assert faults_of(person) == []
    with person.expect_event("load"):
        person.get_by_role("button", name="Use a passkey").click()
    expect(person.get_by_text("Coordinator", exact=True)).to_be_visible()

    # A passkey confirms a change too.
    person.goto(f"{FACTOR}recovery-codes/generate/")
    with person.expect_navigation():
        person.get_by_role("link", name="Use a passkey instead").click()
    assert faults_of(person) == []
    with person.expect_event("load"):
        person.get_by_role("button", name="Use a passkey").click()
    expect(person.get_by_role("button", name="Make new codes")).to_be_visible()


def test_an_app_works_without_scripts(own_site: Site, visit):
    person = visit(own_site, javascript=False)
    email = rename(own_site, COORDINATOR)
    come_in(person, email, PASSWORD)
    expect(person.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    with person.expect_navigation():
        person.get_by_role("link", name="Set up an app").click()
    expect(person.get_by_role("img", name="QR code of the key below")).to_be_visible()
    secret = person.locator("main strong").inner_text()
    person.get_by_label("Code", exact=True).fill("000000")
    send(person, "Set up the app")
    assert person.title().startswith("Error: ")
    assert person.locator("main strong").inner_text() == secret
    person.get_by_label("Code", exact=True).fill(code_of(secret))
    send(person, "Set up the app")
    with person.expect_navigation():
        person.get_by_role("link", name="I have saved the codes").click()
    expect(person.get_by_role("link", name="Set-up", exact=True)).to_be_visible()

    other = visit(own_site, javascript=False)
    come_in(other, email, PASSWORD)
    expect(other.get_by_role("button", name="Use a passkey")).to_be_hidden()
    other.get_by_label("Code", exact=True).fill(code_of(secret, later=1))
    send(other, "Sign in")
    assert other.goto("/anytown/setup/").status == 200


def test_a_passkey_that_did_not_verify_is_none(at_its_domain: Site, visit):
    """A key in the wrong hands: no finger, no PIN."""
    person = visit(at_its_domain)
    give_key(person, isUserVerified=False)
    come_in(person, rename(at_its_domain, COORDINATOR), PASSWORD)
    person.goto(f"{FACTOR}webauthn/add/")
    person.get_by_role("button", name="Add a passkey").click()
    expect(person.get_by_text("Your browser didn’t make a passkey")).to_be_visible()
    assert faults_of(person) == []
    expect(person.get_by_role("button", name="Add a passkey")).to_be_enabled()


def test_another_address_offers_the_app(own_site: Site, visit):
    """127.0.0.1 isn’t the domain of the site’s passkeys."""
    person = visit(own_site)
    come_in(person, rename(own_site, COORDINATOR), PASSWORD)
    person.goto(f"{FACTOR}webauthn/add/")
    expect(person.get_by_role("button", name="Add a passkey")).to_be_hidden()
    expect(person.get_by_text("this browser can’t make passkeys for this address")).to_be_visible()
    assert faults_of(person) == []
