"""What does a funnel look like: each area's rate by its size, with the limits of chance around the average? Pure.

Everything is in units of one picture, which pages and packs draw unchanged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log10

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 56, 628, 16, 296
DOT = 5.0
NEAR = 11.0  # from a dot to the middle of its number
NUMBER_WIDTH, NUMBER_HEIGHT = 15.0, 12.0
MOST_RULES = 5
# Where a dot's number may be: right, left, above, below.
SIDES = ((1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0))

type Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """An area in the funnel: its number in the table, what it could count, its value, and the class of its dot."""

    number: int
    exposure: float
    value: float
    look: str


@dataclass(frozen=True, slots=True)
class Dot:
    """An area's dot, with the middle of its number."""

    number: int
    x: float
    y: float
    look: str
    at: Point


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
    average: float, curves: Sequence[tuple[str, Sequence[Point]]], entries: Sequence[Entry], *, multiplier: float = 1
) -> FunnelChart:
    """Draw the areas. `curves` are the limits, each with its class and its points of size and value. Values are
    multiplied for the axis, such as by 10,000."""
    sizes = [entry.exposure for entry in entries]
    span = max(sizes) - min(sizes) or max(sizes)
    least, most = max(0.0, min(sizes) - span * 0.08), max(sizes) + span * 0.08
    highest = max([average, *(entry.value for entry in entries)])
    step = find_step(highest * 1.15 * multiplier)
    # Without any event, one rule above the baseline.
    top = max(1, ceil(highest * 1.15 * multiplier / step)) * step / multiplier
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
    )


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
    """Yield the dots, each number on the first free side of its dot: right, left, above or below."""
    spots = [(frame.x(entry.exposure), frame.y(entry.value)) for entry in entries]
    taken: list[Point] = []
    for entry, (x, y) in zip(entries, spots, strict=True):
        places = [(round(x + right * NEAR, 1), round(y + down * NEAR, 1)) for right, down in SIDES]
        others = [*taken, *(spot for spot in spots if spot != (x, y))]
        at = next((place for place in places if is_free(place, others)), places[0])
        taken.append(at)
        yield Dot(entry.number, x, y, entry.look, at)


def is_free(place: Point, others: Sequence[Point]) -> bool:
    x, y = place
    within = LEFT < x < RIGHT - NUMBER_WIDTH / 2 and TOP < y < BOTTOM
    return within and not any(abs(x - a) < NUMBER_WIDTH and abs(y - b) < NUMBER_HEIGHT for a, b in others)
