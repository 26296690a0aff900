"""What a board member sees before they scroll: the published October of the demonstration, and the month on a wall."""

import pytest
from playwright.sync_api import Page

from tests.functional.pages import NOVEMBER, OCTOBER
from tests.functional.site import COORDINATOR, LEAD, MEMBER

BOTTOMS = "figures => figures.map(each => each.querySelector('.vv-figure__count').getBoundingClientRect().bottom)"
HEIGHTS = "figures => figures.map(each => each.getBoundingClientRect().height)"
FIGURES = 16
LEAST_NUMBER = 54  # px, on a wall of 1920


def bottoms(page: Page, figures: int = FIGURES) -> list[float]:
    """How far down each number ends, in px."""
    found: list[float] = page.locator(".vv-figure").evaluate_all(BOTTOMS)
    assert len(found) == figures
    return found


def open_at(page: Page, path: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(path)


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (1920, 1080)])
def test_all_numbers_are_on_a_desks_first_screen(site, visit, width, height):
    page = visit(site, MEMBER)
    open_at(page, OCTOBER, width, height)
    assert page.locator(".vv-stands__one").count() <= 3
    assert [bottom for bottom in bottoms(page) if bottom > height] == []


def test_a_month_that_has_half_arrived_is_on_a_low_first_screen_too(site, visit):
    """November in December, on a laptop whose browser's bars take a fifth of it."""
    page = visit(site, COORDINATOR)
    open_at(page, NOVEMBER, 1366, 625)
    assert sum(bottom <= 625 for bottom in bottoms(page, 19)) >= 10
    open_at(page, OCTOBER, 1366, 625)
    assert sum(bottom <= 625 for bottom in bottoms(page)) >= 10


@pytest.mark.parametrize("person", [COORDINATOR, LEAD])
def test_a_home_begins_with_what_others_wait_for_and_is_short_on_a_phone(site, visit, person):
    page = visit(site, person)
    open_at(page, "/anytown/", 390, 844)
    assert page.evaluate("document.documentElement.scrollHeight") <= 2500
    # The return, or the returns; only an e-mail that wasn't sent comes before them.
    tasks = page.locator(".govuk-task-list__link")
    assert any("November 2026" in task for task in tasks.all_inner_texts()[:2])
    open_at(page, "/anytown/", 1280, 800)
    box = tasks.filter(has_text="November 2026").first.bounding_box()
    assert box is not None
    assert box["y"] < 350


def test_four_numbers_are_on_a_phones_first_screen_and_all_within_three(site, visit):
    page = visit(site, MEMBER)
    open_at(page, OCTOBER, 390, 844)
    found = bottoms(page)
    assert sum(bottom <= 844 for bottom in found) >= 4
    assert max(found) <= 2400


def test_a_stock_says_how_it_moved_as_others_do_and_what_came_and_went_below(site, visit):
    page = visit(site, MEMBER)
    for path in (OCTOBER, f"{OCTOBER}csp/", f"{OCTOBER}present/"):
        page.goto(path)
        tile = page.locator(".vv-figure", has_text="7 found")
        assert tile.locator(".vv-figure__moved").inner_text().strip() == "Up 5"
        assert tile.locator(".vv-figure__words").inner_text() == "7 found, 2 closed."


def test_where_there_is_room_a_small_chart_says_its_first_month(site, visit):
    page = visit(site, MEMBER)
    for path in (OCTOBER, f"{OCTOBER}present/"):
        open_at(page, path, 1920, 1080)
        ends = page.locator(".vv-spark__end")
        assert ends.count() == FIGURES  # each number is there already: no chart repeats it
        assert {text.partition("\n")[0] for text in ends.all_inner_texts()} == {"Nov 2024:"}
        open_at(page, path, 1280, 900)
        assert not ends.first.is_visible() or "present" in path


def test_a_wall_is_read_from_afar_and_led_by_keys(site, visit):
    page = visit(site, MEMBER)
    open_at(page, f"{OCTOBER}present/", 1920, 1080)
    assert max(bottoms(page)) <= 1080
    size = page.locator(".vv-figure__number").first.evaluate("number => parseFloat(getComputedStyle(number).fontSize)")
    assert size >= LEAST_NUMBER
    page.keyboard.press("1")
    page.wait_for_url("**/present/?chart=*")
    page.keyboard.press("Escape")
    page.wait_for_url("**/2026-10/present/")
    for key, at in (("PageDown", "?chart=*"), ("PageDown", "?chart=*"), ("PageUp", "?chart=*"), ("PageUp", "")):
        page.keyboard.press(key)  # of a clicker: two charts, and back to the month
        page.wait_for_url(f"**/present/{at}")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/2026-09/present/")
    page.keyboard.press("Escape")
    page.wait_for_url("**/2026-09/")


def test_a_board_presents_its_own_page(site, visit):
    page = visit(site, MEMBER)
    page.goto(f"{OCTOBER}csp/")
    figures = page.locator(".vv-figure h3").count()
    page.get_by_role("link", name="Show on a big screen").click()
    page.wait_for_url("**/present/?board=csp")
    assert page.locator(".vv-figure h3").count() == figures
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/2026-09/present/?board=csp")
    page.keyboard.press("Escape")
    page.wait_for_url("**/2026-09/csp/")
