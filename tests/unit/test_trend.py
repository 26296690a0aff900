"""What the number did against the month before, as a table, and what holds whatever the numbers."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Month
from indicators.trend import YEAR, Cell, CellState, Movement, NoArrowReason, Trend, trend

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
OLD, NEW = date(2020, 1, 1), date(2026, 10, 1)  # the days from which two definitions apply
MIRROR = {Movement.UP: Movement.DOWN, Movement.DOWN: Movement.UP, Movement.LEVEL: Movement.LEVEL}

values = st.integers(min_value=0, max_value=10**9)
months = st.builds(Month, st.integers(2, 9998), st.integers(1, 12))
days = st.sampled_from((OLD, NEW))
without_a_figure = st.sampled_from([state for state in CellState if state is not CellState.FIGURE])


def cell(month: Month, content: int | CellState, definition_from: date = OLD) -> Cell:
    if isinstance(content, CellState):
        return Cell(month, content, None, definition_from)
    return Cell(month, CellState.FIGURE, content, definition_from)


contents = values | without_a_figure


CASES: list[tuple[int | CellState, int | CellState | None, Movement, int | NoArrowReason]] = [
    # October, September, the arrow, and its size or the reason why there is none
    (12, 9, Movement.UP, 3),
    (9, 12, Movement.DOWN, -3),
    (12, 12, Movement.LEVEL, 0),
    (0, 0, Movement.LEVEL, 0),
    (1, 0, Movement.UP, 1),
    (0, 1, Movement.DOWN, -1),
    (10**9, 0, Movement.UP, 10**9),
    (12, None, Movement.NONE, NoArrowReason.NO_PREVIOUS_MONTH),
    (12, CellState.AWAITED, Movement.NONE, NoArrowReason.PREVIOUS_AWAITED),
    (12, CellState.NOT_AVAILABLE, Movement.NONE, NoArrowReason.PREVIOUS_NOT_AVAILABLE),
    (12, CellState.NOT_APPLICABLE, Movement.NONE, NoArrowReason.PREVIOUS_NOT_APPLICABLE),
    (12, CellState.WITHHELD, Movement.NONE, NoArrowReason.PREVIOUS_WITHHELD),
    (CellState.AWAITED, 9, Movement.NONE, NoArrowReason.AWAITED),
    (CellState.NOT_AVAILABLE, 9, Movement.NONE, NoArrowReason.NOT_AVAILABLE),
    (CellState.NOT_APPLICABLE, 9, Movement.NONE, NoArrowReason.NOT_APPLICABLE),
    (CellState.WITHHELD, 9, Movement.NONE, NoArrowReason.WITHHELD),
    # The month's own cell is looked at first.
    (CellState.AWAITED, None, Movement.NONE, NoArrowReason.AWAITED),
    (CellState.NOT_AVAILABLE, CellState.AWAITED, Movement.NONE, NoArrowReason.NOT_AVAILABLE),
]


@pytest.mark.parametrize(("october", "september", "movement", "size"), CASES)
def test_each_pair_of_months(
    october: int | CellState, september: int | CellState | None, movement: Movement, size: int | NoArrowReason
):
    before = None if september is None else cell(SEPTEMBER, september)
    moved = trend(cell(OCTOBER, october), before)
    if isinstance(size, NoArrowReason):
        assert moved == Trend(movement, None, size)
    else:
        assert moved == Trend(movement, size, None)


def test_december_comes_before_january():
    assert trend(cell(Month(2027, 1), 5), cell(Month(2026, 12), 4)) == Trend(Movement.UP, 1, None)


def test_a_new_definition_has_no_arrow_and_a_missing_figure_is_said_first():
    assert trend(cell(OCTOBER, 5, NEW), cell(SEPTEMBER, 4)) == Trend(Movement.NONE, None, NoArrowReason.NEW_DEFINITION)
    awaited = trend(cell(OCTOBER, 5, NEW), cell(SEPTEMBER, CellState.AWAITED))
    assert awaited.no_arrow_reason is NoArrowReason.PREVIOUS_AWAITED


@pytest.mark.parametrize("state", CellState)
def test_a_cell_has_a_value_if_and_only_if_it_is_a_figure(state: CellState):
    wrong: Any = None if state is CellState.FIGURE else 0
    with pytest.raises(ValueError, match="must have a value if it is a figure"):
        Cell(OCTOBER, state, wrong, OLD)


@given(month=months, current=values, previous=values, definition=days)
def test_the_change_is_this_month_minus_the_one_before(month: Month, current: int, previous: int, definition: date):
    moved = trend(cell(month, current, definition), cell(month.previous, previous, definition))
    assert moved.change == current - previous
    assert moved.movement is (
        Movement.UP if current > previous else Movement.DOWN if current < previous else Movement.LEVEL
    )


@given(month=months, current=values, previous=values)
def test_swapping_the_two_values_mirrors_the_movement(month: Month, current: int, previous: int):
    there = trend(cell(month, current), cell(month.previous, previous))
    back = trend(cell(month, previous), cell(month.previous, current))
    assert back.movement is MIRROR[there.movement]
    assert there.change is not None
    assert back.change == -there.change


@given(month=months, content=contents, state=without_a_figure, definition=days)
def test_a_month_without_a_figure_never_yields_an_arrow(
    month: Month, content: int | CellState, state: CellState, definition: date
):
    for current, before in ((state, content), (content, state)):
        assert trend(cell(month, current), cell(month.previous, before, definition)).movement is Movement.NONE


@given(month=months, current=contents, before=contents)
def test_no_arrow_crosses_the_start_of_a_definition(month: Month, current: int | CellState, before: int | CellState):
    assert trend(cell(month, current, NEW), cell(month.previous, before, OLD)).movement is Movement.NONE


@given(month=months, current=contents, before=st.none() | contents, definition=days)
def test_there_is_either_a_change_or_the_reason_why_there_is_none(
    month: Month, current: int | CellState, before: int | CellState | None, definition: date
):
    earlier = None if before is None else cell(month.previous, before)
    moved = trend(cell(month, current, definition), earlier)
    assert (moved.change is None) != (moved.no_arrow_reason is None)
    assert (moved.movement is Movement.NONE) == (moved.change is None)


@given(month=months, other=months, current=contents, before=contents)
def test_any_month_but_the_one_before_is_refused(
    month: Month, other: Month, current: int | CellState, before: int | CellState
):
    if other == month.previous:
        other = month
    with pytest.raises(ValueError, match="is not the month before"):
        trend(cell(month, current), cell(other, before))


@pytest.mark.parametrize("months_back", [-1, 0, 2, 3, 12, 13])
def test_a_month_further_back_is_refused_even_where_both_have_figures(months_back: int):
    with pytest.raises(ValueError, match="is not the month before 2026-10"):
        trend(cell(OCTOBER, 12), cell(OCTOBER + -months_back, 9))


@given(month=st.builds(Month, st.integers(3, 9998), st.integers(1, 12)), current=contents, before=contents)
def test_a_year_is_compared_as_a_month_is(month: Month, current: int | CellState, before: int | CellState):
    over_a_year = trend(cell(month, current), cell(month + -12, before), apart=YEAR)
    assert over_a_year == trend(cell(month, current), cell(month.previous, before))


@pytest.mark.parametrize("months_back", [-12, 0, 1, 11, 13, 24])
def test_any_month_but_the_one_a_year_before_is_refused(months_back: int):
    with pytest.raises(ValueError, match="is not 12 months before 2026-10"):
        trend(cell(OCTOBER, 12), cell(OCTOBER + -months_back, 9), apart=YEAR)
