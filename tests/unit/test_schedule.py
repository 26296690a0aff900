"""Which reminders are due on a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boards.roles import Role
from core.workdays import is_working_day, working_days_between
from indicators.schedule import RECIPIENTS, ReminderKind, days_of, kinds_due

OPENED, SOON, DUE, OVERDUE, CONTACT, COORDINATOR = ReminderKind
opening_days = st.dates(date(2000, 1, 1), date(2090, 1, 1))
spans = st.integers(28, 60)  # days from a month's first to its due day
offsets = st.integers(-10, 90)


def test_each_kind_has_its_recipient():
    assert set(RECIPIENTS) == set(ReminderKind)
    assert [RECIPIENTS[kind] for kind in (CONTACT, COORDINATOR)] == [Role.AGENCY_CONTACT, Role.COORDINATOR]


def test_the_days_of_a_plain_month():
    """October 2026: opened on a Thursday, due on Tuesday, 10 November."""
    assert days_of(opened_on=date(2026, 10, 1), due_on=date(2026, 11, 10)) == {
        OPENED: date(2026, 10, 1),
        SOON: date(2026, 11, 5),
        DUE: date(2026, 11, 10),
        OVERDUE: date(2026, 11, 11),
        CONTACT: date(2026, 11, 13),
        COORDINATOR: date(2026, 11, 17),
    }


def test_a_due_day_that_is_not_worked_counts_as_the_working_day_before():
    """Boxing Day 2026 is a Saturday, and the Monday after it is its bank holiday."""
    assert days_of(opened_on=date(2026, 11, 1), due_on=date(2026, 12, 26)) == {
        OPENED: date(2026, 11, 2),
        SOON: date(2026, 12, 21),
        DUE: date(2026, 12, 24),
        OVERDUE: date(2026, 12, 29),
        CONTACT: date(2026, 12, 31),
        COORDINATOR: date(2027, 1, 5),
    }


def test_a_month_that_opens_on_easter_day_opens_on_the_tuesday():
    assert days_of(opened_on=date(2029, 4, 1), due_on=date(2029, 5, 10))[OPENED] == date(2029, 4, 3)


@pytest.mark.parametrize(
    ("today", "kinds"),
    [
        (date(2026, 9, 30), []),
        (date(2026, 10, 1), [OPENED]),
        (date(2026, 10, 6), [OPENED]),  # three working days late
        (date(2026, 10, 7), []),
        (date(2026, 11, 4), []),
        (date(2026, 11, 5), [SOON]),
        (date(2026, 11, 7), []),  # a Saturday
        (date(2026, 11, 9), [SOON]),
        (date(2026, 11, 10), [DUE]),  # and not SOON too, though that may not have been sent
        (date(2026, 11, 11), [OVERDUE]),
        (date(2026, 11, 12), [OVERDUE]),
        (date(2026, 11, 13), [OVERDUE, CONTACT]),
        (date(2026, 11, 17), [CONTACT, COORDINATOR]),
        (date(2026, 11, 20), [COORDINATOR]),
        (date(2026, 11, 23), []),
        (date(2027, 11, 23), []),
    ],
)
def test_what_is_due_on_a_day(today: date, kinds: list[ReminderKind]):
    assert kinds_due(today, opened_on=date(2026, 10, 1), due_on=date(2026, 11, 10)) == kinds


@given(opening_days, spans)
def test_the_days_are_worked_and_in_order(opened_on: date, span: int):
    due_on = opened_on + timedelta(days=span)
    days = days_of(opened_on=opened_on, due_on=due_on)
    assert list(days) == list(ReminderKind)
    assert all(map(is_working_day, days.values()))
    assert sorted(days.values()) == list(days.values())
    assert days[DUE] <= due_on < days[OVERDUE]
    assert working_days_between(days[SOON], due_on) == 3
    assert [working_days_between(due_on, days[kind]) for kind in (OVERDUE, CONTACT, COORDINATOR)] == [1, 3, 5]


@given(opening_days, spans, offsets)
def test_nobody_gets_two_at_once_nor_one_too_early_or_too_late(opened_on: date, span: int, offset: int):
    due_on, today = opened_on + timedelta(days=span), opened_on + timedelta(days=offset)
    kinds = kinds_due(today, opened_on=opened_on, due_on=due_on)
    days = days_of(opened_on=opened_on, due_on=due_on)
    recipients = [RECIPIENTS[kind] for kind in kinds]
    assert len(recipients) == len(set(recipients))
    assert not kinds or is_working_day(today)
    assert all(0 <= working_days_between(days[kind], today) <= 3 for kind in kinds)


@given(opening_days, spans)
def test_each_kind_is_due_on_its_own_day(opened_on: date, span: int):
    due_on = opened_on + timedelta(days=span)
    for kind, day in days_of(opened_on=opened_on, due_on=due_on).items():
        assert kind in kinds_due(day, opened_on=opened_on, due_on=due_on)
