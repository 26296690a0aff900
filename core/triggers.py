"""Make and install the triggers with which the database refuses changes, whoever writes to it.

An app's config names the function that makes them: `triggers = "reporting.freeze.triggers"`.

SQLite silently drops a table's triggers when a migration rebuilds it. So we remove all of them before each `migrate`
and restore them after it (core.apps). A check names any that is missing (operations.checks).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
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
    checks = "".join(IF.format(only_if=condition.only_if, holds=condition.holds, refusal=refusal) for condition in when)
    function = f"{FUNCTION.format(name=name)}BEGIN{checks}\n    RETURN NEW;\nEND $$;"
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
        installed = {(name, table): statement for name, table, statement in cursor.fetchall()}
    return [
        trigger
        for trigger in list_triggers(connection)
        # It is empty on PostgreSQL, where only the name counts.
        if installed.get((trigger.name, trigger.table)) not in ("", trigger.statement)
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


# A column, with or without its table; one of our codes; the place of a parameter. None has a quote or a space.
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?|%s", re.ASCII)


class Statement(str):
    """A statement or part of one, made by `statement`. It can be inserted into another."""

    __slots__ = ()


def statement(text: str, **names: type[Model] | str | Iterable[str]) -> Statement:
    """Fill the {places} of a text that is written where it is used.

    A model becomes its table; several columns get commas. `format` fills what is in {{two braces}}. Raises ValueError
    for a value that isn't a name.
    """
    return Statement(text.format(**{place: _written(named) for place, named in names.items()}))


def _written(named: type[Model] | str | Iterable[str]) -> str:
    if isinstance(named, Statement):
        return named
    if isinstance(named, type):
        return named._meta.db_table
    written = [named] if isinstance(named, str) else list(named)
    for name in written:
        if not NAME.fullmatch(name):
            raise ValueError(f"“{name}” isn’t the name of a table or a column.")
    return ", ".join(written)


# Rows that stay unchanged: triggers refuse changes of the tables that an app names in its `freeze` module.
#
# For a published row and its lines they refuse UPDATE and DELETE, INSERT of lines, and on PostgreSQL TRUNCATE. The same
# applies to rows in other tables with its month and number. The last change of such a row is to PUBLISHED. Rows of
# added tables change only in the steps that the table names, and go only where the table says so.


@dataclass(frozen=True, slots=True)
class Published:
    """A table whose rows never change once they are in `state`, and the tables of their lines.

    `number` distinguishes the rows that have the same `of`, such as those of a month; `owner` is the lines' column with
    the row's id.
    """

    words: str
    table: str
    state: str
    number: str
    lines: tuple[str, ...]
    owner: str
    of: tuple[str, ...] = ("period_id",)


@dataclass(frozen=True, slots=True)
class Step:
    """A change that a row of an added table may still make. `when` is a condition on OLD and NEW. `fixed` are the
    columns that it leaves alone."""

    when: str
    fixed: tuple[str, ...]


def step(model: type[Model], *changed: str, when: str) -> Step:
    """Return the step that changes these fields and no others."""
    return Step(when, tuple(str(field.column) for field in model._meta.concrete_fields if field.name not in changed))


@dataclass(frozen=True, slots=True)
class Added:
    """A table to which rows are only added. `unique` lists the sets of columns that must be unique, besides the `key`.
    `steps` are the changes that a row may still make, such as a request's decision. A row may be deleted only under
    the condition `removable`, on OLD."""

    words: str
    table: str
    unique: tuple[tuple[str, ...], ...] = ()
    steps: tuple[Step, ...] = ()
    removable: str = "FALSE"
    reads: tuple[tuple[str, str], ...] = ()  # columns of other tables in these conditions
    key: str = "id"

    @property
    def compared(self) -> frozenset[tuple[str, str]]:
        """Return the columns that its triggers compare, as (table, column). An older table may lack some."""
        return frozenset((self.table, column) for change in self.steps for column in change.fixed) | set(self.reads)


@dataclass(frozen=True, slots=True)
class Beside:
    """A table whose rows name a month and a number. They never change once the row of `published` with the same month
    and number is published. `number` is this table's column."""

    words: str
    table: str
    published: Published
    number: str


type Kept = Published | Added | Beside

REFUSAL = "{words} stays as it was: {act} of it is refused."


def triggers_that_keep(vendor: str, tables: Iterable[Kept]) -> Iterator[Trigger]:
    for kept in tables:
        yield from (_sqlite_triggers(kept) if vendor == "sqlite" else _postgresql_triggers(kept))


# --- SQLite ---------------------------------------------------------------------------------------


