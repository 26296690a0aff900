"""A judgement has one colour, on pages and in packs, that is read on whatever lies behind it, and a shape besides."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from core.calendar import Month
from reporting.charts.control_chart import COLOURS, MEANINGS, SHAPES, Drawn, control_chart
from reporting.charts.labels import INK
from reporting.charts.pictures import chart_picture

ROOT = Path(__file__).parents[2]
READABLE = 4.5  # WCAG 2.2, 1.4.3
LOOKS = ("better", "worse", "unjudged", "watch")
PAPER = [path.relative_to(ROOT) for path in (ROOT / "reporting" / "packs" / "pdf" / "typst").glob("*.typ")]


def text_of(*names: str | Path) -> str:
    return "".join((ROOT / name).read_text(encoding="utf-8") for name in names)


CSS = text_of("static/css/app.css", "static/css/indicator.css")


def on_pages(selector: str, name: str) -> str:
    """What the style sheets say of a class, as a colour."""
    said = re.search(rf"{re.escape(selector)}\{{[^}}]*\b{name}:([^;}}]+)", CSS)
    assert said is not None, selector
    if not (variable := re.fullmatch(r"var\((--[\w-]+)[^)]*\)", said[1])):
        return said[1]
    colour = re.search(rf"{variable[1]}: ?(#[0-9a-f]{{6}})", CSS)
    assert colour is not None, variable[1]
    return colour[1]


def in_packs() -> dict[str, tuple[str, str]]:
    """The shape and the colour of each look, as a pack's chart has them."""
    values = [10, 12, 11, 13]
    chart = control_chart(values, Drawn(marks=dict(enumerate(LOOKS))), first=Month(2026, 7))
    drawn, _, _ = chart_picture(chart)
    marks = re.findall(r'<path transform="[^"]+" d="([^"]+)" fill="(#[0-9a-f]{6})"', drawn)
    return dict(zip(LOOKS, marks, strict=True))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_worked_out():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", ["better", "worse"])
def test_a_judgement_has_one_colour(look: str):
    _, colour = in_packs()[look]

    assert on_pages(f".vv-verdict--{look}", "color") == colour
    assert on_pages(f".vv-mark--{look}", "fill") == colour
    script = text_of("static/js/chart-page.js")
    assert "`vv-${look}`" in script
    assert colour not in script


def test_what_is_not_judged_is_ink():
    assert in_packs()["unjudged"][1] == INK


LIGHT, _, DARK = CSS.partition("(prefers-color-scheme: dark)")
GROUNDS = ("govuk-body-background-colour", "govuk-surface-background-colour", "vv-band")
WORDS = {
    "better": (*GROUNDS, "vv-better-wash"),
    "worse": (*GROUNDS, "vv-worse-wash"),
    "text": (*GROUNDS, "vv-better-wash", "vv-worse-wash", "vv-unjudged-wash"),
    "secondary-text": GROUNDS[:2],
    "brand": GROUNDS[:2],
    "error": (GROUNDS[0], "vv-problem-wash"),
}


def colour_in(sheet: str, name: str) -> str:
    said = re.search(rf"--{name}: ?(#[0-9a-f]{{6}})\b", sheet)
    assert said is not None, name
    return said[1]


@pytest.mark.parametrize("word", WORDS)
def test_words_and_marks_are_as_readable_in_the_dark(word: str):
    """On each ground they are readable in both, and nowhere is a seventh of the contrast lost, until 7 to 1."""
    name = f"vv-{word}" if word in LOOKS else f"govuk-{word}-colour"
    for ground in WORDS[word]:
        by_day, by_night = [contrast(colour_in(sheet, name), colour_in(sheet, ground)) for sheet in (LIGHT, DARK)]
        assert min(by_day, by_night) >= READABLE, ground
        assert by_night >= min(7, by_day * 6 / 7), ground


def test_a_mark_has_one_shape():
    for look, (shape, colour) in in_packs().items():
        assert (shape, colour) == (SHAPES[look], COLOURS[look])
        assert f'class="vv-mark vv-mark--{look}"' in render_to_string("reporting/_line.html#mark", {"look": look})
        assert f'd="{shape}"' in render_to_string("reporting/_line.html#mark", {"look": look})


def test_a_mark_is_told_in_black_and_white():
    assert len(set(SHAPES.values())) == len(SHAPES) == len(MEANINGS) == len(COLOURS)


@pytest.mark.parametrize("path", sorted((ROOT / "assets").glob("*.scss")), ids=lambda path: path.name)
def test_colours_are_named_in_two_places(path: Path):
    if path.name not in ("_brand.scss", "_scheme.scss"):
        assert re.findall(r"#[0-9a-f]{3,8}\b(?!\{)", path.read_text(encoding="utf-8")) == []


def test_a_pack_has_colours_of_the_pages():
    of_pages = set(re.findall(r"#[0-9a-f]{6}", text_of("assets/_brand.scss", "assets/_scheme.scss")))
    of_packs = set(re.findall(r"rgb\(\"(#[0-9a-f]{6})\"\)", text_of(*PAPER)))
    assert len(of_packs) > 4
    assert of_packs <= of_pages
