"""The rows that are only ever added, that change once more, or that need two people.

Triggers in the database enforce this (core.triggers)."""

from collections.abc import Iterator

from core.triggers import Added, Trigger, TwoPeople, step, triggers_of_two, triggers_that_keep
from indicators.models import (
    ComparisonSeries,
    Correction,
    FigureChange,
    FigureImport,
    IndicatorChange,
    IndicatorMove,
    MonthMarking,
    NameReveal,
    NameViewer,
    Population,
    Submission,
)
from indicators.workflow import CorrectionState, SubmissionState

DECIDED = step(
    Correction,
    *("state", "comment", "decided_at", "decided_by"),
    when=f"OLD.state = '{CorrectionState.ASKED.value}' AND NEW.state <> OLD.state",
)
# Otherwise somebody could name another importer, or change the figures, and then confirm them.
ANSWERED = step(
    FigureImport,
    *("outcome", "decided_at", "decided_by", "decided_why", "content"),
    when="OLD.outcome = '' AND NEW.outcome <> ''",
)
ENDED = step(NameViewer, "ended_at", "ended_by", when="OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL")
ADDED = (
    Added("A change to a figure", FigureChange._meta.db_table),
    Added("A correction", Correction._meta.db_table, steps=(DECIDED,)),
    Added("An import of past figures", FigureImport._meta.db_table, steps=(ANSWERED,)),
    Added("A permission to see names", NameViewer._meta.db_table, steps=(ENDED,)),
    Added("A marking", MonthMarking._meta.db_table),
    Added("A change to an indicator", IndicatorChange._meta.db_table),
    Added("A move of an indicator", IndicatorMove._meta.db_table),
    Added("A look at names", NameReveal._meta.db_table),
    Added(
        "A comparison series",
        ComparisonSeries._meta.db_table,
        # On SQLite a REPLACE deletes rows with these keys without a DELETE trigger, so the trigger compares them.
        unique=(("indicator_id", "name", "edition"),),
    ),
    Added("A population", Population._meta.db_table, unique=(("area_id", "year", "ages", "edition"),)),
)


OF_TWO = (
    TwoPeople(
        Submission._meta.db_table,
        state=SubmissionState.ACCEPTED.value,
        by="accepted_by_id",
        others=("submitted_by_id", "released_by_id"),
        refusal="A return can’t be accepted by the person who submitted or released it.",
    ),
    TwoPeople(
        Correction._meta.db_table,
        state=CorrectionState.ACCEPTED.value,
        by="decided_by_id",
        others=("asked_by_id",),
        refusal="A correction can’t be accepted by the person who asked for it.",
    ),
)


def triggers(vendor: str) -> Iterator[Trigger]:
    yield from triggers_that_keep(vendor, ADDED)
    yield from triggers_of_two(vendor, OF_TWO)
