"""How does a row stay unchanged? Makes triggers that refuse changes, for tables that an app names in its `freeze`
module.

For a published row and its lines they refuse UPDATE and DELETE, INSERT of lines, and on PostgreSQL TRUNCATE. The same
applies to rows in other tables with its month and number. The last change of such a row is to PUBLISHED. Rows of added
tables change only in the steps that the table names, and go only where the table says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Model

from core.guards import KEEP, Condition, Trigger, trigger_for, trigger_name
from core.statements import statement


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
        return frozenset((self.table, column) for each in self.steps for column in each.fixed) | set(self.reads)


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
        " AND ".join([f"COALESCE({each.when}, FALSE)", *(f"OLD.{name} {same} NEW.{name}" for name in each.fixed)])
        for each in kept.steps
    )
    return f"NOT ({' OR '.join(f'({each})' for each in steps)})"


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

# FOR SHARE waits for anybody who is publishing the row, and then sees that it is published.
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
KEEP_BESIDE = """
CREATE OR REPLACE FUNCTION {table}_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_published boolean := false;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        is_published := EXISTS (SELECT 1 FROM {table} held JOIN {owners} owner
            ON owner.period_id = held.period_id AND owner.{theirs} = held.{own} WHERE owner.state = '{state}');
    ELSE
        IF TG_OP <> 'INSERT' THEN
            SELECT state = '{state}' INTO is_published FROM {owners}
                WHERE period_id = OLD.period_id AND {theirs} = OLD.{own} FOR SHARE;
        END IF;
        IF TG_OP <> 'DELETE' AND is_published IS NOT TRUE THEN
            SELECT state = '{state}' INTO is_published FROM {owners}
                WHERE period_id = NEW.period_id AND {theirs} = NEW.{own} FOR SHARE;
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
# No INSERT: PostgreSQL has no REPLACE, and ON CONFLICT DO UPDATE is an UPDATE. A key in use is refused anyway.
CHANGES = ("UPDATE", "DELETE", "TRUNCATE")


def _postgresql_triggers(kept: Kept) -> Iterator[Trigger]:
    refusal = REFUSAL.format(words=kept.words, act="%")
    if isinstance(kept, Added):
        no_step = _no_step(kept, "IS NOT DISTINCT FROM")
        function = KEEP_ADDED.format(table=kept.table, refusal=refusal, no_step=no_step, removable=kept.removable)
        yield from (_postgresql_trigger(kept, kept.table, act, function) for act in CHANGES)
        return
    if isinstance(kept, Beside):
        function = KEEP_BESIDE.format(
            table=kept.table,
            owners=kept.published.table,
            state=kept.published.state,
            theirs=kept.published.number,
            own=kept.number,
            refusal=refusal,
        )
        yield from (_postgresql_trigger(kept, kept.table, act, function) for act in ("INSERT", *CHANGES))
        return
    function = KEEP_PUBLISHED.format(table=kept.table, state=kept.state, owner=kept.owner, refusal=refusal)
    yield from (_postgresql_trigger(kept, kept.table, act, function) for act in CHANGES)
    for lines in kept.lines:
        yield from (_postgresql_trigger(kept, lines, act, function) for act in ("INSERT", *CHANGES))


def _postgresql_trigger(kept: Kept, table: str, act: str, function: str) -> Trigger:
    name, each = trigger_name(table, KEEP, act), "STATEMENT" if act == "TRUNCATE" else "ROW"
    statement = f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH {each} EXECUTE FUNCTION {kept.table}_keep()"
    compared = kept.compared if isinstance(kept, Added) else frozenset()
    return Trigger(name, table, statement, function, compared)
