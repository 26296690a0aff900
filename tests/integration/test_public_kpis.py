"""A KPI is public where every month behind it is, as it is; of any other nobody is told."""

import pytest
from django.test import Client

from boards.rules import Role
from core.calendar import Month
from indicators.models import Indicator
from tests.integration.clock import Clock
from tests.measuring import LAST, SEEN, history, set_one, target_draft
from tests.ruling import set_rule
from tests.scenarios import Town, make_town, publish_openly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OCTOBER = LAST.next
SMALL = 3  # withheld by the usual rule


@pytest.fixture
def clock(monkeypatch) -> None:
    Clock(monkeypatch)("2026-11-05")


def make(*values: int | None, october: int = 18, first: int = 23) -> Town:
    """A KPI whose baseline begins so many months before September."""
    town = make_town()
    history(town, *values)
    set_one(town, target_draft(baseline_from=LAST + -first), title="Fewer arrests for dealing", went_on_why="Agreed")
    history(town, october, last=OCTOBER)
    return town


def told(town: Town, month: Month = OCTOBER) -> list[str]:
    """The titles of an edition's KPIs, and that its page says them and no other."""
    edition = publish_openly(town, month)
    page = Client().get(f"/testford/public/{month}/").content.decode()
    titles = [kept["title"] for kept in edition.kpis]
    assert ("Fewer arrests for dealing" in page) is bool(titles)
    assert ("What we aim to change" in page) is bool(titles)
    return titles


def test_one_whose_months_are_all_shown_is_public():
    town = make(*SEEN * 5)
    assert told(town) == ["Fewer arrests for dealing"]
    page = Client().get(f"/testford/public/{OCTOBER}/").content.decode()
    assert "Too early to tell: 1 month with a figure so far, and 3 are needed." in page
    assert town.people[Role.BOARD_MEMBER].name not in page


def test_a_month_of_its_baseline_that_is_withheld_hides_it():
    assert told(make(*SEEN * 4, SMALL, *SEEN)) == []


def test_a_month_before_its_baseline_that_is_withheld_does_not():
    assert told(make(SMALL, *SEEN * 4)) == ["Fewer arrests for dealing"]


def test_a_month_behind_its_range_that_was_never_shown_hides_it():
    """Of four years, the range rests on other dates too. The first twelve months are in no edition."""
    assert told(make(*SEEN * 8)) == []


def test_where_an_earlier_edition_showed_them_it_is_public():
    town = make_town()
    history(town, *SEEN * 6, last=LAST + -12)
    publish_openly(town, LAST + -12)
    history(town, *SEEN * 2)
    set_one(town, target_draft(), title="Fewer arrests for dealing")
    history(town, 18, last=OCTOBER)
    assert told(town) == ["Fewer arrests for dealing"]


def test_the_newest_month_that_is_withheld_hides_it():
    assert told(make(*SEEN * 5, october=SMALL)) == []


def test_a_month_of_the_last_twelve_without_a_figure_hides_it():
    assert told(make(*SEEN * 4, None, *SEEN, first=5)) == []


def test_rounded_figures_hide_it():
    town = make(*SEEN * 5)
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    officer = town.people[Role.INFORMATION]
    set_rule(town.area, indicator=indicator, kind="round", suppress_to=7, base=5, why="Agreed", by=officer)
    assert told(town) == []


def test_a_baseline_further_back_than_an_edition_shows_hides_it():
    assert told(make(*SEEN * 7, first=40)) == []
