"""Small charts beside each other: that one scale holds for all, and what is lifted, marked and left out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.charts.control_chart import Drawn, Start, Usual
from reporting.charts.multiples import BOTTOM, HEIGHT, MONTHS, TOP, WIDTH, Multiple, common_top, multiple

figures = st.lists(st.none() | st.integers(0, 10**9), min_size=1, max_size=60)
TWO_YEARS = list(range(MONTHS))


def plain(values) -> Drawn:
    return Drawn([None] * len(values))


def heights(chart: Multiple) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", chart.line)]


def draw(values, **options) -> Multiple:
    return multiple(values, plain(values), top=options.pop("top", 100), **options)


def test_one_count_is_as_high_in_each_chart():
    few, many = [2] * MONTHS, [40] * MONTHS
    top = common_top([(few, plain(few)), (many, plain(many))])
    assert top >= 40
    low, high = (BOTTOM - heights(multiple(values, plain(values), top=top))[0][1] for values in (few, many))
    assert high / low == pytest.approx(20, rel=0.05)


def test_the_scale_holds_usual_ranges_too_and_no_older_month():
    values = [10**6, *([1] * MONTHS)]
    drawn = Drawn([None, *([Usual(0, 4, 9)] * MONTHS)])
    assert common_top([(values, drawn)]) == 10


def test_nothing_to_draw_has_a_scale():
    assert common_top([]) >= 1


@given(st.lists(figures, min_size=1, max_size=5))
def test_all_stays_in_the_picture(series):
    top = common_top([(values, plain(values)) for values in series])
    for values in series:
        missing = [place for place, value in enumerate(values) if value is None]
        chart = multiple(values, plain(values), top=top, missing=missing)
        assert all(0 < x < WIDTH and TOP <= y <= BOTTOM < HEIGHT for x, y in heights(chart))
        assert all(0 < x < WIDTH for x in chart.gaps)
        assert len(chart.gaps) == sum(value is None for value in values[-MONTHS:])


def test_the_newest_month_is_at_the_right_of_a_short_series_too():
    assert heights(draw([3, 4])) == [(225, 72.1), (235, 71.4)]


def test_what_is_withheld_is_a_gap_without_a_mark():
    chart = draw([1, None, None, 4], missing=[1])
    assert chart.line.count("M") == 2
    assert len(chart.gaps) == 1


def test_figures_that_nothing_joins_are_dots():
    assert draw([1, None, 2, None, 3, 4, 5, None]).dots.count("h0") == 2
    assert draw([1, 2]).dots.count("h0") == 1  # the newest


def test_a_series_that_breaks_is_drawn_in_parts():
    chart = multiple(TWO_YEARS, Drawn([None] * MONTHS, {}, [Start(12, "New definition", True)]), top=50)
    assert chart.line.count("M") == 2


def test_a_signal_keeps_its_shape_and_place():
    drawn = Drawn([None] * 30, {2: "worse", 28: "better"})
    chart = multiple(list(range(30)), drawn, top=50)
    assert [(mark.x, mark.look) for mark in chart.signals] == [(225, "better")]


def test_a_few_months_are_as_wide_as_many():
    few = multiple([10, 20, 30], plain([10, 20, 30]), top=100, months=3)
    first, *_, last = re.findall(r"[ML]([\d.]+) ", few.line)
    assert (float(first), float(last)) == (40, 200)  # the middles of thirds
