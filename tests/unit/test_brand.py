"""The look is our own, and stays within the content security policy.

A council's site isn't GOV.UK: that brand, its typeface and its crest are not ours to use. And since no
style or script may stand in a page, none may slip into a template either.
"""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from reporting.charts.labels import SIZE, TOWN_SIZE

ROOT = Path(__file__).parents[2]
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
CSS = "".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# What the policy would block, or would need a hole in it.
INLINE = {
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "a data: address": re.compile(r"""["'(]data:""", re.IGNORECASE),
}


@pytest.mark.parametrize("theirs", ["GDS Transport", "govuk-header", "govuk-footer", "crest", "#1d70b8"])
def test_the_stylesheet_has_nothing_of_govuks_brand(theirs):
    assert theirs.lower() not in CSS.lower()


def test_the_stylesheet_fetches_nothing_but_our_fonts():
    assert re.findall(r"url\(([^)]*)\)", CSS) == [
        '"../fonts/vv-sans-regular.woff2"',
        '"../fonts/vv-sans-semibold.woff2"',
    ]
    assert "data:" not in CSS
    assert "@import" not in CSS


def rules_for_widths() -> list[str]:
    """The rules that hold at some widths of a screen only: "selector{declarations}"."""
    found: list[str] = []
    for start in re.finditer(r"@media[^{]*width[^{]*\{", CSS):
        depth, end = 1, start.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(CSS[end], 0)
            end += 1
        found += re.findall(r"[^{}]+\{[^{}]*\}", CSS[start.end() : end - 1])
    return found


def test_no_text_changes_its_colour_with_the_width():
    """So whoever checks contrasts on a wide screen has checked them on a phone: tests/functional/accessibility.py."""
    rules = rules_for_widths()
    assert len(rules) > 50
    colours = re.compile(r"[{;](color|background|background-color|opacity|filter|mix-blend-mode)\s*:")
    changing = [rule for rule in rules if colours.search(rule)]
    # A label that stands before a cell on a phone: its colour is that of quiet words everywhere.
    assert [rule for rule in changing if "::before" not in rule.partition("{")[0]] == []


def test_sizes_of_text_are_named_in_one_place():
    """… but for what one part is as large as another, and paper, whose sizes are those of its one page."""
    assert [
        (sheet.name, size)
        for sheet in sorted((ROOT / "assets").glob("*.scss"))
        for size in re.findall(r"font-size: ([^;]+);", sheet.read_text(encoding="utf-8").partition("@media print")[0])
        if sheet.name != "_brand.scss" and not size.startswith(("$vv-size-", "inherit")) and not size.endswith("%")
    ] == []


def test_a_map_is_lettered_in_the_size_it_is_measured_in():
    brand = (ROOT / "assets" / "_brand.scss").read_text(encoding="utf-8")
    assert f"$vv-size-map: {SIZE:g}px;" in brand
    assert f"$vv-size-town: {TOWN_SIZE:g}px;" in brand


def test_the_stylesheet_is_small():
    """What a first visit to a month has to fetch, in bytes as sent; a whole page may have 75,000."""
    assert len(gzip.compress((ROOT / "static" / "css" / "app.css").read_bytes())) < 10_000


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_no_inline_style_or_script(template):
    text = template.read_text(encoding="utf-8")

    assert [name for name, pattern in INLINE.items() if pattern.search(text)] == []


def test_the_stylesheet_is_compiled_from_the_sources_beside_it():
    """assets/compiled.sha256 is written by `npm run css`, over what went in and what came out. If this
    fails, run `npm install && npm run css` and commit both."""
    lines = (ROOT / "assets" / "compiled.sha256").read_text(encoding="utf-8").splitlines()
    recorded = {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}
    sources = [*(ROOT / "assets").glob("*.scss"), ROOT / "package.json", *SHEETS]
    present = {
        source.relative_to(ROOT).as_posix(): hashlib.sha256(source.read_bytes()).hexdigest() for source in sources
    }

    assert recorded == present


def test_chart_js_is_that_of_its_package():
    """vendored.sha256 is written by `npm run vendor`, over what it took and what it made of it. If this fails, see the
    README beside it."""
    folder = ROOT / "static" / "vendor" / "chart.js"
    version = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]["chart.js"]
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]["node_modules/chart.js"]
    ours = (folder / "chart.umd.min.js").read_bytes()
    theirs = ours + b"//# sourceMappingURL=chart.umd.min.js.map\n"
    recorded = (folder / "vendored.sha256").read_text(encoding="utf-8").splitlines()

    assert locked["version"] == version
    assert f"Chart.js v{version}\n" in ours[:100].decode()
    assert recorded == [
        f"{hashlib.sha256(theirs).hexdigest()}  node_modules/chart.js/dist/chart.umd.min.js",
        f"{hashlib.sha256(ours).hexdigest()}  static/vendor/chart.js/chart.umd.min.js",
    ]


def test_the_fonts_are_made_of_those_of_packs():
    """made.sha256 is written by script/typeface.py, over what it took and what it made of it. If this fails, see the
    README beside it."""
    lines = (ROOT / "static" / "fonts" / "made.sha256").read_text(encoding="utf-8").splitlines()
    recorded = {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}
    fonts = [*(ROOT / "reporting/packs/pdf/typst/fonts").glob("SourceSans3-*.otf"), *(ROOT / "static").rglob("*.woff*")]

    assert recorded == {
        font.relative_to(ROOT).as_posix(): hashlib.sha256(font.read_bytes()).hexdigest() for font in fonts
    }


def test_the_fonts_come_with_their_licence():
    licence = (ROOT / "static" / "fonts" / "LICENSE.md").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Reserved Font Name 'Source'" in licence
    assert "source" not in "".join(re.findall(r"@font-face\{[^}]*\}", CSS)).lower()  # a name that it keeps


def test_the_lock_names_no_registry():
    """An address in the lock would tie an install to one machine's mirror."""
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
