"""A pathway's counts beside its first step: when they are of the same people, and when only of the same months."""

from hypothesis import assume, given
from hypothesis import strategies as st

from core.calendar import Month, months_between
from indicators.pathways import add_up, put_beside

OCTOBER = Month(2026, 10)
YEAR = tuple(months_between(OCTOBER + -11, OCTOBER))
EVERY = tuple(months_between(OCTOBER + -17, OCTOBER))
counts = st.dictionaries(st.sampled_from(EVERY), st.integers(0, 400))


def every(count: int) -> dict[Month, int]:
    return dict.fromkeys(EVERY, count)


def test_two_counts_of_the_same_months_have_a_ratio_and_no_range():
    beside = put_beside(every(4), every(5), YEAR)
    assert (beside.first, beside.step, beside.for_each, beside.share) == (48, 60, 125, None)


def test_people_who_are_followed_are_a_share_with_wilsons_range():
    beside = put_beside(every(4), every(3), YEAR, followed=3)
    assert (beside.first, beside.step) == (48, 36)
    share = beside.share
    assert share is not None
    assert share.lower is not None
    assert share.upper is not None
    # Wilson's range of 36 out of 48, by hand.
    assert (round(share.value, 1), round(share.lower, 1), round(share.upper, 1)) == (75.0, 61.2, 85.1)


def test_those_who_are_followed_are_of_the_months_before():
    first = every(0) | {OCTOBER + -14: 7, OCTOBER: 100}
    step = every(0) | {OCTOBER + -11: 5}
    beside = put_beside(first, step, YEAR, followed=3)
    assert (beside.first, beside.step) == (7, 5)  # October's hundred are followed until January


def test_more_than_there_were_is_impossible_and_no_share():
    beside = put_beside(every(4), every(3) | {OCTOBER: 5}, YEAR, followed=6)
    assert (beside.impossible, beside.share) == ((OCTOBER,), None)
    assert put_beside(every(4), every(5), YEAR).impossible == ()  # of others than those who were identified


@given(counts)
def test_a_sum_says_which_months_it_lacks(figures: dict[Month, int]):
    counted = add_up(figures, YEAR)
    assert counted.count == sum(value for month, value in figures.items() if month in YEAR)
    assert set(counted.missing) == {month for month in YEAR if month not in figures}


@given(counts, counts, st.sampled_from((0, 3, 6)))
def test_both_counts_are_of_the_months_that_have_both(first: dict[Month, int], step: dict[Month, int], followed: int):
    beside = put_beside(first, step, YEAR, followed=followed)
    assert set(beside.months) == {month for month in YEAR if month in step and month + -followed in first}
    assert beside.step == sum(step[month] for month in beside.months)
    assert beside.first == sum(first[month + -followed] for month in beside.months)
    assert beside.share is None or followed


@given(counts, st.data(), st.sampled_from((3, 6)))
def test_a_share_lies_in_its_range_and_in_the_whole(first: dict[Month, int], data: st.DataObject, followed: int):
    step = {month: data.draw(st.integers(0, first[month + -followed])) for month in YEAR if month + -followed in first}
    beside = put_beside(first, step, YEAR, followed=followed)
    assume(beside.first)
    share = beside.share
    assert share is not None
    assert share.lower is not None
    assert share.upper is not None
    assert 0 <= share.lower <= share.value <= share.upper <= 100
