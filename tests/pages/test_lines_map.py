"""The lines map where it stands: on the month's page and in the board's pack, made from the same cells."""

import io
import re
from html import unescape
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.management import call_command

from boards.rules import Role
from core.calendar import Month
from indicators.disclosure import Audience
from indicators.models import Category
from reporting.exports.presenters.months import newest_view
from reporting.months.presenters.shapes import MonthView
from tests import scenarios
from tests.factories import make_dimension, make_indicator
from tests.pdf import text_of
from tests.pdf_structure import below
from tests.scenarios import Town
from tests.visiting import signed_in

OCTOBER = Month(2026, 10)
WHERE = {"london": (-0.128, 51.507), "leeds": (-1.549, 53.801), "elsewhere": (None, None)}


@pytest.fixture
def mapped(town: Town) -> Town:
    """Testford lies on the Essex coast; its lines come from two cities, and from a place without coordinates."""
    town.area.longitude, town.area.latitude = 1.1, 51.85
    town.area.save()
    origins = make_dimension(town.area, "origin", list(WHERE))
    for code, (longitude, latitude) in WHERE.items():
        Category.objects.filter(dimension=origins, code=code).update(longitude=longitude, latitude=latitude)
    make_indicator(town.police, "lines", dimension=origins, boards=(town.csp,), position=2)
    counts = {"arrests": 1, "charges": 1}
    report(town, OCTOBER.previous, counts | {"lines.london": 7, "lines.leeds": 4, "lines.elsewhere": 2})
    report(town, OCTOBER, counts | {"lines.london": 10, "lines.leeds": None, "lines.elsewhere": 2})
    return town


def report(town: Town, month: Month, figures: dict[str, Any]) -> None:
    scenarios.accept(town, month, figures)
    scenarios.sweep()
    scenarios.publish(town, month)


def page_of(town: Town, path: str = "") -> str:
    client = signed_in(town.people[Role.STRATEGIC])
    response = client.get(f"/testford/2026-10/{path}")
    assert response.status_code == 200
    return response.content.decode()


def view_of(town: Town) -> MonthView:
    return newest_view(town.area, OCTOBER, audience=Audience.PARTNERS, include_drafts=False)


@pytest.mark.parametrize("path", ["", "csp/"])
def test_the_page_shows_the_map_beside_the_table(mapped: Town, path: str):
    page = page_of(mapped, path)
    assert page.count('<figure class="vv-map">') == 1
    assert page.count('<table class="vv-lines">') == 1
    (picture,) = re.findall(r'<svg class="vv-map__picture".*?</svg>', page, re.DOTALL)
    labels = [re.sub("<.*?>", "", label) for label in re.findall(r"<text.*?</text>", picture)]
    assert [" ".join(label.split()) for label in labels] == ["Testford", "London10 ↑ Up 3", "Leeds[x]"]
    assert "Lines: the largest number shown is 10, from London" in page
    assert "Not on the map: Elsewhere 2, level." in page


def test_the_map_in_words_names_every_cell_of_the_table(mapped: Town):
    (described,) = re.findall(r'<desc id="map-lines-d">(.*?)</desc>', page_of(mapped))
    (breakdown,) = (table for section in view_of(mapped).sections for table in section.breakdowns)
    cells = [row.cells[0] for row in breakdown.rows]
    for cell in cells:
        assert cell is not None
        assert f"{cell.category} {cell.short_text}" in unescape(described)


def test_page_and_pack_describe_the_same_map(mapped: Town, tmp_path: Path):
    (described,) = re.findall(r'<desc id="map-lines-d">(.*?)</desc>', page_of(mapped))
    pdf = tmp_path / "pack.pdf"
    call_command("build_pack", area="testford", month="2026-10", board="csp", output=pdf, stdout=io.StringIO())
    with pikepdf.open(pdf) as document:
        pictures = [str(each.Alt) for each in below(document.Root.StructTreeRoot) if each.S == "/Figure"]
    assert pictures.count(unescape(described)) == 1
    words = text_of(pdf.read_bytes())
    for label in ("Lines: the largest number shown is 10, from London", "10 ↑ Up 3", "Not on the map: Elsewhere 2"):
        assert label in words


def test_no_map_without_a_place_of_the_area(mapped: Town):
    mapped.area.longitude = mapped.area.latitude = None
    mapped.area.save()
    page = page_of(mapped)
    assert "vv-map" not in page
    assert page.count('<table class="vv-lines">') == 1


def test_no_map_of_an_area_that_none_can_show(mapped: Town):
    mapped.area.longitude, mapped.area.latitude = 4.9, 52.4
    mapped.area.save()
    assert "vv-map" not in page_of(mapped)


def test_no_map_where_no_origin_has_a_place(town: Town):
    town.area.longitude, town.area.latitude = 1.1, 51.85
    town.area.save()
    ages = make_dimension(town.area, "age", ["young", "adult", "unknown"])
    make_indicator(town.police, "stops", dimension=ages, boards=(town.csp,), position=2)
    figures = {"arrests": 1, "charges": 1, "stops.young": 1, "stops.adult": 2, "stops.unknown": 0}
    report(town, OCTOBER, figures)
    page = page_of(town)
    assert "vv-map" not in page
    assert page.count('<table class="vv-lines">') == 1


def test_a_moved_area_is_moved_on_a_page_that_was_kept(mapped: Town):
    before = page_of(mapped)
    mapped.area.latitude = 52.6
    mapped.area.save()
    assert picture_of(page_of(mapped)) != picture_of(before)


def picture_of(page: str) -> str:
    (picture,) = re.findall(r'<svg class="vv-map__picture".*?</svg>', page, re.DOTALL)
    return picture