def _conditions_of_published(kept: Published) -> dict[tuple[str, str], str]:
    """Return which rows a statement may not change: (table, act) → condition.

    A REPLACE deletes conflicting rows without a DELETE trigger. So a new row is also compared with the published rows
    that have the same keys.
    """
    table, state = kept.table, kept.state
    in_the_way = statement(
        """EXISTS (SELECT 1 FROM {table} WHERE state = '{state}'
    AND (id = NEW.id OR ({columns}) = ({theirs})))""",
        table=table,
        state=state,
        columns=(*kept.of, kept.number),
        theirs=[f"NEW.{column}" for column in (*kept.of, kept.number)],
    )
    conditions = {
        (table, "INSERT"): in_the_way,
        (table, "UPDATE"): f"OLD.state = '{state}' OR {in_the_way}",
        (table, "DELETE"): f"OLD.state = '{state}'",
    }
    for lines in kept.lines:
        conditions |= _conditions_of_lines(kept, lines)
    return conditions


def _conditions_of_lines(kept: Published, lines: str) -> dict[tuple[str, str], str]:
    table, state = kept.table, kept.state
    in_the_way = statement(
        """EXISTS (SELECT 1 FROM {lines} line JOIN {table} owner ON owner.id = line.{owner}
    WHERE line.id = NEW.id AND owner.state = '{state}')""",
        lines=lines,
        table=table,
        owner=kept.owner,
        state=state,
    )
    of_old, of_new = (
        statement(
            "EXISTS (SELECT 1 FROM {table} WHERE state = '{state}' AND id = {key})",
            table=table,
            state=state,
            key=f"{row}.{kept.owner}",
        )
        for row in ("OLD", "NEW")
    )
    return {
        (lines, "INSERT"): f"{of_new} OR {in_the_way}",
        (lines, "UPDATE"): f"{of_old} OR {of_new} OR {in_the_way}",
        (lines, "DELETE"): of_old,
    }


def _conditions_of_added(kept: Added) -> dict[tuple[str, str], str]:
    same = " OR ".join(
        " AND ".join(f"{column} = NEW.{column}" for column in columns) for columns in ((kept.key,), *kept.unique)
    )
    return {
        (kept.table, "INSERT"): f"EXISTS (SELECT 1 FROM {kept.table} WHERE {same})",  # noqa: S608
        (kept.table, "UPDATE"): _no_step(kept, "IS"),
        # COALESCE: a NULL condition would let the deletion pass.
        (kept.table, "DELETE"): f"NOT COALESCE({kept.removable}, FALSE)",
    }


def _no_step(kept: Added, same: str) -> str:
    """Return the condition that a change is none of the table's steps. `same` is the operator that also finds two NULLs
    the same."""
    if not kept.steps:
        return "TRUE"
    # COALESCE: a NULL condition is neither true nor false, and the trigger would let the change pass.
    steps = (
        " AND ".join([f"COALESCE({change.when}, FALSE)", *(f"OLD.{name} {same} NEW.{name}" for name in change.fixed)])
        for change in kept.steps
    )
    return f"NOT ({' OR '.join(f'({condition})' for condition in steps)})"


def _conditions_of_beside(kept: Beside) -> dict[tuple[str, str], str]:
    def published(row: str) -> str:
        return statement(
            """EXISTS (SELECT 1 FROM {owners} owner
    WHERE owner.state = '{state}' AND owner.period_id = {row}.period_id AND owner.{theirs} = {row}.{own})""",
            owners=kept.published.table,
            state=kept.published.state,
            row=row,
            theirs=kept.published.number,
            own=kept.number,
        )

    in_the_way = statement(
        "EXISTS (SELECT 1 FROM {table} held WHERE held.id = NEW.id AND {published})",
        table=kept.table,
        published=published("held"),
    )
    return {
        (kept.table, "INSERT"): f"{published('NEW')} OR {in_the_way}",
        (kept.table, "UPDATE"): f"{published('OLD')} OR {published('NEW')} OR {in_the_way}",
        (kept.table, "DELETE"): published("OLD"),
    }


def _conditions(kept: Kept) -> dict[tuple[str, str], str]:
    match kept:
        case Published():
            return _conditions_of_published(kept)
        case Added():
            return _conditions_of_added(kept)
        case Beside():
            return _conditions_of_beside(kept)


def _sqlite_triggers(kept: Kept) -> Iterator[Trigger]:
    for (table, act), condition in _conditions(kept).items():
        refusal = REFUSAL.format(words=kept.words, act=act)
        name, when = trigger_name(table, KEEP, act), [Condition(condition)]
        compared = kept.compared if isinstance(kept, Added) else frozenset()
        yield trigger_for("sqlite", name, table, before=act, when=when, refusal=refusal, columns=compared)


