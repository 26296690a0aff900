"""Which rows are only ever added, and which change once more? Triggers in the database enforce this: core.frozen."""

from collections.abc import Iterator

from core.frozen import Added, step, triggers_that_keep
from core.guards import Trigger
from indicators.models import (
    ComparisonSeries,
    Correction,
    FigureChange,
    IndicatorChange,
    MonthMarking,
    NameReveal,
    NameViewer,
    Population,
)
from indicators.workflow import CorrectionState

DECIDED = step(
    Correction,
    *("state", "comment", "decided_at", "decided_by"),
    when=f"OLD.state = '{CorrectionState.ASKED.value}' AND NEW.state <> OLD.state",
)
ENDED = step(NameViewer, "ended_at", "ended_by", when="OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL")
ADDED = (
    Added("A change of a figure", FigureChange._meta.db_table),
    Added("A correction", Correction._meta.db_table, steps=(DECIDED,)),
    Added("A permission to see names", NameViewer._meta.db_table, steps=(ENDED,)),
    Added("A marking", MonthMarking._meta.db_table),
    Added("A change of an indicator", IndicatorChange._meta.db_table),
    Added("A look at names", NameReveal._meta.db_table),
    Added(
        "A comparison series",
        ComparisonSeries._meta.db_table,
        # On SQLite a REPLACE deletes rows with these keys without a DELETE trigger, so the trigger compares them.
        unique=(("indicator_id", "name", "edition"),),
    ),
    Added("A population", Population._meta.db_table, unique=(("area_id", "year", "ages", "edition"),)),
)


def triggers(vendor: str) -> Iterator[Trigger]:
    return triggers_that_keep(vendor, ADDED)
