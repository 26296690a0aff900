"""With a keyboard alone: from signing in to a return that is submitted, always seeing where one is."""

from playwright.sync_api import Page

from tests.functional.pages import JUSTICE, OCTOBER
from tests.functional.site import MEMBER, PASSWORD

MOST_STOPS = 40  # more presses of Tab than that, and a person has lost patience

# What has the focus: its name for a screen reader as far as we need it, and whether the eye finds it.
FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const labels = (at.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id));
  const label = at.labels?.[0] || labels.find(Boolean);
  return {
    name: (label?.innerText || at.innerText || "").trim(),
    id: at.id,
    marked: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none",
    onscreen: box.width > 1 && box.height > 1 && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0,
  };
}"""


def focused(page: Page) -> dict[str, object]:
    at: dict[str, object] = page.evaluate(FOCUSED)
    return at


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of this name has the focus."""
    passed = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at = focused(page)
        assert at["marked"], f"It can't be seen that “{at['name']}” has the focus."
        assert at["onscreen"], f"“{at['name']}” has the focus, out of sight."
        if str(at["name"]).startswith(name):
            return
        passed.append(at["name"])
    raise AssertionError(f"Tab doesn't reach “{name}”, but: {passed}")


def enter(page: Page) -> None:
    with page.expect_event("load"):  # a navigation is also what a script says of the address
        page.keyboard.press("Enter")


def retype(page: Page, text: str) -> None:
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_from_signing_in_to_submitted(own_site, visit):
    page = visit(own_site)
    page.goto("/")

    tab_to(page, "Email address")
    page.keyboard.type(JUSTICE)
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    tab_to(page, "Sign in")
    enter(page)
    tab_to(page, "November 2026 figures")
    enter(page)
    tab_to(page, "Appropriate adult interviews")
    retype(page, "4a")
    tab_to(page, "Check November 2026 figures")
    enter(page)

    summary = page.locator(".govuk-error-summary")
    assert summary.evaluate("summary => summary === document.activeElement")
    tab_to(page, "Appropriate adult interviews: enter a whole number")
    page.keyboard.press("Enter")
    assert focused(page)["id"] == "appropriate-adult-value"
    retype(page, "4")
    page.keyboard.press("Enter")  # from the last figure to the button
    assert focused(page)["name"] == "Check November 2026 figures"
    enter(page)

    tab_to(page, "Submit November 2026 figures")
    enter(page)
    heading = page.get_by_role("heading", name="November 2026 figures from Youth justice are submitted")
    assert heading.is_visible()


def test_skip_link_leads_past_the_navigation(site, visit):
    page = visit(site, MEMBER)
    page.goto(OCTOBER)

    page.keyboard.press("Tab")
    at = focused(page)
    assert (at["name"], at["marked"], at["onscreen"]) == ("Skip to main content", True, True)
    page.keyboard.press("Enter")

    assert focused(page)["id"] == "main-content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_table_that_is_cut_off_scrolls_by_keyboard(site, visit):
    page = visit(site, MEMBER, viewport={"width": 390, "height": 844})
    page.goto(OCTOBER)
    table = page.get_by_role("region", name="Figures as a table", exact=True)
    page.get_by_role("heading", name="The same figures as a table").click()

    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)  # it glides
    assert table.evaluate("table => table.scrollLeft") > 0

    assert focused(page)["marked"]
