"""The slide's set on paper: one A4 page, landscape, marked, with every figure and no navigation."""

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import Page

from tests import services
from tests.functional.pages import NOVEMBER, OCTOBER
from tests.functional.site import MEMBER, STRATEGIC

A4 = (842, 595)  # points
DARK = 100  # of 255, in each of red, green and blue: at least 6 to 1 against white

TITLES = (
    "Lines into the town",
    "Groups running lines",
    "Drug arrests",
    "Appropriate adult interviews",
    "Children identified",
    "Possession with intent, children",
    "Children from inside the town",
    "Children from other places",
    "Safeguarding assessments",
    "NRM referrals",
    "Missing from education",
    "Often missing from home",
    "Cuckooed houses",
    "Trafficking or slavery charges",
    "Closure orders applied for",
    "Knife or gun woundings at A&E",
)


def printed(page: Page, **options: Any) -> tuple[pikepdf.Pdf, bytes]:
    pdf = page.pdf(prefer_css_page_size=True, **options)
    return pikepdf.open(BytesIO(pdf)), pdf


def text_of(pdf: bytes, folder: Path) -> str:
    """Its words in the order of reading, with single blanks."""
    file = folder / "printed.pdf"
    file.write_bytes(pdf)
    program = services.find_poppler() / "pdftotext"
    done = subprocess.run([program, file, "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


@pytest.mark.parametrize("background", [True, False], ids=["with colours", "as printers save ink"])
def test_the_month_is_one_page(site, visit, tmp_path, background):
    page = visit(site, MEMBER)
    page.goto(OCTOBER)
    assert tuple(page.locator(".vv-figure > h3 > a:first-child").all_inner_texts()) == TITLES
    figures = page.locator(".vv-figure__number").all_inner_texts()
    assert len(figures) == len(TITLES)

    document, pdf = printed(page, print_background=background)

    assert len(document.pages) == 1
    box = document.pages[0].mediabox
    assert (round(float(box[2])), round(float(box[3]))) == A4
    words = text_of(pdf, tmp_path)
    assert [title for title in TITLES if title not in words] == []
    assert [figure for figure in figures if f" {figure} " not in words] == []
    assert words.count("OFFICIAL-SENSITIVE") == 2
    assert "This is Anytown, October 2026" in words
    assert "Birmingham 10 Up 2" in words
    assert page.locator(".vv-map__picture").is_visible()
    assert "No arrow: we have no figure" in words
    assert "from NHS for September" in words  # on the tile’s next line, which the text has elsewhere
    for absent in ("Sign out", "Home", "Skip to", "Community Safety", "The same figures"):
        assert absent not in words


def test_prints_ink_on_paper(site, visit):
    """Nothing depends on colour: all that is printed is dark on white, and stays so in black and white."""
    page = visit(site, MEMBER)
    page.goto(OCTOBER)
    page.emulate_media(media="print")

    colours = page.evaluate(
        """() => {
          const shown = [...document.body.querySelectorAll("*")].filter((element) => element.checkVisibility()
            && [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()));
          return [...new Set(shown.map((element) => getComputedStyle(element).color))];
        }"""
    )

    assert colours
    assert [colour for colour in colours if max(map(int, colour[4:-1].split(","))) > DARK] == []


@pytest.mark.parametrize("path", [NOVEMBER, f"{OCTOBER}csp/", f"{OCTOBER}strategic/"])
def test_larger_and_emptier_sets_print_too(site, visit, tmp_path, path):
    page = visit(site, STRATEGIC)
    page.goto(path)

    document, pdf = printed(page)

    assert 1 <= len(document.pages) <= 2
    # Each sheet is marked at its top; the last at its end too.
    assert text_of(pdf, tmp_path).count("OFFICIAL-SENSITIVE") == len(document.pages) + 1
