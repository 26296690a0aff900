"""The feed of an area's public months: what was made public, corrected and withdrawn, without a figure."""

import pytest
from django.test import Client

from indicators.disclosure import Audience, Marking
from indicators.services.disclosure import mark_month
from reporting.public.selectors import waiting_replacements
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import prepare_replacements, withdraw_month
from tests import scenarios
from tests.feeds import ATOM, parse_feed
from tests.integration.test_editions import correct
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in
from tests.withdrawn import OCTOBER, SEPTEMBER, make_public_town, officer_of, period_of, publish_again, told_in

pytestmark = pytest.mark.django_db
FEED = "/testford/public/feed.atom"
PAGE = "http://localhost:8000/testford/public"


made, town = stand(make_public_town)


def read(client: Client | None = None) -> list[dict[str, str]]:
    root, entries = parse_feed((client or Client()).get(FEED), FEED)
    assert root.find(f"{ATOM}id").text
    assert root.find(f"{ATOM}updated").text
    assert root.find(f"{ATOM}author/{ATOM}name").text == "Testford"
    return entries


def test_each_edition_is_an_entry_and_no_figure_is_in_it(town: Town):
    october, september = read()
    assert october["title"] == "October 2026, edition 1"
    assert september["kind"] == "public.published"
    assert september["link"] == september["id"] == f"{PAGE}/2026-09/?edition=1"
    assert Client().get(september["link"]).status_code == 200
    assert told_in(Client().get(FEED).content.decode()) == []
    assert "arrests" not in Client().get(FEED).content.decode().lower()


def test_a_correction_is_a_new_entry(town: Town):
    correct(town, SEPTEMBER, "arrests", 99)
    scenarios.publish_openly(town, SEPTEMBER)
    newest, *_ = read()
    assert (newest["title"], newest["kind"]) == ("September 2026, edition 2", "public.corrected")
    assert "99" not in newest["words"]


def test_a_withdrawal_changes_the_entry_that_readers_have(town: Town):
    before = {entry["id"]: entry for entry in read()}
    withdraw_month(period_of(town, SEPTEMBER), why="A secret reason", by=officer_of(town))
    after = {entry["id"]: entry for entry in read()}
    assert set(after) == set(before)
    for key, entry in after.items():
        assert entry["kind"] == "public.withdrawn"
        assert entry["title"].endswith(": withdrawn")
        assert entry["updated"] > before[key]["updated"]
        assert "secret" not in entry["words"]
    prepare_replacements(waiting_replacements())
    publish_again(town, OCTOBER)
    newest, *_ = read()
    assert (newest["title"], newest["kind"]) == ("October 2026, edition 2", "public.published")
    # October's went down for September's sake, and doesn't name it.
    assert "September" not in after[f"{PAGE}/2026-10/?edition=1"]["words"]


def test_a_month_marked_against_the_public_is_not_named(town: Town):
    mark_month(
        period_of(town, OCTOBER), audience=Audience.PUBLIC, marking=Marking.SENSITIVE, why="x", by=officer_of(town)
    )
    assert [entry["title"] for entry in read()] == ["September 2026, edition 1"]


def test_a_reader_asks_again_and_gets_the_same_without_a_cookie(town: Town):
    client = signed_in(town.lead)
    first = client.get(FEED)
    assert not first.cookies
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    again = Client().get(FEED, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.headers["Access-Control-Allow-Origin"]) == (304, "*")
    withdraw_month(period_of(town, SEPTEMBER), is_urgent=True, by=officer_of(town))
    assert Client().get(FEED, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert client.post(FEED).status_code == 405


def test_without_public_pages_there_is_no_feed(town: Town):
    turn_public_pages(town.area, on=False, by=town.coordinator)
    assert Client().get(FEED).status_code == 404
    assert Client().get("/nowhere/public/feed.atom").status_code == 404


def test_it_costs_one_query(town: Town, django_assert_num_queries):
    with django_assert_num_queries(1):
        Client().get(FEED)
