"""The picture of a funnel: what is drawn lies in its frame, and each area once."""

import re

from hypothesis import given
from hypothesis import strategies as st

from indicators.ratios import Part, list_curves, make_funnel
from reporting.charts.funnel import (
    BOTTOM,
    DIGIT,
    LEFT,
    MOST_RULES,
    NUMBER_HEIGHT,
    RIGHT,
    TOP,
    WIDTH,
    Box,
    Dot,
    Entry,
    draw_funnel,
    find_covered,
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


def box_of(dot: Dot) -> Box:
    """What a dot's number covers in the largest letters, those of a phone."""
    (x, y), width = dot.at, DIGIT * len(str(dot.number))
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[dot.anchor]
    return left, y - NUMBER_HEIGHT / 2, left + width, y + NUMBER_HEIGHT / 2


def test_numbers_of_areas_apart_cover_no_number_and_no_dot():
    found = [Part(40 + 9 * place, 60_000 + 15_000 * place) for place in range(12)]
    dots = draw(found).dots
    boxes = [box_of(dot) for dot in dots]
    for place, box in enumerate(boxes):
        others = [*boxes[:place], *((dot.x - 5, dot.y - 5, dot.x + 5, dot.y + 5) for dot in dots)]
        assert find_covered(box, others) == 0


@given(parts)
def test_every_label_lies_in_the_picture(found):
    chart = draw(found)
    for tick in chart.sizes:
        # "400,000" in the letters of a phone.
        reach = 0.5 * DIGIT * len(tick.label)
        assert tick.at - reach >= 0
        assert tick.at + reach <= WIDTH
    for dot in chart.dots:
        left, _, right, _ = box_of(dot)
        assert left >= 0
        assert right <= WIDTH


def test_the_outer_limit_is_drawn_from_the_smallest_area_on():
    # Violence in fourteen towns: they differ by much more than chance, so the limits are far apart.
    found = [Part(rate * size // 10, size * 1_000) for rate, size in zip(
        (30, 25, 29, 41, 16, 35, 28, 33, 22, 38), (65, 80, 190, 183, 90, 85, 173, 140, 87, 120), strict=True
    )]  # fmt: skip
    funnel, chart = make_funnel(found), draw(found)
    assert funnel.factor > 3
    smallest = min(dot.x for dot in chart.dots)
    upper = max((path for _, path in chart.lines if path), key=lambda path: -float(path[1:].split("L")[-1].split()[1]))
    assert float(upper[1:].split()[0]) <= smallest
    assert chart.dots[3].y < chart.average < chart.dots[4].y


def test_areas_of_one_size_and_without_any_event_are_drawn_too():
    assert len(draw([Part(0, 50_000)] * 3).dots) == 3
    assert draw([Part(0, 50_000)] * 3).lines == ()
    assert len({dot.y for dot in draw([Part(3, 50_000), Part(9, 50_000)]).dots}) == 2


@given(st.floats(1e-6, 1e9))
def test_rules_are_few_and_round(highest):
    step = find_step(highest)
    assert highest / step <= MOST_RULES
    assert f"{step:.0e}"[0] in "125"
