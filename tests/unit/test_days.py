"""Which day did somebody write: whatever people write, the day before the month."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import FIRST_YEAR, LAST_YEAR, NAMES, NoDay, date_label, describe_day, read_day

TODAY = date(2026, 11, 26)
DAYS = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
# Of a day with its year in full.
WAYS = (
    lambda day: f"{day.day}/{day.month}/{day.year}",
    lambda day: f"{day.day:02}/{day.month:02}/{day.year}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day.day}-{day.month}-{day.year}",
    lambda day: f" {day.day}  {day.month}\t{day.year} ",
    lambda day: day.isoformat(),
    date_label,
    describe_day,
    lambda day: f"{day.day} {NAMES[day.month - 1][:3].lower()} {day.year}",
    lambda day: f"{day.day}th {NAMES[day.month - 1].upper()}, {day.year}",
    lambda day: f"{day.day}{NAMES[day.month - 1][:3]}{' '}{day.year}",
    lambda day: f"{NAMES[day.month - 1]} {day.day}, {day.year}",
    lambda day: f"{NAMES[day.month - 1][:3]}. {day.day}, {day.year}",
    lambda day: f"{describe_day(day)[:3]} {day.day}/{day.month}/{day.year}",
)
# … and without a year.
SHORT_WAYS = (
    lambda day: f"{day.day}/{day.month}",
    lambda day: f"{day.day} {NAMES[day.month - 1]}",
    lambda day: f"{day.day} {NAMES[day.month - 1][:3]}",
    lambda day: f"{day.day}th of {NAMES[day.month - 1]}",
    lambda day: f"{NAMES[day.month - 1][:3]} {day.day}",
)


def read(text: str, **options: bool) -> date:
    return read_day(text, today=TODAY, **options)


@pytest.mark.parametrize(
    "text",
    ["10/12/26", "10/12/2026", "10 Dec", "10 December 2026", "2026-12-10", "10th Dec ’26", "Thu 10 Dec", "10.12"],
)
def test_one_day_in_many_words(text: str):
    assert read(text) == date(2026, 12, 10)


@given(DAYS, st.sampled_from(WAYS))
def test_reads_back_whatever_is_written_in_full(day: date, write):
    assert read(write(day)) == day


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_year_of_two_digits_is_of_this_century(day: date):
    assert read(f"{day.day}/{day.month}/{day.year % 100:02}") == day


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), DAYS, st.sampled_from(SHORT_WAYS), st.booleans())
def test_without_a_year_it_is_the_nearest_such_day(today: date, day: date, write, is_past: bool):
    found = read_day(write(day), today=today, is_past=is_past)
    assert (found.day, found.month) == (day.day, day.month)
    assert found <= today if is_past else found >= today
    between = abs((found - today).days)
    nearer = [today + timedelta(days=-away if is_past else away) for away in range(between)]
    assert not [each for each in nearer if (each.day, each.month) == (day.day, day.month)]


def test_without_a_year_today_is_today():
    assert read("26 Nov") == TODAY == read("26 Nov", is_past=True)
    assert read("25 Nov") == date(2027, 11, 25)
    assert read("27 Nov", is_past=True) == date(2025, 11, 27)
    assert read("29 Feb") == date(2028, 2, 29)


@given(st.text(max_size=30))
def test_anything_else_is_no_day(text: str):
    try:
        read(text)
    except NoDay:
        return
    assert any(letter in "0123456789" for letter in text)  # nothing but ASCII digits is a number


@given(st.text("0123456789/.- decnovjanmarth", max_size=14))
def test_what_looks_like_a_day_is_one_or_says_why(text: str):
    try:
        found = read(text)
    except NoDay:
        return
    assert read(date_label(found)) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("31/11/2026", "there is no 31 November 2026"),
        ("29 Feb 2027", "there is no 29 February 2027"),
        ("31 Nov", "there is no 31 November"),
        ("12/13/2026", "there is no month 13; the day comes before the month"),
        ("2026-13-01", "there is no month 13; the day comes before the month"),
        ("Fri 10 Dec 2026", "10 December 2026 is a Thursday"),
        ("10/12/0026", "the year 0026 is too far away"),
        ("10/12/9999", "the year 9999 is too far away"),
        ("0/1/2026", "there is no 0 January 2026"),
        ("", ""),
        ("soon", ""),
        ("10", ""),
        ("10 Dece mber", ""),
        ("10 Foo 2026", ""),
        ("10/12/026", ""),
        ("1/2/3/4", ""),
        ("10 ju", ""),
        ("١٠/١٢/٢٠٢٦", ""),
        ("10122026", ""),
    ],
)
def test_says_why_it_is_no_day(text: str, why: str):
    with pytest.raises(NoDay) as refused:
        read(text)
    assert str(refused.value) == why


def test_says_a_day_in_full():
    assert describe_day(date(2026, 12, 10)) == "Thursday 10 December 2026"
