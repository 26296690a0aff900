"""Statements by hand, asked with one trip, find what each finds alone."""

import json
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import actions
import boards
import indicators
import reporting
from actions.selectors.doing import list_doing
from actions.selectors.events import list_happenings
from actions.selectors.highlights import told_in
from actions.selectors.marks import list_board_highlights
from actions.selectors.plan import action_rows, rows_on
from actions.selectors.threads import About, about_thing, is_anything_about, list_asked, list_offered
from boards.models import Board, ReportingPeriod
from boards.permissions import Access, access_to
from boards.selectors import list_boards, list_duties
from core.months import Month
from core.selectors import as_day, as_list, as_moment, fetch_rows
from core.selectors.by_hand import ByHand, Read, at_once, by_hand
from core.statements import statement
from indicators.models import Indicator, IndicatorChange
from indicators.selectors.disclosure import find_rule
from reporting.models import Snapshot
from reporting.months.selectors.commentaries import find_commentary
from reporting.months.selectors.kpis import is_any_kpi_on
from reporting.months.selectors.set_up import find_set_up, list_changes
from tests.scenarios import Town

pytestmark = pytest.mark.django_db

TWICE = statement(
    """
    SELECT change.id, indicator.code, change.made_at, change.month, change.fields, indicator.id, board.code
    FROM {change} change JOIN {indicator} indicator ON indicator.id = change.indicator_id
    LEFT JOIN {board} board ON board.id = %s ORDER BY change.id DESC
""",
    change=IndicatorChange,
    indicator=Indicator,
    board=Board,
)


# What is the same from a row as from JSON, or what as_day and as_moment make the same. A decimal number isn't: it would
# be a float.
SAME = {"boolean", "smallint", "integer", "bigint", "text", "character varying", "date", "timestamp with time zone"}
OCTOBER = Month(2026, 10)
# One of each function's statements.
EXAMPLES: dict[ByHand[..., Any], Callable[[Town], Read[Any]]] = {
    action_rows: lambda town: action_rows.read("action.area_id = %s", town.area.pk),
    find_commentary: lambda town: find_commentary.read(ReportingPeriod(id=1), 1, town.csp),
    find_rule: lambda town: find_rule.read(town.area, "arrests"),
    find_set_up: lambda town: find_set_up.read(town.area, "arrests"),
    is_any_kpi_on: lambda town: is_any_kpi_on.read(Snapshot(id=1), "arrests"),
    is_anything_about: lambda town: is_anything_about.read(as_coordinator(town), about_thing("indicator", 1)),
    list_asked: lambda town: list_asked.read(as_coordinator(town), about_thing("indicator", 1)),
    list_board_highlights: lambda town: list_board_highlights.read(
        town.area, [town.csp.code], first=OCTOBER.first_day, last=OCTOBER.first_day
    ),
    list_boards: lambda town: list_boards.read(town.area),
    list_changes: lambda town: list_changes.read(town.area, "arrests"),
    list_doing: lambda town: list_doing.read(as_coordinator(town), About("indicator.code = 'arrests'", ())),
    list_duties: lambda town: list_duties.read(town.csp),
    list_happenings: lambda town: list_happenings.read(town.area, "arrests"),
    list_offered: lambda town: list_offered.read(as_coordinator(town), about_thing("indicator", 1)),
    rows_on: lambda town: rows_on.read(town.area, "arrests"),
    told_in: lambda town: told_in.read(town.area, OCTOBER, board=town.csp),
}


def as_coordinator(town: Town) -> Access:
    return access_to(town.area, by=town.coordinator)


def list_by_hand() -> Iterator[ByHand[..., Any]]:
    for app in (boards, indicators, actions, reporting):
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            yield from (held for held in vars(import_module(module.name)).values() if isinstance(held, ByHand))


@by_hand
def changes(board: int) -> Read[list[tuple[object, ...]]]:
    return Read(
        TWICE,
        [board],
        lambda rows: [
            (pk, code, as_moment(at), month and as_day(month), as_list(fields), *more)
            for pk, code, at, month, fields, *more in rows
        ],
    )


