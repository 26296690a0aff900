"""Lists of lines as text: docs/adr/0005."""

import pytest
from django.db import DatabaseError, connection, transaction

from core.calendar import Month
from tests import scenarios

SEPTEMBER = Month(2026, 9)
LISTS = ("history", "steps", "numerators", "denominators")


def stored(table: str) -> list[tuple[str, ...]]:
    """Return what the database itself has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'CAST({name} AS text)' for name in LISTS)} FROM {table} ORDER BY id")
        return cursor.fetchall()


def drop_blanks(text: str) -> str:
    """Return JSON without the blanks outside strings."""
    kept, is_inside, is_escaped = [], False, False
    for each in text:
        is_inside ^= each == '"' and not is_escaped
        is_escaped = each == "\\" and not is_escaped
        kept += [each] if is_inside or each != " " else []
    return "".join(kept)


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_the_database_refuses_what_is_no_json(town, name):
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    scenarios.sweep()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE reporting_indicatorline SET {name} = '[1,'")


@pytest.mark.django_db
def test_a_line_is_stored_without_blanks(town):
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    scenarios.sweep()
    written = stored("reporting_indicatorline")
    assert written
    assert not [text for row in written for text in row if text != drop_blanks(text)]
