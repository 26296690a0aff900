"""Which months can be opened by hand, and which are opened together."""

import pytest

from boards.rules import list_openable, list_opened_with
from core.calendar import Month, months_between

NOVEMBER = Month(2026, 11)


def months(*numbers: int) -> list[Month]:
    return [Month(2026, number) for number in numbers]


@pytest.mark.parametrize(
    ("chosen", "held", "opened"),
    [
        (9, (), (9, 10, 11)),  # an area's first: with those after it
        (11, (), (11,)),
        (11, (10,), (11,)),
        (11, (8,), (9, 10, 11)),  # none is left out in between
        (6, (8, 9), (6, 7)),
        (8, (7, 9), (8,)),  # one that was taken away
        (8, (7, 8), ()),
    ],
)
def test_none_is_left_out(chosen: int, held: tuple[int, ...], opened: tuple[int, ...]):
    assert list_opened_with(Month(2026, chosen), months(*held), current=NOVEMBER) == months(*opened)


def test_a_year_back_can_be_opened_and_nothing_that_has_not_begun():
    offered = list_openable([], current=NOVEMBER, is_published=False)
    assert offered == list(months_between(Month(2025, 11), NOVEMBER))[::-1]


def test_what_is_open_is_not_offered_and_nothing_before_what_is_published():
    assert list_openable(months(8, 10), current=NOVEMBER, is_published=True) == months(11, 9)
    assert list_openable(months(1), current=NOVEMBER, is_published=False)[-1] == Month(2025, 11)
    assert list_openable([NOVEMBER], current=NOVEMBER, is_published=True) == []
