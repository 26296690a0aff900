"""Are faults found at the width where they are? Each page here has one, and no other."""

import pytest

from tests.functional.accessibility import faults_of

PAGE = """<!doctype html><html lang="en"><head><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  body {{ margin: 0; font-size: 16px; color: #000; background: #fff }}
  button {{ display: block; min-width: 44px; min-height: 44px; padding: 0 }}
  .small {{ display: flex }}
  .small button {{ width: 9px; height: 9px; min-width: 9px; min-height: 9px; font-size: 5px }}
  @media (width > 600px) {{ .phone {{ display: none }} }}
  @media (width <= 600px) {{ .desk {{ display: none }} }}
  @media (prefers-color-scheme: dark) {{ .dim {{ color: #333; background: #000 }} }}
</style></head><body><main><h1>A page</h1>{}</main></body></html>"""
FAULTS = {
    "image-alt": '<img src="/none" width="50" height="50">',
    "button-name": "<button></button>",
    "link-name": '<p><a href="/x/"></a></p>',
    "label": "<p><input></p>",
    "heading-order": "<h4>Too deep</h4>",
    "aria-valid-attr-value": '<p aria-hidden="maybe">Words</p>',
    "list": "<ul><p>Words</p></ul>",
    "target-size": '<div class="small"><button>a</button><button>b</button><button>c</button></div>',
    "scrolls sideways": '<div style="width: 1400px">Words</div>',
}
ON_A_DESK = {
    "color-contrast": '<p style="color: #bbb">Words</p>',
    "px, dark": '<p class="dim">Words</p>',
    "a line of": f"<p>{'Words and ' * 20}</p>",
}


@pytest.mark.parametrize(("where", "width"), [("desk", "1280 px"), ("phone", "390 px")])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_found_where_it_is(site, visit, kind, where, width):
    # The narrowest screen is only asked whether a page scrolls sideways.
    narrower = ["320 px"] if (where, kind) == ("phone", "scrolls sideways") else []
    assert_found(visit(site), f'<div class="{where}">{FAULTS[kind]}</div>', kind, [*narrower, width])


@pytest.mark.parametrize("kind", ON_A_DESK)
def test_what_is_the_same_at_all_widths_is_looked_for_once(site, visit, kind):
    assert_found(visit(site), ON_A_DESK[kind], kind, ["1280 px"])


IN_A_FRAME = """<div tabindex="0" role="region" aria-label="A" style="overflow-x: auto"><table style="width: 900px">
<thead><tr><th scope="col">Month</th><th scope="col">Figure</th></tr></thead>
<tbody><tr><th scope="row" style="{}">October</th><td>12</td></tr></tbody></table></div>"""


@pytest.mark.parametrize(
    ("planted", "kind"),
    [
        ('<div style="width: 350px">Words</div>', "scrolls sideways"),
        (IN_A_FRAME.format(""), "a wide table isn’t held at its start"),
    ],
)
def test_what_only_the_narrowest_screen_shows_is_found(site, visit, planted, kind):
    assert_found(visit(site), planted, kind, ["320 px"])


def test_a_wide_table_that_holds_its_first_column_is_no_fault(site, visit):
    assert_found(visit(site), IN_A_FRAME.format("position: sticky; left: 0"), "", [])


def test_a_page_without_faults_has_none(site, visit):
    assert_found(visit(site), "<p>Words</p>", "", [])


def assert_found(page, planted, kind, widths):
    page.route("**/*", lambda route: route.fulfill(body=PAGE.format(planted), content_type="text/html"))
    page.goto("/planted/")
    found = faults_of(page)
    assert [fault for fault in found if kind not in fault] == []
    looked_at = ("1280 px", "390 px", "320 px")
    assert sorted({width for width in looked_at for fault in found if f"at {width}" in fault}) == widths
