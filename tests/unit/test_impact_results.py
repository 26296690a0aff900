"""Published lines joined to a series, compared, and told in words."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.calendar import Month
from indicators.impact.claim import Change
from reporting.impact.presenters.outcomes import describe_moved, describe_range, describe_result
from reporting.impact.results import Controls, Outcome, Result, work_out
from reporting.impact.selectors import Part, PublishedSeries, join
from reporting.models.line_fields import Row
from tests.disclosed import passed

# docs/impact.md works it by hand: a fall of 36 %, from 22 to 48.
BEFORE = (
    *(18, 22, 20, 25, 19, 21, 23, 17, 20, 24, 18, 21, 22, 19, 20, 23, 20, 21, 19, 22, 24, 18, 20, 21),
    *(21, 23, 19, 20, 22, 18, 24, 20, 19, 21, 23, 20),
)
AFTER = (14, 12, 15, 11, 13, 16, 12, 14, 13, 15, 11, 14)
FIRST, EVENT = Month(2022, 1), Month(2025, 1)
NONE = Controls()


def series(values: Sequence[int | None] = (*BEFORE, *AFTER), **starts: str) -> PublishedSeries:
    named = {Month.parse(month.removeprefix("m").replace("_", "-")): why for month, why in starts.items()}
    return PublishedSeries(FIRST, tuple(values), named)


def part(month: Month, history: list[int | None], *steps: dict[str, Any]) -> Part:
    first = month + -(len(history) - 1)
    every = steps or ({"at": 0, "from": "2010-01-01"},)
    assert first
    fields = {"numerators": [], "denominators": [], "ratio": "", "per": 1, "counts_as": "flow", "asked": "monthly"}
    return Part(1, month, passed(Row({**fields, "history": history, "steps": list(every)})))


# --- Joined


def test_a_month_in_two_versions_has_the_newer_ones_figure():
    newer, older = part(Month(2026, 3), [5, 6, 7]), part(Month(2026, 1), [1, 2, 3])
    joined = join([newer, older])
    assert (str(joined.first), joined.values) == ("2025-11", (1, 2, 5, 6, 7))


def test_months_that_no_version_holds_are_without_a_figure():
    assert join([part(Month(2026, 6), [5]), part(Month(2026, 3), [1])]).values == (1, None, None, 5)


def test_a_definition_that_begins_where_the_newer_part_does_is_found():
    newer = part(
        Month(2026, 3), [5, 6, 7], {"at": 0, "from": "2026-01-01"}, {"at": 2, "from": "2026-03-01", "why": "IT"}
    )
    joined = join([newer, part(Month(2025, 12), [1, 2])])
    assert {str(month): why for month, why in joined.starts.items()} == {"2026-01": "a new definition", "2026-03": "IT"}
    assert join([newer]).starts == {Month(2026, 3): "IT"}  # before the first there is nothing to compare


# --- Compared


def test_a_fall_is_told_with_its_range():
    result = work_out(series(), EVENT, NONE)
    assert result.outcome is Outcome.FELL
    assert describe_result(result, NONE) == (
        "Fell by 36% compared with the 12 months before (between 22% and 48%, allowing for chance)."
    )


def test_beside_comparison_areas_the_difference_is_told():
    fell_too = tuple(value * 3 for value in (*BEFORE, *AFTER))
    controls = Controls((fell_too, fell_too, fell_too))
    result = work_out(series(), EVENT, controls)
    assert result.outcome is Outcome.NO_CHANGE
    assert describe_result(result, controls).startswith(
        "Too close to call, compared with the 12 months before, against three comparison areas: anything from a fall of"
    )
    steady = Controls(tuple((*BEFORE, *BEFORE[:12]) for _ in range(3)))
    told = describe_result(work_out(series(), EVENT, steady), steady)
    assert told.startswith("Fell by 35% compared with the 12 months before, against three comparison areas (between")


def test_a_steady_series_has_no_change_that_can_be_told():
    result = work_out(series((*BEFORE, *BEFORE[:12])), EVENT, NONE)
    assert result.outcome is Outcome.NO_CHANGE
    assert describe_result(result, NONE).startswith(
        "Too close to call, compared with the 12 months before: anything from a fall of"
    )


def test_a_change_no_larger_than_others_says_how_many_were_as_large():
    """Its range leaves out none, but as large a change appeared at more than 5 % of other dates."""
    comparison = work_out(series(), EVENT, NONE).comparison
    assert comparison is not None
    restless = Result(Outcome.NO_CHANGE, replace(comparison, as_large=3))
    assert describe_result(restless, NONE) == (
        "Too close to call, compared with the 12 months before: 3 of 13 other months had a change that large."
    )


@pytest.mark.parametrize(
    ("event", "values", "starts", "outcome", "sentence"),
    [
        (Month(2021, 12), None, {}, Outcome.REFUSED, "before the first published figure, which is for January 2022"),
        (Month(2025, 11), None, {}, Outcome.TOO_EARLY, "Look again once January 2026 is published"),
        (Month(2027, 1), None, {}, Outcome.TOO_EARLY, "Look again once March 2027 is published"),
        (Month(2023, 6), None, {}, Outcome.REFUSED, "too few months before the event: 17, but 26 are needed"),
        (EVENT, None, {"m2025_01": "IT"}, Outcome.REFUSED, "changed in the month of the event"),
        (EVENT, None, {"m2023_06": "IT"}, Outcome.REFUSED, "since the last change of definition or recording"),
        (EVENT, (*BEFORE, 14, None, 15), {}, Outcome.REFUSED, "months before the first one without a figure"),
        (EVENT, (*BEFORE, 0, 0, 0), {}, Outcome.REFUSED, "cannot be estimated"),
    ],
)
def test_what_cant_be_compared_says_why(event, values, starts, outcome, sentence):
    result = work_out(series(values or (*BEFORE, *AFTER), **starts), event, NONE)
    assert result.outcome is outcome
    assert sentence in describe_result(result, NONE)


# --- In words


@pytest.mark.parametrize(
    ("change", "moved", "words"),
    [
        (Change(-0.24, -0.35, -0.12), "fell by 24%", "between 12% and 35%"),
        (Change(0.24, 0.12, 0.35), "rose by 24%", "between 12% and 35%"),
        (
            Change(-0.08, -0.25, 0.12),
            "fell by 8%",
            "anything from a fall of 25% to a rise of 12%",
        ),
        (
            Change(0.001, -0.2, 0.25),
            "stayed the same",
            "anything from a fall of 20% to a rise of 25%",
        ),
        (Change(-0.4, -0.65, -0.002), "fell by 40%", "between less than 1% and 65%"),
        (Change(12.5, 8.0, 20.0), "rose by 1,250%", "between 800% and 2,000%"),
    ],
)
def test_a_change_in_words(change, moved, words):
    assert (describe_moved(change), describe_range(change)) == (moved, words)
