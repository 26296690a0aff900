"""A funnel chart: each area's rate by its size, with the limits of chance around the average. Pure.

Everything is in units of one picture, which pages and packs draw unchanged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log10

WIDTH, HEIGHT = 640, 352
# Room for the widest label of a size around the last of them, and for that of a value on the left.
LEFT, RIGHT, TOP, BOTTOM = 64, 592, 16, 296
DOT = 5.0
NEAR = 8.0  # from the middle of a dot to its number
# Of a number in the largest letters, those on a phone.
DIGIT, NUMBER_HEIGHT = 12.5, 17.0
MOST_RULES = 5
# The axis is at most so many times as high as the highest dot or the average: a limit far above would flatten them.
MOST_ABOVE = 2.5
# Where a dot's number may be, the first free one: to the side, above or below, then at the corners.
SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
ANCHORS = {1: "start", 0: "middle", -1: "end"}

type Point = tuple[float, float]
type Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """An area in the funnel: its number in the table, what it could count, its value, and the class of its dot."""

    number: int
    exposure: float
    value: float
    look: str


@dataclass(frozen=True, slots=True)
class Dot:
    """An area's dot, with its number: where it starts, ends or has its middle (`anchor`), at half its height."""

    number: int
    x: float
    y: float
    look: str
    at: Point
    anchor: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class FunnelChart:
    lines: tuple[tuple[str, str], ...]  # the class and the path of each limit
    average: float
    dots: tuple[Dot, ...]
    sizes: tuple[Tick, ...]
    values: tuple[Tick, ...]
    size_name: str  # of the axis along the bottom


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the plane that is drawn: sizes from `least` to `most`, values from 0 to `top`."""

    least: float
    most: float
    top: float

    def x(self, size: float) -> float:
        return round(LEFT + (size - self.least) / (self.most - self.least) * (RIGHT - LEFT), 1)

    def y(self, value: float) -> float:
        return round(BOTTOM - value / self.top * (BOTTOM - TOP), 1)


def draw_funnel(
    average: float,
    curves: Sequence[tuple[str, Sequence[Point]]],
    entries: Sequence[Entry],
    *,
    multiplier: float = 1,
    size_name: str = "",
) -> FunnelChart:
    """Draw the areas. `curves` are the limits, each with its class and its points of size and value. Values are
    multiplied for the axis, such as by 10,000."""
    sizes = [entry.exposure for entry in entries]
    span = max(sizes) - min(sizes) or max(sizes)
    least, most = max(0.0, min(sizes) - span * 0.08), max(sizes) + span * 0.08
    highest = find_highest(average, curves, entries) * multiplier
    step = find_step(highest)
    # Without any event, one rule above the baseline.
    top = max(1, ceil(highest / step)) * step / multiplier
    frame = Frame(least, most, top)
    return FunnelChart(
        lines=tuple((look, draw_path(list(cut(points, frame)), frame)) for look, points in curves),
        average=frame.y(average),
        dots=tuple(place_dots(entries, frame)),
        sizes=tuple(list_ticks(least, most, frame)),
        values=tuple(
            Tick(frame.y(number * step / multiplier), label_number(number * step, step))
            for number in range(round(top * multiplier / step) + 1)
        ),
        size_name=size_name,
    )


def find_highest(average: float, curves: Sequence[tuple[str, Sequence[Point]]], entries: Sequence[Entry]) -> float:
    """Return the highest value that the axis needs: with room above every dot, and with each limit from the smallest
    area on."""
    dots = max([average, *(entry.value for entry in entries)]) * 1.15
    smallest = min(entry.exposure for entry in entries)
    limits = [value for _, points in curves for size, value in points if size >= smallest]
    return max(dots, min(max(limits, default=0.0) * 1.02, dots * MOST_ABOVE))


def find_step(highest: float) -> float:
    """Return the distance of rules: 1, 2 or 5 of a power of ten, with at most MOST_RULES of them up to the highest."""
    if highest <= 0:
        return 1.0
    unit = 10.0 ** (ceil(log10(highest / MOST_RULES)) - 1)
    return next(unit * times for times in (1, 2, 5, 10, 20) if highest / (unit * times) <= MOST_RULES)


def label_number(number: float, step: float) -> str:
    decimals = max(0, -int(log10(step) // 1)) if step < 1 else 0
    return f"{number:,.{decimals}f}"


def list_ticks(least: float, most: float, frame: Frame) -> Iterator[Tick]:
    step = find_step(most - least)
    number = ceil(least / step)
    while number * step <= most:
        yield Tick(frame.x(number * step), label_number(number * step, step))
        number += 1


def cut(points: Sequence[Point], frame: Frame) -> Iterator[Point]:
    """Yield the part of a line inside the frame, with points of its own where it crosses the frame's sides."""
    for (one_x, one_y), (other_x, other_y) in pairwise(points):
        if other_x <= one_x:
            continue
        shares = [0.0, 1.0]
        for edge in (frame.least, frame.most):
            shares.append((edge - one_x) / (other_x - one_x))
        if other_y != one_y:
            shares.append((frame.top - one_y) / (other_y - one_y))
        for share in sorted(share for share in shares if 0 <= share <= 1):
            point = one_x + (other_x - one_x) * share, one_y + (other_y - one_y) * share
            if is_inside(point, frame):
                yield point


