"""Which rows of the record are only added? Triggers in the database enforce this: core.frozen."""

from collections.abc import Iterator

from core.frozen import Added, step, triggers_that_keep
from core.guards import Trigger
from core.models import AuditEvent, ReadEvent
from core.statements import statement

TABLE = AuditEvent._meta.db_table
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
ADDED = (
    Added("The record", TABLE, unique=(("area", "number"),), steps=(CHAINED, ERASED)),
    Added("The log of what was read", ReadEvent._meta.db_table, steps=(ERASED_FROM_READS,)),
)


def triggers(vendor: str) -> Iterator[Trigger]:
    return triggers_that_keep(vendor, ADDED)
