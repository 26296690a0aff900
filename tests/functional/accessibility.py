"""What must hold of a page for everybody who reads it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.functional.browsing import NARROW, WIDE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS: dict[str, Any] = {
    "resultTypes": ["violations"],
    "preload": {"assets": ["media"]},  # style sheets are read for one rule only, which isn't asked for
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},  # WCAG 2.2, and off unless it is asked for
}
# Contrasts are the same on a phone: no colour depends on the width, which tests/unit/test_brand.py holds.
ON_A_PHONE = {**OPTIONS, "rules": {**OPTIONS["rules"], "color-contrast": {"enabled": False}}}
# For a reader whose system asks for dark pages, only colours differ.
IN_THE_DARK = {**OPTIONS, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
NARROWEST = 320  # px: a screen of 1,280 at 400 %
AXE = Axe().axe_script
RUN = Path(__file__).with_name("contrasts.js").read_text(encoding="utf-8")
LONG_LINES = Path(__file__).with_name("lines.js").read_text(encoding="utf-8").rstrip().removesuffix(";")
LONGEST_LINE = 75  # characters
TRIES, PAUSE = 20, 100  # looks at a width, and milliseconds between them

# All in one question: each costs four processes some milliseconds.
LOOK = f"""async ([options, looks, longest]) => {{
    const found = await ({RUN})([options, looks]);
    const lines = longest ? ({LONG_LINES})(longest) : [];
    return {{ ...found, lines, isTooWide: document.documentElement.scrollWidth > window.innerWidth }};
}}"""
BROKEN = Path(__file__).with_name("broken-words.js").read_text(encoding="utf-8")

# Each look (a colour on a background, in a size and a weight) that passed axe's rule for contrasts on some page.
looks: list[str] = []


def faults_of(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways, on a wide screen and on a phone; lines too long to read,
    which only a wide screen has room for; contrasts in the dark; and what only the narrowest screen shows."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    faults = []
    for viewport, options, longest in ((WIDE, OPTIONS, LONGEST_LINE), (NARROW, ON_A_PHONE, None)):
        page.set_viewport_size(viewport)
        width = f"{page.url} at {viewport['width']} px"
        found = page.evaluate(LOOK, [options, looks, longest])
        looks.extend(found["passed"])
        faults += [
            f"{width}: {violation['help']} ({violation['id']}): {node['html'][:200]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        if found["isTooWide"] and (too_wide := find_too_wide(page)):
            faults.append(f"{width}: the page is {too_wide} px wide and scrolls sideways.")
        faults += [
            f"{width}: a line of {count} characters: {words} in {element}" for count, element, words in found["lines"]
        ]
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(WIDE)
    found = page.evaluate(LOOK, [IN_THE_DARK, looks, None])
    page.emulate_media(color_scheme="light")
    looks.extend(found["passed"])
    faults += [
        f"{page.url} at {WIDE['width']} px, dark: {violation['help']} ({violation['id']}): {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    return faults + faults_of_the_narrowest(page)


# Wide tables in a frame that don't open at its start (their first column or, written from the right, their newest
# months), or don't hold their first column.
NOT_HELD = """() => [...document.querySelectorAll("[tabindex='0']:has(> table)")]
    .filter((frame) => frame.scrollWidth > frame.clientWidth + 1 && frame.checkVisibility())
    .filter((frame) => {
        const cell = frame.querySelector("tbody tr > :first-child:not([colspan])");
        return frame.scrollLeft !== 0 || (cell && getComputedStyle(cell).position !== "sticky");
    })
    .map((frame) => frame.outerHTML.slice(0, 120))"""


def faults_of_the_narrowest(page: Page) -> list[str]:
    page.set_viewport_size({"width": NARROWEST, "height": NARROW["height"]})
    width = f"{page.url} at {NARROWEST} px"
    faults = [f"{width}: a wide table isn’t held at its start: {frame}" for frame in page.evaluate(NOT_HELD)]
    if too_wide := find_too_wide(page):
        faults.append(f"{width}: the page is {too_wide} px wide and scrolls sideways.")
    return faults


def find_too_wide(page: Page) -> int:
    """How wide a page is that scrolls sideways, also when what is drawn by a script has had time to follow; or 0."""
    wide = 0
    for _ in range(TRIES):
        wide, visible = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if wide <= visible:
            return 0
        page.wait_for_timeout(PAUSE)
    return wide


def broken_words(page: Page) -> list[str]:
    """Words that begin on one line and end on another, on a phone and where a page is zoomed to four times its size."""
    broken = []
    for width in (NARROW["width"], NARROWEST):
        page.set_viewport_size({"width": width, "height": NARROW["height"]})
        broken += [f"{word} at {width} px" for word in page.evaluate(BROKEN)]
    return broken


READ_BY_NAME = ("heading", "link", "image", "button", "StaticText")
UNREAD = ("InlineTextBox", "ListMarker", "none", "generic")


@dataclass(frozen=True, slots=True)
class Heard:
    """A part of a page as a screen reader gets it from Chromium: what it is and its name. `level` is a heading's."""

    role: str
    name: str
    level: int = 0


def hear(page: Page) -> list[Heard]:
    """Return what a screen reader reads of a page, in its order: Chromium's accessibility tree, without what is hidden
    from it."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}
    heard: list[Heard] = []
    waiting = [nodes[0]]
    while waiting:
        node = waiting.pop()
        role = node["role"]["value"]
        if not node["ignored"] and role not in UNREAD:
            level = [each["value"]["value"] for each in node.get("properties", ()) if each["name"] == "level"]
            heard.append(Heard(role, str(node.get("name", {}).get("value", "")).strip(), *level))
        # A heading, a link or a picture is read by its name, and what is inside it isn't read again.
        if node["ignored"] or role not in READ_BY_NAME:
            waiting += [by_id[key] for key in reversed(node.get("childIds", ())) if key in by_id]
    return heard
