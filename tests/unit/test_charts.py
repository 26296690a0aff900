"""The little picture of a series: where its pen is lifted, what it shows, and what it says."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.charts import HEIGHT, MARGIN, SIDE, SPARKLINE_MONTHS, WIDTH, Sparkline, Window, sparkline

BOTTOM, TOP, RIGHT = HEIGHT - MARGIN, MARGIN, WIDTH - SIDE
type Point = tuple[float, float]

series = st.lists(st.none() | st.integers(0, 10**9), max_size=40)


def strokes(drawn: Sparkline) -> list[list[Point]]:
    """The path as a pen would draw it: a list of points for each time it touches the paper. A dash
    for a lonely month comes as its one point."""
    parts: list[list[Point]] = []
    for command, x, y in re.findall(r"([MLHh])([\d.]+) ?([\d.]+)?", drawn.path):
        if command == "M":
            parts.append([(float(x), float(y))])
        elif command == "L":
            parts[-1].append((float(x), float(y)))
        elif command == "H":
            parts[-1].append((float(x), parts[-1][-1][1]))
        else:
            assert (float(x), len(parts[-1])) == (1, 1), "a dash begins at a point that stands alone"
    return parts


def lengths(values: Sequence[int | None], breaks_before: int = 0) -> list[int]:
    return [len(stroke) for stroke in strokes(sparkline(values, breaks_before=breaks_before))]


def test_an_unbroken_series_is_one_stroke_that_ends_at_the_right():
    drawn = sparkline([1, 2, 4])
    ((first, middle, last),) = strokes(drawn)
    assert first[0] < middle[0] < last[0] == RIGHT
    assert [first[1], middle[1], last[1]] == [19.5, 14, TOP]  # the scale runs from 0 at the bottom
    assert drawn.end == ("96", "3")


def test_a_gap_lifts_the_pen():
    assert lengths([1, 2, None, 3, 4, 5]) == [2, 3]
    assert lengths([None, 1, 2, None]) == [2]


def test_a_gap_takes_its_place():
    ((before, _),) = strokes(sparkline([1, 1]))
    (first,), (second,) = strokes(sparkline([1, None, 1]))
    assert second[0] == RIGHT
    assert second[0] - first[0] == pytest.approx(2 * (RIGHT - before[0]), abs=0.1)


@pytest.mark.parametrize("values", [[5], [None, 5, None], [5, None], [None, 5], [1, 2, None, 5, None, 3, 4]])
def test_a_month_that_stands_alone_is_drawn_as_a_dash(values: list[int | None]):
    drawn = sparkline(values)
    assert drawn.path.count("h1") == lengths(values).count(1) == 1


def test_the_mark_at_the_end_is_there_only_where_the_last_month_has_a_figure():
    assert sparkline([1, None]).end is None
    assert sparkline([None, 0]).end == ("96", "25")


def test_no_figures_draw_nothing():
    for values in ([], [None], [None] * 30):
        assert sparkline(values) == Sparkline(path="", end=None, label="No figures in these months.")


def test_zeros_lie_on_the_bottom():
    (stroke,) = strokes(sparkline([0, 0, 0]))
    assert {y for _, y in stroke} == {BOTTOM}


def test_only_the_last_months_are_shown():
    long = sparkline(list(range(36)))
    assert long == sparkline(list(range(12, 36)))
    ((first, *_, last),) = strokes(long)
    assert (first[0], last[0]) == (SIDE, RIGHT)
    assert long.label == "Last 24 months: lowest 12, highest 35."


def test_the_first_figure_is_told_and_the_last_only_where_the_newest_month_has_none():
    drawn = sparkline([None, 7, *[None] * 12, 3, 1200, None])
    assert (drawn.first, drawn.last) == ((15, "7"), (1, "1,200"))
    full = sparkline(list(range(36)))
    assert (full.first, full.last) == ((23, "12"), None)  # of the months that are drawn


@pytest.mark.parametrize("months", [3, 6, 12])
def test_the_months_that_stand_out_together_are_shaded(months: int):
    values = [*[14] * (36 - months), *[7] * (months - 1), None]
    window = sparkline(values, window=Window(months, "better", 14.0)).window
    assert window is not None
    edge = int(window.area.removeprefix("M").partition(" ")[0])
    places = [float(x) for x in re.findall(r"M([\d.]+) ", window.points)]
    assert len(places) == months - 1  # one has no figure
    assert edge < places[0] < edge + 5
    assert window.level == f"M{edge} {strokes(sparkline(values))[0][0][1]:g}H100"  # where the earlier months are
    assert sparkline(values).window is None


def test_the_scale_is_that_of_the_months_shown():
    assert strokes(sparkline([1000, *[10] * SPARKLINE_MONTHS]))[0][-1][1] == TOP


@pytest.mark.parametrize(
    ("under_this_definition", "expected"),
    [
        (1, [4, 1]),
        (2, [3, 2]),
        (4, [1, 4]),
        (5, [5]),  # since the first month shown: there is nothing to cross
        (6, [5]),
        (40, [5]),
    ],
)
def test_no_line_crosses_the_start_of_a_definition(under_this_definition: int, expected: list[int]):
    assert lengths([1, 2, 3, 4, 5], under_this_definition) == expected


def test_a_definition_that_starts_outside_the_picture_breaks_nothing():
    assert lengths([1] * 36, 24) == [24]
    assert lengths([1] * 36, 23) == [1, 23]


def test_months_alone_on_both_sides_of_a_new_definition_are_two_dashes():
    drawn = sparkline([None, 4, 5, None], breaks_before=2)
    assert lengths([None, 4, 5, None], 2) == [1, 1]
    assert drawn.path.count("h1") == 2


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ([7], "One month: 7."),
        ([0], "One month: 0."),
        ([3, 7], "Last 2 months: lowest 3, highest 7."),
        ([0, 0], "Last 2 months: lowest 0, highest 0."),
        ([1200, 12], "Last 2 months: lowest 12, highest 1,200."),
        ([3, None, 7], "Last 3 months: lowest 3, highest 7; 1 without a figure."),
        ([None, None, 7], "Last 3 months: lowest 7, highest 7; 2 without a figure."),
        ([None] * 30 + [7, 8], "Last 24 months: lowest 7, highest 8; 22 without a figure."),
    ],
)
def test_the_picture_in_words(values: list[int | None], label: str):
    assert sparkline(values).label == label


@given(values=series, breaks_before=st.integers(0, 50))
def test_every_figure_shown_is_drawn_once_inside_the_picture(values: list[int | None], breaks_before: int):
    drawn = sparkline(values, breaks_before=breaks_before)
    points = [point for stroke in strokes(drawn) for point in stroke]
    assert len(points) == sum(value is not None for value in values[-SPARKLINE_MONTHS:])
    assert all(SIDE <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in points)
    assert points == sorted(points, key=lambda point: point[0])


@given(values=st.lists(st.integers(0, 1000), min_size=2, max_size=SPARKLINE_MONTHS))
def test_a_higher_figure_never_stands_lower(values: list[int]):
    ((*points,),) = strokes(sparkline(values))
    for (_, one), (_, other), first, second in zip(points, points[1:], values, values[1:], strict=False):
        assert (one >= other) if first <= second else (one <= other)


# --- A small chart with what is usual --------------------------------------------------------------


def test_the_scale_reaches_to_the_top_of_what_is_usual():
    """Figures far below what is usual don't fill the picture, so that they look like what they are."""
    alone, in_band = sparkline([1, 2]), sparkline([1, 2], usual=[(0, 20), (0, 20)])
    assert strokes(alone)[0][-1][1] == TOP
    assert strokes(in_band)[0][-1][1] > HEIGHT / 2
    assert in_band.band.startswith("M90 25V3")


def test_what_is_usual_is_one_box_while_it_stays_the_same():
    drawn = sparkline([5] * 6, usual=[None, None, (2, 8), (2, 8), (3, 9), (3, 9)])
    assert drawn.band.count("M") == 2
    assert drawn.band.endswith("z")
    assert sparkline([5] * 6).band == ""


def test_months_that_stand_out_are_marked():
    values = [*range(30), None]
    drawn = sparkline(values, looks={2: "worse", 29: "better", 30: "better"})
    assert [look for *_, look in drawn.marks] == ["better"]  # the others are out of the picture, or no figure
    assert drawn.marks[0][:2] == ("92", "3")
