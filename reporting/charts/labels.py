"""The labels of a picture: how much room each takes, and a place for each, so that none covers another. Pure.

A label goes right beside its dot if there is room; otherwise a little away with a leader line; otherwise in a column at
a side of the picture. The same labels always get the same places.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import atan2, cos, hypot, pi, sin
from pathlib import Path
from typing import NamedTuple

type Point = tuple[float, float]

GAP = 4.0  # between two labels
REACH = 8.0  # from the middle of a dot to a label right beside it
EIGHT = [turn * pi / 4 for turn in range(8)]
SIXTEEN = [turn * pi / 8 for turn in range(16)]
RINGS = (18.0, 30.0, 45.0)  # from the middle of a dot to a label that had to move away
# What a place costs: away on a ring, the wrong way from its dot, each unit away, each line crossed.
RING, WRONG_WAY, FAR, CROSSING = 14.0, 10.0, 0.25, 12.0
PASSES = 3  # over all labels, each time with the others in their places


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box", gap: float = GAP) -> bool:
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def nearest(self, point: Point) -> Point:
        """Return the point of the box that is nearest to another."""
        return min(max(point[0], self.left), self.right), min(max(point[1], self.top), self.bottom)


class Spot(NamedTuple):
    """What a label must not cover: a dot, or one point of a line, with `room` around it."""

    x: float
    y: float
    room: float


class Leader(NamedTuple):
    """A line from a label to its dot, which it doesn't quite touch."""

    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label to place: its dot, its size, and its best direction."""

    at: Point
    width: float
    height: float
    away: float


class Placed(NamedTuple):
    box: Box
    anchor: str  # start, middle or end: which side of the box its lines of text share
    leader: Leader | None


@dataclass(frozen=True, slots=True)
class Ground:
    """Where labels go: the frame around them, and what they must not cover."""

    frame: Box
    taken: Sequence[Box]
    spots: Sequence[Spot]
    dots: Sequence[Point]
    lines: Sequence[Sequence[Point]]

    def is_free(self, box: Box) -> bool:
        if not self.frame.holds(box) or any(box.meets(other) for other in self.taken):
            return False
        left, top, right, bottom = box
        return not any(left - room < x < right + room and top - room < y < bottom + room for x, y, room in self.spots)

    def crossed_by(self, leader: Leader, own: Point) -> int:
        """Count the lines and dots, except its own, that a leader crosses."""
        dots = sum(distance(dot, leader) < REACH - GAP for dot in self.dots if dot != own)
        return dots + sum(any(map(lambda a, b: cross(leader, Leader(a, b)), line, line[1:])) for line in self.lines)


def place(wanted: Sequence[Wanted], ground: Ground) -> list[Placed] | None:
    """Find a place for each label near its dot; None if not all find one. The first label limits the others, so several
    orders are tried.
    """
    best, lowest = None, float("inf")
    across = sorted(range(len(wanted)), key=lambda index: wanted[index].at)
    down = sorted(across, key=lambda index: wanted[index].at[1])
    for order in (across, down, across[::-1], down[::-1]):
        cost, placed = in_turn(wanted, ground, order)
        if cost < lowest:
            best, lowest = placed, cost
        if placed is not None and not any(label.leader for label in placed):
            break  # all are right beside their dots, which is hard to improve
    return best


def in_turn(wanted: Sequence[Wanted], ground: Ground, order: Sequence[int]) -> tuple[float, list[Placed] | None]:
    """Give each label the best place that the earlier ones leave; then repeat, knowing the later ones."""
    labels: dict[int, Placed] = {}
    costs: dict[int, float] = {}
    for _ in range(PASSES):
        before = dict(labels)
        for index in order:
            others = [placed for other, placed in labels.items() if other != index]
            cost, placed = find_best(wanted[index], others, ground)
            if placed is not None:
                labels[index], costs[index] = placed, cost
        if labels == before:
            break
    if len(labels) < len(wanted):
        return float("inf"), None
    return sum(costs.values()), [labels[index] for index in range(len(wanted))]


def find_best(label: Wanted, others: Sequence[Placed], ground: Ground) -> tuple[float, Placed | None]:
    """Return the cheapest free place. They are given cheapest first, before the cost of what their leaders cross."""
    best, lowest = None, float("inf")
    # Equal costs are sorted by place, so the same labels always get the same places.
    for cost, placed in sorted(candidates(label)):
        if cost >= lowest:
            break
        if not ground.is_free(placed.box) or any(clash(placed, other) for other in others):
            continue
        leader = placed.leader
        if leader is not None:
            leaders = sum(cross(leader, other.leader) for other in others if other.leader is not None)
            cost += CROSSING * (leaders + ground.crossed_by(leader, label.at))  # noqa: PLW2901
        if cost < lowest:
            best, lowest = placed, cost
    return lowest, best


def candidates(label: Wanted) -> Iterator[tuple[float, Placed]]:
    """Yield the places that a label may have, each with its own cost."""

    def turned(angle: float) -> float:
        """0 for the best direction, 1 for the opposite one."""
        return abs((angle - label.away + pi) % (2 * pi) - pi) / pi

    for angle in EIGHT:
        yield WRONG_WAY * turned(angle), Placed(*box_beside(label, angle, REACH), None)
    for radius in RINGS:
        for angle in SIXTEEN:
            cost = RING + radius * FAR + WRONG_WAY * turned(angle) / 2
            yield cost, with_leader(label, *box_beside(label, angle, radius))


def box_beside(label: Wanted, angle: float, radius: float) -> tuple[Box, str]:
    """Place the label in a direction from its dot, with its nearest point about `radius` away."""
    right, down = cos(angle), sin(angle)
    x, y = label.at[0] + right * radius, label.at[1] + down * radius
    anchor = "start" if right > 0.3 else "end" if right < -0.3 else "middle"
    left = {"start": x, "middle": x - label.width / 2, "end": x - label.width}[anchor]
    # Beside its dot, a label's middle is level with the dot; from the diagonal on, it is all above or below.
    top = y - label.height * (1 - min(max(1.5 * down, -1.0), 1.0)) / 2
    return Box(left, top, left + label.width, top + label.height), anchor


def columns(wanted: Sequence[Wanted], frame: Box, taken: Sequence[Box]) -> list[Placed] | None:
    """Put all labels in two columns, each with those of its half of the picture, from north to south. None if the frame
    isn't tall enough.
    """
    by_place = sorted(range(len(wanted)), key=lambda index: wanted[index].at)
    half = (len(wanted) + 1) // 2
    placed_labels: dict[int, Placed] = {}
    for anchor, members in (("end", by_place[:half]), ("start", by_place[half:])):
        members.sort(key=lambda index: wanted[index].at[1])
        labels = [wanted[index] for index in members]
        width = max((label.width for label in labels), default=0.0)
        edge = frame.left + width if anchor == "end" else frame.right - width
        tops = stacked([level(label, edge, anchor) for label in labels], frame, taken)
        if tops is None:
            return None
        placed_labels |= {
            index: in_column(wanted[index], edge, anchor, top) for index, top in zip(members, tops, strict=True)
        }
    return [placed_labels[index] for index in range(len(wanted))]


def stacked(boxes: Sequence[Box], frame: Box, taken: Sequence[Box]) -> list[float] | None:
    """Return the upper edge of each box of a column, as near to its wanted place as the others allow."""
    tops: list[float] = []
    lowest = frame.top
    for box in boxes:
        top = max(lowest, box.top)
        # From the top down, because each push may meet the next one.
        for other in sorted(taken, key=lambda area: area.top):
            if moved(box, top).meets(other):
                top = other.bottom + GAP
        tops.append(top)
        lowest = moved(box, top).bottom + GAP
    highest = frame.bottom
    for index in reversed(range(len(boxes))):  # push boxes below the foot up again
        height = boxes[index].bottom - boxes[index].top
        if tops[index] + height <= highest:
            break
        top = highest - height
        for other in sorted(taken, key=lambda area: -area.top):
            if moved(boxes[index], top).meets(other):
                top = other.top - GAP - height
        tops[index] = top
        highest = top - GAP
    return None if tops and tops[0] < frame.top else tops


def level(label: Wanted, edge: float, anchor: str) -> Box:
    """Place the label in a column, level with its dot."""
    left = edge - label.width if anchor == "end" else edge
    top = label.at[1] - label.height / 2
    return Box(left, top, left + label.width, top + label.height)


def moved(box: Box, top: float) -> Box:
    return Box(box.left, top, box.right, top + box.bottom - box.top)


def in_column(label: Wanted, edge: float, anchor: str, top: float) -> Placed:
    box = moved(level(label, edge, anchor), top)
    beside = edge + GAP / 2 if anchor == "end" else edge - GAP / 2
    return with_leader(label, box, anchor, start=(beside, (box.top + box.bottom) / 2))


def with_leader(label: Wanted, box: Box, anchor: str, *, start: Point | None = None) -> Placed:
    """Return the label there, with a line to its dot that starts at `start` or at its nearest point."""
    near = start or box.nearest(label.at)
    length = hypot(near[0] - label.at[0], near[1] - label.at[1])
    # This includes a length of 0, which would be divided by.
    if length <= REACH:
        return Placed(box, anchor, None)
    share = (REACH - GAP) / length
    end = label.at[0] + (near[0] - label.at[0]) * share, label.at[1] + (near[1] - label.at[1]) * share
    return Placed(box, anchor, Leader(near, end))


def clash(one: Placed, other: Placed) -> bool:
    """Return whether two labels overlap, or one's leader crosses the other."""
    return (
        one.box.meets(other.box)
        or (one.leader is not None and goes_through(one.leader, other.box))
        or (other.leader is not None and goes_through(other.leader, one.box))
    )


