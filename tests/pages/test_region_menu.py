"""What every page of a region has: its menu, how to sign in, and no list of what is as it should be."""

import re

import pytest

from boards.rules import RegionRole
from tests.answers import Answer
from tests.factories import make_area
from tests.factories.regions import join_region, make_region
from tests.pages.test_region_pages import INDICATOR, MONTH, member, text_of
from tests.regional import make_county

pytestmark = pytest.mark.django_db


def menu_of(response: Answer) -> list[str]:
    (menu,) = re.findall(r'<ul class="vv-menu vv-menu--open">(.*?)</ul>', response.content.decode(), re.DOTALL)
    return re.findall(r"<a [^>]*>([^<]*)</a>", menu)


def test_every_page_of_a_region_has_the_same_menu():
    region, _ = make_county()
    director, analyst = member(region), member(region, RegionRole.ANALYST)
    home = "/regions/essex/"
    same = [MONTH, f"{MONTH}lines/", INDICATOR.format("count-00"), f"{home}packs/"]
    same += [f"{home}editions/", f"{home}editions/2026-10/"]
    menu = ["This month", "Lines", "Packs", "Public pages"]
    for page in same:
        assert menu_of(analyst.get(page)) == menu
        assert menu_of(director.get(page)) == [*menu, "Set-up"]
        assert 'href="/account/second-factor/"' in analyst.get(page).content.decode()
    for page in (f"{home}setup/", f"{home}setup/people/add/"):
        assert menu_of(director.get(page)) == [*menu, "Set-up"]
        refused = analyst.get(page)
        assert refused.status_code == 403
        assert "ask a director of Essex or the operator" in text_of(refused)
        assert "coordinator" not in text_of(refused)
    assert analyst.get(f"{home}lines/").headers["Location"] == f"{MONTH}lines/"
    empty = member(make_region(slug="kent"))
    said = (
        "3 more areas have to give permission before this region shows any figure: the operator hasn’t invited any yet."
    )
    assert said in text_of(empty.get("/regions/kent/lines/"))


def test_nothing_says_fourteen_times_that_nothing_is_missing():
    region, _ = make_county(areas=4)
    client = member(region)
    page = client.get(MONTH).content.decode()
    assert "All 4 areas have published this month" in page
    assert page.index("<details") < page.index("Version 1.")
    join_region(region, make_area("late", name="Late"))
    page = client.get(MONTH).content.decode()
    assert "areas have published this month" not in page
    assert "hasn’t opened October 2026" in page
