"""The bar of a KPI, and the chart of its way to the target."""

import re

import pytest

from core.calendar import Month
from reporting.charts.bars import MOST_AHEAD, Way, aim_chart, bullet
from reporting.charts.control_chart import UNIT

JANUARY = Month(2026, 1)


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def test_a_bar_has_everything_on_one_scale():
    bar = bullet(130, lower=109, upper=154, baseline=172, trajectory=126.5, target=108)

    assert bar.scale[0] == ("0.00%", "0")
    assert bar.scale[-1] == ("100.00%", "200")
    assert (bar.bar, bar.baseline, bar.target) == ("65.00%", "86.00%", "54.00%")
    assert (bar.lower, bar.across) == ("54.50%", "22.50%")


@pytest.mark.parametrize("value", [0, 0.2, 99.9, 1_234_567])
def test_nothing_of_a_bar_leaves_it(value):
    bar = bullet(value, lower=value * 0.8, upper=value * 1.2, baseline=value, trajectory=value / 2, target=0, unit="%")

    places = [bar.bar, bar.upper, bar.baseline, bar.trajectory, bar.target, *(at for at, _ in bar.scale)]
    assert all(0 <= float(place.removesuffix("%")) <= 100 for place in places)
    assert bar.scale[0][1] == "0%"


def way(due: int = 11, begins: int = 0, baseline: float = 10) -> Way:
    return Way(
        baseline=baseline,
        baseline_from=JANUARY + -12,
        baseline_to=JANUARY + -1,
        begins=JANUARY + begins,
        due=JANUARY + due,
        trajectory=[10 - place / 2 for place in range(due - begins + 1)],
    )


def test_a_chart_goes_on_to_the_target():
    chart = aim_chart([9, None, 8, 7], way(), first=JANUARY)

    assert chart.width == 12 * UNIT
    assert numbers(chart.trajectory)[0] == UNIT // 2
    assert numbers(chart.trajectory)[-2] == 12 * UNIT - UNIT // 2
    assert chart.target_x
    assert chart.line.count("M") == 2  # lifted over the month without a figure
    assert chart.baseline == ""  # it lies before the picture


def test_a_baseline_is_drawn_until_it_begins():
    chart = aim_chart([10] * 14, way(), first=JANUARY + -12)
    assert numbers(chart.baseline)[0] == 0
    assert numbers(chart.baseline)[-1] == 12 * UNIT


def test_a_far_target_is_not_drawn_to():
    chart = aim_chart([9], way(due=200), first=JANUARY)
    assert chart.width == (1 + MOST_AHEAD) * UNIT
    assert chart.target_x == ""


def test_a_target_that_is_past_stands_where_it_was():
    chart = aim_chart([9] * 24, way(), first=JANUARY)
    assert chart.width == 24 * UNIT
    assert chart.target_x == f"{11.5 / 24:.2%}"


def test_there_are_few_names_of_months():
    for months in (1, 24, 60, 72):
        chart = aim_chart([1] * months, way(due=months + MOST_AHEAD), first=JANUARY)
        assert 1 <= len(chart.ticks) <= 9


def test_no_months_are_no_chart():
    with pytest.raises(ValueError, match="nothing to draw"):
        aim_chart([], way(), first=JANUARY)