def goes_through(leader: Leader, box: Box) -> bool:
    (a, b), (c, d) = box[:2], box[2:]
    sides = (Leader((a, b), (c, b)), Leader((c, b), (c, d)), Leader((c, d), (a, d)), Leader((a, d), (a, b)))
    return any(cross(leader, side) for side in sides)


def cross(one: Leader, other: Leader) -> bool:
    # Lines that only touch give 0, and don't count.
    return (
        turns(*one, other.start) * turns(*one, other.end) < 0 and turns(*other, one.start) * turns(*other, one.end) < 0
    )


def turns(a: Point, b: Point, c: Point) -> float:
    """Return a number above 0 if the path from a through b to c turns one way, below 0 if the other."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def distance(point: Point, line: Leader) -> float:
    (a, b), (c, d) = line
    length = hypot(c - a, d - b)
    along = ((point[0] - a) * (c - a) + (point[1] - b) * (d - b)) / length**2 if length else 0.0
    along = min(max(along, 0.0), 1.0)
    return hypot(point[0] - a - along * (c - a), point[1] - b - along * (d - b))


def measure_angle(start: Point, end: Point) -> float:
    return atan2(end[1] - start[1], end[0] - start[0])


# --- The room that a label's text takes -----------------------------------------------------------

SIZE, TOWN_SIZE = 13.0, 15.0  # size of the letters, in units of the picture
LINE, TOWN_LINE = 15.0, 17.0  # from one row to the next
LONGEST_ROW, LONGEST_WORD = 96.0, 124.0  # a longer row is broken, a longer word is cut
MOST_ROWS = 2  # of a name
PIECE = re.compile(r"[^\s-]+-?|-")  # a word, or a part of it up to its hyphen
BOLD = 1.07  # times as wide
GLYPHS = {"up": "↑", "down": "↓", "level": "="}
NO_ARROW = "none"
# In ems: never less than what is drawn. The font is ours, Source Sans. If it hasn't loaded yet or lacks a letter, the
# browser draws the reader's own. So these are upper bounds over Segoe UI, Roboto, Helvetica, Noto Sans, Liberation Sans
# and Source Sans.
WIDTHS = (
    dict.fromkeys("ijl.,:;'’|!", 0.3)
    | dict.fromkeys('ftI()[]- /"“”', 0.38)
    | dict.fromkeys("acesvxyzkrJ", 0.56)
    | dict.fromkeys("0123456789bdghnopqu=+_?", 0.62)
    | dict.fromkeys("EFLPSTBXYZK", 0.68)
    | dict.fromkeys("ACDGHNOQRUVw&", 0.78)
    | dict.fromkeys("mMW%–↑↓", 0.95)
    | dict.fromkeys("@…", 1.02)
)
OTHER, WIDE = 0.9, 1.3


class Run(NamedTuple):
    """A piece of a row. `kind` is name (of an origin), place (the town), number, glyph or words."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Lettering:
    """A label's rows of text, and the room that they take."""

    rows: tuple[tuple[Run, ...], ...]
    width: float
    height: float
    line: float


