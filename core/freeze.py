"""The rows of the record that are only added, and those that may be removed: triggers enforce it (core.triggers).

What the retention rules remove was announced, its day has come, and nobody holds it. Of a chain only the beginning is
removed, behind a checkpoint: docs/adr/0061.
"""

from collections.abc import Iterator

from core.models import (
    NOTICE_DAYS,
    AuditCheckpoint,
    AuditEvent,
    HoldState,
    LegalHold,
    ReadEvent,
    RetentionNotice,
    RetentionRule,
    RuleState,
    StoredObject,
)
from core.triggers import (
    KEEP,
    Added,
    Condition,
    Statement,
    Trigger,
    TwoPeople,
    statement,
    step,
    trigger_for,
    trigger_name,
    triggers_of_two,
    triggers_that_keep,
)

TABLE, CHECKPOINT = AuditEvent._meta.db_table, AuditCheckpoint._meta.db_table
# The kinds of the tables here, as boards.retention_kinds names them.
EVENTS, READS = "events", "reads"
EARLY = "early"  # the end of a trigger's name


def is_due(area: str, moment: str, kind: str) -> Statement:
    """Return the condition that a row of this kind may go now. `area` and `moment` are columns: OLD.area."""
    return statement(
        """EXISTS (SELECT 1 FROM {notices} notice WHERE notice.area = {area} AND notice.kind = '{kind}'
        AND notice.outcome = '' AND notice.deletes_on <= CURRENT_DATE AND {moment} < notice.older_than)
    AND NOT EXISTS (SELECT 1 FROM {holds} held WHERE held.area = {area} AND held.kind IN ('', '{kind}')
        AND held.state = '{on}' AND (held.ends_on IS NULL OR held.ends_on >= CURRENT_DATE))""",
        notices=RetentionNotice,
        holds=LegalHold,
        area=Statement(area),
        moment=Statement(moment),
        kind=kind,
        on=HoldState.ON.value,
    )


# What `is_due` reads.
DUE_READS = ((RetentionNotice._meta.db_table, "older_than"), (LegalHold._meta.db_table, "state"))
# Without the second condition, SQLite's UPDATE OR REPLACE would delete the event that has the number.
IS_FREE = statement(
    "NOT EXISTS (SELECT 1 FROM {table} held WHERE held.area = NEW.area AND held.number = NEW.number)", table=TABLE
)
CHAINED = step(
    AuditEvent, "number", "digest", "link", when=f"OLD.number IS NULL AND NEW.number IS NOT NULL AND {IS_FREE}"
)
# Anybody with SQL can do this too. `verify_audit` then finds words that no event of the chain says were erased.
A_NAME_WENT = "NEW.erasures = OLD.erasures + 1"
ERASED = step(AuditEvent, "actor", "target", "details", "salt", "erasures", when=f"OLD.number >= 1 AND {A_NAME_WENT}")
ERASED_FROM_READS = step(ReadEvent, "actor", "target", "details", "erasures", when=A_NAME_WENT)
IS_BEHIND_CHECKPOINT = statement(
    "OLD.number >= 1 AND EXISTS "
    "(SELECT 1 FROM {table} point WHERE point.area = OLD.area AND point.number >= OLD.number)",
    table=CHECKPOINT,
)
# Counted on while it is open, and ended once.
ENDED = step(RetentionNotice, "outcome", "ended_on", "deleted", when="OLD.outcome = '' AND NEW.deleted >= OLD.deleted")
RELEASED = step(
    LegalHold,
    *("state", "released_at", "released_by", "released_why"),
    when=f"OLD.state = '{HoldState.ON.value}' AND NEW.state = '{HoldState.RELEASED.value}'",
)
DECIDED = step(
    RetentionRule,
    *("state", "decided_at", "decided_by", "decided_why"),
    when=f"OLD.state = '{RuleState.ASKED.value}' AND NEW.state <> OLD.state",
)
OBJECTS = StoredObject._meta.db_table
# Its bytes come into the database or leave it as they are (manage.py move_objects).
MOVED = step(StoredObject, "content", "unused_since", when="OLD.content IS NULL OR NEW.content IS NULL")
UNUSED = step(StoredObject, "unused_since", when="TRUE")
ADDED = (
    # A foreign key protects an object that a row uses.
    Added("A stored object", OBJECTS, steps=(MOVED, UNUSED), removable="TRUE", key="sha256"),
    Added(
        "The audit log",
        TABLE,
        unique=(("area", "number"),),
        steps=(CHAINED, ERASED),
        removable=IS_BEHIND_CHECKPOINT,
        reads=((CHECKPOINT, "number"),),
    ),
    Added(
        "The log of what was read",
        ReadEvent._meta.db_table,
        steps=(ERASED_FROM_READS,),
        removable=is_due("OLD.area", "OLD.happened_at", READS),
        reads=DUE_READS,
    ),
    Added("A checkpoint of the audit log", CHECKPOINT, unique=(("area", "number"),)),
    Added("An announcement", RetentionNotice._meta.db_table, steps=(ENDED,)),
    Added("A hold", LegalHold._meta.db_table, steps=(RELEASED,)),
    Added("A retention rule", RetentionRule._meta.db_table, steps=(DECIDED,)),
)
OF_TWO = (
    TwoPeople(
        LegalHold._meta.db_table,
        state=HoldState.RELEASED.value,
        by="released_by_id",
        others=("placed_by_id",),
        refusal="You can’t release a hold that you placed yourself.",
    ),
    TwoPeople(
        RetentionRule._meta.db_table,
        state=RuleState.AGREED.value,
        by="decided_by_id",
        others=("asked_by_id",),
        refusal="You can’t agree to a retention rule that you asked for yourself.",
    ),
)


