"""The feed that a key reads: what happened to each month for partners and for the public, without a figure."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from boards.key_secrets import Scope
from boards.rules import Role
from core.calendar import Month
from reporting.months.services import publish_month, take_back
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.feeds import parse_feed
from tests.integration.rows_of_withdrawals import publish_fresh
from tests.integration.test_editions import correct
from tests.keys import bearer, give_key
from tests.pages.test_feed import read as read_public
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in
from tests.withdrawn import OCTOBER, SEPTEMBER, make_public_town, officer_of, period_of, told_in

pytestmark = pytest.mark.django_db
FEED = "/api/v1/areas/testford/events.atom"


made, town = stand(make_public_town)


@pytest.fixture
def secret(town: Town) -> str:
    return give_key(town, town.people[Role.BOARD_MEMBER])[1]


def ask(secret: str, **headers: str) -> Any:
    return Client().get(FEED, headers=bearer(secret) | headers)


def read(secret: str) -> list[dict[str, str]]:
    _, entries = parse_feed(ask(secret), FEED)
    return entries


def of_versions(entries: list[dict[str, str]]) -> list[dict[str, str]]:
    return [entry for entry in entries if entry["kind"].startswith("month.")]


def test_each_published_version_is_an_entry_beside_the_public_ones(town: Town, secret: str):
    entries = read(secret)
    october, september = of_versions(entries)
    assert (october["title"], october["kind"]) == ("October 2026, version 1", "month.published")
    assert september["link"] == september["id"] == "http://localhost:8000/testford/2026-09/?version=1"
    assert [entry for entry in entries if entry not in (october, september)] == read_public()
    content = ask(secret).content.decode()
    assert told_in(content) == []
    assert "arrests" not in content.lower()
    reader = signed_in(town.people[Role.BOARD_MEMBER])
    assert {reader.get(entry["link"]).status_code for entry in entries} == {200}


def test_a_correction_and_a_withdrawal_are_told(town: Town, secret: str):
    correct(town, SEPTEMBER, "arrests", 99)
    # October's version shows September's figure too.
    told = {entry["title"]: entry for entry in of_versions(read(secret))}
    assert len(told) == 4
    corrected = told["September 2026, version 2: corrected"]
    assert corrected["kind"] == "month.corrected"
    assert "99" not in corrected["words"]
    withdraw_month(period_of(town, SEPTEMBER), why="A secret reason", by=officer_of(town))
    entries = read(secret)
    assert [entry["kind"] for entry in entries[:2]] == ["public.withdrawn"] * 2
    assert "secret" not in " ".join(entry["words"] for entry in entries)
    # For partners the month is still there.
    assert len(of_versions(entries)) == 4


def test_a_draft_and_what_can_be_taken_back_are_not_named(town: Town, secret: str):
    before = ask(secret).content
    november = Month(2026, 11)
    scenarios.accept(town, november, {"arrests": 20, "charges": 12, "lines.london": 31, "lines.leeds": 32})
    assert ask(secret).content == before
    publish_fresh(town, november)
    assert ask(secret).content == before


def test_the_version_after_one_that_was_taken_back_is_the_first(town: Town, secret: str):
    november = Month(2026, 11)
    fresh = publish_fresh(town, november)
    take_back(town.area, seen=[fresh.pk], why="The wrong month", by=town.coordinator)
    publish_month(fresh.period, why="The board meets", grace=timedelta(), by=town.coordinator)
    newest = of_versions(read(secret))[0]
    assert (newest["title"], newest["kind"]) == ("November 2026, version 2", "month.published")


def test_the_public_pages_may_be_off(town: Town, secret: str):
    turn_public_pages(town.area, on=False, by=town.coordinator)
    assert [entry["kind"] for entry in read(secret)] == ["month.published"] * 2


def test_a_reader_asks_again(town: Town, secret: str):
    tag = ask(secret).headers["ETag"]
    again = ask(secret, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert ask(secret).headers["Cache-Control"] == "private, no-cache"
    withdraw_month(period_of(town, OCTOBER), is_urgent=True, by=officer_of(town))
    assert ask(secret, **{"If-None-Match": tag}).status_code == 200


def test_only_a_key_for_months_opens_it(town: Town):
    narrow = give_key(town, town.coordinator, scopes=[Scope.PLAN], name="Plan")[1]
    assert ask(narrow).status_code == 403
    other = scenarios.make_town("elsewhere")
    assert ask(give_key(other, other.coordinator)[1]).status_code == 404
    assert Client().get(FEED).status_code == 401


def test_its_queries_do_not_grow_with_months(town: Town, secret: str, django_assert_num_queries):
    ask(secret)  # the first of an hour makes the row that counts
    with django_assert_num_queries(9):
        ask(secret)
    correct(town, SEPTEMBER, "arrests", 99)
    with django_assert_num_queries(9):
        ask(secret)