# A page measures the same names and words many times.
@lru_cache(maxsize=2048)
def measure_width(text: str, size: float = SIZE) -> float:
    """Return the greatest width of a text in any of the fonts."""
    return size * sum(map(width_of_letter, text))


def width_of_letter(letter: str) -> float:
    if letter in WIDTHS:
        return WIDTHS[letter]
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Cc"):
        return 0.0
    # “é” is as wide as “e”.
    plain = unicodedata.normalize("NFD", letter)[0]
    return WIDTHS.get(plain, WIDE if unicodedata.east_asian_width(letter) in "WF" else OTHER)


def origin_lettering(name: str, text: str, movement: str, words: str) -> Lettering:
    """ "Birmingham", and under it "10 ↑ Up 1": more rows if the numbers are long."""
    rows: list[tuple[Run, ...]] = [(Run("name", row),) for row in wrapped(name, SIZE)]
    number = Run("number", text)
    moved = () if movement == NO_ARROW else (Run("glyph", GLYPHS[movement]), Run("words", words))
    way, _, by = words.partition(" ")
    if width_of_row((number, *moved), SIZE) <= LONGEST_ROW or not moved:
        rows.append((number, *moved))
    elif width_of_row(moved, SIZE) <= LONGEST_WORD or not by:
        rows += [(number,), moved]
    else:
        rows += [(number,), (moved[0], Run("words", way)), (Run("words", by),)]
    return lettering(rows, SIZE, LINE)


