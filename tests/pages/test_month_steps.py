"""A month is closed, published and taken back by a page in between, which says what that means."""

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month
from core.models import AuditEvent, User
from reporting.models import Snapshot, VersionWithdrawal
from reporting.months.services import (
    hash_corrections,
    list_corrections,
    list_fresh,
    publish_corrections,
    publish_month,
    take_back,
)
from tests.integration.clock import clock_at
from tests.integration.rows_of_withdrawals import GRACE, publish_fresh
from tests.integration.test_revisions import accept_request
from tests.scenarios import EARLY, Town, accept, close_early, newest_lines, open_month, publish, sweep
from tests.visiting import signed_in

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
type Page = Callable[..., str]


@pytest.fixture(autouse=True)
def grace(settings) -> None:
    settings.PUBLICATION_GRACE = GRACE


at = clock_at("2026-11-20")


@pytest.fixture
def page(town: Town, at) -> Page:
    """What the coordinator is answered, by an address within the town; with `typed`, to a form."""

    def ask(path: str, typed: dict[str, Any] | None = None, *, person: User | None = None) -> str:
        client, url = signed_in(person or town.coordinator), f"/testford/{path}"
        answer = client.get(url) if typed is None else client.post(url, typed, follow=True)
        return " ".join(html.unescape(answer.content.decode()).split())

    return ask


def seen(town: Town) -> list[int]:
    return [snapshot.pk for snapshot in list_fresh(town.area)]


# --- Closing ----------------------------------------------------------------------------------------


def test_a_press_on_close_asks_first(town, page, at):
    period = open_month(town, OCTOBER)
    answer = page("months/2026-10/close/")
    assert "Close October 2026?" in answer
    assert "1 of 1 returns isn’t accepted." in answer
    assert "With Police since 1 November 2026" in answer
    assert "Returns were due on 10 November 2026: 8 working days overdue." in answer
    assert "Why you are closing it early" in answer
    period.refresh_from_db()
    assert period.status == "open"


def test_without_a_reason_nothing_is_closed(town, page):
    period = open_month(town, OCTOBER)
    assert "Say why you are closing it early." in page("months/2026-10/close/", {"why": " "})
    period.refresh_from_db()
    assert period.status == "open"
    assert "October 2026 is closed." in page("months/2026-10/close/", {"why": "The board meets"})
    period.refresh_from_db()
    assert (period.status, period.closed_why) == ("closed", "The board meets")
    assert "Closed before all returns were in or due. Why: The board meets" in page("2026-10/")


def test_before_they_are_due_it_asks_though_all_are_in(town, page, at):
    at("2026-11-05 10:00")
    accept(town, OCTOBER, {"arrests": 12, "charges": 6})
    answer = page("months/2026-10/close/")
    assert "Nothing: all 1 returns are accepted." in answer
    assert "Returns are due on 10 November 2026" in answer
    assert "Say why you are closing it early." in page("months/2026-10/close/", {})


def test_where_all_are_in_it_asks_for_no_reason(town, page):
    accept(town, OCTOBER, {"arrests": 12, "charges": 6})
    assert "Why you are closing it early" not in page("months/2026-10/close/")
    page("months/2026-10/close/", {"why": "A reason that no one asked for"})
    assert town.area.periods.get(starts_on=OCTOBER.first_day).closed_why == ""


def test_who_closes_or_publishes_without_a_commentary_reads_so_and_the_analyst_has_a_task(town, page):
    accept(town, OCTOBER, {"arrests": 12, "charges": 6})
    sweep()
    analyst = signed_in(town.people[Role.ANALYST])
    task = "Write the commentary on October 2026"
    assert "There is no commentary yet." in page("months/2026-10/close/")
    assert task not in analyst.get("/testford/").text
    page("months/2026-10/close/", {})
    assert "There is no commentary yet." in page("months/2026-10/publish/")
    assert task in analyst.get("/testford/").text
    analyst.post("/testford/2026-10/commentary/", {"text": "Arrests are as usual.", "revision": "0"})
    assert "There is no commentary yet." not in page("months/2026-10/publish/")
    assert task not in analyst.get("/testford/").text


def test_closed_twice_says_so(town, page):
    close_early(open_month(town, OCTOBER), by=town.coordinator)
    assert "October 2026 is already closed." in page("months/2026-10/close/")
    assert "October 2026 is already closed." in page("months/2026-10/close/", {"why": "Again"})


# --- Publishing -------------------------------------------------------------------------------------


def test_before_it_is_published_it_says_what_stands_out_and_who_sees_it(town, page):
    accept(town, OCTOBER, {"arrests": 12, "charges": 6})
    close_month(town.area.periods.get(), by=town.coordinator, missing=[])
    answer = page("months/2026-10/publish/")
    assert "Publish October 2026?" in answer
    assert "No figure for this month can be judged yet" in answer
    assert "people with a role here can read it at once, and it appears on the pages of CSP." in answer
    assert "For 15 minutes you can take it back" in answer
    assert "October 2026 is published: the boards see it now. You can take it back until 10:15." in page(
        "months/2026-10/publish/", {}
    )


def test_an_early_publication_says_why_on_the_months_page(town, page):
    close_month(open_month(town, OCTOBER), by=town.coordinator, missing=["Police"], why=EARLY)
    assert EARLY in page("months/2026-10/publish/")  # the reason to close it is in the box
    assert "Say why you are publishing the month early." in page("months/2026-10/publish/", {})
    page("months/2026-10/publish/", {"why": "The board meets on Friday"})
    answer = page("2026-10/", person=town.people[Role.BOARD_MEMBER])
    assert "Published before all returns were in or due. Why: The board meets on Friday" in answer


