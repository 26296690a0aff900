"""Which months somebody may read, and which stand beside one another."""

import pytest

from boards.rules import ReadableMonths
from core.calendar import Month

SEPTEMBER, OCTOBER, DECEMBER = Month(2026, 9), Month(2026, 10), Month(2026, 12)
HELD = ((OCTOBER, False), (Month(2025, 12), True), (SEPTEMBER, True), (DECEMBER, False))


def test_drafts_are_for_their_readers():
    assert ReadableMonths(HELD).listed == (SEPTEMBER, Month(2025, 12))
    assert ReadableMonths(HELD, with_drafts=True).listed == (DECEMBER, OCTOBER, SEPTEMBER, Month(2025, 12))
    assert OCTOBER not in ReadableMonths(HELD)


@pytest.mark.parametrize(
    ("held", "drafts", "newest"),
    [
        ((), True, None),
        (((OCTOBER, False),), False, None),
        (((OCTOBER, False),), True, OCTOBER),  # nothing is published: the draft is what there is
        (HELD, False, SEPTEMBER),
        (HELD, True, SEPTEMBER),
        (((SEPTEMBER, False), (OCTOBER, True)), True, OCTOBER),
    ],
)
def test_the_newest_is_the_newest_published(held, drafts, newest):
    assert ReadableMonths(held, with_drafts=drafts).newest == newest


def test_neighbours_skip_months_that_are_not_there():
    months = ReadableMonths(HELD, with_drafts=True)

    assert (months.before(SEPTEMBER), months.after(SEPTEMBER)) == (Month(2025, 12), OCTOBER)
    assert (months.after(OCTOBER), months.after(DECEMBER), months.before(Month(2025, 12))) == (DECEMBER, None, None)
    assert ReadableMonths(HELD).after(SEPTEMBER) is None


def test_by_year_the_newest_first():
    months = ReadableMonths(HELD, with_drafts=True)

    assert list(months.by_year()) == [(2026, [DECEMBER, OCTOBER, SEPTEMBER]), (2025, [Month(2025, 12)])]
