"""The forest plot of what somebody said beforehand would change: how each did, and what was said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.texts import count_of_noun
from indicators.ratios import RATIO_KINDS
from reporting.charts.forest import Asked, Forest, ForestRow, Measured, forest
from reporting.impact.presenters.outcomes import (
    PER_CENT,
    PER_CENT_OF_SHARE,
    Expected,
    OutcomeView,
    describe_move,
    describe_range,
)
from reporting.months.presenters.words import lower_first, upper_first


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """An event and an indicator in words: what became of it, and what was said beforehand."""

    name: str
    label: str
    what: str
    url: str
    came: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImpactForest:
    title: str
    drawn: Forest
    rows: tuple[tuple[OutcomeRow, ForestRow], ...]


def make_forest(outcomes: Iterable[OutcomeView]) -> ImpactForest | None:
    """Draw what was said beforehand of these, in their order; None if nothing was, or nothing has a range yet. A change
    that is told at another event isn't drawn a second time.
    """
    foreseen = [outcome for outcome in outcomes if outcome.is_foreseen]
    asked = [Asked(measure(outcome), list_expected(outcome)) for outcome in foreseen]
    if not any(row.measured for row in asked):
        return None
    drawn = forest(asked)
    return ImpactForest(describe_all(foreseen), drawn, tuple(zip(map(make_row, foreseen), drawn.rows, strict=True)))


def describe_all(foreseen: Sequence[OutcomeView]) -> str:
    """ "Of 5 expectations, 2 were followed by a change that is more than chance"."""
    claimed = sum(outcome.is_claimed for outcome in foreseen)
    were = f"{claimed or 'none'} {'was' if claimed == 1 else 'were'}"
    return f"Of {count_of_noun(len(foreseen), 'expectation')}, {were} followed by a change that is more than chance"


def measure(outcome: OutcomeView) -> Measured | None:
    comparison = outcome.compared.result.comparison
    if comparison is None or outcome.told_at is not None:
        return None
    told = comparison.told
    return Measured(told.value, told.lower, told.upper, outcome.is_claimed)


def list_expected(outcome: OutcomeView) -> list[int]:
    return [said.percent for said in outcome.said if said.is_beforehand]


def make_row(outcome: OutcomeView) -> OutcomeRow:
    happening = outcome.happening
    return OutcomeRow(
        outcome.aim.title,
        happening.label,
        f"{happening.label} {happening.title}, {outcome.days}",
        outcome.url,
        describe_came(outcome),
        tuple(describe_said(said) for said in outcome.said if said.is_beforehand),
    )


def describe_came(outcome: OutcomeView) -> str:
    """Say in a sentence what its row shows: for a share, in per cent of what it was, as along the scale."""
    result = outcome.compared.result
    if result.comparison is None or outcome.told_at is not None:
        return outcome.sentence
    told, in_points = result.comparison.told, result.ratio is not None and RATIO_KINDS[result.ratio.kind].points
    if outcome.is_claimed:
        return f"{upper_first(describe_move(told, PER_CENT_OF_SHARE if in_points else PER_CENT))}."
    # A range without no change isn't told as one: the verdict on the same months is.
    if told.leaves_out_none:
        return outcome.sentence
    return f"{result.outcome.label}: {describe_range(told)}{' of what it was' if in_points else ''}."


def describe_said(said: Expected) -> str:
    """ "Said beforehand: should fall by about 20% by October 2026. As expected."."""
    came = f" {said.came_shortly}." if said.came_shortly else ""
    return f"Said beforehand: {lower_first(said.words)}.{came}"
