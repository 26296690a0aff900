"""The plan without a mouse, and on a phone whose browser runs no JavaScript."""

from playwright.sync_api import ViewportSize

from tests.functional.browsing import NARROW
from tests.functional.pages import PLAN
from tests.functional.site import COORDINATOR, LEAD
from tests.functional.test_keyboard import enter, focused, tab_to

# A browser scrolls to where one types in a tall box, and not to the whole of it.
TALL = ViewportSize(width=1280, height=1300)


def test_a_milestone_is_ticked_and_an_update_made_by_keyboard(own_site, visit):
    page = visit(own_site, LEAD, viewport=TALL)
    page.goto(f"{PLAN}2/")
    tab_to(page, "Put the maps side by side")
    page.keyboard.press("Space")
    tab_to(page, "Save milestones")
    enter(page)
    assert "2 of 3 milestones done" in page.locator("main").inner_text()

    page.goto(f"{PLAN}2/")
    tab_to(page, "Update progress")
    enter(page)
    tab_to(page, "What was done and what is next")
    page.keyboard.type("The maps are side by side.")
    tab_to(page, "Amber: at risk")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Add this update")
    enter(page)  # red now; the reason for amber stands in its box
    assert page.locator(".vv-goes").inner_text().startswith("Red: off track")
    assert "The maps are side by side." in page.locator(".vv-updates > li").first.inner_text()


def test_an_error_is_led_to_its_box_by_keyboard(own_site, visit):
    page = visit(own_site, LEAD, viewport=TALL)
    page.goto(f"{PLAN}2/update/")
    tab_to(page, "Add this update")
    enter(page)
    assert page.locator(".govuk-error-summary").evaluate("summary => summary === document.activeElement")
    tab_to(page, "Enter the update")
    page.keyboard.press("Enter")
    assert focused(page)["id"] == "id_text"


def test_on_a_phone_without_javascript(own_site, visit):
    page = visit(own_site, COORDINATOR, javascript=False, viewport=NARROW)
    page.goto(PLAN)
    page.get_by_label("Due").select_option("overdue")
    page.get_by_role("button", name="Show").click()
    assert "Due: Overdue" in page.locator(".vv-chosen").inner_text()
    found = page.locator(".vv-action").count()
    assert 0 < found < 10
    page.get_by_role("link", name="Remove Due: Overdue").click()
    page.locator(".vv-action").nth(found).wait_for()  # a count doesn't wait for the page to come

    page.get_by_role("link", name="Add an action").click()
    for label, text in (("Title", "Map the taxi ranks"), ("Start date", "1 12 2026"), ("Due date", "31 3 2027")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Why it is not linked to an indicator").fill("No one counts taxi ranks")
    for label in ("Strand", "Board", "Lead agency", "Owner"):
        page.get_by_label(label, exact=True).select_option(index=1)
    page.get_by_role("button", name="Add it to the plan").click()
    assert "is in the plan" in page.locator(".vv-message").inner_text()
    page.get_by_role("link", name="Add a milestone").click()
    page.get_by_label("Milestone").fill("Walk round the town")
    page.get_by_label("Due date").fill("1 January 2027")
    page.get_by_role("button", name="Add this milestone").click()
    page.get_by_label("Walk round the town").check()
    page.get_by_role("button", name="Save milestones").click()
    assert "1 of 1 milestone done" in page.locator("main").inner_text()
    page.get_by_role("link", name="Mark as complete").click()
    page.get_by_role("button", name="Mark as complete").click()
    assert page.locator(".vv-goes").inner_text() == "Blue: complete"
