"""The chart of a series: where its lines break, what its scale reaches, what is marked, and how it is told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Month
from indicators.charts import Window
from reporting.charts.control_chart import (
    BOTTOM,
    HEIGHT,
    MOST_RULES,
    SMALL_HEIGHT,
    UNIT,
    Aimed,
    ControlChart,
    Drawn,
    SmallChart,
    Start,
    Usual,
    control_chart,
    number,
    rules_to,
    small_chart,
)

NOVEMBER = Month(2023, 11)


@dataclass(frozen=True)
class Step:
    """A part of a series whose limits are the same for all its months."""

    at: int
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    marks: dict[int, str] = field(default_factory=dict)


def drawn(steps: Sequence[Step], count: int, *, breaks: bool = True) -> Drawn:
    ends = [*(step.at for step in steps[1:]), count]
    usual = [
        None if step.mean is step.lower is step.upper is None else Usual(step.lower, step.mean, step.upper)
        for step, end in zip(steps, ends, strict=True)
        for _ in range(step.at, end)
    ]
    starts = [Start(step.at, f"New definition, {(NOVEMBER + step.at).short_label}", breaks) for step in steps[1:]]
    return Drawn(usual, {place: look for step in steps for place, look in step.marks.items()}, starts)


PLAIN = [Step(0)]
LIMITED = Step(0, mean=10, lower=4, upper=16)

type Point = tuple[float, float]


def draw(values, steps=PLAIN, *, first=NOVEMBER, in_columns=False) -> ControlChart:
    return control_chart(values, drawn(steps, len(values)), first=first, in_columns=in_columns)


def small(values, steps=PLAIN) -> SmallChart:
    return small_chart(values, drawn(steps, len(values)))


def points(path: str) -> list[Point]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)]


def strokes(path: str) -> list[int]:
    """How many points each stroke of the pen joins."""
    return [piece.count("L") + 1 for piece in path.split("M")[1:]]


def value_of(chart: ControlChart, y: float) -> float:
    """What a height says, by the scale at the side."""
    lowest, *_, highest = chart.rules
    return (BOTTOM - y) / (float(lowest.y) - float(highest.y)) * int(highest.label.replace(",", ""))


def test_each_figure_stands_at_its_height_on_the_scale():
    chart = draw([0, 5, 17])
    assert [rule.label for rule in chart.rules] == ["0", "5", "10", "15", "20"]
    assert [round(value_of(chart, y), 1) for _, y in points(chart.line)] == [0, 5, 17]
    assert [x for x, _ in points(chart.line)] == [5, 15, 25]
    assert chart.width == 3 * UNIT


def test_the_scale_begins_at_0_and_reaches_the_limits_too():
    chart = draw([9, 10, 11], [Step(0, mean=10, lower=7, upper=33)])
    assert chart.rules[0].label == "0"
    assert chart.rules[-1].label == "40"


@pytest.mark.parametrize(
    ("values", "steps", "expected"),
    [
        ([1, 2, 3], PLAIN, [3]),
        ([1, None, 3, 4], PLAIN, [1, 2]),
        ([None, None, 3], PLAIN, [1]),
        ([1, 2, 3, 4], [Step(0), Step(2)], [2, 2]),
        ([1, 2, None, 4], [Step(0), Step(2)], [2, 1]),
        ([1, 2, 3], [Step(0), Step(1), Step(2)], [1, 1, 1]),
        ([None, None], PLAIN, []),
    ],
)
def test_the_line_is_lifted_over_gaps_and_where_a_definition_begins(values, steps, expected):
    chart = draw(values, steps)
    assert strokes(chart.line) == expected
    assert chart.dots.count("h0") == sum(value is not None for value in values)


def test_a_month_without_a_figure_is_marked_at_its_place():
    chart = draw([1, None, 3, None])
    assert chart.gaps == ("37.50%", "87.50%")


def test_mean_and_limits_stand_under_their_own_step_only():
    chart = draw([9, 9, 20, 20], [Step(0, mean=9, lower=3, upper=15), Step(2, mean=20, lower=10, upper=30)])
    assert re.findall(r"M(\d+) [\d.]+H(\d+)", chart.mean) == [("0", "20"), ("20", "40")]
    heights = [round(value_of(chart, float(y))) for y in re.findall(r"M\d+ ([\d.]+)H", chart.limits)]
    assert heights == [3, 15, 10, 30]


def test_a_run_chart_has_no_limits():
    chart = draw([1, 2, 3])
    assert (chart.mean, chart.limits, chart.bands) == ("", "", "")


def test_a_lower_limit_under_0_is_not_drawn_and_the_band_ends_at_0():
    chart = draw([5, 6, 7], [Step(0, mean=6, lower=-4.5, upper=16)])
    assert chart.limits.count("M") == 1
    assert f"V{BOTTOM}H0Z" in chart.bands


def test_a_mean_without_limits_is_drawn_alone():
    chart = draw([5, 5, 5], [Step(0, mean=5)])
    assert (chart.mean.count("M"), chart.limits, chart.bands) == (1, "", "")


def test_a_signal_is_a_mark_instead_of_a_dot():
    chart = draw([5, 20, 5], [Step(0, mean=10, lower=4, upper=16, marks={1: "worse"})])
    (mark,) = chart.marks
    assert (mark.x, mark.look, round(value_of(chart, float(mark.y)))) == ("50.00%", "worse", 20)
    assert chart.dots.count("h0") == 2


def test_a_signal_of_a_month_without_a_figure_is_not_drawn():
    assert draw([5, None], [Step(0, marks={1: "worse"})]).marks == ()


def test_a_change_of_definition_has_its_month_and_words_that_stay_in_the_picture():
    early, late = (draw([1] * 36, [Step(0), Step(place)]).changes[0] for place in (6, 30))
    assert (early.words, early.x, early.ends) == ("New definition, May 2024", "16.67%", False)
    assert (late.words, late.ends) == ("New definition, May 2026", True)
    assert draw([1] * 36, [Step(0)]).changes == ()


def test_two_changes_are_told_on_two_lines_above_the_figures():
    chart = draw([9] * 36, [Step(0), Step(10), Step(13)])
    one, other = chart.changes
    assert one.y != other.y
    assert float(chart.rules[-1].y) > max(float(one.y), float(other.y))


def test_every_third_month_is_named_the_newest_among_them():
    chart = draw([1] * 36)
    assert len(chart.ticks) == 12
    assert (chart.ticks[-1].month, chart.ticks[-1].year, chart.ticks[-1].is_main) == ("Oct", "2026", True)
    assert [tick.is_main for tick in chart.ticks[-4:]] == [False, True, False, True]


def test_rare_events_are_columns_a_true_nought_among_them():
    chart = draw([0, 2, None, 1], in_columns=True)
    assert (chart.line, chart.dots) == ("", "")
    assert len(chart.columns) == 3
    nought, two, one = chart.columns
    assert float(nought.height) == 2
    assert float(two.height) == pytest.approx(2 * float(one.height), abs=0.2)
    assert chart.gaps == ("62.50%",)


def test_the_picture_in_words():
    steps = [Step(0, mean=5, lower=1, upper=9, marks={1: "worse"}), Step(3)]
    assert draw([5, 12, None, 4], steps).words == (
        "Last 4 months: lowest 4, highest 12; 1 without a figure. 1 month shows a signal. New definition, Feb 2024."
    )
    assert draw([None]).words == "No figures in these months."


def test_no_months_are_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        draw([])


@pytest.mark.parametrize(
    ("highest", "step", "top"),
    [(1, 1, 1), (4, 1, 4), (5, 1, 5), (6, 2, 6), (16.6, 5, 20), (26, 10, 30), (99, 20, 100), (101, 50, 150)],
)
def test_the_scale_is_in_round_numbers(highest, step, top):
    assert rules_to(highest) == (step, top)


@given(st.floats(1, 10**15))
def test_the_scale_reaches_the_highest_figure_in_a_few_steps(highest):
    step, top = rules_to(highest)
    assert highest <= top <= highest + step
    assert top % step == 0
    assert top <= step * MOST_RULES


@pytest.mark.parametrize(
    ("value", "label"),
    [(0, "0"), (1_000, "1,000"), (50_000, "50,000"), (100_000, "100k"), (2_500_000, "2.5m"), (10**9, "1bn")],
)
def test_the_numbers_at_the_side_have_room(value, label):
    assert number(value) == label


months = st.lists(st.none() | st.integers(0, 10**9), min_size=1, max_size=36)


@given(values=months, at=st.integers(0, 36), upper=st.none() | st.floats(0, 10**9))
def test_every_figure_is_drawn_once_inside_the_picture(values, at, upper):
    steps = [Step(0, mean=upper, lower=upper and -upper, upper=upper)]
    if 0 < at < len(values):
        steps.append(Step(at))
    for in_columns in (False, True):
        chart = draw(values, steps, in_columns=in_columns)
        figures = sum(value is not None for value in values)
        drawn = [y for _, y in points(chart.line)] + [float(column.y) for column in chart.columns]
        assert len(drawn) == figures
        assert len(chart.gaps) == len(values) - figures
        assert all(0 <= y <= BOTTOM < HEIGHT for y in drawn)
        assert all(float(place.removesuffix("%")) <= 100 for place in chart.gaps)


def test_a_small_chart_shows_the_last_two_years_with_what_is_usual():
    chart = small([50] * 12 + [10] * 24, [Step(0, mean=50, lower=40, upper=60), Step(12, lower=4, upper=16)])
    assert chart.width == 24 * UNIT
    assert strokes(chart.line) == [24]
    assert chart.bands.count("Z") == 1  # the older step is out of sight
    assert chart.bands.startswith("M0 ")
    assert chart.label == "Last 24 months: lowest 10, highest 10."


def test_a_small_chart_marks_signals_in_sight_and_the_newest_month():
    chart = small([5] * 36, [Step(0, lower=1, upper=9, marks={3: "worse", 20: "worse", 30: "better"})])
    assert [(mark.x, mark.look) for mark, _ in chart.marks] == [("35.42%", "worse"), ("77.08%", "better")]
    assert re.findall(r"M(\d+) ", chart.end) == ["235"]
    assert small([5, None], PLAIN).end == ""


def test_the_newest_month_of_a_small_chart_has_a_mark_or_a_dot_and_its_mark_is_the_larger():
    chart = small([5] * 36, [Step(0, lower=1, upper=9, marks={20: "worse", 30: "watch", 35: "worse"})])
    (_, earlier), (newest, larger) = chart.marks
    assert (newest.x, chart.end) == ("97.92%", "")
    assert abs(float(larger.removeprefix("m0").partition("l")[0])) > abs(
        float(earlier.removeprefix("m0").partition("l")[0])
    )


@pytest.mark.parametrize("months", [3, 6, 12])
def test_the_months_that_stand_out_together_are_shaded_with_what_is_usual_for_one(months):
    values = [*[14] * (24 - months), *[8] * months]
    drawn_beside = Drawn([Usual(4, 14, 27)] * 24, {23: "better"}, window=Window(months, "better", 14.0))
    chart = control_chart(values, drawn_beside, first=NOVEMBER)
    first = (24 - months) * UNIT
    assert chart.window is not None
    assert re.fullmatch(r"M(\d+) 0V256H(\d+)V0z", chart.window.area).groups() == (str(first), "240")
    # The line of what is usual is where the usual line of a month is.
    assert chart.window.level.partition(" ")[2].partition("H")[0] == re.fullmatch(r"M0 ([\d.]+)H240", chart.mean)[1]
    assert [int(x) for x in re.findall(r"M(\d+) ", chart.window.points)] == list(range(first + UNIT // 2, 240, UNIT))
    cut = control_chart(values[-13:], drawn_beside.since(11), first=NOVEMBER)
    assert cut.window is not None
    assert cut.window.area.startswith(f"M{(13 - months) * UNIT} ")


def test_what_is_usual_for_a_window_stays_inside_the_picture():
    chart = control_chart([0, 0, 0], Drawn(window=Window(3, "better", 40.0)), first=NOVEMBER)
    assert chart.window is not None
    assert float(chart.window.level.split()[1].partition("H")[0]) >= 0


@given(values=months)
def test_a_small_chart_stays_inside_its_picture(values):
    chart = small(values, [LIMITED])
    assert all(0 <= y <= SMALL_HEIGHT and 0 <= x <= chart.width for x, y in points(chart.line))


# --- What is usual of each month -------------------------------------------------------------------------------


def test_limits_go_up_and_down_with_the_months():
    usual = [None, Usual(4, 10, 16), Usual(4, 10, 16), Usual(8, 20, 30)]
    chart = control_chart([9, 9, 9, 20], Drawn(usual), first=NOVEMBER)
    (start, rise, _, end) = re.fullmatch(r"M(\d+) [\d.]+H(\d+)V([\d.]+)H(\d+)", chart.mean).groups()
    assert (start, rise, end) == ("10", "30", "40")
    assert chart.bands.count("Z") == 1


def test_a_band_is_closed_around_its_months():
    chart = control_chart([9, 9, 20], Drawn([Usual(4, 10, 16), Usual(4, 10, 16), Usual(8, 20, 30)]), first=NOVEMBER)
    match = re.fullmatch(r"M0 ([\d.]+)H20V([\d.]+)H30V([\d.]+)H20V([\d.]+)H0Z", chart.bands)
    assert match is not None
    assert [round(value_of(chart, float(y))) for y in match.groups()] == [16, 30, 8, 4]


def test_a_new_level_does_not_break_the_line():
    steps = [Step(0), Step(2)]
    chart = control_chart([1, 2, 3, 4], drawn(steps, 4, breaks=False), first=NOVEMBER)
    assert strokes(chart.line) == [4]
    assert [change.breaks for change in chart.changes] == [False]


def test_a_definition_breaks_what_is_usual_too():
    limited = [Step(0, mean=9, lower=3, upper=15), Step(2, mean=9, lower=3, upper=15)]
    assert draw([9] * 4, limited).bands.count("Z") == 2
    chart = control_chart([9] * 4, drawn(limited, 4, breaks=False), first=NOVEMBER)
    assert chart.bands.count("Z") == 1


def test_an_aim_is_drawn_from_its_first_month_on_and_fits():
    chart = control_chart([10, 9, 8], Drawn(aims=[Aimed([None, 40.0, 30.0], 20.0)]), first=NOVEMBER)

    assert chart.ways.startswith(f"M{UNIT + UNIT // 2} ")
    assert chart.targets.startswith(f"M{UNIT} ")
    assert chart.targets.endswith(f"H{3 * UNIT}")
    assert chart.rules[-1].label == "40"
    assert control_chart([10], Drawn(), first=NOVEMBER).ways == ""
