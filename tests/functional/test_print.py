"""What is read on paper: the slide's set is one A4 page, landscape, marked, with every figure and no navigation; each
part of a region's pages is one."""

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import Page

from tests import services
from tests.functional.pages import DIRECTOR, NOVEMBER, OCTOBER
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
    "Persistent or severe absence",
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
    return " ".join(sheets_of(pdf, folder))


def sheets_of(pdf: bytes, folder: Path) -> list[str]:
    """The words of each of its pages."""
    file = folder / "printed.pdf"
    file.write_bytes(pdf)
    program = services.find_poppler() / "pdftotext"
    done = subprocess.run([program, file, "-"], capture_output=True, text=True, check=True)
    return [" ".join(page.split()) for page in done.stdout.split("\f")[:-1]]


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
    assert words.count("No September figure") == 3
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


# 14 areas and 28 indicators, as the largest county has them: copies of an area, an indicator and a chart.
# 28 indicators of 14 areas. A larger table flows on to the next sheet.
AS_LARGE = """() => {
  for (const row of document.querySelectorAll(".vv-region tr:not(.vv-rowgroup)"))
    while (row.cells.length < 2 + 14) row.append(row.cells[2].cloneNode(true));
  const areas = document.querySelector("[aria-labelledby=s-areas] tbody");
  while (areas && areas.rows.length < 14) areas.append(areas.rows[0].cloneNode(true));
  const rows = () => document.querySelectorAll(".vv-region tbody tr:not(.vv-rowgroup)");
  while (areas && rows().length < 28) rows()[0].after(rows()[0].cloneNode(true));
  while (rows().length > 28) rows()[28].remove();
  const charts = document.querySelector(".vv-multiples");
  while (charts && charts.children.length < 14) charts.append(charts.children[0].cloneNode(true));
}"""
COUNTY = "/regions/county/"


@pytest.mark.parametrize(
    ("path", "title", "parts"),
    [
        ("2026-10/", "County, October 2026", ["What stands out", "Drug arrests", "The areas"]),
        ("2026-10/?as=rates", "County, October 2026", ["What stands out", "Drug arrests", "The areas"]),
        ("2026-10/lines/", "County, October 2026", ["Lines into the town", "Groups running lines"]),
        (
            "indicators/drug-arrests/?month=2026-10",
            "Drug arrests",
            ["County as a whole", "Beyond chance", "Every area on one scale", "The same figures as a table"],
        ),
    ],
)
def test_each_part_of_a_regions_page_is_one_sheet(site, visit, tmp_path, path, title, parts):
    page = visit(site, DIRECTOR)
    page.goto(COUNTY + path)
    page.evaluate(AS_LARGE)

    document, pdf = printed(page)

    sheets = sheets_of(pdf, tmp_path)
    assert len(sheets) == len(parts), sheets
    for sheet, part in zip(sheets, parts, strict=True):
        assert title in sheet
        assert part in sheet
        assert "OFFICIAL-SENSITIVE" in sheet
    assert "How you sign in" not in " ".join(sheets)
    assert {tuple(round(float(side)) for side in each.mediabox[2:]) for each in document.pages} == {A4}
