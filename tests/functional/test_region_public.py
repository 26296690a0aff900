"""Two people of the demonstration's region make a month public, one of them without scripts."""

import pytest
from playwright.sync_api import expect

from tests.functional.accessibility import faults_of
from tests.functional.pages import DIRECTOR, send
from tests.functional.site import Site

ANALYST = "analyst@essex.example"
TOWNS, EDITIONS = "/regions/essex/towns/", "/regions/essex/editions/"


@pytest.mark.slow
def test_a_region_makes_a_month_public(own_site: Site, visit):
    page = visit(own_site, DIRECTOR)
    page.goto(EDITIONS)
    assert faults_of(page) == []
    page.goto(TOWNS)
    page.get_by_role("button", name="Make the towns").click()
    expect(page.get_by_text("14 of 14 towns made")).to_be_visible(timeout=120_000)
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
    expect(page.get_by_text("anybody can read it now")).to_be_visible()
    page.get_by_role("link", name="see what the public sees").click()
    reader = visit(own_site)
    for width in (390, 1280):
        reader.set_viewport_size({"width": width, "height": 800})
        reader.goto(page.url)
        assert faults_of(reader) == []
        assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(reader.get_by_text("14 areas of Essex")).to_be_visible()
    reader.get_by_role("link", name="Drug offences recorded: all months").click()
    for width in (390, 1280):
        reader.set_viewport_size({"width": width, "height": 800})
        assert faults_of(reader) == []
        assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(reader.get_by_text("The line across is the average of these areas")).to_be_visible()
    reader.get_by_role("link", name="Show rates").click()
    expect(reader.get_by_role("link", name="Show counts")).to_be_visible()
    assert faults_of(reader) == []
    reader.get_by_role("link", name="Essex, ").first.click()
    reader.get_by_role("link", name="Other months").click()
    assert faults_of(reader) == []
