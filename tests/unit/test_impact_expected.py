"""Whether what was expected came: the table of examples."""

import pytest

from indicators.impact.claim import Came, Change, judge_expected

FELL = Change(-0.24, -0.35, -0.12)
ROSE = Change(0.24, 0.12, 0.35)
UNSURE = Change(-0.08, -0.25, 0.12)


@pytest.mark.parametrize(
    ("expected", "change", "is_claimed", "came"),
    [
        (-20, FELL, True, Came.AS_EXPECTED),  # the range holds it
        (-12, FELL, True, Came.AS_EXPECTED),  # an end belongs to the range
        (-35, FELL, True, Came.AS_EXPECTED),
        (-40, FELL, True, Came.LESS),  # the whole range is nearer to none
        (-10, FELL, True, Came.MORE),  # the whole range is farther from none
        (-20, ROSE, True, Came.LESS),  # it went the other way
        (20, ROSE, True, Came.AS_EXPECTED),
        (50, ROSE, True, Came.LESS),
        (10, ROSE, True, Came.MORE),
        (20, FELL, True, Came.LESS),
        (-20, UNSURE, False, Came.NOT_TOLD),  # the range holds it, and none too
        (10, UNSURE, False, Came.NOT_TOLD),
        (-30, UNSURE, False, Came.LESS),  # it didn't fall as far, whatever it did
        (20, UNSURE, False, Came.LESS),
        (-20, Change(-0.42, -0.58, -0.203), True, Came.AS_EXPECTED),  # a reader sees 20 to 58
        (-20, FELL, False, Came.NOT_TOLD),  # as large a change turns up at too many other dates
        (-10, FELL, False, Came.NOT_TOLD),
        (-50, FELL, False, Came.LESS),
        (-100, Change(-0.9, -0.99, -0.8), True, Came.LESS),  # nothing falls by more than all
        (500, Change(12.5, 8.0, 20.0), True, Came.MORE),
    ],
)
def test_the_range_decides(expected, change, is_claimed, came):
    assert judge_expected(expected, change, is_claimed=is_claimed, is_due=True) is came


def test_before_its_month_it_is_too_early_whatever_came():
    for change in (FELL, ROSE, UNSURE, None):
        assert judge_expected(-20, change, is_claimed=True, is_due=False) is Came.TOO_EARLY


def test_nothing_can_be_told_where_nothing_is_compared():
    assert judge_expected(-20, None, is_claimed=False, is_due=True) is Came.NOT_TOLD
