"""What a database holds: for each table its number of rows and a digest of them, and the head of each chain."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from core.chain import Head
from core.models import AuditChain

CHAINS = AuditChain._meta.db_table


@dataclass(frozen=True)
class Table:
    """The number of a table's rows, and a hash of all of them in the order of their key."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Contents:
    """What a database holds: its tables by name, and the head of each chain of the record, as NUMBER:LINK."""

    tables: dict[str, Table]
    chains: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> "Contents":
        return cls({name: Table(**table) for name, table in written["tables"].items()}, dict(written["chains"]))

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


def list_differences(wanted: Contents, actual: Contents) -> list[str]:
    """Return a sentence for each difference."""
    differences = []
    for name in sorted(wanted.tables.keys() | actual.tables.keys()):
        before, now = wanted.tables.get(name), actual.tables.get(name)
        if now is None:
            differences.append(f"The table {name} is missing.")
        elif before is None:
            differences.append(f"The table {name} isn't in the backup.")
        elif before.rows != now.rows:
            differences.append(
                f"The table {name} has a different number of rows: {now.rows}, and {before.rows} in the backup."
            )
        elif before.digest != now.digest:
            differences.append(f"The table {name} has as many rows as the backup, but different ones.")
    for area in sorted(wanted.chains.keys() | actual.chains.keys()):
        if wanted.chains.get(area) != actual.chains.get(area):
            differences.append(f"The audit log of {area or 'no area'} has a different head.")
    return differences


@contextmanager
def snapshot() -> Iterator[str]:
    """Read one state of PostgreSQL while the block lasts, whatever others write. Yields its name, for pg_dump."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # The server may end sessions that wait, as ours does for pg_dump.
        for timeout in ("idle_in_transaction_session_timeout", "statement_timeout"):
            cursor.execute(f"SET LOCAL {timeout} = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def read_postgres() -> Contents:
    """Read what the default database holds. Call it inside `snapshot`."""
    with connection.cursor() as cursor:
        # A row's text depends on these.
        cursor.execute("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL bytea_output = 'hex'")
        names = sorted(connection.introspection.table_names(cursor))
        keys = {name: connection.introspection.get_primary_key_columns(cursor, name) or [] for name in names}
        chains = {}
        if CHAINS in names:
            cursor.execute(f'SELECT area, number, link FROM "{CHAINS}"')  # noqa: S608
            chains = _name_heads(cursor.fetchall())
    return Contents({name: _digest(_read_rows(name, keys[name])) for name in names}, chains)


def _read_rows(table: str, key: list[str]) -> Iterator[str]:
    """Return a hash of each row, worked out by the server: a row may have a picture, and memory must stay bounded."""
    order = ", ".join(f't."{column}"' for column in key) or "1"
    statement = (
        "SELECT encode(sha256(convert_to(t::text, 'UTF8')), 'hex') "  # noqa: S608  # names from the database itself
        f'FROM "{table}" t ORDER BY {order}'
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        for (row,) in cursor:
            yield row


def read_sqlite(database: sqlite3.Connection) -> Contents:
    """Read what an SQLite database holds. One state of it, if the connection is in a transaction."""
    # A text that isn't UTF-8 can be stored, and must not stop a backup.
    database.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    with closing(database.cursor()) as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
        names = sorted(name for (name,) in cursor.fetchall())
        tables = {name: _read_table(cursor, name) for name in names}
        chains = {}
        if CHAINS in names:
            chains = _name_heads(cursor.execute(f'SELECT area, number, link FROM "{CHAINS}"'))  # noqa: S608
    return Contents(tables, chains)


def _read_table(cursor: sqlite3.Cursor, name: str) -> Table:
    columns = cursor.execute(f'PRAGMA table_info("{name}")').fetchall()
    key = [column[1] for column in sorted(columns, key=lambda column: column[5]) if column[5]]
    order = ", ".join(f'"{column}"' for column in key) or ", ".join(str(place + 1) for place in range(len(columns)))
    rows = cursor.execute(f'SELECT * FROM "{name}" ORDER BY {order}')  # noqa: S608
    return _digest(sha256(repr(row).encode()).hexdigest() for row in rows)


def read_file(file: Path) -> Contents:
    """Read what a file of SQLite holds."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
        return read_sqlite(database)


def _digest(rows: Iterable[str]) -> Table:
    number, digest = 0, sha256()
    for row in rows:
        number += 1
        digest.update(row.encode())
    return Table(number, digest.hexdigest())


def _name_heads(rows: Iterable[tuple[str, int, str]]) -> dict[str, str]:
    return {area: str(Head(number, link)) for area, number, link in rows}
