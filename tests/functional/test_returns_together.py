"""The returns of fourteen towns in a real browser: down the column from town to town, pasted, checked, handed in."""

import pytest
from playwright.sync_api import expect

from tests.functional.accessibility import faults_of
from tests.functional.browsing import NARROW
from tests.functional.pages import TOGETHER, send
from tests.functional.site import COUNTY
from tests.functional.test_keyboard import focused
from tests.functional.test_return_form import box, paste, typed

SECOND, THIRD = "town-2/police/", "town-3/police/"
LAST_FIGURE, FIRST_FIGURE = "searches", "arrests"


def test_enter_goes_down_the_column_and_on_into_the_next_town(own_site, visit):
    page = visit(own_site, COUNTY)
    page.goto(TOGETHER)
    box(page, f"{SECOND}{LAST_FIGURE}").focus()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    assert focused(page)["id"] == "town-3--police--arrests-value"
    page.keyboard.type("5")
    page.keyboard.press("ArrowUp")
    assert focused(page)["id"] == "town-2--police--searches-value"
    send(page, "Save draft")
    expect(page.locator(".vv-message")).to_have_text("Draft saved: Town 2; Town 3.")
    assert typed(page, f"{SECOND}{LAST_FIGURE}", f"{THIRD}{FIRST_FIGURE}") == ["4", "5"]


def test_a_block_pasted_into_a_town_is_shown_for_it_and_can_be_undone(own_site, visit):
    page = visit(own_site, COUNTY)
    page.goto(TOGETHER)
    box(page, f"{THIRD}visits").fill("8")  # not saved yet
    with page.expect_navigation():
        paste(page, f"{SECOND}charges", "Arrests\t31\nVisits\t7\nBurglary\t2")
    expect(page.get_by_role("heading", level=1)).to_have_text("Changes from your paste")
    expect(page.locator("main")).to_contain_text("from Police, Town 2")
    assert faults_of(page) == []
    send(page, "Put these 2 figures into the form")
    assert typed(page, f"{SECOND}arrests", f"{SECOND}visits", f"{THIRD}visits") == ["31", "7", "8"]
    send(page, "Undo the paste")
    assert typed(page, f"{SECOND}arrests", f"{SECOND}visits", f"{THIRD}visits") == ["", "", "8"]


@pytest.mark.parametrize("javascript", [True, False])
def test_those_that_are_ready_are_handed_in_and_an_error_leads_to_its_box(own_site, visit, javascript):
    page = visit(own_site, COUNTY, javascript=javascript)
    page.goto(TOGETHER)
    for town in (SECOND, THIRD):
        for control in page.locator(f"input[name^='{town}'][name$=':value']").all():
            control.fill("4")
    box(page, f"{THIRD}arrests").fill("many")
    send(page, "Check all")
    link = page.locator(".govuk-error-summary a")
    expect(link).to_have_text("Town 3: Arrests: enter a whole number, such as 12. You entered “many”.")
    link.click()
    if javascript:
        assert focused(page)["id"] == "town-3--police--arrests-value"
    send(page, "Submit this return")
    expect(page.locator(".vv-message--success")).to_contain_text("Submitted: Town 2.")
    expect(page.get_by_role("row", name="Town 2")).to_contain_text("Submitted 10 December 2026 9 of 9")
    assert typed(page, f"{THIRD}arrests") == ["many"]


def test_leaving_with_something_unsaved_asks(own_site, visit):
    page = visit(own_site, COUNTY)
    page.set_viewport_size(NARROW)
    page.goto(TOGETHER)
    box(page, f"{THIRD}visits").fill("8")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/")
    assert asked == ["beforeunload"]
