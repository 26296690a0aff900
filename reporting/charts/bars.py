"""The pictures of a KPI: its months against baseline and target, and the bar of its newest figure. Pure.

As in an indicator's chart (control_chart), places along it are percentages, and paths are in a separate picture that is
stretched over it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.calendar import Month
from reporting.charts.control_chart import BOTTOM as CHART_BOTTOM
from reporting.charts.control_chart import HEIGHT as CHART_HEIGHT
from reporting.charts.control_chart import (
    LINE_OF_WORDS,
    TOP,
    UNIT,
    Rule,
    Tick,
    dots_path,
    line_path,
    middle,
    number,
    percent,
    rules_to,
    short,
)

MOST_AHEAD = 36  # months after the newest figure that are drawn
TICKS = 8  # names of months, at most


@dataclass(frozen=True, slots=True)
class AimChart:
    """`line`, `dots`, `baseline` and `trajectory` are paths of the stretched picture, `width` wide. The target is at
    `target_x` and `target_y`, if it is drawn.
    """

    width: int
    rules: tuple[Rule, ...]
    ticks: tuple[Tick, ...]
    line: str
    dots: str
    baseline: str
    trajectory: str
    target_x: str
    target_y: str
    height: int = CHART_HEIGHT
    bottom: int = CHART_BOTTOM


@dataclass(frozen=True, slots=True)
class Way:
    """A KPI's aim: its baseline in these months, and its trajectory from `begins` to its target in `due`."""

    baseline: float
    baseline_from: Month
    baseline_to: Month
    begins: Month
    due: Month
    trajectory: Sequence[float]  # a value for each month from `begins` to `due`


def aim_chart(values: Sequence[float | None], way: Way, *, first: Month, unit: str = "") -> AimChart:
    """Draw months from `first` on, None for one without a figure, and the trajectory; `unit` follows the axis's
    numbers. Raises ValueError for no months.
    """
    if not values:
        raise ValueError("There is nothing to draw.")
    newest = first + (len(values) - 1)
    last = max(newest, min(way.due, newest + MOST_AHEAD))
    count = last - first + 1
    figures = [value for value in values if value is not None]
    # At least 1, because `rules_to` takes a logarithm.
    step, top = rules_to(max([*figures, way.baseline, *way.trajectory, 1]))
    scale = (CHART_BOTTOM - TOP - LINE_OF_WORDS) / top
    heights = [None if value is None else short(CHART_BOTTOM - value * scale) for value in values]
    is_target_drawn = first <= way.due <= last
    return AimChart(
        width=count * UNIT,
        rules=tuple(
            Rule(short(CHART_BOTTOM - value * scale), f"{number(value)}{unit}") for value in range(0, top + 1, step)
        ),
        ticks=tuple(make_ticks(first, count)),
        line=line_path(heights, ()),
        dots=dots_path(heights, without=()),
        baseline=level_path(way.baseline, way.baseline_from - first, way.begins - first, scale),
        trajectory=trajectory_path(way, first, last, scale),
        target_x=middle(way.due - first, count) if is_target_drawn else "",
        target_y=short(CHART_BOTTOM - way.trajectory[-1] * scale) if is_target_drawn else "",
    )


def level_path(value: float, start: int, end: int, scale: float) -> str:
    """Draw a level over these places, without the last; nothing before the picture starts."""
    if end <= 0:
        return ""
    return f"M{max(0, start) * UNIT} {short(CHART_BOTTOM - value * scale)}H{end * UNIT}"


def trajectory_path(way: Way, first: Month, last: Month, scale: float) -> str:
    """Draw the trajectory from its first month to its target's, but not beyond the picture."""
    shown = [
        (way.begins + place - first, value)
        for place, value in enumerate(way.trajectory)
        if first <= way.begins + place <= last
    ]
    return "".join(
        f"{'L' if at else 'M'}{place * UNIT + UNIT // 2} {short(CHART_BOTTOM - value * scale)}"
        for at, (place, value) in enumerate(shown)
    )


def make_ticks(first: Month, count: int) -> Iterator[Tick]:
    """Name months at equal distances that divide a year; every second one is a main one."""
    # 120 is always found, however long the picture is.
    apart = next(months for months in (3, 6, 12, 24, 60, 120) if count <= months * TICKS or months == 120)
    # Counted back from the last month, which always gets its name.
    for at, place in enumerate(range((count - 1) % apart, count, apart)):
        month = first + place
        yield Tick(middle(place, count), month.name[:3], str(month.year), at % 2 == 0)


# --- The bar: a KPI's figures with their range, against baseline, trajectory and target -----------

HEIGHT, BOTTOM = 56, 36  # the whole picture; the bar, with its scale under it


@dataclass(frozen=True, slots=True)
class Bullet:
    """`bar` is the length of the figures from 0. The range is drawn from `lower`, `across` wide. The others are places
    along it. `scale` has numbers with their places, the first at 0 and the last at the end.
    """

    bar: str
    lower: str
    across: str
    upper: str
    baseline: str
    trajectory: str
    target: str
    scale: tuple[tuple[str, str], ...]
    height: int = HEIGHT


def bullet(
    value: float, *, lower: float, upper: float, baseline: float, trajectory: float, target: float, unit: str = ""
) -> Bullet:
    """Draw values of 0 or more; the scale starts at 0."""
    # At least 1, because `rules_to` takes a logarithm.
    step, top = rules_to(max(value, upper, baseline, trajectory, target, 1))

    def place(one: float) -> str:
        return percent(one / top)

    # With a single step there is no round number in between.
    ends = (0, top // step // 2 * step, top) if top // step > 1 else (0, top)
    return Bullet(
        bar=place(value),
        lower=place(lower),
        across=percent((upper - lower) / top),
        upper=place(upper),
        baseline=place(baseline),
        trajectory=place(trajectory),
        target=place(target),
        scale=tuple((place(one), f"{number(one)}{unit}") for one in ends),
    )
