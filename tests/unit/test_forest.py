"""The forest plot: where its marks stand along the scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.charts.forest import Asked, Measured, forest

FELL = Measured(-0.42, -0.58, -0.20, is_claimed=True)


def at(place: str) -> float:
    return float(place.removesuffix("%"))


def test_a_change_its_range_and_what_was_expected_stand_on_one_scale():
    drawn = forest([Asked(FELL, [-20])])
    (row,) = drawn.rows
    scale = {words: at(place) for place, words in drawn.scale}
    assert scale == {"−100%": 0, "−50%": 33.33, "No change": 66.67, "+50%": 100}
    assert at(drawn.none) == scale["No change"]
    assert [at(place) for place in (row.lower, row.point, row.upper)] == [28.0, 38.67, 53.33]
    assert row.expected == (row.upper,)  # a fall of 20 % was expected, and is where the range ends
    assert (row.is_claimed, row.goes_on) == (True, False)


def test_without_a_change_only_what_was_expected_is_drawn():
    (row,) = forest([Asked(None, [25])]).rows
    assert (row.point, row.lower, row.upper) == ("", "", "")
    assert row.expected == ("75.00%",)


def test_a_range_that_is_wider_than_the_picture_goes_on():
    wide, narrow = forest([Asked(Measured(1.5, 0.2, 6.0, is_claimed=True), [400]), Asked(FELL, [])]).rows
    assert (wide.upper, wide.goes_on) == ("100.00%", True)
    assert wide.expected == ("100.00%",)
    assert not narrow.goes_on


@given(
    st.lists(
        st.tuples(st.floats(-1, 20), st.floats(0, 1), st.floats(0, 20), st.lists(st.integers(-100, 500), max_size=2)),
        min_size=1,
        max_size=5,
    )
)
def test_every_mark_stays_in_the_picture_and_in_its_order(rows):
    drawn = forest(
        [
            Asked(Measured(value, max(-1, value - below), value + above, is_claimed=False), expected)
            for value, below, above, expected in rows
        ]
    )
    for row in drawn.rows:
        assert 0 <= at(row.lower) <= at(row.point) <= at(row.upper) <= 100
        assert all(0 <= at(place) <= 100 for place in row.expected)
    assert [at(place) for place, _ in drawn.scale] == sorted(at(place) for place, _ in drawn.scale)


@pytest.mark.parametrize(("change", "side"), [(-0.2, -1), (0.0, 0), (0.2, 1)])
def test_a_fall_is_left_of_no_change_and_a_rise_right(change, side):
    drawn = forest([Asked(Measured(change, change - 0.1, change + 0.1, is_claimed=False), [])])
    apart = at(drawn.rows[0].point) - at(drawn.none)
    assert (apart > 0) - (apart < 0) == side
