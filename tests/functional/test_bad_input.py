"""What goes wrong is said on a page, in a sentence; nothing is half-saved, and no insides are shown."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page

from tests.functional.accessibility import faults_of
from tests.functional.pages import JUSTICE, NOVEMBER, RETURNS, send, take_step
from tests.functional.site import COORDINATOR, LEAD, MEMBER, Site

INSIDES = ("Traceback", "Exception", "/site-packages/", "django", "sqlite", ".py")


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def assert_shows_no_insides(page: Page) -> None:
    shown = page.content()
    assert [word for word in INSIDES if word.lower() in shown.lower()] == []


def rows(site: Site, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(site.database)) as database:
        return database.execute(question).fetchall()


@pytest.fixture
def lead(own_site, visit) -> Iterator[Page]:
    """At the police's return for November, which has a draft."""
    page = visit(own_site, LEAD)
    page.goto(f"{RETURNS}police/")
    yield page
    assert_shows_no_insides(page)


@pytest.mark.parametrize(
    "path",
    [
        "/anytown/2026-13/",
        "/anytown/0000-00/",
        "/anytown/2027-01/",
        "/anytown/1066-10/",
        "/anytown/2026-10/no-such-board/",
        "/anytown/2026-10/csp/more/",
        "/anytown/returns/2026-11/no-such-agency/",
        "/anytown/packs/2026-10/no-such-board/",
        "/nowhere/2026-10/",
        "/southend/",
        "/anytown/%00/",
        "/anytown/2026-10/%F0%9F%92%A5/",
        "/anytown/2026-10/../../etc/passwd",
        f"/{'long' * 500}/",
    ],
)
def test_an_address_of_nothing(site, visit, path):
    page = visit(site, MEMBER)

    answer = page.goto(path)

    assert answer.status in (403, 404)
    assert heading(page) in ("Page not found", "You can’t do this")
    assert_shows_no_insides(page)


def test_submitted_twice(own_site, visit):
    first, second = visit(own_site, JUSTICE), visit(own_site, JUSTICE)
    for page in (first, second):
        page.goto(f"{RETURNS}youth-justice/check/")

    for page in (first, second):
        send(page, "Submit November 2026 figures")
        assert heading(page) == "November 2026 figures from Youth justice are submitted"
    assert rows(
        own_site,
        "SELECT state, count(*) FROM indicators_submission JOIN core_auditevent ON verb = 'submission.submitted' "
        "AND target_id = indicators_submission.id AND target LIKE 'Youth justice, November%' GROUP BY state",
    ) == [("submitted", 2)]  # once in the demo, before it was returned, and once now


def test_saved_in_two_windows(own_site, visit, lead):
    other = visit(own_site, LEAD)
    other.goto(f"{RETURNS}police/")
    other.locator("[name='pwits:value']").fill("7")
    send(other, "Save draft")

    lead.locator("[name='pwits:value']").fill("8")
    send(lead, "Save draft")

    assert lead.title().startswith("Error: ")
    assert lead.get_by_text("You saved this return in another window").is_visible()
    assert lead.locator("[name='pwits:value']").input_value() == "8"
    assert faults_of(lead) == []
    other.reload()
    assert other.locator("[name='pwits:value']").input_value() == "7"


def test_saved_after_the_month_was_closed(own_site, visit, lead):
    """It isn't refused: it comes late."""
    coordinator = visit(own_site, COORDINATOR)
    coordinator.goto(RETURNS)
    take_step(coordinator, "Close November 2026")

    lead.locator("[name='pwits:value']").fill("8")
    send(lead, "Save draft")

    assert lead.get_by_text("November 2026 is closed without these figures.").is_visible()
    assert lead.locator("[name='pwits:value']").input_value() == "8"
    assert faults_of(lead) == []


def test_accepted_after_it_was_returned(own_site, visit):
    first, second = visit(own_site, COORDINATOR), visit(own_site, COORDINATOR)
    for page in (first, second):
        page.goto(f"{RETURNS}council-children/")
    first.get_by_label("Or send it back with a comment").fill("Is 15 right?")
    send(first, "Send it back to")

    send(second, "Accept")

    assert second.get_by_text("has changed since you opened it. Check it again.").is_visible()
    assert_shows_no_insides(second)


def test_published_without_its_returns(own_site, visit):
    """Allowed: it says whose figures are missing."""
    coordinator, member = visit(own_site, COORDINATOR), visit(own_site, MEMBER)
    coordinator.goto(RETURNS)
    assert coordinator.get_by_text("Not accepted yet: Police; Council children’s services;").is_visible()
    take_step(coordinator, "Close November 2026")
    take_step(coordinator, "Publish November 2026")

    member.goto(NOVEMBER)

    assert member.get_by_text("1 of 19 figures in; awaited from seven agencies").is_visible()
    assert faults_of(member) == []


def test_a_form_with_a_stale_token(own_site, visit, lead):
    """What was typed is shown again; elsewhere nothing is done, and a page says so."""
    lead.locator("[name='pwits:value']").fill("12a")
    lead.context.clear_cookies(name="csrftoken")
    send(lead, "Save draft")
    assert lead.get_by_text("We kept what you typed, but it isn’t in the draft yet").is_visible()
    assert lead.locator("[name='pwits:value']").input_value() == "12a"
    assert faults_of(lead) == []
    send(lead, "Save draft")
    assert lead.get_by_text("Draft saved.").is_visible()

    coordinator = visit(own_site, COORDINATOR)
    coordinator.goto(RETURNS)
    coordinator.context.clear_cookies(name="csrftoken")
    coordinator.get_by_label("Accept the return of Council children’s services").check()
    send(coordinator, "Accept the chosen returns")
    assert heading(coordinator) == "Nothing was saved"
    assert faults_of(coordinator) == []


def test_a_button_pressed_after_the_session_ended(own_site, visit):
    page = visit(own_site, COORDINATOR)
    page.goto(f"{RETURNS}council-children/")
    page.context.clear_cookies(name="sessionid")

    send(page, "Accept")
    assert heading(page) == "Sign in"
    page.get_by_label("Email address").fill(COORDINATOR)
    page.get_by_label("Password").fill("anytown-demo-2026")
    send(page, "Sign in")

    assert heading(page) == "Nothing was changed"
    assert faults_of(page) == []


def test_too_many_tries(own_site, visit):
    page = visit(own_site)
    for _ in range(20):
        page.goto("/account/login/")
        page.get_by_label("Email address").fill(MEMBER)
        page.get_by_label("Password").fill("not the password")
        send(page, "Sign in")
        if page.get_by_text("too many tries").count():
            break

    assert page.get_by_text("too many tries").is_visible()
    assert faults_of(page) == []
    # Nor does the right one let anybody in now, and others still come in.
    page.goto("/account/login/")
    page.get_by_label("Email address").fill(MEMBER)
    page.get_by_label("Password").fill("anytown-demo-2026")
    send(page, "Sign in")
    assert page.url.endswith("/account/login/")


def test_a_fault_of_ours(own_site, visit):
    with closing(sqlite3.connect(own_site.database)) as database:
        database.execute("DROP TABLE reporting_indicatorline")
        database.execute("DROP TABLE indicators_submission")
    page = visit(own_site, LEAD)

    answer = page.goto(f"{RETURNS}police/")

    assert answer.status == 503  # the database can't answer
    assert heading(page) == "We can’t save anything now"
    assert_shows_no_insides(page)
    assert faults_of(page) == []
    assert "Traceback" in own_site.log.read_text(encoding="utf-8")
