"""Which reminders are due on a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boards.rules import Role
from core.calendar import Month, is_working_day, working_days_between
from indicators.workflow import RECIPIENTS, ReminderKind, kinds_due, reminder_days

ENDED, SOON, DUE, OVERDUE, CONTACT, COORDINATOR, RETURNED, *AT_ONCE = ReminderKind
FIRST, TENTH = date(2026, 10, 1), date(2026, 11, 10)  # October 2026: a Thursday; a Tuesday
first_days = st.dates(date(2000, 1, 1), date(2090, 1, 1)).map(lambda day: day.replace(day=1))
due_days = st.integers(15, 28)  # of the month after: later than three working days after any Easter
offsets = st.integers(-10, 90)


def test_each_kind_has_its_recipient():
    assert set(RECIPIENTS) == set(ReminderKind)
    assert [RECIPIENTS[kind] for kind in (CONTACT, COORDINATOR)] == [Role.AGENCY_CONTACT, Role.COORDINATOR]


def test_the_days_of_a_plain_month():
    """October 2026: over on a Saturday, due on Tuesday, 10 November. On 1 October, September is what is due."""
    assert reminder_days(starts_on=FIRST, opened_on=date(2026, 10, 1), due_on=date(2026, 11, 10)) == {
        ENDED: date(2026, 11, 2),
        SOON: date(2026, 11, 5),
        DUE: date(2026, 11, 10),
        OVERDUE: date(2026, 11, 11),
        CONTACT: date(2026, 11, 13),
        COORDINATOR: date(2026, 11, 17),
    }


def test_a_due_day_that_is_not_worked_counts_as_the_working_day_before():
    """Boxing Day 2026 is a Saturday, and the Monday after it is its bank holiday."""
    assert reminder_days(starts_on=date(2026, 11, 1), opened_on=date(2026, 11, 1), due_on=date(2026, 12, 26)) == {
        ENDED: date(2026, 12, 1),
        SOON: date(2026, 12, 21),
        DUE: date(2026, 12, 24),
        OVERDUE: date(2026, 12, 29),
        CONTACT: date(2026, 12, 31),
        COORDINATOR: date(2027, 1, 5),
    }


def test_of_a_month_that_ends_before_easter_day_people_hear_on_the_tuesday():
    march = date(2029, 3, 1)
    assert reminder_days(starts_on=march, opened_on=march, due_on=date(2029, 4, 10))[ENDED] == date(2029, 4, 3)


@pytest.mark.parametrize(
    ("today", "kinds"),
    [
        (date(2026, 10, 1), []),  # September is what is due
        (date(2026, 10, 30), []),
        (date(2026, 11, 2), [ENDED]),
        (date(2026, 11, 4), [ENDED]),
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
    assert kinds_due(today, starts_on=FIRST, opened_on=FIRST, due_on=TENTH) == kinds


@given(first_days, due_days)
def test_the_days_are_worked_and_in_order(starts_on: date, due_day: int):
    due_on = Month.of(starts_on).next.first_day.replace(day=due_day)
    days = reminder_days(starts_on=starts_on, opened_on=starts_on, due_on=due_on)
    assert list(days) == [ENDED, SOON, DUE, OVERDUE, CONTACT, COORDINATOR]
    assert all(map(is_working_day, days.values()))
    assert sorted(days.values()) == list(days.values())
    assert days[DUE] <= due_on < days[OVERDUE]
    assert working_days_between(days[SOON], due_on) == 3
    assert [working_days_between(due_on, days[kind]) for kind in (OVERDUE, CONTACT, COORDINATOR)] == [1, 3, 5]


@given(first_days, st.integers(1, 28), st.integers(0, 45), offsets, st.none() | offsets)
def test_nobody_gets_two_at_once_nor_one_too_early_or_too_late(
    starts_on: date, due_day: int, late: int, offset: int, returned: int | None
):
    due_on, today = Month.of(starts_on).next.first_day.replace(day=due_day), starts_on + timedelta(days=offset)
    of_return: dict[str, Any] = {
        "starts_on": starts_on,
        "opened_on": starts_on + timedelta(days=late),
        "due_on": due_on,
        "has_come": returned is not None,
        "returned_on": None if returned is None else starts_on + timedelta(days=returned),
    }
    kinds = kinds_due(today, **of_return)
    days = reminder_days(**of_return)
    recipients = [RECIPIENTS[kind] for kind in kinds]
    assert len(recipients) == len(set(recipients))
    assert not kinds or is_working_day(today)
    assert all(0 <= working_days_between(days[kind], today) <= 3 for kind in kinds)
    assert ENDED not in kinds or (today <= due_on and (today - starts_on).days <= 40)


@given(first_days, due_days)
def test_each_kind_is_due_on_its_own_day(starts_on: date, due_day: int):
    due_on = Month.of(starts_on).next.first_day.replace(day=due_day)
    for kind, day in reminder_days(starts_on=starts_on, opened_on=starts_on, due_on=due_on).items():
        assert kind in kinds_due(day, starts_on=starts_on, opened_on=starts_on, due_on=due_on)


@pytest.mark.parametrize(
    ("opened_on", "today", "kinds"),
    [
        (date(2026, 10, 12), date(2026, 10, 12), []),  # late, but before its end
        (date(2026, 10, 12), date(2026, 11, 2), [ENDED]),
        (date(2026, 11, 3), date(2026, 11, 3), [ENDED]),  # after its end
        (date(2026, 11, 6), date(2026, 11, 6), [ENDED]),  # after the day of "due in three working days"
        (date(2026, 11, 5), date(2026, 11, 5), [SOON]),  # on it
        (date(2026, 11, 10), date(2026, 11, 10), [DUE]),
        (date(2026, 11, 11), date(2026, 11, 11), [OVERDUE]),
        (date(2026, 12, 1), date(2026, 12, 1), []),
    ],
)
def test_a_month_that_was_opened_late(opened_on: date, today: date, kinds: list[ReminderKind]):
    assert kinds_due(today, starts_on=FIRST, opened_on=opened_on, due_on=TENTH) == kinds


@pytest.mark.parametrize(("today", "kinds"), [(date(2026, 11, 10), [ENDED]), (date(2026, 11, 11), [])])
def test_nobody_hears_of_a_month_that_began_more_than_40_days_ago(today: date, kinds: list[ReminderKind]):
    assert kinds_due(today, starts_on=FIRST, opened_on=date(2026, 11, 9), due_on=date(2026, 11, 28)) == kinds


@pytest.mark.parametrize(
    ("returned_on", "today", "kinds"),
    [
        (date(2026, 10, 20), date(2026, 10, 20), [RETURNED]),
        (date(2026, 10, 24), date(2026, 10, 26), [RETURNED]),  # on a Saturday
        (date(2026, 11, 5), date(2026, 11, 6), [RETURNED]),
        (date(2026, 10, 20), date(2026, 11, 5), [SOON]),
        (date(2026, 11, 6), date(2026, 11, 10), [DUE]),
        (date(2026, 11, 12), date(2026, 11, 13), [RETURNED]),  # where it would be overdue
        (date(2026, 11, 12), date(2026, 11, 17), [RETURNED]),
        (date(2026, 11, 12), date(2026, 11, 18), []),
        (None, date(2026, 11, 10), [DUE]),
        (None, date(2026, 11, 17), []),
    ],
)
def test_a_return_that_came_and_was_given_back(returned_on: date | None, today: date, kinds: list[ReminderKind]):
    due = kinds_due(today, starts_on=FIRST, opened_on=FIRST, due_on=TENTH, has_come=True, returned_on=returned_on)
    assert due == kinds