def town_lettering(name: str) -> Lettering:
    return lettering([(Run("place", row),) for row in wrapped(name, TOWN_SIZE * BOLD)], TOWN_SIZE, TOWN_LINE)


def lettering(rows: Sequence[tuple[Run, ...]], size: float, line: float) -> Lettering:
    return Lettering(tuple(rows), max(width_of_row(row, size) for row in rows), len(rows) * line + 1, line)


def width_of_row(row: Sequence[Run], size: float) -> float:
    letters = sum(measure_width(run.text, size) * (1.0 if run.kind in ("name", "words") else BOLD) for run in row)
    return letters + (len(row) - 1) * measure_width(" ", size)


def wrapped(name: str, size: float) -> list[str]:
    """Return a name on one or two rows, broken at spaces and hyphens. What doesn't fit is cut, with a mark."""
    rows = [""]
    at = 0
    for piece in PIECE.finditer(name):
        longer = (rows[-1] + name[at : piece.end()]).strip()
        if rows[-1] and measure_width(longer, size) > LONGEST_ROW:
            rows.append(piece[0])
        else:
            rows[-1] = longer
        at = piece.end()
    if len(rows) > MOST_ROWS:
        rows = [*rows[: MOST_ROWS - 1], f"{rows[MOST_ROWS - 1]}…"]
    return [cut(row, size) for row in rows]


