"""A month as a value: read, counted in, and said."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import NAMES, Month, date_label, months_between, read_date_label, short_date_label

FIRST, LAST = Month(1, 1), Month(9999, 12)
months = st.builds(Month, st.integers(1, 9999), st.integers(1, 12))
middle_months = st.builds(Month, st.integers(1000, 2999), st.integers(1, 12))
steps = st.integers(-1200, 1200)


@pytest.mark.parametrize("text", ["2026-10", "1000-01", "2999-12", "2024-02"])
def test_a_month_is_read_and_written_alike(text: str):
    assert str(Month.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-1",
        "2026-13",
        "2026-00",
        "26-10",
        "2026/10",
        "2026-10-01",
        " 2026-10",
        "2026-10\n",
        "２０２６-10",
        "٢٠٢٦-10",
        "October 2026",
        "-2026-10",
        "02026-10",
        "0000-01",
        "0001-01",  # a month without one before it
        "9999-12",
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str):
    with pytest.raises(ValueError, match="is not a month: write it as 2026-10") as refusal:
        Month.parse(text)
    assert str(refusal.value) == f"“{text}” is not a month: write it as 2026-10."


def test_a_long_text_is_cut_in_the_sentence():
    with pytest.raises(ValueError, match=f"^“{'x' * 40}” is not a month"):
        Month.parse("x" * 5000)


@pytest.mark.parametrize(("year", "number"), [(0, 1), (10000, 1), (2026, 0), (2026, 13), (-1, 5)])
def test_a_month_that_does_not_exist_is_refused(year: int, number: int):
    with pytest.raises(ValueError, match=f"no month {number} in the year {year}"):
        Month(year, number)


def test_nothing_lies_outside_the_calendar():
    with pytest.raises(ValueError, match="no month 12 in the year 0"):
        _ = FIRST.previous
    with pytest.raises(ValueError, match="no month 1 in the year 10000"):
        _ = LAST.next
    assert LAST.last_day == date.max


@given(middle_months)
def test_reading_what_was_written_gives_the_same_month(month: Month):
    assert Month.parse(str(month)) == month


@given(middle_months, steps)
def test_adding_and_subtracting_undo_each_other(month: Month, step: int):
    later = month + step
    assert later - month == step
    assert later + -step == month


@given(middle_months, steps, steps)
def test_steps_add_up(month: Month, one: int, other: int):
    assert (month + one) + other == month + (one + other)


@given(months, months)
def test_order_is_that_of_the_calendar_and_of_the_text(one: Month, other: Month):
    assert (one < other) == (one.first_day < other.first_day) == (str(one) < str(other))
    assert (one - other > 0) == (one > other)


@given(st.dates(max_value=date(9999, 11, 30)))
def test_a_day_lies_between_the_first_of_its_month_and_of_the_next(day: date):
    month = Month.of(day)
    assert month.first_day <= day < month.next.first_day


@given(middle_months)
def test_the_day_before_the_first_is_the_last_of_the_month_before(month: Month):
    assert month.first_day - timedelta(days=1) == month.previous.last_day
    assert month.previous.next == month


@given(middle_months, st.integers(-5, 40))
def test_months_between_two_are_each_of_them_once_in_order(first: Month, distance: int):
    between = list(months_between(first, first + distance))
    assert len(between) == max(0, distance + 1)
    assert between == [first + offset for offset in range(distance + 1)]


def test_months_between_cross_the_year():
    assert [str(month) for month in months_between(Month(2026, 11), Month(2027, 2))] == [
        "2026-11",
        "2026-12",
        "2027-01",
        "2027-02",
    ]


def test_labels():
    october = Month(2026, 10)
    assert (october.name, october.label, october.short_label) == ("October", "October 2026", "Oct 2026")
    assert [Month(2026, number).name for number in range(1, 13)] == list(NAMES)
    assert (date_label(date(2026, 11, 5)), short_date_label(date(2026, 11, 5))) == ("5 November 2026", "5 Nov")
    assert date_label(date(2026, 5, 31)) == "31 May 2026"


@given(st.dates())
def test_a_day_is_written_and_read_alike(day: date):
    assert read_date_label(date_label(day)) == day


@pytest.mark.parametrize("text", ["", "5 Nov 2026", "31 February 2026", "2026-11-05", "5 November"])
def test_what_is_no_written_day(text: str):
    with pytest.raises(ValueError, match=r"day|unpack|in tuple"):
        read_date_label(text)


def test_a_month_is_a_value():
    assert Month(2026, 10) == Month(2026, 10)
    assert len({Month(2026, 10), Month(2026, 10), Month(2026, 11)}) == 2
    with pytest.raises(AttributeError):
        Month(2026, 10).year = 2027
