"""The picture of a funnel: what is drawn lies in its frame, and each area once."""

import re

from hypothesis import given
from hypothesis import strategies as st

from indicators.funnels import Part, list_curves, make_funnel
from reporting.charts.funnel import (
    BOTTOM,
    LEFT,
    MOST_RULES,
    NUMBER_HEIGHT,
    NUMBER_WIDTH,
    RIGHT,
    TOP,
    Entry,
    draw_funnel,
    find_step,
)

parts = st.lists(st.builds(Part, st.integers(0, 400), st.integers(20_000, 300_000)), min_size=2, max_size=50)


def draw(found: list[Part]):
    funnel = make_funnel(found)
    curves = [("far", curve.points) for curve in list_curves(funnel, found)]
    entries = [Entry(number, part.exposure, part.value, "within") for number, part in enumerate(found, 1)]
    return draw_funnel(funnel.average, curves, entries, multiplier=10_000)


@given(parts)
def test_everything_lies_in_the_frame(found):
    chart = draw(found)
    for _, path in chart.lines:
        for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path):
            assert LEFT - 0.1 <= float(x) <= RIGHT + 0.1
            assert TOP - 0.1 <= float(y) <= BOTTOM + 0.1
    assert [dot.number for dot in chart.dots] == list(range(1, len(found) + 1))
    for dot in chart.dots:
        assert LEFT <= dot.x <= RIGHT
        assert TOP <= dot.y <= BOTTOM
    assert TOP <= chart.average <= BOTTOM


@given(parts)
def test_a_higher_rate_is_higher_and_a_larger_area_further_right(found):
    chart = draw(found)
    for one, dot in zip(found, chart.dots, strict=True):
        for other, beside in zip(found, chart.dots, strict=True):
            if one.value > other.value:
                assert dot.y <= beside.y
            if one.exposure > other.exposure:
                assert dot.x >= beside.x


def test_numbers_of_areas_apart_are_in_nobodys_way():
    found = [Part(40 + 9 * place, 60_000 + 15_000 * place) for place in range(10)]
    at = [dot.at for dot in draw(found).dots]
    for place, (x, y) in enumerate(at):
        assert not any(abs(x - a) < NUMBER_WIDTH and abs(y - b) < NUMBER_HEIGHT for a, b in at[:place])


def test_areas_of_one_size_and_without_any_event_are_drawn_too():
    assert len(draw([Part(0, 50_000)] * 3).dots) == 3
    assert draw([Part(0, 50_000)] * 3).lines == ()
    assert len({dot.y for dot in draw([Part(3, 50_000), Part(9, 50_000)]).dots}) == 2


@given(st.floats(1e-6, 1e9))
def test_rules_are_few_and_round(highest):
    step = find_step(highest)
    assert highest / step <= MOST_RULES
    assert f"{step:.0e}"[0] in "125"
