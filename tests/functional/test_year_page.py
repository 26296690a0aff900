"""Two years at a glance, in a browser: its figures on a phone, and on paper."""

import pytest
from playwright.sync_api import expect

from tests.functional.browsing import NARROW
from tests.functional.pages import OCTOBER, PUBLIC
from tests.functional.site import MEMBER
from tests.functional.test_print import A4, printed, text_of

PARTNERS, ANYBODY = f"{OCTOBER}year/", f"{PUBLIC}2026-10/year/"
# Of partners, and of anybody: who opens it, its rows, and one with a figure of October and the figure.
READERS = [(PARTNERS, MEMBER, 16, 0, "21"), (ANYBODY, "", 6, 2, "5")]
GROUNDS = """() => [...document.querySelectorAll(".vv-year__cell:has(.vv-year__figure)")].map((cell) => [
    /--([a-z]+)/.exec(cell.className)[1],
    Number(cell.querySelector(".vv-year__figure").textContent.replace(/[^0-9.]/g, "")),
    getComputedStyle(cell).backgroundColor,
])"""

# The figures that begin under their row's name and end beside it, by more than a pixel.
CUT = """() => [...document.querySelectorAll(".vv-year__row")].flatMap((row) => {
    const edge = row.querySelector("th").getBoundingClientRect().right;
    return [...row.querySelectorAll(".vv-year__figure")].filter((figure) => {
        const { left, right } = figure.getBoundingClientRect();
        return left < edge - 1 && right > edge + 1;
    }).map((figure) => figure.textContent);
})"""


@pytest.mark.parametrize(("path", "who", "count", "row", "figure"), READERS)
def test_a_phone_opens_on_the_newest_figures(site, visit, path, who, count, row, figure):
    """Without scripts, the frame opens on the newest month, beside the names."""
    page = visit(site, who, javascript=False, viewport=NARROW, has_touch=True, is_mobile=True)
    page.goto(path)
    rows = page.locator(".vv-year__row")
    assert rows.count() == count
    name, newest = rows.first.locator("th").bounding_box(), rows.first.locator("td").last.bounding_box()
    assert 0 <= name["x"] < name["x"] + name["width"] < newest["x"]
    assert newest["x"] + newest["width"] <= NARROW["width"]
    last = rows.nth(row).locator(".vv-year__figure").last
    expect(last).to_be_in_viewport()
    assert last.inner_text() == figure


@pytest.mark.parametrize("width", [320, 390, 800, 1000])
def test_no_figure_is_cut_by_the_names(site, visit, width):
    """Half a figure reads as another."""
    page = visit(site, MEMBER, viewport={"width": width, "height": 900})
    page.goto(PARTNERS)
    assert page.evaluate(CUT) == []


def test_only_what_stands_out_has_a_ground_however_large_a_figure_is(site, visit):
    page = visit(site, MEMBER)
    page.goto(PARTNERS)
    grounds = page.evaluate(GROUNDS)
    assert {mark for mark, _, _ in grounds} >= {"usual", "unjudged", "watch"}
    clear = {ground for mark, _, ground in grounds if mark == "usual"}
    assert clear == {"rgba(0, 0, 0, 0)"}
    assert not clear & {ground for mark, _, ground in grounds if mark in ("better", "worse", "unjudged", "watch")}
    # A share of 600 in 1,000 is usual, and 34 houses are not.
    largest = max(grounds, key=lambda cell: cell[1])
    assert largest[0] == "usual"


@pytest.mark.parametrize(("path", "who", "count"), [reader[:3] for reader in READERS])
def test_it_prints_on_one_page(site, visit, tmp_path, path, who, count):
    page = visit(site, who)
    page.goto(path)
    titles = page.locator(".vv-year__row th > a").all_inner_texts()

    document, pdf = printed(page, print_background=False)

    (sheet,) = document.pages
    assert (round(float(sheet.mediabox[2])), round(float(sheet.mediabox[3]))) == A4
    words = text_of(pdf, tmp_path)
    assert len(titles) == count
    assert [title for title in titles if title not in words] == []
    assert words.count("OFFICIAL-SENSITIVE") == (2 if who else 0)
