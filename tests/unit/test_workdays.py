"""Working days: weekends and England's bank holidays left out, counted and stepped over."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import (
    add_working_days,
    describe_days_left,
    is_working_day,
    this_or_last_working_day,
    this_or_next_working_day,
    working_days_between,
)
from core.texts import count_of_noun

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
near = st.integers(-400, 400)
steps = st.integers(-60, 60)


# gov.uk/bank-holidays, England and Wales.
@pytest.mark.parametrize(
    "day",
    [
        date(2022, 9, 19),  # the state funeral
        date(2023, 5, 8),  # the coronation
        date(2026, 1, 1),
        date(2026, 4, 3),  # Good Friday
        date(2026, 4, 6),  # Easter Monday
        date(2026, 5, 4),
        date(2026, 5, 25),
        date(2026, 8, 31),
        date(2026, 12, 25),
        date(2026, 12, 28),  # for Boxing Day, a Saturday
        date(2027, 12, 27),  # for Christmas Day, a Saturday
        date(2027, 12, 28),  # for Boxing Day, a Sunday
    ],
)
def test_a_bank_holiday_is_not_worked(day: date):
    assert day.weekday() < 5
    assert not is_working_day(day)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 2),  # a holiday in Scotland
        date(2026, 3, 17),  # a holiday in Northern Ireland
        date(2026, 8, 3),  # a holiday in Scotland
        date(2026, 11, 30),  # a holiday in Scotland
        date(2026, 12, 24),
        date(2026, 12, 31),
        date(2026, 4, 2),
        date(2026, 4, 7),
    ],
)
def test_other_days_are_worked(day: date):
    assert is_working_day(day)


def test_christmas_is_stepped_over():
    before, after = date(2026, 12, 24), date(2026, 12, 29)
    assert add_working_days(before, 1) == after
    assert add_working_days(after, -1) == before
    assert working_days_between(before, date(2026, 12, 28)) == 0
    assert working_days_between(before, after) == 1
    assert working_days_between(after, before) == -1
    # New Year's Day lies between too: 29, 30, 31 December, 4 January.
    assert working_days_between(before, date(2027, 1, 4)) == 4
    assert add_working_days(before, 4) == date(2027, 1, 4)


def test_easter_is_stepped_over():
    thursday, tuesday = date(2026, 4, 2), date(2026, 4, 7)
    assert add_working_days(thursday, 1) == tuesday
    assert this_or_last_working_day(date(2026, 4, 5)) == thursday
    assert this_or_next_working_day(date(2026, 4, 5)) == tuesday
    assert working_days_between(thursday, tuesday) == 1


def test_a_plain_week_is_counted():
    monday = date(2026, 11, 2)
    assert [working_days_between(monday, monday + timedelta(days=n)) for n in range(9)] == [0, 1, 2, 3, 4, 4, 4, 5, 6]


def test_days_before_and_after_the_package_leave_out_weekends_only():
    christmas, saturday = date(2150, 12, 25), date(2150, 12, 26)
    assert is_working_day(christmas)
    assert not is_working_day(saturday)
    assert add_working_days(christmas, 1) == date(2150, 12, 28)
    assert add_working_days(saturday, -1) == christmas
    assert working_days_between(date(1799, 12, 31), date(1800, 12, 31)) == 261
    assert working_days_between(date(2149, 12, 31), date(2150, 12, 31)) == 261


def test_the_calendars_first_and_last_days_are_counted():
    assert working_days_between(date.min, date.min + timedelta(days=7)) == 5
    assert working_days_between(date.max - timedelta(days=7), date.max) == 5
    assert working_days_between(date.max, date.max) == 0


@given(days, near)
def test_the_count_is_that_of_the_days_one_by_one(start: date, distance: int):
    end = start + timedelta(days=distance)
    first, last = min(start, end), max(start, end)
    counted = sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert working_days_between(start, end) == (counted if end >= start else -counted)


@given(days, near, near)
def test_counts_add_up(start: date, one: int, other: int):
    middle = start + timedelta(days=one)
    end = start + timedelta(days=other)
    assert working_days_between(start, middle) + working_days_between(middle, end) == working_days_between(start, end)


@given(days, steps)
def test_stepping_and_counting_agree(day: date, number: int):
    start = this_or_next_working_day(day)
    landed = add_working_days(start, number)
    assert is_working_day(landed)
    assert working_days_between(start, landed) == number
    assert add_working_days(landed, -number) == start


@given(days, st.integers(1, 60))
def test_stepping_forward_counts_from_any_day(day: date, number: int):
    landed = add_working_days(day, number)
    assert working_days_between(day, landed) == number
    assert is_working_day(landed)


@given(days)
def test_no_step_stays(day: date):
    assert add_working_days(day, 0) == day


@given(days)
def test_the_nearest_working_days_enclose_a_day(day: date):
    last, following = this_or_last_working_day(day), this_or_next_working_day(day)
    assert last <= day <= following
    assert is_working_day(last)
    assert is_working_day(following)
    assert (last == following) == is_working_day(day)
    assert working_days_between(last, following) == (0 if last == following else 1)


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 12, 3), "5 working days left"),
        (date(2026, 12, 9), "1 working day left"),
        (date(2026, 12, 10), "due today"),
        (date(2026, 12, 11), "1 working day overdue"),
        (date(2026, 12, 12), "1 working day overdue"),
        (date(2026, 12, 14), "2 working days overdue"),
    ],
)
def test_days_left_are_said(today: date, words: str):
    assert describe_days_left(today, date(2026, 12, 10)) == words


def test_days_left_are_said_where_none_is_worked():
    sunday = date(2026, 12, 6)
    assert describe_days_left(date(2026, 12, 4), sunday) == "no working day left"
    assert describe_days_left(date(2026, 12, 5), sunday) == "no working day left"
    assert describe_days_left(sunday, sunday) == "due today"
    assert describe_days_left(date(2026, 12, 5), date(2026, 12, 4)) == "overdue"


def test_a_number_of_working_days_is_said():
    assert [count_of_noun(n, "working day") for n in (0, 1, 2)] == ["0 working days", "1 working day", "2 working days"]


def test_no_other_country_is_loaded():
    """Each program starts faster without them."""
    asked = (
        "import datetime, sys; from core.calendar import is_working_day; is_working_day(datetime.date(2026, 12, 28)); "
        "print([name for name in sys.modules if name.startswith('holidays.countries.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "['holidays.countries.united_kingdom']\n"
