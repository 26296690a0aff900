"""The tests of the pages would see what is wrong."""

import pytest

from tests.functional.accessibility import faults_of, looks
from tests.functional.browsing import NARROW
from tests.functional.site import MEMBER

MONTH = "/anytown/2026-10/"
GREY = "color: #b0b0b0"
FAINT = {
    # where it is → the look of #faint, and what is written
    "in a sentence": (GREY, "<p id=faint>Faint</p>"),
    "in a table": (GREY, "<table><tr><th>Month<td id=faint>Faint</table>"),
    "on a coloured tag": ("color: #1a2729; background: #4a595c", "<p><strong id=faint>Faint</strong></p>"),
    "in a box to type in": (GREY, "<label>Name <input id=faint value=Faint></label>"),
    "with the focus": ("color: #ddd; background: #fff", "<a href=# id=faint>Faint</a>"),
    # Elsewhere on the page, words of the same colours are easy to read.
    "half transparent": ("opacity: .4", "<p id=faint>Faint</p>"),
    "on a transparent colour": ("background: rgba(0, 0, 0, .6)", "<p id=faint>Faint</p>"),
    "smaller": ("color: #8a8a8a; font-size: 16px", "<p class=large>Large</p><p id=faint>Faint</p>"),
    "outside its box": (
        f"{GREY}; position: relative; top: 9rem",
        "<p class=dark>Clear <span id=faint>Faint</span></p>",
    ),
    "over another's box": ("position: relative; top: -4rem", "<div class=under></div><p id=faint>Faint</p>"),
}
RULES = [
    ".large { color: #8a8a8a; font-size: 30px }",
    f".dark {{ {GREY}; background: #1a2729; margin-bottom: 12rem }}",
    ".under { background: #303030; height: 6rem }",
]
PLANT = """([rules, html]) => {
  for (const rule of rules) document.styleSheets[0].insertRule(rule, document.styleSheets[0].cssRules.length);
  document.querySelector("main").insertAdjacentHTML("beforeend", html);
}"""


def test_sees_a_box_without_a_label_and_a_page_too_wide(site, visit):
    page = visit(site)
    page.goto("/account/login/")
    assert faults_of(page) == []

    page.evaluate("document.querySelector('main label').remove()")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', `<p>${'x'.repeat(60)}</p>`)")
    page.evaluate("document.querySelector('main').lastChild.className = 'vv-nowrap'")

    faults = faults_of(page)
    assert [fault for fault in faults if "(label)" in fault]
    assert [fault for fault in faults if f"at {NARROW['width']} px: the page is" in fault]


@pytest.mark.parametrize("where", FAINT)
def test_sees_faint_words(site, visit, where):
    page = visit(site, MEMBER)
    page.goto(MONTH)
    assert faults_of(page) == []
    look, html = FAINT[where]
    focus = ":focus" if where == "with the focus" else ""

    page.evaluate(PLANT, [[f"#faint{focus} {{ {look} }}", *RULES], html])
    page.locator("#faint").focus()

    faults = [fault for fault in faults_of(page) if "(color-contrast)" in fault]
    assert len([fault for fault in faults if ", dark: " not in fault]) == 1
    assert all("Faint" in fault for fault in faults)  # in the dark too, if it is faint there


def test_asks_of_each_look_once(site, visit):
    page = visit(site, MEMBER)
    page.goto(MONTH)
    assert faults_of(page) == []
    known = set(looks)
    assert 10 < len(known) == len(looks)

    page.goto(MONTH)
    assert faults_of(page) == []
    assert set(looks) == known


def test_hears_what_a_page_may_not_do(site, visit):
    page = visit(site)
    page.goto("/account/login/")

    page.evaluate("fetch('https://elsewhere.example/').catch(() => {})")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    page.evaluate("setTimeout(() => { throw new Error('Broken') })")
    page.wait_for_timeout(200)

    heard = "\n".join(visit.watch.heard())
    assert "connect-src" in heard
    assert "style-src" in heard
    assert "A script failed: Broken" in heard