@pytest.fixture
def changed(town: Town) -> list[IndicatorChange]:
    """Two changes, with what a text could break."""
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    named = ["source", 'a "quoted" – name', "50 %s"]
    given = (("defined", date(2026, 10, 1), named), ("changed", None, []))
    said = {"indicator": indicator, "made_by": town.coordinator, "made_at": timezone.now()}
    return [IndicatorChange.objects.create(act=act, month=month, fields=fields, **said) for act, month, fields in given]


def test_a_row_is_read_by_its_places(town: Town, changed: list[IndicatorChange]):
    """Two columns have the same name here."""
    board = town.csp.pk
    expected = [
        (each.pk, "arrests", each.made_at, each.month, each.fields, each.indicator_id, town.csp.code)
        for each in changed[::-1]
    ]
    assert changes(board) == expected
    assert at_once(changes.read(board), list_boards.read(town.area)) == [expected, list_boards(town.area)]


def test_several_are_one_trip(town: Town, changed: list[IndicatorChange]):
    access, code = access_to(town.area, by=town.coordinator), "arrests"
    about = About("indicator.code = 'arrests'", ())
    reads = (
        find_set_up.read(town.area, code),
        list_changes.read(town.area, code),
        list_boards.read(town.area),
        find_rule.read(town.area, code),
        list_happenings.read(town.area, code),
        rows_on.read(town.area, code),
        list_doing.read(access, about),
    )
    alone = [
        find_set_up(town.area, code),
        list_changes(town.area, code),
        list_boards(town.area),
        find_rule(town.area, code),
        list_happenings(town.area, code),
        rows_on(town.area, code),
        list_doing(access, about),
    ]
    for _ in range(3):  # as it is, and prepared
        with CaptureQueriesContext(connection) as asked:
            found = at_once(*reads)
        assert found == alone
    assert len(asked) == (1 if connection.vendor == "postgresql" else len(reads))
    assert len(found[1]) == len(changed)


def test_what_is_not_wanted_is_not_asked(town: Town):
    with CaptureQueriesContext(connection) as asked:
        assert at_once(None, list_boards.read(town.area), None) == [None, list_boards(town.area), None]
        assert at_once(None, None) == [None, None]
    assert len(asked) == 2


def test_every_function_has_an_example():
    assert set(EXAMPLES) == set(list_by_hand())


def find_other_columns(read: Read[Any]) -> list[str]:
    """Return the columns that would be something else in JSON than they are in a row."""
    with connection.cursor() as cursor:
        cursor.execute(read.statement, read.parameters)
        columns, rows = cursor.description, cursor.fetchall()
    names = dict(fetch_rows("SELECT oid::bigint, format_type(oid, NULL) FROM pg_type", []))
    named = [(column.name, names[column.type_code], values) for column, *values in zip(columns, *rows, strict=True)]
    return [f"{name}: {kind}" for name, kind, values in named if kind not in SAME and not are_lists(kind, values)]


def are_lists(kind: str, values: Sequence[str | None]) -> bool:
    """Return whether a column is JSON, and the rows show that it has lists of texts or numbers."""
    lists = [json.loads(value) for value in values if value is not None] if kind == "jsonb" else []
    return bool(lists) and all(type(each) is list and {*map(type, each)} <= {str, int} for each in lists)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="On SQLite, each is asked alone.")
@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize("function", EXAMPLES, ids=lambda function: function.__name__)
def test_its_columns_are_the_same_in_json(town: Town, function: ByHand[..., Any]):
    assert find_other_columns(EXAMPLES[function](town)) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="On SQLite, each is asked alone.")
def test_columns_that_would_be_something_else_are_found():
    jsons = """'{"a": 1}'::jsonb AS fields, '["a", 1]'::jsonb AS list, '[{"a": 1}]'::jsonb AS deep"""
    read = Read(f"SELECT 1.50 AS share, {jsons}, 0.1::float AS rate, 1 AS number", [], list)
    assert find_other_columns(read) == ["share: numeric", "fields: jsonb", "deep: jsonb", "rate: double precision"]
