"""When somebody is told of what they owe the plan."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.workflow import NoticeKind, due_days, is_told_at_once, is_update_told, kind_due
from core.calendar import Month, is_working_day, working_days_between

SOON, OVERDUE = NoticeKind.SOON, NoticeKind.OVERDUE
days = st.dates(date(2000, 1, 1), date(2090, 1, 1))
TUESDAY = date(2026, 11, 10)
BOXING_DAY = date(2026, 12, 26)  # a Saturday; Monday the 28th is its bank holiday, Friday the 25th Christmas


@pytest.mark.parametrize(
    ("today", "due_on", "kind"),
    [
        (date(2026, 11, 4), TUESDAY, None),
        (date(2026, 11, 5), TUESDAY, SOON),  # three working days before
        (date(2026, 11, 7), TUESDAY, None),  # a Saturday
        (date(2026, 11, 9), TUESDAY, SOON),
        (TUESDAY, TUESDAY, SOON),  # where the three days before were missed
        (date(2026, 11, 11), TUESDAY, OVERDUE),
        (date(2026, 11, 16), TUESDAY, OVERDUE),
        (date(2026, 11, 17), TUESDAY, None),  # too late to tell
        (date(2026, 12, 18), BOXING_DAY, None),
        (date(2026, 12, 21), BOXING_DAY, SOON),  # three working days before Christmas Eve
        (date(2026, 12, 24), BOXING_DAY, SOON),
        (date(2026, 12, 28), BOXING_DAY, None),  # a bank holiday
        (date(2026, 12, 29), BOXING_DAY, OVERDUE),
        (date(2027, 1, 1), BOXING_DAY, None),
        (date(2027, 1, 4), BOXING_DAY, OVERDUE),
        (date(2027, 1, 5), BOXING_DAY, None),
    ],
)
def test_what_is_told_of_a_due_day(today: date, due_on: date, kind: NoticeKind | None):
    assert kind_due(today, due_on) is kind


@pytest.mark.parametrize(
    ("month", "told"),
    [
        ((2026, 11), [25, 26, 27, 30]),
        ((2026, 12), [24, 29, 30, 31]),  # but for Christmas, the weekend and the bank holiday
        ((2027, 1), [26, 27, 28, 29]),  # ends on a Sunday
    ],
)
def test_a_missing_update_is_told_of_in_the_last_working_days_of_a_month(month: tuple[int, int], told: list[int]):
    days = [date(*month, day) for day in range(1, 31)] + [Month(*month).last_day]
    assert sorted({day.day for day in days if is_update_told(day)}) == told


@pytest.mark.parametrize(
    ("since", "today", "is_told"),
    [
        (TUESDAY, TUESDAY, True),
        (TUESDAY, date(2026, 11, 13), True),
        (TUESDAY, date(2026, 11, 16), False),
        (date(2026, 11, 7), date(2026, 11, 7), False),  # a Saturday: on Monday
        (date(2026, 11, 7), date(2026, 11, 9), True),
        (date(2026, 12, 24), date(2026, 12, 25), False),
        (date(2026, 12, 24), date(2026, 12, 31), True),  # three working days after
        (date(2026, 12, 24), date(2027, 1, 4), False),
    ],
)
def test_a_turn_is_told_at_once(since: date, today: date, is_told: bool):
    assert is_told_at_once(today, since) is is_told


@given(days)
def test_each_kind_is_told_on_one_run_of_working_days(due_on: date):
    """With a claim for each, nobody is told twice; and nobody is told that it is soon due once it is overdue."""
    told = [(due_on + timedelta(days=n), kind_due(due_on + timedelta(days=n), due_on)) for n in range(-30, 40)]
    assert all(kind is None or is_working_day(day) for day, kind in told)
    worked = [kind for day, kind in told if is_working_day(day)]
    assert [kind for kind in worked if kind] == [SOON] * 4 + [OVERDUE] * 4
    first, last = worked.index(SOON), len(worked) - worked[::-1].index(OVERDUE)
    assert None not in worked[first:last]
    assert all(day <= due_on for day, kind in told if kind is SOON)
    assert all(day > due_on for day, kind in told if kind is OVERDUE)


@given(days, st.integers(-40, 40))
def test_what_is_told_of_is_due_between_the_days_that_are_looked_at(today: date, offset: int):
    due_on = today + timedelta(days=offset)
    first, last = due_days(today)
    assert kind_due(today, due_on) is None or first <= due_on <= last


@given(days, st.integers(0, 20))
def test_a_turn_is_told_of_within_three_working_days(since: date, offset: int):
    today = since + timedelta(days=offset)
    assert is_told_at_once(today, since) == (is_working_day(today) and working_days_between(since, today) <= 3)


@given(days)
def test_every_turn_can_be_told_of(since: date):
    assert any(is_told_at_once(since + timedelta(days=n), since) for n in range(12))
