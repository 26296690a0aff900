"""Back, and the address in the bar, after a form came back with errors."""

from playwright.sync_api import Page, expect

from tests.functional.pages import CHALLENGES, send
from tests.functional.site import STRATEGIC

RAISE = f"{CHALLENGES}raise/?indicator=cuckooed&month=2026-10"
RAISED = "Raise this challenge"


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def test_after_an_error_the_address_opens_the_form_and_back_after_success_shows_it(own_site, visit):
    page = visit(own_site, STRATEGIC)
    page.goto(RAISE)
    send(page, RAISED)
    expect(page.locator(".govuk-error-summary")).to_be_visible()

    again = visit(own_site, STRATEGIC)
    again.goto(page.url)
    expect(again.get_by_label("Question")).to_be_visible()
    assert "Cuckooed houses" in again.locator(".vv-lead").inner_text()

    page.get_by_label("Question").fill("What brings them up?")
    page.get_by_label("Who answers").select_option(index=1)
    page.get_by_label("Answer due by").fill("10 Dec")
    send(page, RAISED)
    assert heading(page).startswith("Challenge C")
    assert "10 December" in page.locator(".vv-messages").inner_text()

    page.go_back()  # to what came back with errors: the form, and no question of the browser's
    expect(page.get_by_label("Question")).to_be_visible()
    assert heading(page) == "Raise a challenge"
    page.go_forward()
    assert heading(page).startswith("Challenge C")