def test_what_changed_since_the_page_was_opened_is_not_published(town, page):
    accept(town, OCTOBER, {"arrests": 12, "charges": 6})
    period = close_month(town.area.periods.get(), by=town.coordinator, missing=[])
    answer = page("months/2026-10/publish/", {"seen": "0" * 64})
    assert "The draft’s figures have changed since you opened this page." in answer
    period.refresh_from_db()
    assert period.status == "closed"


# --- Taking back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("forged", ["9" * 5000, "9" * 20, "١", "x"])
def test_what_no_page_sent_takes_nothing_back(town, page, forged):
    publish_fresh(town, OCTOBER)

    answer = page("months/2026-10/take-back/", {"seen": forged, "why": "The wrong month"})

    assert "It isn’t published, so there is nothing to take back." in answer
    assert not VersionWithdrawal.objects.exists()


def test_a_slip_is_taken_back(town, page, at):
    publish_fresh(town, OCTOBER)
    member = town.people[Role.BOARD_MEMBER]
    assert "This is Testford, October 2026" in page("2026-10/", person=member)

    answer = page("months/2026-10/take-back/")
    assert "You can take it back until 10:15." in answer
    assert "Say why you are taking it back" in page("months/2026-10/take-back/", {"seen": seen(town)[0]})
    at("2026-11-20 10:08")
    answer = page("months/2026-10/take-back/", {"seen": seen(town)[0], "why": "The wrong month"})

    assert "October 2026 has been taken back." in answer
    assert (
        "Version 1 of October 2026 was published on 20 November 2026 at 10:00, and taken back at 10:08 by "
        "Coordinator: The wrong month"
    ).lower() in answer.lower()
    told = page("2026-10/", person=member)
    assert "This is Testford, October 2026" not in told
    assert (
        "taken back at 10:08 by coordinator: The wrong month. You can read the month once it has been corrected."
    ) in told
    # It stays as it was; what is shown to those who read drafts is the next one.
    assert [(s.version, s.state) for s in Snapshot.objects.order_by("version")] == [(1, "published"), (2, "draft")]
    assert AuditEvent.objects.get(verb="month.taken_back").details["why"] == "The wrong month"


def test_it_is_published_again_as_the_next_version(town, page):
    publish_fresh(town, OCTOBER)
    take_back(town.area, seen=seen(town), why="The wrong month", by=town.coordinator)
    page("months/2026-10/reopen/", {})
    accept(town, OCTOBER, {"arrests": 12, "charges": 6})
    publish(town, OCTOBER)
    member = town.people[Role.BOARD_MEMBER]
    answer = page("2026-10/", person=member)
    assert "version 2" in answer
    assert "Version 1 of October 2026 was published" in answer
    lines = newest_lines(town, OCTOBER)
    assert (lines["arrests"].value, lines["arrests"].revised_state) == (12, "")
    assert signed_in(member).get("/testford/2026-10/?version=1").status_code == 404


def test_after_a_quarter_of_an_hour_it_stays(town, page, at):
    (snapshot,) = [publish_fresh(town, OCTOBER)]
    at("2026-11-20 10:15")
    assert "You could take October 2026 back only until 10:15." in page("months/2026-10/take-back/")
    answer = page("months/2026-10/take-back/", {"seen": snapshot.pk, "why": "Too late"})
    assert "You could take October 2026 back only until 10:15. Correct a figure instead." in answer
    assert not VersionWithdrawal.objects.exists()


def test_the_month_after_it_is_taken_back_first(town, page, at):
    first = publish_fresh(town, SEPTEMBER)
    at("2026-11-20 10:05")
    publish_fresh(town, OCTOBER)
    assert "Take it back" in page("returns/2026-10/")
    assert "Take it back" not in page("returns/2026-09/")
    answer = page("months/2026-09/take-back/", {"seen": first.pk, "why": "The wrong month"})
    assert "Something was published after September 2026. Take that back first." in answer
    assert not VersionWithdrawal.objects.exists()


def test_corrections_are_taken_back_together_and_the_version_before_stands(town, page, settings):
    settings.PUBLICATION_GRACE = timedelta(0)
    for month in (SEPTEMBER, OCTOBER):
        accept(town, month, {"arrests": 12, "charges": 6})
        publish(town, month)
    settings.PUBLICATION_GRACE = GRACE
    accept_request(town, SEPTEMBER, 10)
    sweep()
    token = hash_corrections(list_corrections(town.area))
    told = "You can take them back until 10:15, on the returns page for September 2026."
    assert told in page("corrections/publish/", {"seen": token})
    assert "September 2026, October 2026" in page("months/2026-09/take-back/")

    take_back(town.area, seen=seen(town), why="Not agreed yet", by=town.coordinator)

    member = town.people[Role.BOARD_MEMBER]
    answer = page("2026-09/", person=member)
    assert "Version 2 of September 2026 was published" in answer
    assert "Published" in answer
    periods = town.area.periods.order_by("starts_on")
    assert [period.status for period in periods] == ["published", "published"]
    # The correction still waits, as the version after it.
    assert [s.version for s in Snapshot.objects.filter(state="draft")] == [3, 3]
    assert len(publish_corrections(town.area, by=town.coordinator)) == 2


def test_only_the_coordinator_may(town, page):
    publish_fresh(town, OCTOBER)
    for role in (Role.BOARD_MEMBER, Role.ANALYST, Role.AGENCY_LEAD):
        answer = signed_in(town.people[role]).get("/testford/months/2026-10/take-back/")
        assert answer.status_code == 403


def test_a_double_press_publishes_once(town, page):
    accept(town, OCTOBER, {"arrests": 12, "charges": 6})
    period = close_month(town.area.periods.get(), by=town.coordinator, missing=[])
    publish_month(period, by=town.coordinator)
    assert "October 2026 is published, not closed." in page("months/2026-10/publish/", {})
