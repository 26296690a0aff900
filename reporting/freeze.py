"""What keeps a published version as it was? Triggers in the database, for whatever writes to it.

On a published snapshot and on its lines UPDATE and DELETE are refused, INSERT of lines too, and on
PostgreSQL TRUNCATE. A snapshot's one last change is from DRAFT to PUBLISHED. SQLite silently drops a
table's triggers when a migration rebuilds it, so they go before each `migrate` and come after it
(reporting.apps), and a check names one that is missing (reporting.checks).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from reporting.models import IndicatorLine, Snapshot, SnapshotState

SNAPSHOT, LINE = Snapshot._meta.db_table, IndicatorLine._meta.db_table
PUBLISHED = SnapshotState.PUBLISHED.value
REFUSAL = "A published version stays as it was: %s of it is refused."
FUNCTION = "reporting_keep_published"


@dataclass(frozen=True, slots=True)
class Trigger:
    """`statement` makes it."""

    name: str
    table: str
    statement: str


def triggers_of(connection: BaseDatabaseWrapper) -> list[Trigger]:
    return list(_sqlite_triggers() if connection.vendor == "sqlite" else _postgresql_triggers())


def install(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger anew. Without the tables there is nothing to keep."""
    if not _has_tables(connection):
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(connection, cursor)
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTIONS)
        for trigger in triggers_of(connection):
            cursor.execute(trigger.statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away: a migration rebuilds tables, and may have to put rows right."""
    if _has_tables(connection):
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            _drop(connection, cursor)


def missing(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """The triggers that aren't there, are switched off, or aren't what they should be."""
    if not _has_tables(connection):
        return []
    with connection.cursor() as cursor:
        cursor.execute(HELD_BY_SQLITE if connection.vendor == "sqlite" else HELD_BY_POSTGRESQL)
        held = {(name, table): statement for name, table, statement in cursor.fetchall()}
    return [
        trigger
        for trigger in triggers_of(connection)
        if held.get((trigger.name, trigger.table)) not in ("", trigger.statement)
    ]


def _has_tables(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        return {SNAPSHOT, LINE} <= set(connection.introspection.table_names(cursor))


def _drop(connection: BaseDatabaseWrapper, cursor: Any) -> None:
    for trigger in triggers_of(connection):
        on_table = "" if connection.vendor == "sqlite" else f" ON {trigger.table}"
        cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on_table}")


# --- SQLite ---------------------------------------------------------------------------------------

HELD_BY_SQLITE = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
# Which rows a statement may not touch. A REPLACE deletes what stands in its way without a DELETE trigger,
# so a new row is also held against the published ones whose keys it has.
IN_THE_WAY = f"""EXISTS (SELECT 1 FROM {SNAPSHOT} WHERE state = '{PUBLISHED}'
    AND (id = NEW.id OR (period_id = NEW.period_id AND version = NEW.version)))"""  # noqa: S608
OF_PUBLISHED = f"EXISTS (SELECT 1 FROM {SNAPSHOT} WHERE state = '{PUBLISHED}' AND id = {{row}}.snapshot_id)"  # noqa: S608
LINE_IN_THE_WAY = f"""EXISTS (SELECT 1 FROM {LINE} line JOIN {SNAPSHOT} snapshot ON snapshot.id = line.snapshot_id
    WHERE line.id = NEW.id AND snapshot.state = '{PUBLISHED}')"""  # noqa: S608
SQLITE = {
    (SNAPSHOT, "INSERT"): IN_THE_WAY,
    (SNAPSHOT, "UPDATE"): f"OLD.state = '{PUBLISHED}' OR {IN_THE_WAY}",
    (SNAPSHOT, "DELETE"): f"OLD.state = '{PUBLISHED}'",
    (LINE, "INSERT"): f"{OF_PUBLISHED.format(row='NEW')} OR {LINE_IN_THE_WAY}",
    (LINE, "UPDATE"): f"{OF_PUBLISHED.format(row='OLD')} OR {OF_PUBLISHED.format(row='NEW')} OR {LINE_IN_THE_WAY}",
    (LINE, "DELETE"): OF_PUBLISHED.format(row="OLD"),
}


def _sqlite_triggers() -> Iterator[Trigger]:
    for (table, act), condition in SQLITE.items():
        name = f"{table}_keep_{act.lower()}"
        yield Trigger(
            name,
            table,
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL % act}'); END",
        )


# --- PostgreSQL -----------------------------------------------------------------------------------

# Of those that are switched on. Their text isn't compared: the server has it in words of its own.
HELD_BY_POSTGRESQL = """
    SELECT tgname, relname, '' FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgenabled IN ('O', 'A') AND pg_table_is_visible(pg_class.oid)
"""
TRUNCATES = ((SNAPSHOT, "TRUNCATE"), (LINE, "TRUNCATE"))
# FOR SHARE waits for whoever is publishing the snapshot just now, and then sees that it is published.
FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_published boolean := false;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        is_published := EXISTS (SELECT 1 FROM {SNAPSHOT} WHERE state = '{PUBLISHED}');
    ELSIF TG_TABLE_NAME = '{SNAPSHOT}' THEN
        is_published := OLD.state = '{PUBLISHED}';
    ELSE
        IF TG_OP <> 'INSERT' THEN
            SELECT state = '{PUBLISHED}' INTO is_published FROM {SNAPSHOT} WHERE id = OLD.snapshot_id FOR SHARE;
        END IF;
        IF TG_OP <> 'DELETE' AND is_published IS NOT TRUE THEN
            SELECT state = '{PUBLISHED}' INTO is_published FROM {SNAPSHOT} WHERE id = NEW.snapshot_id FOR SHARE;
        END IF;
    END IF;
    IF is_published THEN
        RAISE EXCEPTION '{REFUSAL}', TG_OP USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$
""".replace(REFUSAL, REFUSAL.replace("%s", "%"))  # noqa: S608


def _postgresql_triggers() -> Iterator[Trigger]:
    for table, act in (*((table, act) for table, act in SQLITE if (table, act) != (SNAPSHOT, "INSERT")), *TRUNCATES):
        name, each = f"{table}_keep_{act.lower()}", "STATEMENT" if act == "TRUNCATE" else "ROW"
        yield Trigger(
            name,
            table,
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH {each} EXECUTE FUNCTION {FUNCTION}()",
        )
