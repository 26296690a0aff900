"""The menu on a phone: folded, by keyboard alone, without a script, at any zoom."""

import pytest
from playwright.sync_api import expect

from tests.functional.pages import OCTOBER
from tests.functional.site import COORDINATOR, MEMBER

PHONE = {"width": 390, "height": 844}


def test_the_folded_menu_opens_by_keyboard_without_scripts(site, visit):
    page = visit(site, COORDINATOR, viewport=PHONE, javascript=False)
    page.goto(OCTOBER)
    menu, months = page.locator(".vv-menu"), page.locator(".vv-years")
    expect(menu).to_be_hidden()
    expect(months).to_be_hidden()

    for _ in range(6):  # skip link, product, area, help, sign out, menu
        page.keyboard.press("Tab")
    expect(page.locator(".vv-fold--menu summary")).to_be_focused()
    page.keyboard.press("Enter")

    expect(menu).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_visible()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Latest month")).to_be_focused()
    page.locator(".vv-fold--months summary").press("Space")
    expect(months).to_be_visible()
    months.get_by_role("link", name="Sep 2026").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("September 2026")


@pytest.mark.parametrize("width", [1280, 800, 640, 320])  # 640: 1280 at 200 %; 320: at 400 %
def test_menu_and_months_fit_at_every_zoom(site, visit, width):
    page = visit(site, COORDINATOR, viewport={"width": width, "height": 600})
    page.goto(OCTOBER)
    for fold in page.locator(".vv-fold summary").all():
        if fold.is_visible():
            fold.click()
    seen = set()
    # On a wide page a group is opened, which folds the one before it; on a phone there is one list.
    for group in [None, *page.locator(".vv-group summary").all()]:
        if group is not None and group.is_visible():
            group.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for link in page.locator(".vv-menu a, .vv-years a, .vv-step[href]").all():
            box = link.bounding_box() if link.is_visible() else None
            if box is not None:
                seen.add(link.get_attribute("href"))
                assert box["height"] >= 24
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
    links = page.locator(".vv-menu a, .vv-years a, .vv-step[href]").all()
    assert seen == {link.get_attribute("href") for link in links}


def test_a_group_of_the_menu_opens_by_keyboard_without_scripts(site, visit):
    page = visit(site, COORDINATOR, javascript=False)
    page.goto(OCTOBER)
    words = page.locator(".vv-menu > li").evaluate_all("items => items.map(each => each.innerText.trim())")
    assert words == ["Month", "Results", "Plan", "Papers", "Set-up"]
    page.locator(".vv-group summary", has_text="Plan").press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Actions", exact=True)).to_be_focused()
    page.get_by_role("link", name="Meetings", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Meetings")
    expect(page.locator(".vv-group__here")).to_have_text("Plan")


def test_where_one_is_shows_in_forced_colours(site, visit):
    page = visit(site, MEMBER, forced_colors="active")
    page.goto(OCTOBER)
    border = "link => getComputedStyle(link).borderBottomColor"
    links = page.locator(".vv-menu > li > a, .vv-menu summary")
    here = page.locator(".vv-menu > li > a[aria-current], .vv-group__here").evaluate(border)

    assert [link.evaluate(border) for link in links.all()].count(here) == 1
