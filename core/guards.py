"""What does the database itself refuse, whoever writes to it? Installs the triggers of every app. An app's config names
the function that makes them: `triggers = "reporting.freeze.triggers"`.

SQLite silently drops a table's triggers when a migration rebuilds it. So we remove all of them before each `migrate`
and restore them after it (core.apps). A check names any that is missing (core.checks).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string

# The second part of a trigger's name says what it does: reporting_snapshot_keep_update.
KEEP, AREA, TWO = KINDS = ("keep", "area", "two")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger. `statement` creates it; on PostgreSQL it calls `function`. `columns` are those that it needs and that
    older tables may lack, as (table, column)."""

    name: str
    table: str
    statement: str
    function: str = ""
    columns: frozenset[tuple[str, str]] = frozenset()


def trigger_name(table: str, kind: str, act: str) -> str:
    return f"{table}_{kind}_{act.lower()}"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition under which a row is refused. `only_if` is cheap and is checked first."""

    holds: str
    only_if: str = "TRUE"

    def __str__(self) -> str:
        return f"{self.only_if} AND ({self.holds})"


def trigger_for(
    vendor: str, name: str, table: str, *, before: str, when: Sequence[Condition], refusal: str, **reads: Any
) -> Trigger:
    """Return a trigger that refuses a row if one of the conditions is true."""
    create = f"CREATE TRIGGER {name} BEFORE {before} ON {table}"
    if vendor == "sqlite":
        either = " OR ".join(map(str, when))
        return Trigger(name, table, f"{create} WHEN {either} BEGIN SELECT RAISE(ABORT, '{refusal}'); END", **reads)
    each = "".join(IF.format(only_if=condition.only_if, holds=condition.holds, refusal=refusal) for condition in when)
    function = f"{FUNCTION.format(name=name)}BEGIN{each}\n    RETURN NEW;\nEND $$;"
    return Trigger(name, table, f"{create} FOR EACH ROW EXECUTE FUNCTION {name}()", function, **reads)


FUNCTION = "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
# Check them one by one: PostgreSQL plans an expression with several subqueries again for each row, which takes six
# times as long.
IF = """
    IF {only_if} THEN
        IF {holds} THEN
            RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;"""


def list_triggers(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Return the triggers whose tables and columns exist: a database may be at any migration."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS[connection.vendor])
        columns = set(cursor.fetchall())
    tables = {table for table, _ in columns}
    makers = [config.triggers for config in apps.get_app_configs() if hasattr(config, "triggers")]
    triggers: list[Trigger] = [trigger for maker in makers for trigger in import_string(maker)(connection.vendor)]
    return [trigger for trigger in triggers if trigger.table in tables and trigger.columns <= columns]


def install(connection: BaseDatabaseWrapper, *, kinds: Iterable[str] = KINDS) -> None:
    """Create every trigger again. Without the tables there is nothing to protect."""
    triggers = [trigger for trigger in list_triggers(connection) if _is_guard(trigger.name, trigger.table, kinds)]
    # One transaction, on SQLite too: nobody can write between the old triggers and the new ones.
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(connection, cursor, kinds)
        for function in dict.fromkeys(trigger.function for trigger in triggers if trigger.function):
            cursor.execute(function)
        for trigger in triggers:
            cursor.execute(trigger.statement)


def remove(connection: BaseDatabaseWrapper, *, kinds: Iterable[str] = KINDS) -> None:
    """Remove every trigger: a migration rebuilds tables, and may have to correct rows."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(connection, cursor, kinds)


def missing(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Return the triggers that are missing, switched off or different."""
    with connection.cursor() as cursor:
        cursor.execute(SWITCHED_ON[connection.vendor])
        held = {(name, table): statement for name, table, statement in cursor.fetchall()}
    return [
        trigger
        for trigger in list_triggers(connection)
        # It is empty on PostgreSQL, where only the name counts.
        if held.get((trigger.name, trigger.table)) not in ("", trigger.statement)
    ]


def _is_guard(name: str, table: str, kinds: Iterable[str]) -> bool:
    return any(name.startswith(trigger_name(table, kind, "")) for kind in kinds)


def _drop(connection: BaseDatabaseWrapper, cursor: Any, kinds: Iterable[str]) -> None:
    """Drop the triggers, including those from an earlier release that this one may not know."""
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
    # Don't compare their text: the server stores it in its own form.
    "postgresql": "SELECT tgname, relname, '' FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE tgenabled IN ('O', 'A') AND pg_table_is_visible(pg_class.oid)",
}
