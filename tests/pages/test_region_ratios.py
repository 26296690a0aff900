"""A region's ratios: of areas that count differently, and of counts that can't both be right."""

import csv
import io
from typing import Any

import pytest

from boards.models import Region
from core.files.tables import KINDS
from tests.factories import make_agency, make_area, make_indicator
from tests.factories.regions import make_region
from tests.pages.test_region_pages import INDICATOR, MONTH, member, row_of, text_of, words_of
from tests.regional import OCTOBER, publish_lines

pytestmark = pytest.mark.django_db
YEAR = f"{INDICATOR.format('ratio')}?month=2026-10&over=year"
FILE = f"{INDICATOR.format('ratio')}figures.{{}}?month=2026-10&over=year"
RIGHT, WRONG = (100, [4] * 12, [5] * 12), (100, [9] * 11 + [4], [5] * 12)
WHY = "in the funnel: these months have more cases than the total that they are out of"


def make_ratios(towns: dict[str, tuple[int, list[int | None], list[int | None]]], *, kind: str = "rate") -> Region:
    """Towns with a ratio each: per how many, the cases of each month, and what they are out of."""
    areas = []
    for name, (per, cases, wholes) in towns.items():
        police = make_agency(make_area(name.lower(), name=name))
        above, below = make_indicator(police, "cases"), make_indicator(police, "people", position=1)
        setting: dict[str, Any] = {
            "collection": "ratio",
            "ratio": kind,
            "per": per,
            "numerator": above,
            "denominator": below,
        }
        ratio = make_indicator(police, "ratio", position=2, title=f"Ratio per {per}", **setting)
        publish_lines(police.area, OCTOBER, {above: cases, below: wholes, ratio: []})
        areas.append(police.area)
    return make_region(*areas)


def test_what_most_areas_do_is_the_regions_way_also_where_the_first_differs():
    per = {"Ash": 100_000, "Beech": 10_000, "Cedar": 10_000, "Dogwood": 10_000}
    director = member(make_ratios({name: (number, [10], [10_000]) for name, number in per.items()}))
    assert row_of(director.get(MONTH), "Ratio per 10000")[0] == "10.0 without Ash"
    rows = csv.DictReader(io.StringIO(director.get(f"{MONTH}figures.csv").content.decode().split("\n", 1)[1]))
    assert [row["value"] for row in rows if row["indicator"] == "ratio"] == ["10.0", "100.0", "10.0", "10.0", "10.0"]
    page = text_of(director.get(INDICATOR.format("ratio")))
    assert "Ratio per 10000" in page
    assert "Ratio per 100000" not in page


def test_an_area_with_more_cases_than_all_is_left_out_with_the_reason():
    director = member(make_ratios({"Ash": RIGHT, "Beech": WRONG, "Cedar": RIGHT}, kind="share"))
    page = director.get(YEAR)
    assert page.status_code == 200
    assert f"Beech is not {WHY}" in text_of(page)
    assert "Every area is within what chance allows" in text_of(page)
    assert "over=year" in page.content.decode().split("Download the figures")[1].split("</p>")[0]
    for kind in KINDS:
        file = director.get(FILE.format(kind))
        assert file.status_code == 200, kind
    assert f"Beech is not {WHY}" in words_of(director.get(FILE.format("xlsx")))
    # This month's own share is right.
    for url in (YEAR, FILE.format("xlsx")):
        assert WHY not in words_of(director.get(url.replace("&over=year", "")))


def test_with_too_few_areas_left_the_reason_is_there_too():
    director = member(make_ratios({"Ash": RIGHT, "Beech": WRONG, "Cedar": WRONG}, kind="share"))
    page = text_of(director.get(YEAR))
    assert f"Beech and Cedar are not {WHY}" in page
    assert "This month alone" in page


@pytest.mark.parametrize("held", [11, 0])
def test_files_have_the_months_of_a_ratio_that_an_area_has(held: int):
    some = (100, [4] * held + [None] * (12 - held), [5] * held + [None] * (12 - held))
    director = member(make_ratios({"Ash": RIGHT, "Beech": RIGHT, "Cedar": some}, kind="share"))
    for kind in KINDS:
        assert director.get(FILE.format(kind)).status_code == 200, kind
    rows = director.get(FILE.format("json")).json()["figures"]
    own = [(row["value"], row["numerator"], row["denominator"]) for row in rows if row["shows"] == "region"]
    assert own == [(80, 12, 15)] * held + [(None, None, None)] * (12 - held)
