"""A key's uses as its page has them: by day and hour, and each hour once."""

from datetime import date

import pytest

from boards.key_secrets import Scope
from boards.presenters.record import make_days
from boards.selectors import HourOfUse, as_bits, read_bits

SUNDAY, MONDAY = date(2026, 10, 25), date(2026, 10, 26)


def used(day: date, hour: int, requests: int, refused: int = 0, *asked: Scope) -> HourOfUse:
    return HourOfUse(day, hour, requests, refused, frozenset(asked))


def test_the_newest_day_and_hour_come_first():
    days = make_days([used(SUNDAY, 9, 1), used(MONDAY, 23, 5, 2), used(SUNDAY, 14, 3)], SUNDAY)
    assert [(day.label, day.requests, day.refused) for day in days] == [
        ("Monday 26 October 2026", 5, 2),
        ("Sunday 25 October 2026", 4, 0),
    ]
    assert [row.label for day in days for row in day.hours] == ["23:00 to 00:00", "14:00 to 15:00", "09:00 to 10:00"]


def test_an_hour_that_comes_twice_is_one_row():
    """… when the clocks go back, and if it was noted before it was over."""
    twice = [used(SUNDAY, 1, 2, 0, Scope.PLAN), used(SUNDAY, 1, 3, 1, Scope.MONTHS)]
    [[row]] = [day.hours for day in make_days(twice, SUNDAY)]
    assert (row.requests, row.refused) == (5, 1)
    assert row.asked == "Published months, their lines and versions; The action plan"


def test_what_came_before_the_first_day_is_left_out():
    assert make_days([used(SUNDAY, 23, 4)], MONDAY) == []


@pytest.mark.parametrize("asked", [[], [Scope.MONTHS], [Scope.PLAN, Scope.RETURN], list(Scope)])
def test_bits_say_what_was_asked_for(asked):
    assert read_bits(as_bits(asked)) == asked


def test_the_bits_of_counts_that_wait_stay_the_same():
    """A count may be noted by a newer release than counted it."""
    assert {scope.value: as_bits([scope]) for scope in Scope} == {
        "read:months": 1,
        "read:history": 2,
        "read:plan": 4,
        "read:challenges": 8,
        "read:kpis": 16,
        "write:return": 32,
    }