# --- PostgreSQL -----------------------------------------------------------------------------------

# For a published row, its lines, and the rows beside it: `of_old` and `of_new` find it for a row of another table. FOR
# SHARE waits for anybody who is publishing the row, and then sees that it is published.
KEEP_PUBLISHED = """
CREATE OR REPLACE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_published boolean := false;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        is_published := EXISTS (SELECT 1 FROM {is_any} WHERE owner.state = '{state}');
    ELSIF TG_TABLE_NAME = '{owners}' THEN
        is_published := OLD.state = '{state}';
    ELSE
        IF TG_OP <> 'INSERT' THEN
            SELECT state = '{state}' INTO is_published FROM {owners} WHERE {of_old} FOR SHARE;
        END IF;
        IF TG_OP <> 'DELETE' AND is_published IS NOT TRUE THEN
            SELECT state = '{state}' INTO is_published FROM {owners} WHERE {of_new} FOR SHARE;
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
    IF TG_OP = 'UPDATE' THEN
        IF NOT ({no_step}) THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF COALESCE({removable}, FALSE) THEN
            RETURN OLD;
        END IF;
    END IF;
    IF TG_OP <> 'TRUNCATE' OR EXISTS (SELECT 1 FROM {table}) THEN
        RAISE EXCEPTION '{refusal}', TG_OP USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
"""
# No INSERT: PostgreSQL has no REPLACE, and ON CONFLICT DO UPDATE is an UPDATE. A key in use is refused anyway.
CHANGES = ("UPDATE", "DELETE", "TRUNCATE")


def _postgresql_triggers(kept: Kept) -> Iterator[Trigger]:
    function = _postgresql_function(kept)
    if not isinstance(kept, Beside):
        yield from (_postgresql_trigger(kept, kept.table, act, function) for act in CHANGES)
    owned = kept.lines if isinstance(kept, Published) else (kept.table,) if isinstance(kept, Beside) else ()
    for table in owned:
        yield from (_postgresql_trigger(kept, table, act, function) for act in ("INSERT", *CHANGES))


def _postgresql_function(kept: Kept) -> str:
    refusal = REFUSAL.format(words=kept.words, act="%")
    if isinstance(kept, Added):
        no_step = _no_step(kept, "IS NOT DISTINCT FROM")
        return KEEP_ADDED.format(table=kept.table, refusal=refusal, no_step=no_step, removable=kept.removable)
    if isinstance(kept, Beside):
        published, own = kept.published, kept.number
        is_any = "{table} kept JOIN {owners} owner ON owner.period_id = kept.period_id AND owner.{theirs} = kept.{own}"
        is_owner = "period_id = {row}.period_id AND {theirs} = {row}.{own}"
    else:
        published, own, is_any, is_owner = kept, kept.owner, "{owners} owner", "id = {row}.{own}"
    names = {"table": kept.table, "owners": published.table, "theirs": published.number, "own": own}
    return KEEP_PUBLISHED.format(
        state=published.state,
        is_any=statement(is_any, **names),
        of_old=statement(is_owner, row="OLD", **names),
        of_new=statement(is_owner, row="NEW", **names),
        refusal=refusal,
        **names,
    )


def _postgresql_trigger(kept: Kept, table: str, act: str, function: str) -> Trigger:
    name, level = trigger_name(table, KEEP, act), "STATEMENT" if act == "TRUNCATE" else "ROW"
    statement = f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH {level} EXECUTE FUNCTION {kept.table}_keep()"
    compared = kept.compared if isinstance(kept, Added) else frozenset()
    return Trigger(name, table, statement, function, compared)


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """A table whose rows reach `state` by one person (`by`) after other people's acts (`others`). All are columns.

    Triggers refuse the act of one person alone. They aren't constraints, because older rows may break the rule, and
    those stay as they are.
    """

    table: str
    state: str
    by: str
    others: tuple[str, ...]
    refusal: str


def triggers_of_two(vendor: str, tables: Iterable[TwoPeople]) -> Iterator[Trigger]:
    for acts in tables:
        same = " OR ".join(statement("NEW.{by} = NEW.{other}", by=acts.by, other=other) for other in acts.others)
        when = [Condition(same, only_if=f"NEW.state = '{acts.state}'")]
        changed = ", ".join(("state", acts.by, *acts.others))
        reads = frozenset((acts.table, column) for column in (acts.by, *acts.others))
        for act, before in (("insert", "INSERT"), ("update", f"UPDATE OF {changed}")):
            name = trigger_name(acts.table, TWO, act)
            yield trigger_for(vendor, name, acts.table, before=before, when=when, refusal=acts.refusal, columns=reads)
