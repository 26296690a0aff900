"""How is a statement written by hand run?

Only for the few reads that every page of a month or of an indicator makes: composing such a statement through the ORM
costs ten times what the database needs to answer it (docs/adr/0006). Everything else uses the ORM.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection


def fetch_rows(statement: str, parameters: Sequence[int | str]) -> list[tuple[Any, ...]]:
    """The rows that a statement finds. Dates are passed as text, 2026-10-01."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
