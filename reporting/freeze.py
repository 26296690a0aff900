"""What keeps a published version as it was? Triggers in the database, for whatever writes to it.

On a published snapshot and on its lines UPDATE and DELETE are refused, INSERT of lines too, and on
PostgreSQL TRUNCATE; so they are on a published edition for the public and its lines. The last change of
either is to PUBLISHED. What stands in ADDED (a withdrawal of an edition, an issued pack, an update of an
action, and so on) is added, and never changed or deleted. SQLite silently drops a table's triggers when a
migration rebuilds it, so they go before each `migrate` and come after it (reporting.apps), and a check names
one that is missing (reporting.checks).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from actions.models import ActionChange, ActionMove, ActionUpdate, ChallengeEntry
from indicators.models import IndicatorChange, MonthMarking, NameReveal
from indicators.workflow import EditionState
from reporting.models import (
    EditionWithdrawal,
    IndicatorLine,
    IssuedPack,
    PackPhoto,
    PublicEdition,
    PublicLine,
    Snapshot,
    SnapshotState,
)


@dataclass(frozen=True, slots=True)
class Published:
    """A table whose rows stay as they are once they are `state`, and the table of their lines.

    `number` is what tells a month's rows apart; `owner` is the lines' column that says whose they are.
    """

    words: str
    table: str
    state: str
    number: str
    lines: str
    owner: str


@dataclass(frozen=True, slots=True)
class Added:
    """A table that rows are added to, and nothing else. `unique`: what no two rows have the same, besides the id;
    the columns of each."""

    words: str
    table: str
    unique: tuple[tuple[str, ...], ...] = ()


PUBLISHED = (
    Published(
        "A published version",
        Snapshot._meta.db_table,
        SnapshotState.PUBLISHED.value,
        "version",
        IndicatorLine._meta.db_table,
        "snapshot_id",
    ),
    Published(
        "A published edition",
        PublicEdition._meta.db_table,
        EditionState.PUBLISHED.value,
        "number",
        PublicLine._meta.db_table,
        "edition_id",
    ),
)
ADDED = (
    Added("A withdrawal", EditionWithdrawal._meta.db_table, (("edition_id",),)),
    Added("A marking", MonthMarking._meta.db_table),
    Added("An issued pack", IssuedPack._meta.db_table, (("reference",), ("period_id", "board_id", "number"))),
    Added("A picture of an issued pack", PackPhoto._meta.db_table, (("pack_id", "sha256"),)),
    Added("An update of an action", ActionUpdate._meta.db_table),
    Added("A change of an action", ActionChange._meta.db_table),
    Added("A move of an action", ActionMove._meta.db_table),
    Added("An entry of a challenge", ChallengeEntry._meta.db_table),
    Added("A change of an indicator", IndicatorChange._meta.db_table),
    Added("A look at names", NameReveal._meta.db_table),
)
REFUSAL = "{words} stays as it was: {act} of it is refused."
# What was there before there was one for each kind.
OLD_FUNCTION = "reporting_keep_published"


@dataclass(frozen=True, slots=True)
class Trigger:
    """`statement` makes it."""

    name: str
    table: str
    statement: str


def triggers_of(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Those of the tables that are there: a database may be migrated to any point."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    triggers = _sqlite_triggers() if connection.vendor == "sqlite" else _postgresql_triggers()
    return [trigger for trigger in triggers if trigger.table in tables]


def install(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger anew. Without the tables there is nothing to keep."""
    triggers = triggers_of(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(connection, cursor, triggers)
        if triggers and connection.vendor == "postgresql":
            cursor.execute(FUNCTIONS)
        for trigger in triggers:
            cursor.execute(trigger.statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away: a migration rebuilds tables, and may have to put rows right."""
    triggers = triggers_of(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(connection, cursor, triggers)


def missing(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """The triggers that aren't there, are switched off, or aren't what they should be."""
    with connection.cursor() as cursor:
        cursor.execute(HELD_BY_SQLITE if connection.vendor == "sqlite" else HELD_BY_POSTGRESQL)
        held = {(name, table): statement for name, table, statement in cursor.fetchall()}
    return [
        trigger
        for trigger in triggers_of(connection)
        if held.get((trigger.name, trigger.table)) not in ("", trigger.statement)
    ]


def _drop(connection: BaseDatabaseWrapper, cursor: Any, triggers: list[Trigger]) -> None:
    for trigger in triggers:
        on_table = "" if connection.vendor == "sqlite" else f" ON {trigger.table}"
        cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on_table}")


def name_of(table: str, act: str) -> str:
    return f"{table}_keep_{act.lower()}"


# --- SQLite ---------------------------------------------------------------------------------------

HELD_BY_SQLITE = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"


def _conditions(kept: Published) -> dict[tuple[str, str], str]:
    """Which rows a statement may not touch: table and act → condition.

    A REPLACE deletes what stands in its way without a DELETE trigger, so a new row is also held against the
    published ones whose keys it has.
    """
    table, lines, state, number, owner = kept.table, kept.lines, kept.state, kept.number, kept.owner
    in_the_way = f"""EXISTS (SELECT 1 FROM {table} WHERE state = '{state}'
    AND (id = NEW.id OR (period_id = NEW.period_id AND {number} = NEW.{number})))"""  # noqa: S608
    line_in_the_way = f"""EXISTS (SELECT 1 FROM {lines} line JOIN {table} owner ON owner.id = line.{owner}
    WHERE line.id = NEW.id AND owner.state = '{state}')"""  # noqa: S608
    of_old, of_new = (
        f"EXISTS (SELECT 1 FROM {table} WHERE state = '{state}' AND id = {row}.{owner})"  # noqa: S608
        for row in ("OLD", "NEW")
    )
    return {
        (table, "INSERT"): in_the_way,
        (table, "UPDATE"): f"OLD.state = '{state}' OR {in_the_way}",
        (table, "DELETE"): f"OLD.state = '{state}'",
        (lines, "INSERT"): f"{of_new} OR {line_in_the_way}",
        (lines, "UPDATE"): f"{of_old} OR {of_new} OR {line_in_the_way}",
        (lines, "DELETE"): of_old,
    }


def _conditions_of_added(kept: Added) -> dict[tuple[str, str], str]:
    same = " OR ".join(
        " AND ".join(f"{column} = NEW.{column}" for column in columns) for columns in (("id",), *kept.unique)
    )
    return {
        (kept.table, "INSERT"): f"EXISTS (SELECT 1 FROM {kept.table} WHERE {same})",  # noqa: S608
        (kept.table, "UPDATE"): "1",
        (kept.table, "DELETE"): "1",
    }


def _sqlite_triggers() -> Iterator[Trigger]:
    of_published = [(kept.words, _conditions(kept)) for kept in PUBLISHED]
    of_added = [(kept.words, _conditions_of_added(kept)) for kept in ADDED]
    for words, conditions in (*of_published, *of_added):
        for (table, act), condition in conditions.items():
            name, refusal = name_of(table, act), REFUSAL.format(words=words, act=act)
            yield Trigger(
                name,
                table,
                f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
            )


# --- PostgreSQL -----------------------------------------------------------------------------------

# Of those that are switched on. Their text isn't compared: the server has it in words of its own.
HELD_BY_POSTGRESQL = """
    SELECT tgname, relname, '' FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgenabled IN ('O', 'A') AND pg_table_is_visible(pg_class.oid)
"""
# FOR SHARE waits for whoever is publishing the row just now, and then sees that it is published.
KEEP_PUBLISHED = """
CREATE OR REPLACE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_published boolean := false;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        is_published := EXISTS (SELECT 1 FROM {table} WHERE state = '{state}');
    ELSIF TG_TABLE_NAME = '{table}' THEN
        is_published := OLD.state = '{state}';
    ELSE
        IF TG_OP <> 'INSERT' THEN
            SELECT state = '{state}' INTO is_published FROM {table} WHERE id = OLD.{owner} FOR SHARE;
        END IF;
        IF TG_OP <> 'DELETE' AND is_published IS NOT TRUE THEN
            SELECT state = '{state}' INTO is_published FROM {table} WHERE id = NEW.{owner} FOR SHARE;
        END IF;
    END IF;
    IF is_published THEN
        RAISE EXCEPTION '{refusal}', TG_OP USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
"""
KEEP_ADDED = """
CREATE OR REPLACE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'TRUNCATE' OR EXISTS (SELECT 1 FROM {table}) THEN
        RAISE EXCEPTION '{refusal}', TG_OP USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
"""


def _functions() -> Iterator[str]:
    for kept in PUBLISHED:
        refusal = REFUSAL.format(words=kept.words, act="%")
        yield KEEP_PUBLISHED.format(table=kept.table, state=kept.state, owner=kept.owner, refusal=refusal)
    for added in ADDED:
        yield KEEP_ADDED.format(table=added.table, refusal=REFUSAL.format(words=added.words, act="%"))


FUNCTIONS = f"DROP FUNCTION IF EXISTS {OLD_FUNCTION}();" + "".join(_functions())


def _postgresql_triggers() -> Iterator[Trigger]:
    changes = ("UPDATE", "DELETE", "TRUNCATE")
    for kept in PUBLISHED:
        yield from (_postgresql_trigger(kept.table, kept.table, act) for act in changes)
        yield from (_postgresql_trigger(kept.lines, kept.table, act) for act in ("INSERT", *changes))
    for added in ADDED:
        yield from (_postgresql_trigger(added.table, added.table, act) for act in changes)


def _postgresql_trigger(table: str, function: str, act: str) -> Trigger:
    name, each = name_of(table, act), "STATEMENT" if act == "TRUNCATE" else "ROW"
    return Trigger(
        name, table, f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}_keep()"
    )