def cut(row: str, size: float) -> str:
    if measure_width(row, size) <= LONGEST_WORD:
        return row
    shorter = row.rstrip("…")
    while measure_width(f"{shorter}…", size) > LONGEST_WORD:
        shorter = shorter[:-1]
    return f"{shorter}…"


# --- Numbered marks under a chart's axis ----------------------------------------------------------

# The least width of a chart in pixels: on a screen with room for each month's name, and on the narrowest.
ROOMY, NARROW = 480, 230
DIGIT, PADDING, APART = 8, 10, 4  # for a label, in pixels: a digit's width, both its edges, the room beside it


@dataclass(frozen=True, slots=True)
class MarkLabel:
    """The marks from `first` to `last`, counted from 1, for the months from one place to another of the chart. Its
    middle is at `x`. All are shares of the chart's width, except `width`, which is in pixels.
    """

    first: int
    last: int
    x: float
    width: int
    starts: float
    ends: float

    @property
    def text(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def half(self) -> float:
        return self.width / 2


def place_marks(places: Sequence[int], count: int, *, room: int) -> tuple[MarkLabel, ...]:
    """Return labels for marks at these months, in order, on a chart of `count` months that is at least `room` pixels
    wide. Marks too close together become one, "1–3". Raises ValueError if the months are not in order, or not all on
    the chart.
    """
    if list(places) != sorted(places) or any(not 0 <= place < count for place in places):
        raise ValueError("Give the marks in the order of the months, all of them inside the chart.")
    labels: list[MarkLabel] = []
    for label in by_month(places, count, room):
        labels.append(label)
        # The joined label is wider, so it may meet the one before it.
        while len(labels) > 1 and meet(labels[-2], labels[-1], room):
            after, before = labels.pop(), labels.pop()
            labels.append(make_label(before.first, after.last, before.starts, after.ends, room))
    return tuple(labels)


def by_month(places: Sequence[int], count: int, room: int) -> Iterator[MarkLabel]:
    """Yield one label for all marks of a month."""
    # `groupby` joins neighbours only. The places are in order.
    for place, group in groupby(enumerate(places, 1), key=lambda item: item[1]):
        numbers = [number for number, _ in group]
        at = (place + 0.5) / count
        yield make_label(numbers[0], numbers[-1], at, at, room)


def make_label(first: int, last: int, starts: float, ends: float, room: int) -> MarkLabel:
    """Place it in the middle of its months, but inside the chart."""
    letters = len(str(first)) if first == last else len(f"{first}–{last}")
    width = letters * DIGIT + PADDING
    half = width / 2 / room
    return MarkLabel(first, last, min(max((starts + ends) / 2, half), 1 - half), width, starts, ends)


def meet(one: MarkLabel, other: MarkLabel, room: int) -> bool:
    return (other.x - one.x) * room < (one.width + other.width) / 2 + APART


SHEET = Path(__file__).parents[2] / "static" / "css" / "app.css"


def _read_colour(name: str) -> str:
    """Return a custom property of the style sheet, which comes from assets/_brand.scss."""
    # The build may leave out the space.
    declaration = re.search(rf"--{name}: ?(#[0-9a-f]{{6}})\b", SHEET.read_text(encoding="utf-8"))
    if declaration is None:
        raise LookupError(f"{SHEET.name} has no --{name}.")
    return declaration[1]


BETTER, WORSE, BAND, LAND = map(_read_colour, ("vv-better", "vv-worse", "vv-band", "vv-land"))
WASHES = {look: _read_colour(f"vv-{look}-wash") for look in ("better", "worse", "unjudged")}
INK, QUIET = _read_colour("govuk-text-colour"), _read_colour("govuk-secondary-text-colour")
ACCENT, PROBLEM = _read_colour("govuk-brand-colour"), _read_colour("govuk-error-colour")
HAIRLINE, RULE = _read_colour("govuk-border-colour"), _read_colour("govuk-surface-border-colour")
