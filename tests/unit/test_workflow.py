"""The life cycles: their tables are complete, and only what stands in them can be done."""

from itertools import product
from typing import Any

import pytest

from boards.rules import MONTH, MonthStatus
from core.labels import Lifecycle, TransitionRefused
from indicators.workflow import (
    CORRECTION,
    EDITABLE,
    SUBMISSION,
    CorrectionState,
    SubmissionState,
)
from reporting.workflow import EDITION, EditionState

LIFECYCLES = [
    (MONTH, MonthStatus),
    (SUBMISSION, SubmissionState),
    (CORRECTION, CorrectionState),
    (EDITION, EditionState),
]
each = pytest.mark.parametrize(("lifecycle", "states"), LIFECYCLES, ids=["month", "return", "correction", "edition"])

# Written out a second time, so that a change of a table is a decision and not a slip.
ALLOWED = {
    "month": {("open", "closed"), ("closed", "open"), ("closed", "published"), ("published", "closed")},
    "return": {
        ("draft", "submitted"),
        ("submitted", "released"),
        ("submitted", "accepted"),
        ("submitted", "returned"),
        ("submitted", "draft"),
        ("released", "accepted"),
        ("released", "returned"),
        ("accepted", "returned"),
        ("returned", "submitted"),
    },
    "correction": {("asked", "accepted"), ("asked", "declined"), ("asked", "withdrawn")},
    "edition": {("asked", "agreed"), ("asked", "declined"), ("agreed", "published"), ("agreed", "declined")},
}


@each
def test_every_state_has_an_owner_and_a_row(lifecycle: Lifecycle, states: Any):
    assert set(lifecycle.owners) == set(lifecycle.transitions) == set(states)


@each
def test_every_step_leads_to_a_state_and_is_named(lifecycle: Lifecycle, states: Any):
    for before, steps in lifecycle.transitions.items():
        assert set(steps) <= set(states) - {before}
        assert all(steps.values())


@each
def test_every_state_is_reached_from_the_start(lifecycle: Lifecycle, states: Any):
    reached, ahead = {lifecycle.start}, [lifecycle.start]
    while ahead:
        for after in lifecycle.transitions[ahead.pop()]:
            if after not in reached:
                reached.add(after)
                ahead.append(after)
    assert reached == set(states)


@each
def test_somebody_acts_next_wherever_something_is_to_do(lifecycle: Lifecycle, states: Any):
    """A state without an owner is one that nobody need leave: an accepted return, a decided correction, an edition
    that was declined."""
    unowned = {state for state in states if not lifecycle.owners[state]}
    ends = {state for state in states if not lifecycle.transitions[state]}
    done = {"A return": {SubmissionState.ACCEPTED}, "A correction": ends, "A public edition": {EditionState.DECLINED}}
    assert unowned == done.get(lifecycle.name, set())


@pytest.mark.parametrize(
    ("number", "before", "after"),
    [
        (number, before, after)
        for number, (_, states) in enumerate(LIFECYCLES)
        for before, after in product(states, repeat=2)
    ],
)
def test_only_the_steps_of_the_table_are_allowed(number: int, before: MonthStatus, after: MonthStatus):
    lifecycle: Any = LIFECYCLES[number][0]
    allowed = list(ALLOWED.values())[number]
    if (before.value, after.value) in allowed:
        lifecycle.check(before=before, after=after, thing="October 2026")
        return
    with pytest.raises(TransitionRefused) as refusal:
        lifecycle.check(before=before, after=after, thing="October 2026")
    assert str(refusal.value) == (f"October 2026 is {before.label.lower()}, so it can't become {after.label.lower()}.")


def test_a_lead_types_where_it_is_the_leads_turn():
    assert {state for state in SubmissionState if SUBMISSION.owners[state] == "agency lead"} == EDITABLE


@each
def test_the_diagram_has_each_state_and_each_step(lifecycle: Lifecycle, states: Any):
    lines = [line.strip() for line in lifecycle.diagram().splitlines()]
    assert lines[:2] == ["stateDiagram-v2", f"[*] --> {lifecycle.start}"]
    for state in states:
        assert any(line.startswith(f"{state}: {state.label}") for line in lines)
    steps = [
        f"{before} --> {after}: {act}" for before, row in lifecycle.transitions.items() for after, act in row.items()
    ]
    assert [line for line in lines if "-->" in line][1:] == steps