def is_inside(point: Point, frame: Frame) -> bool:
    room = 1e-9 * frame.most
    return frame.least - room <= point[0] <= frame.most + room and point[1] <= frame.top * (1 + 1e-9)


def draw_path(points: Sequence[Point], frame: Frame) -> str:
    drawn = dict.fromkeys((frame.x(x), frame.y(y)) for x, y in points)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in drawn) if len(drawn) > 1 else ""


def place_dots(entries: Sequence[Entry], frame: Frame) -> Iterator[Dot]:
    """Yield the dots, each number on the first side of its dot that is free, or else where it covers least."""
    spots = [(frame.x(entry.exposure), frame.y(entry.value)) for entry in entries]
    reach = DOT + 1.0
    taken: list[Box] = [(x - reach, y - reach, x + reach, y + reach) for x, y in spots]
    for entry, (x, y) in zip(entries, spots, strict=True):
        places = [(find_box(entry.number, x, y, side), side) for side in SIDES]
        # The first of those that cover least.
        box, (right, down) = min(places, key=lambda place: find_covered(place[0], taken))
        taken.append(box)
        yield Dot(entry.number, x, y, entry.look, find_at(x, y, right, down), ANCHORS[right])


def find_at(x: float, y: float, right: int, down: int) -> Point:
    """Return where a number is, at half its height. In a corner it is a little closer."""
    near = NEAR if not (right and down) else NEAR * 0.6
    return round(x + right * near, 1), round(y + down * (near + NUMBER_HEIGHT / 2), 1)


def find_box(number: int, x: float, y: float, side: tuple[int, int]) -> Box:
    """Return what a number covers on this side of its dot."""
    (right, down), width = side, DIGIT * len(str(number))
    at, middle = find_at(x, y, right, down)
    start = at - {1: 0.0, 0: width / 2, -1: width}[right]
    return start, middle - NUMBER_HEIGHT / 2, start + width, middle + NUMBER_HEIGHT / 2


def find_covered(box: Box, taken: Sequence[Box]) -> float:
    """Return how much of the others, and of what is outside the frame, a box covers."""
    left, top, right, bottom = box
    covered = sum(
        max(0.0, min(right, other[2]) - max(left, other[0])) * max(0.0, min(bottom, other[3]) - max(top, other[1]))
        for other in taken
    )
    outside = max(0.0, LEFT - left) + max(0.0, right - WIDTH) + max(0.0, TOP - top) + max(0.0, bottom - BOTTOM)
    return covered + NUMBER_HEIGHT * outside
