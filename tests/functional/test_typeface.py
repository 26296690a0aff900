"""Is a page set in our own face, as packs are? The browser says which font each letter came from."""

from collections import Counter

from playwright.sync_api import Page

from tests.functional.pages import OCTOBER
from tests.functional.site import MEMBER

OURS = {"VVSans-Regular", "VVSans-Semibold"}
NAMES = "Llŷr Ŵyn, Łukasz Żak, Ștefan, Nguyễn Thị Bình, Zoë, François, O’Brien – “£5 ≥ 4 × 1” … ↑ ↓ → − ▲ ▼ ◆ ■ ● ○ ✓"


def count_fonts(page: Page, within: str) -> Counter[str]:
    """How many letters came from each font."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    nodes = devtools.send("DOM.querySelectorAll", {"nodeId": root, "selector": f"{within}, {within} *"})["nodeIds"]
    fonts: Counter[str] = Counter()
    for node in nodes:
        for font in devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
            fonts[font["postScriptName"] or font["familyName"]] += int(font["glyphCount"])
    return fonts


def test_pages_are_in_our_face(site, visit):
    page = visit(site, MEMBER)
    page.goto(OCTOBER, wait_until="networkidle")

    fonts = count_fonts(page, "body")
    assert set(fonts) == OURS
    assert min(fonts.values()) > 100

    # People's names, and the signs that pages use.
    page.evaluate(
        """async (words) => {
            const heading = document.querySelector('h1');
            heading.replaceChildren(words);
            await document.fonts.ready;
            return heading.offsetHeight;  // it is laid out now
        }""",
        NAMES,
    )
    assert set(count_fonts(page, "h1")) == {"VVSans-Semibold"}


def test_numbers_stand_under_each_other(site, visit):
    page = visit(site, MEMBER)
    page.goto(OCTOBER, wait_until="networkidle")

    widths = page.evaluate(
        """() => ['400', '700'].map((weight) => {
            const line = document.createElement('span');
            document.querySelector('main').append(line);
            line.style.fontWeight = weight;
            return [...'0123456789'].map((digit) => {
                line.textContent = digit.repeat(20);
                return line.getBoundingClientRect().width;
            });
        })"""
    )

    assert [len(set(of_weight)) for of_weight in widths] == [1, 1]
