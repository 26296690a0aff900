"""What does the database itself refuse, whoever writes to it? The triggers of every app: an app's config names the
function that makes them, as `triggers = "reporting.freeze.triggers"`.

SQLite silently drops a table's triggers when a migration rebuilds it, so all go before each `migrate` and come after it
(core.apps), and a check names one that is missing (core.checks).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string

# What a trigger does is the second part of its name: reporting_snapshot_keep_update.
KEEP, AREA = KINDS = ("keep", "area")


@dataclass(frozen=True, slots=True)
class Trigger:
    """`statement` makes it, and on PostgreSQL `function` what it calls. `columns`: which it reads besides those of its
    table that were always there, as (table, column)."""

    name: str
    table: str
    statement: str
    function: str = ""
    columns: frozenset[tuple[str, str]] = frozenset()


def trigger_name(table: str, kind: str, act: str) -> str:
    return f"{table}_{kind}_{act.lower()}"


@dataclass(frozen=True, slots=True)
class Condition:
    """On which a row is refused. `only_if` is cheap, and asked first."""

    holds: str
    only_if: str = "TRUE"

    def __str__(self) -> str:
        return f"{self.only_if} AND ({self.holds})"


def trigger_for(
    vendor: str, name: str, table: str, *, before: str, when: Sequence[Condition], refusal: str, **reads: Any
) -> Trigger:
    """Refuses a row for which one of the conditions holds."""
    create = f"CREATE TRIGGER {name} BEFORE {before} ON {table}"
    if vendor == "sqlite":
        either = " OR ".join(map(str, when))
        return Trigger(name, table, f"{create} WHEN {either} BEGIN SELECT RAISE(ABORT, '{refusal}'); END", **reads)
    each = "".join(IF.format(only_if=condition.only_if, holds=condition.holds, refusal=refusal) for condition in when)
    function = f"{FUNCTION.format(name=name)}BEGIN{each}\n    RETURN NEW;\nEND $$;"
    return Trigger(name, table, f"{create} FOR EACH ROW EXECUTE FUNCTION {name}()", function, **reads)


FUNCTION = "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
# One by one: PostgreSQL plans an expression with several subqueries anew for each row, which takes six times as long.
IF = """
    IF {only_if} THEN
        IF {holds} THEN
            RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;"""


def list_triggers(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Those of the tables and columns that are there: a database may be migrated to any point."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS[connection.vendor])
        columns = set(cursor.fetchall())
    tables = {table for table, _ in columns}
    makers = [config.triggers for config in apps.get_app_configs() if hasattr(config, "triggers")]
    triggers: list[Trigger] = [trigger for maker in makers for trigger in import_string(maker)(connection.vendor)]
    return [trigger for trigger in triggers if trigger.table in tables and trigger.columns <= columns]


def install(connection: BaseDatabaseWrapper, *, kinds: Iterable[str] = KINDS) -> None:
    """Make every trigger anew. Without the tables there is nothing to guard."""
    triggers = [trigger for trigger in list_triggers(connection) if _is_guard(trigger.name, trigger.table, kinds)]
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(connection, cursor, kinds)
        for function in dict.fromkeys(trigger.function for trigger in triggers if trigger.function):
            cursor.execute(function)
        for trigger in triggers:
            cursor.execute(trigger.statement)


def remove(connection: BaseDatabaseWrapper, *, kinds: Iterable[str] = KINDS) -> None:
    """Take every trigger away: a migration rebuilds tables, and may have to put rows right."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(connection, cursor, kinds)


def missing(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """The triggers that aren't there, are switched off, or aren't what they should be."""
    with connection.cursor() as cursor:
        cursor.execute(SWITCHED_ON[connection.vendor])
        held = {(name, table): statement for name, table, statement in cursor.fetchall()}
    return [
        trigger
        for trigger in list_triggers(connection)
        if held.get((trigger.name, trigger.table)) not in ("", trigger.statement)
    ]


def _is_guard(name: str, table: str, kinds: Iterable[str]) -> bool:
    return any(name.startswith(trigger_name(table, kind, "")) for kind in kinds)


def _drop(connection: BaseDatabaseWrapper, cursor: Any, kinds: Iterable[str]) -> None:
    """Those of an earlier release too, which this one may not know."""
    cursor.execute(HELD[connection.vendor])
    for name, table in cursor.fetchall():
        if _is_guard(name, table, kinds):
            on_table = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


COLUMNS = {
    "sqlite": "SELECT held.name, info.name FROM sqlite_master held, pragma_table_info(held.name) info "
    "WHERE held.type = 'table'",
    "postgresql": "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
    "WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped AND pg_table_is_visible(pg_class.oid)",
}
HELD = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE NOT tgisinternal AND pg_table_is_visible(pg_class.oid)",
}
SWITCHED_ON = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    # Their text isn't compared: the server has it in words of its own.
    "postgresql": "SELECT tgname, relname, '' FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE tgenabled IN ('O', 'A') AND pg_table_is_visible(pg_class.oid)",
}
