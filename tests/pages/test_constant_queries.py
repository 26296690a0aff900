"""A page asks the database as often for 50 indicators as for 5, and for 100 areas as for 1."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards.models import Membership, PartnershipArea, ReportingPeriod
from boards.roles import Role
from core.models import User
from core.months import Month
from tests import scenarios
from tests.factories import make_agency, make_area, make_indicator
from tests.scenarios import Town

OCTOBER = Month(2026, 10)

pytestmark = pytest.mark.django_db


def add_indicators(town: Town, number: int, *, first: int = 0) -> None:
    """Add indicators that the police supply by return."""
    for place in range(first, first + number):
        make_indicator(town.police, f"more-{place}")


def add_areas(number: int, *people: User) -> None:
    """Add areas with a month, an agency and a return each, in which these people have a role too."""
    for place in range(number):
        area = make_area(f"area-{place}")
        agency = make_agency(area)
        ReportingPeriod.objects.create(
            area=area, starts_on=OCTOBER.first_day, opened_on=OCTOBER.first_day, due_on=OCTOBER.next.first_day
        )
        for person in people:
            Membership.objects.create(user=person, area=area, role=Role.AGENCY_LEAD.value, agency=agency)


def count_queries(town: Town, path: str, person: User) -> int:
    client = Client()
    client.force_login(person)
    url = f"/{town.area.slug}/{path}"
    assert client.get(url).status_code == 200  # notes the visit
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


PAGES = {"home": "", "tasks": "mine/", "return": f"returns/{OCTOBER}/police/"}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_more_indicators_cost_no_more(town: Town, path: str):
    scenarios.open_month(town, OCTOBER)
    add_indicators(town, 5)
    few = [count_queries(town, path, person) for person in (town.lead, town.coordinator)]
    add_indicators(town, 45, first=5)
    assert [count_queries(town, path, person) for person in (town.lead, town.coordinator)] == few


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_other_areas_cost_no_more(town: Town, path: str):
    scenarios.open_month(town, OCTOBER)
    add_indicators(town, 5)
    add_areas(1, town.lead)  # who then has returns in several
    few = [count_queries(town, path, person) for person in (town.lead, town.coordinator)]
    PartnershipArea.objects.filter(slug="area-0").update(slug="first")
    add_areas(98, town.lead)
    assert [count_queries(town, path, person) for person in (town.lead, town.coordinator)] == few
