"""Numbered marks under an axis: that none is lost, and none lies on another, for ten years of months too."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.charts.labels import APART, NARROW, ROOMY, MarkLabel, place_marks

rooms = st.sampled_from([NARROW, ROOMY])


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[int], int]:
    count = draw(st.integers(1, 120))
    return sorted(draw(st.lists(st.integers(0, count - 1), max_size=300))), count


def edges(label: MarkLabel, room: int) -> tuple[float, float]:
    return label.x * room - label.width / 2, label.x * room + label.width / 2


@given(rows(), rooms)
def test_each_mark_is_in_one_label_in_order(row, room):
    places, count = row
    labels = place_marks(places, count, room=room)
    assert [number for label in labels for number in range(label.first, label.last + 1)] == [*range(1, len(places) + 1)]


@given(rows(), rooms)
def test_no_label_touches_another_or_leaves_the_chart(row, room):
    places, count = row
    boxes = [edges(label, room) for label in place_marks(places, count, room=room)]
    assert all(left >= -0.001 and right <= room + 0.001 for left, right in boxes)
    assert all(after[0] - before[1] >= APART - 0.001 for before, after in pairwise(boxes))


@given(rows(), rooms)
def test_a_label_reaches_over_the_months_of_its_marks(row, room):
    places, count = row
    for label in place_marks(places, count, room=room):
        of_label = places[label.first - 1 : label.last]
        assert label.starts == pytest.approx((of_label[0] + 0.5) / count)
        assert label.ends == pytest.approx((of_label[-1] + 0.5) / count)


def test_marks_that_have_room_stand_by_themselves():
    assert [label.text for label in place_marks([0, 12, 24, 35], 36, room=NARROW)] == ["1", "2", "3", "4"]


def test_marks_of_a_month_are_one():
    (label,) = place_marks([5, 5, 5], 36, room=ROOMY)
    assert (label.text, label.starts) == ("1–3", label.ends)


def test_neighbours_are_merged_where_there_is_little_room_only():
    places = [10, 12]
    assert [label.text for label in place_marks(places, 36, room=ROOMY)] == ["1", "2"]
    assert [label.text for label in place_marks(places, 36, room=NARROW)] == ["1–2"]


@pytest.mark.parametrize("places", [[3, 2], [36], [-1]])
def test_marks_out_of_order_or_off_the_chart_are_refused(places):
    with pytest.raises(ValueError, match="in the order of the months"):
        place_marks(places, 36, room=ROOMY)
