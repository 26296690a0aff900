"""Statements by hand, asked with one trip, find what each finds alone."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.selectors.doing import list_doing
from actions.selectors.events import list_happenings
from actions.selectors.plan import rows_on
from actions.selectors.threads import About
from boards.models import Board
from boards.permissions import access_to
from boards.selectors import list_boards
from core.selectors import as_day, as_list, as_moment
from core.selectors.by_hand import Read, at_once, by_hand
from core.statements import statement
from indicators.models import Indicator, IndicatorChange
from indicators.selectors.disclosure import find_rule
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
