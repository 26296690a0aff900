"""A region's funnel over twelve months, where an area's counts can't both be right."""

import pytest

from core.files import KINDS
from tests.pages.test_region_pages import INDICATOR, make_ratios, member, text_of, words_of

pytestmark = pytest.mark.django_db
YEAR = f"{INDICATOR.format('ratio')}?month=2026-10&over=year"
FILE = f"{INDICATOR.format('ratio')}figures.{{}}?month=2026-10&over=year"
RIGHT, WRONG = (100, [4] * 12, [5] * 12), (100, [9] * 11 + [4], [5] * 12)
WHY = "in the funnel: the cases of these months are more than what they are out of"


def test_an_area_with_more_cases_than_all_is_left_out_with_the_reason():
    director = member(make_ratios({"Ash": RIGHT, "Beech": WRONG, "Cedar": RIGHT}, kind="share"))
    page = director.get(YEAR)
    assert page.status_code == 200
    assert f"Beech isn’t {WHY}" in text_of(page)
    assert "Every area is within what chance allows" in text_of(page)
    assert "over=year" in page.content.decode().split("Download the figures")[1].split("</p>")[0]
    for kind in KINDS:
        file = director.get(FILE.format(kind))
        assert file.status_code == 200, kind
    assert f"Beech isn’t {WHY}" in words_of(director.get(FILE.format("xlsx")))
    # This month's own share is right.
    for url in (YEAR, FILE.format("xlsx")):
        assert WHY not in words_of(director.get(url.replace("&over=year", "")))


def test_with_too_few_areas_left_the_reason_is_there_too():
    director = member(make_ratios({"Ash": RIGHT, "Beech": WRONG, "Cedar": WRONG}, kind="share"))
    page = text_of(director.get(YEAR))
    assert f"Beech and Cedar aren’t {WHY}" in page
    assert "This month alone" in page
