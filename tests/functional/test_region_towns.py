"""The demonstration's region is made in a browser: by its script in one go, without scripts town by town."""

from playwright.sync_api import expect

from tests.functional.accessibility import faults_of
from tests.functional.pages import DIRECTOR, send
from tests.functional.site import Site

TOWNS = "/regions/essex/towns/"


def test_the_script_goes_on_until_every_town_is_there(own_site: Site, visit):
    page = visit(own_site, DIRECTOR)
    page.goto(TOWNS)
    page.get_by_role("button", name="Make the towns").click()
    expect(page.get_by_text("14 of 14 towns made")).to_be_visible(timeout=60_000)
    assert faults_of(page) == []
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


def test_without_scripts_each_press_makes_one(own_site: Site, visit):
    page = visit(own_site, DIRECTOR, javascript=False)
    page.goto(TOWNS)
    send(page)
    expect(page.get_by_text("1 of 14 towns made")).to_be_visible()
    send(page, "Make Braintree, the next town")
    expect(page.get_by_text("2 of 14 towns made")).to_be_visible()
