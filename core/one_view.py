"""How do we read many rows as they were at one moment, without a lock?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction


@contextmanager
def one_view() -> Iterator[None]:
    """Show every query of this block the database as it is at the first one. Nothing is locked, and nothing can be
    saved. Raises RuntimeError inside a transaction, whose view can't change any more.
    """
    connection: Any = connections[DEFAULT_DB_ALIAS]  # each kind of database has its own attributes
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                # PostgreSQL accepts this only as the first statement.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    connection.ensure_connection()  # which sets the mode
    # Our usual mode, IMMEDIATE, would hold the only lock for writing.
    usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        connection.transaction_mode = usual
