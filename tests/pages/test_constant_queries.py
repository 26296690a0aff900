"""A page, a file or a pack asks the database as often for a large town as for a small one, or for many areas."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import product

import pytest
from django.core.cache import caches
from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards.models import Membership, PartnershipArea, ReportingPeriod
from boards.rules import STRATEGIC_GROUP, Role
from core.calendar import Month
from core.models import User
from indicators.disclosure import Audience
from operations.health.views import newest
from reporting.models import PackCharts, PackKind, PackScope
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order
from tests import growing, scenarios
from tests.architecture import places
from tests.architecture.test_access_matrix import CHARACTERS, MONTHS, ROWS, SEPTEMBER, Row, make_stage
from tests.architecture.test_api_matrix import API_ROWS
from tests.factories import make_agency, make_area, make_indicator
from tests.keys import agency_key, bearer
from tests.scenarios import Town
from tests.visiting import signed_in

OCTOBER = Month(2026, 10)
SMALL, LARGE = 2, 7  # of everything, more than the standing town has
# Queries of everybody's pages, when nothing is in the cache; and of any other page, file or pack.
MOST = 70
LIMITS = {
    "GET actions:meeting-list -, coordinator": 7,
    "GET actions:meeting-view -, coordinator": 11,
    "GET actions:plan -, coordinator": 10,
    "GET actions:sub-group-list -, coordinator": 5,
    "GET reporting:area-home -, coordinator": 57,
    "GET reporting:disclosure-list -, coordinator": 12,
    "GET reporting:exports -, coordinator": 33,
    "GET reporting:impact -, coordinator": 16,
    "GET reporting:impact-view -, coordinator": 16,
    "GET reporting:indicator-csv -, coordinator": 13,
    "GET reporting:indicator-list -, coordinator": 11,
    "GET reporting:indicator-view -, coordinator": 25,
    "GET reporting:month-lines published, coordinator": 15,
    "GET reporting:month-view published, coordinator": 17,
    "GET reporting:month-year published, coordinator": 14,
    "GET reporting:region-indicator -, director": 23,
    "GET reporting:region-month published, director": 23,
    "GET reporting:region-pack-list -, director": 9,
}
# One more for each area, so that only one area's rows are held at a time.
ONE_PER_AREA = "GET reporting:region-table-"
# Who opens an address, if they may; else anybody who may. They see most.
READERS = ("coordinator", "information", "director", "operator", *CHARACTERS)

pytestmark = pytest.mark.django_db


# --- More of everything -------------------------------------------------------------------------------------------


# A file of each kind is made from the same rows as the CSV file.
OTHER_KINDS = ("-json", "-xlsx", "-ods")
EVERY_TIME = [row for row in ROWS if not row.name.endswith(OTHER_KINDS)]


@pytest.mark.parametrize("rows", [EVERY_TIME, pytest.param(ROWS, marks=pytest.mark.release)], ids=["usual", "all"])
def test_more_of_everything_costs_no_more(rows, settings, monkeypatch):
    # Whoever opens a page is noted once in five minutes. It may take longer on a busy machine.
    settings.SESSION_IDLE = timedelta(days=10)
    monkeypatch.setattr("core.identity.sessions.NOTED_EVERY", timedelta(days=1))
    small, large = (dict(count_all(more, rows)) for more in (SMALL, LARGE))
    assert small.keys() == large.keys()
    small |= {what: few + LARGE - SMALL for what, few in small.items() if what.startswith(ONE_PER_AREA)}
    grown = [f"{what}: {few}, then {large[what]}" for what, few in small.items() if large[what] != few]
    assert not grown, "\n".join(grown)
    assert {what: many for what, many in large.items() if many > LIMITS.get(what, MOST)} == {}
    assert LIMITS.keys() <= large.keys()


def count_all(more: int, rows: Iterable[Row]) -> Iterator[tuple[str, int]]:
    """Count the queries of each address that shows something, and of each kind of pack, in a town of its own."""
    with transaction.atomic():
        stage = make_stage(more)
        for row in rows:
            who = next((who for who in READERS if row.statuses[who] == 200), None)
            if row.method == "GET" and who is not None:
                yield f"{row}, {who}", count_of_answer(stage.clients[who], stage.path(row.name, row.month))
        headers = bearer(agency_key(stage.town, name="Another")[1])
        for asked in API_ROWS:
            if asked.method == "GET" and asked.statuses["key-agency"] == 200 and asked.month in MONTHS:
                path = places.address(asked.name, {**stage.known, "town": "testford", "month": MONTHS[asked.month]})
                yield str(asked), count_of_answer(Client(headers=headers), path)
        period = scenarios.open_month(stage.town, SEPTEMBER)
        boards = stage.town.area.boards.filter(code__in=["csp", growing.name(0), STRATEGIC_GROUP])
        for board, kind, audience, charts in product(boards, PackKind, Audience, PackCharts):
            order = Order(period, board, kind, audience, PackScope.ALL, charts=charts)
            with CaptureQueriesContext(connection) as queries:
                assert make_pack(order, include_drafts=False).pack.chapters
            yield f"pack {board.code} {kind} {audience} {charts}", len(queries)
        transaction.set_rollback(True)


def count_of_answer(client: Client, path: str) -> int:
    """Ask once, and undo whatever that did."""
    for cache in ("pages", "api"):
        caches[cache].clear()
    newest.forget()
    reset_queries()  # their log has room for 9,000, and all addresses together ask more
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.getvalue()
        transaction.set_rollback(True)
    return len(queries)


# --- The pages of everybody's day: 5 or 50 indicators, and 1 or 100 areas ------------------------------------------


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
    client = signed_in(person)
    url = f"/{town.area.slug}/{path}"
    assert client.get(url).status_code == 200  # notes the visit
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


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
