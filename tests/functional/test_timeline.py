"""The plan's timeline in a browser: one stop a row, never covered by the months' names; and strands whole on paper."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page

from tests.functional.browsing import NARROW, WIDE
from tests.functional.pages import PLAN
from tests.functional.site import MEMBER
from tests.functional.test_print import A4, text_of

TIMELINE = f"{PLAN}timeline/"
# What has the focus, and whether each of its lines is there for the eye.
SEEN = """() => {
  const at = document.activeElement;
  const there = (x, y) => at.contains(document.elementFromPoint(x, y));
  return [at.innerText, [...at.getClientRects()].every((line) =>
    there(line.left + 2, line.top + 2) && there(line.left + 2, line.bottom - 2))];
}"""


def stops(page: Page, key: str, most: int) -> list[str]:
    """Press a key so often; the actions that had the focus."""
    found = []
    for _ in range(most):
        page.keyboard.press(key)
        name, is_seen = page.evaluate(SEEN)
        if name.startswith("A") and page.locator(".vv-span :focus").count():
            assert is_seen, f"“{name}” has the focus, under something else."
            found.append(name)
    return found


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_each_row_is_one_stop_in_sight(site, visit, viewport):
    page = visit(site, MEMBER, viewport=viewport)
    page.goto(TIMELINE)
    rows = page.locator(".vv-span a").all_inner_texts()
    page.locator(".vv-timeline h2 a").first.focus()

    forth = stops(page, "Tab", len(rows) + page.locator(".vv-timeline").count() - 1)
    page.keyboard.press("Tab")
    back = stops(page, "Shift+Tab", len(rows) + page.locator(".vv-timeline").count() - 1)

    assert len(rows) > 15
    assert forth == rows
    assert back == rows[::-1]


def test_strands_are_whole_on_paper(site, visit, tmp_path: Path):
    page = visit(site, MEMBER)
    page.goto(TIMELINE)
    strands = [
        [strand.locator("h2").inner_text(), *strand.locator(".vv-span a").all_inner_texts()]
        for strand in page.locator(".vv-timeline").all()
    ]

    document = pikepdf.open(BytesIO(page.pdf(prefer_css_page_size=True)))

    assert 1 <= len(document.pages) <= 3
    sheets = []
    for number, sheet in enumerate(document.pages):
        assert (round(float(sheet.mediabox[2])), round(float(sheet.mediabox[3]))) == A4
        alone = BytesIO()
        with pikepdf.new() as one:
            one.pages.append(document.pages[number])
            one.save(alone)
        sheets.append(text_of(alone.getvalue(), tmp_path))
    assert len(strands) == 6
    assert [names[0] for names in strands if not any(all(name in text for name in names) for text in sheets)] == []
    assert "Choose which actions" not in sheets[0]
    assert "Today, " in sheets[0]


@pytest.mark.parametrize("path", [PLAN, TIMELINE])
def test_paper_says_which_actions_it_has(site, visit, path):
    page = visit(site, MEMBER)
    page.goto(f"{path}?board=csp&due=later")
    page.emulate_media(media="print")

    chosen = page.locator(".vv-chosen").inner_text()

    assert chosen.split("\n") == ["Board: Community Safety Partnership", "Due: Due later"]
    assert page.locator(".vv-filters").is_hidden()
