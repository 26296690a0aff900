"""Which rows are only ever added? Triggers in the database enforce this: core.frozen."""

from collections.abc import Iterator

from core.frozen import Added, triggers_that_keep
from core.guards import Trigger
from indicators.models import ComparisonSeries, IndicatorChange, MonthMarking, NameReveal, Population

ADDED = (
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
