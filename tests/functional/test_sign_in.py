"""Getting in: by an invitation, and after a password was forgotten. The links come by e-mail, which
this server prints."""

import email
import email.policy
import re

from playwright.sync_api import Page, expect

from tests.functional.accessibility import faults_of
from tests.functional.pages import send
from tests.functional.site import COORDINATOR, LEAD, PASSWORD, Site

CHOSEN = "a pebble on every window"


def letter_to(site: Site, address: str) -> str:
    """The text of the last e-mail that was sent to somebody."""
    printed = site.log.read_text(encoding="utf-8").split("-" * 79)
    letters = [part[part.find("Content-Type:") :] for part in printed if f"To: {address}\n" in part]
    assert letters, f"Nothing was sent to {address}."
    text = email.message_from_string(letters[-1], policy=email.policy.default).get_content()
    assert isinstance(text, str)
    return text


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    assert faults_of(page) == []
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_label("New password again").fill("shorter")
    send(page, "Save password")
    assert page.title().startswith("Error: ")
    assert faults_of(page) == []
    page.get_by_label("New password", exact=True).fill(CHOSEN)
    page.get_by_label("New password again").fill(CHOSEN)
    send(page, "Save password")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def come_in(page: Page, address: str, password: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password").fill(password)
    send(page, "Sign in")


def link_in(letter: str, site: Site) -> str:
    links: list[str] = re.findall(rf"{re.escape(site.url)}/account/password/\S+", letter)
    assert len(links) == 1, letter
    return links[0]


def test_invited_by_a_coordinator(own_site, visit):
    address = "new.member@anytown.example"
    coordinator, person = visit(own_site, COORDINATOR), visit(own_site)
    coordinator.goto("/anytown/setup/people/add/")
    coordinator.get_by_label("Email address").fill(address)
    coordinator.get_by_label("Name").fill("New member (demo)")
    coordinator.get_by_label("Board member").check()
    coordinator.get_by_label("I know who this person is.").check()
    send(coordinator, "Add and send the email")
    assert coordinator.title().startswith("Error: ")  # of which board?
    assert faults_of(coordinator) == []
    coordinator.get_by_label("Board", exact=True).select_option("Safeguarding Adults Board")
    send(coordinator, "Add and send the email")
    expect(coordinator.get_by_text(f"We have sent an email to {address}.")).to_be_visible()
    assert faults_of(coordinator) == []

    letter = letter_to(own_site, address)
    choose_password(person, link_in(letter, own_site))  # which signs them in

    expect(person.get_by_text("Board member", exact=True)).to_be_visible()
    assert person.goto("/anytown/2026-10/sab/").status == 200
    assert person.goto("/anytown/2026-10/csp/").status == 403


def test_whose_role_was_taken_away(own_site, visit):
    """It was their only one, so they are signed out at once."""
    coordinator, lead = visit(own_site, COORDINATOR), visit(own_site, LEAD)
    assert lead.goto("/anytown/").status == 200
    coordinator.goto("/anytown/setup/people/")
    row = coordinator.get_by_role("row", name=LEAD)
    with coordinator.expect_navigation():
        row.get_by_role("link", name="Remove").click()
    send(coordinator, "Remove")

    lead.goto("/anytown/")
    expect(lead.get_by_role("heading", name="Sign in")).to_be_visible()


def test_forgotten(own_site, visit):
    page = visit(own_site)
    page.goto("/account/login/")
    with page.expect_navigation():
        page.get_by_role("link", name="Set a new password if you have forgotten it").click()
    page.get_by_label("Email address").fill(LEAD)
    send(page, "Send the link")
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    link = link_in(letter_to(own_site, LEAD), own_site)

    choose_password(page, link)

    page = visit(own_site)
    come_in(page, LEAD, PASSWORD)
    assert page.title().startswith("Error: ")
    come_in(page, LEAD, CHOSEN)
    expect(page.get_by_role("heading", name="Anytown", exact=True)).to_be_visible()
    # The link is good for once.
    stranger = visit(own_site)
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="This link no longer works")).to_be_visible()


def test_an_unknown_address_is_not_told_apart(own_site, visit):
    page = visit(own_site)
    page.goto("/account/password/reset/")
    page.get_by_label("Email address").fill("nobody@anytown.example")
    send(page, "Send the link")
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()

    # Strangers get no mail.
    assert "To: nobody@anytown.example" not in own_site.log.read_text(encoding="utf-8")


def test_signed_out_is_out(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto("/anytown/")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()

    page.go_back()
    page.reload()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