def _bind_checkpoints(vendor: str) -> Trigger:
    """Return the trigger that refuses a checkpoint that isn't the end of what may be removed."""
    names = {"events": TABLE, "points": CHECKPOINT}
    has_event = statement(
        "EXISTS (SELECT 1 FROM {events} event WHERE event.area = NEW.area AND event.number = NEW.number "
        "AND event.link = NEW.link)",
        **names,
    )
    goes_back = statement(
        "EXISTS (SELECT 1 FROM {points} point WHERE point.area = NEW.area AND point.number >= NEW.number)", **names
    )
    counts_wrong = statement(
        "NEW.removed <> NEW.number - COALESCE("
        "(SELECT MAX(point.number) FROM {points} point WHERE point.area = NEW.area), 0)",
        **names,
    )
    is_early = statement(
        "EXISTS (SELECT 1 FROM {events} event WHERE event.area = NEW.area AND event.number <= NEW.number "
        "AND NOT ({due}))",
        due=is_due("event.area", "event.happened_at", EVENTS),
        **names,
    )
    name, refusal = trigger_name(CHECKPOINT, KEEP, "link"), "A checkpoint must be the last event that may be deleted."
    when = [Condition(f"NOT {has_event}"), *(Condition(condition) for condition in (goes_back, counts_wrong, is_early))]
    columns = frozenset(DUE_READS)
    return trigger_for(vendor, name, CHECKPOINT, before="INSERT", when=when, refusal=refusal, columns=columns)


def _keep_announcements_early(vendor: str) -> Trigger:
    """Return the trigger that refuses an announcement of a deletion in less than 30 days, such as a backdated one."""
    table = RetentionNotice._meta.db_table
    days = {
        "sqlite": "julianday(NEW.deletes_on) - julianday(CURRENT_DATE)",
        "postgresql": "NEW.deletes_on - CURRENT_DATE",
    }[vendor]
    # A day less: the database's day may differ from the product's.
    when = [Condition(f"{days} < {NOTICE_DAYS - 1}")]
    refusal = f"A deletion must be announced {NOTICE_DAYS} days in advance."
    return trigger_for(vendor, trigger_name(table, KEEP, EARLY), table, before="INSERT", when=when, refusal=refusal)


def _prove_objects() -> Trigger:
    """Return the trigger that refuses bytes under another hash than theirs. SQLite can't work a hash out."""
    name, when = trigger_name(OBJECTS, KEEP, "hash"), "encode(sha256(NEW.content), 'hex') <> NEW.sha256"
    refusal = "An object must have the hash of its bytes."
    return trigger_for(
        "postgresql",
        name,
        OBJECTS,
        before="INSERT OR UPDATE",
        when=[Condition(when, only_if="NEW.content IS NOT NULL")],
        refusal=refusal,
        columns=frozenset({(OBJECTS, "content")}),
    )


def triggers(vendor: str) -> Iterator[Trigger]:
    if vendor == "postgresql":
        yield _prove_objects()
    yield from triggers_that_keep(vendor, ADDED)
    yield from triggers_of_two(vendor, OF_TWO)
    yield _bind_checkpoints(vendor)
    yield _keep_announcements_early(vendor)
