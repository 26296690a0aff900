"""Rows of the plan, the challenges and the KPIs that are only added, never changed. Triggers in the database enforce
it: core.triggers."""

from collections.abc import Iterator

from actions.models import ActionChange, ActionMove, ActionUpdate, ChallengeEntry, Expectation, KpiReview, KpiTarget
from core.triggers import Added, Trigger, triggers_that_keep

ADDED = (
    Added("An update of an action", ActionUpdate._meta.db_table),
    Added("A change of an action", ActionChange._meta.db_table),
    Added("A move of an action", ActionMove._meta.db_table),
    Added("An entry of a challenge", ChallengeEntry._meta.db_table),
    # `unique` is for SQLite: a REPLACE deletes the row in the way, and no DELETE trigger hears of it.
    Added("A target of a KPI", KpiTarget._meta.db_table, unique=(("kpi_id", "version"),)),
    Added("A review of a KPI", KpiReview._meta.db_table),
    Added("What someone expected", Expectation._meta.db_table),
)


def triggers(vendor: str) -> Iterator[Trigger]:
    return triggers_that_keep(vendor, ADDED)
