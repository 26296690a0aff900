"""How is a statement written by hand run?

Only for the few reads that every page of a month or of an indicator makes: composing such a statement through the ORM
costs ten times what the database needs to answer it (docs/adr/0006). Everything else uses the ORM.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection


def fetch_rows(statement: str, parameters: Sequence[int | str]) -> list[tuple[Any, ...]]:
    """The rows that a statement finds. Dates are passed as text, 2026-10-01."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def as_day(value: date | str) -> date:
    """A date of a statement by hand: SQLite has it as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(value: datetime | str) -> datetime:
    """A moment of a statement by hand: SQLite has it without its zone, which is UTC, and a worked-out one as text."""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    return value if value.tzinfo else value.replace(tzinfo=UTC)
