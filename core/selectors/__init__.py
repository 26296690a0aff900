"""How do we run SQL written by hand?

It is only for the few reads that every page of a month or an indicator makes. Composing them with the ORM takes ten
times as long as the database needs (docs/adr/0101). Everything else uses the ORM.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

type Rows = Sequence[tuple[Any, ...]]


def fetch_rows(statement: str, parameters: Sequence[int | str]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement. Pass dates as text, 2026-10-01."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def as_day(value: date | str) -> date:
    """Return a date from hand-written SQL: SQLite has it as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(value: datetime | str) -> datetime:
    """Return a time from hand-written SQL. SQLite has it without its zone, which is UTC, and a computed one as text."""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    return value if value.tzinfo else value.replace(tzinfo=UTC)
