"""Two years at a glance, in a browser: its figures by a tap and by keyboard, and on paper."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.functional.browsing import NARROW
from tests.functional.pages import OCTOBER, PUBLIC
from tests.functional.site import MEMBER
from tests.functional.test_print import A4, printed, text_of

PARTNERS, ANYBODY = f"{OCTOBER}year/", f"{PUBLIC}2026-10/year/"
# Of partners, and of anybody: who opens it, its rows, one with a figure of October and the figure, and another.
READERS = [(PARTNERS, MEMBER, 16, 0, "21", 2), (ANYBODY, "", 6, 2, "5", 5)]


def last_figure(page: Page, row: int) -> Locator:
    return page.locator(".vv-year__row").nth(row).locator(".vv-year__figure").last


@pytest.mark.parametrize(("path", "who", "count", "row", "figure", "other"), READERS)
def test_a_tap_or_the_keyboard_shows_a_rows_figures(site, visit, path, who, count, row, figure, other):
    """On a phone, without scripts. The frame opens on the newest month, beside the names."""
    page = visit(site, who, javascript=False, viewport=NARROW, has_touch=True, is_mobile=True)
    page.goto(path)
    rows = page.locator(".vv-year__row")
    assert rows.count() == count
    name, newest = rows.first.locator("th").bounding_box(), rows.first.locator("td").last.bounding_box()
    assert 0 <= name["x"] < name["x"] + name["width"] < newest["x"]
    assert newest["x"] + newest["width"] <= NARROW["width"]

    expect(last_figure(page, row)).not_to_be_visible()
    rows.nth(row).locator("td").last.tap()
    expect(last_figure(page, row)).to_be_visible()
    expect(last_figure(page, other)).not_to_be_visible()
    assert last_figure(page, row).inner_text() == figure
    expect(rows.nth(row)).to_be_focused()  # whatever it makes of a finger as a pointer

    rows.nth(other - 2).get_by_role("link").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(rows.nth(other).get_by_role("link")).to_be_focused()  # one stop a row
    expect(last_figure(page, other)).to_be_visible()


@pytest.mark.parametrize(("path", "who", "count"), [reader[:3] for reader in READERS])
def test_it_prints_on_one_page(site, visit, tmp_path, path, who, count):
    page = visit(site, who)
    page.goto(path)
    titles = page.locator(".vv-year__row th").all_inner_texts()

    document, pdf = printed(page, print_background=False)

    (sheet,) = document.pages
    assert (round(float(sheet.mediabox[2])), round(float(sheet.mediabox[3]))) == A4
    words = text_of(pdf, tmp_path)
    assert len(titles) == count
    assert [title for title in titles if title not in words] == []
    assert words.count("OFFICIAL-SENSITIVE") == (2 if who else 0)
