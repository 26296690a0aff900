"""The demonstration's region is made in a browser, and it makes a month public: two people, one of them without
scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.functional.accessibility import faults_of
from tests.functional.pages import DIRECTOR, send
from tests.functional.site import Site

ANALYST = "analyst@essex.example"
TOWNS, EDITIONS = "/regions/essex/towns/", "/regions/essex/editions/"


@pytest.mark.release  # tests/pages/test_regional_public.py, and the test below in a browser
def test_a_region_makes_its_towns_and_a_month_public(own_site: Site, visit):
    """By the script, which goes on until every town is there: to make them takes longer than all else."""
    page = visit(own_site, DIRECTOR)
    page.goto(EDITIONS)
    assert faults_of(page) == []
    page.goto(TOWNS)
    page.get_by_role("button", name="Make the towns").click()
    expect(page.get_by_text("14 of 14 towns made")).to_be_visible(timeout=120_000)
    assert faults_of(page) == []
    assert_every_town_is_there(page)
    analyst = visit(own_site, ANALYST, javascript=False)
    analyst.goto(EDITIONS)
    analyst.get_by_role("table").get_by_role("link").first.click()
    edition = analyst.url
    send(analyst, "Ask for approval")
    expect(analyst.get_by_text("You can’t approve your own request")).to_be_visible()
    for address in (EDITIONS, edition):
        page.goto(address)
        assert faults_of(page) == []
    send(page, "Approve this edition")
    page.get_by_role("button", name="Make").click()
    assert faults_of(page) == []
    send(page, "Make")
    expect(page.get_by_text("anyone can read it now")).to_be_visible()
    page.get_by_role("link", name="see what the public sees").click()
    assert_anybody_reads_it(visit(own_site), page.url)


def assert_every_town_is_there(page: Page) -> None:
    # Seven months are narrower than most tables: an area's name, which stays in place, must not cover them.
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/regions/essex/indicators/police-drugs/?month=2018-07")
    row = page.locator(".vv-months-table tbody tr").first
    name, newest = row.locator("th").bounding_box(), row.locator("td").last.bounding_box()
    assert name["x"] + name["width"] <= newest["x"]
    # Where many months are wider than even a desk's screen, the newest are in sight, and so are the names.
    page.set_viewport_size({"width": 1280, "height": 844})
    row.evaluate("row => { for (let i = 0; i < 30; i++) row.append(row.lastElementChild.cloneNode(true)); }")
    name, newest = row.locator("th").bounding_box(), row.locator("td").last.bounding_box()
    assert 0 <= name["x"] < name["x"] + name["width"] < newest["x"] < newest["x"] + newest["width"] <= 1280
    page.goto("/regions/essex/setup/")
    expect(page.get_by_role("row")).to_have_count(1 + 14 + 1 + 2)


def assert_anybody_reads_it(reader: Page, address: str) -> None:
    reader.goto(address)
    assert faults_of(reader) == []
    expect(reader.get_by_text("14 areas of Essex")).to_be_visible()
    reader.get_by_role("link", name="Drug offences recorded: all months").click()
    assert faults_of(reader) == []
    expect(reader.get_by_text("The line across is the average of these areas")).to_be_visible()
    reader.get_by_role("link", name="Show rates").click()
    expect(reader.get_by_role("link", name="Show counts")).to_be_visible()
    assert faults_of(reader) == []
    reader.get_by_role("link", name="Essex, ").first.click()
    reader.get_by_role("link", name="Other months").click()
    assert faults_of(reader) == []


def test_without_scripts_each_press_makes_one(own_site: Site, visit):
    page = visit(own_site, DIRECTOR, javascript=False)
    page.goto(TOWNS)
    send(page)
    expect(page.get_by_text("1 of 14 towns made")).to_be_visible()
    send(page, "Make Braintree, the next town")
    expect(page.get_by_text("2 of 14 towns made")).to_be_visible()
