"""The map of the lines into a town: Great Britain, a line from each origin, its width by count, and labels. Pure.

Everything is in the units of one picture, WIDTH wide, which pages and packs draw unchanged. On a phone, a unit is about
a pixel.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, pi, radians
from pathlib import Path
from typing import NamedTuple

from indicators.trend import CellState
from reporting.charts.labels import (
    REACH,
    Box,
    Ground,
    Lettering,
    Placed,
    Point,
    Run,
    Spot,
    Wanted,
    columns,
    measure_angle,
    origin_lettering,
    place,
    town_lettering,
)

NOT_SHOWN = CellState.WITHHELD.label.lower()
FEW = 2  # places that a headline names


@dataclass(frozen=True, slots=True)
class Origin:
    """Where lines come from. `count` is None if there is no figure to show. `text` is what to show ("10", "[x]",
    "not shown"). `movement` is up, down, level or none, and `words` describes it ("Up 2").
    """

    code: str
    name: str
    count: int | None
    text: str
    movement: str
    words: str
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    longitude: float
    latitude: float


def headline(what: str, origins: Sequence[Origin]) -> str:
    """Return the finding: "Lines into the town: the most from Birmingham, 10"."""
    with_counts = [origin for origin in origins if origin.count is not None]
    most = max((origin.count or 0 for origin in with_counts), default=0)
    is_whole = len(with_counts) == len(origins)
    if not with_counts:
        summary = "no figures"
    elif most == 0:
        summary = "none" if is_whole else "none in the figures shown"
    elif len(origins) == 1:
        summary = f"{with_counts[0].text} from {with_counts[0].name}"
    else:
        first = [origin for origin in with_counts if origin.count == most]
        names = " and ".join(origin.name for origin in first) if len(first) <= FEW else f"{len(first)} places"
        count = f"{first[0].text}{' each' if len(first) > 1 else ''}"
        summary = (
            f"the most from {names}, {count}" if is_whole else f"the largest number shown is {count}, from {names}"
        )
    return f"{what}: {summary}"


def describe_map(what: str, town: str, placed: Sequence[Origin], unplaced: Sequence[Origin]) -> str:
    """Describe the whole map, for somebody who can't see it."""
    parts = [describe_origin(origin) for origin in placed]
    if unplaced:
        parts.append(f"not on the map: {', '.join(map(describe_origin, unplaced))}")
    return f"{what}, to {town} from: {'; '.join(parts)}."


def beside(unplaced: Sequence[Origin]) -> str:
    """Return what is listed beside the map, or nothing."""
    return f"Not on the map: {'; '.join(map(describe_origin, unplaced))}." if unplaced else ""


def describe_origin(origin: Origin) -> str:
    """ "Birmingham 10, up 1"."""
    moved = f", {origin.words[:1].lower()}{origin.words[1:]}" if origin.words and origin.count is not None else ""
    return f"{origin.name} {origin.text}{moved}"


def reading_aid(drawn: Sequence[Origin]) -> str:
    """Explain the kinds of lines on the map."""
    counts = [origin.count for origin in drawn]
    parts = []
    if any(counts):
        parts.append("Wider means more.")
    if 0 in counts:
        parts.append("Dashed: none this month.")
    unknown = [origin.text for origin in drawn if origin.count is None]
    if unknown:
        parts.append(f"Dotted: {NOT_SHOWN if set(unknown) == {NOT_SHOWN} else 'no figure'}.")
    return " ".join(parts)


WIDTH = 352  # as wide as the picture is on a phone of 390 pixels
SHORTEST, TALLEST = 280, 470  # unless there isn't room for the labels
EDGE = 6  # between the frame and a label
SIDE, WIDEST_SIDE, HEAD = 96.0, 124.0, 46.0  # between the frame and the outermost places: room for labels
DOT = 5.0  # the room around the middle of a dot that labels leave
MOST_NEAR = 8  # labels that stand near their dots; more are easier to find in columns
# The width of a line for a count of 1, which is just visible; the greatest width; and the most for each 1.
NARROWEST, WIDEST, FOR_EACH = 1.8, 8.0, 1.0
BOW = 0.2  # how far a line curves at most, as a share of its length
STEPS, CLEAR = 24, 2.5  # points of a line that labels must not cover, and the distance

# A degree of latitude is a hundred units; a degree of longitude is scaled for the middle of England.
ONE_DEGREE, SHRINK = 100, cos(radians(54.5))
WEST, NORTH = -9.0, 61.0
FARTHEST = (-9.0, 49.8, 2.2, 61.0)  # degrees west, south, east, north: the extent of the map of Great Britain
COAST = 0.75
FOOT = 3.0  # between the foot of a row of letters and the row's lower edge


def project(longitude: float, latitude: float) -> Point:
    """Turn degrees into units of the outline: eastings and southings from a point north-west of Scotland."""
    return (longitude - WEST) * ONE_DEGREE * SHRINK, (NORTH - latitude) * ONE_DEGREE


OUTLINE = [
    (Box(*part["box"]), part["path"])
    for part in json.loads((Path(__file__).parent / "great_britain.json").read_text(encoding="utf-8"))["parts"]
]
LAND = Box(*OUTLINE[0][0])  # the mainland
ENGLAND = 440.0  # about the width of England: a map shows at least this
SEA = 15.0  # shown beyond the coast, rather than more


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text in a box. They align to the side that `anchor` names, at `x`."""

    box: Box
    anchor: str
    x: float
    text: Lettering
    leader: str  # a path, if the label had to move away from its dot

    @property
    def rows(self) -> list[tuple[float, tuple[Run, ...]]]:
        """Return each row with the place of its foot."""
        foot = self.box.top - FOOT
        return [(round(foot + number * self.text.line, 1), row) for number, row in enumerate(self.text.rows, 1)]


@dataclass(frozen=True, slots=True)
class MapLine:
    """An origin's line. `style` is figure, zero or unknown. `curve` is empty if the origin is the town."""

    origin: Origin
    at: Point
    curve: str
    width: float
    style: str
    label: Label

    @property
    def casing(self) -> float:
        """Return the width of a band under the line. In the colour of the land, it separates lines that cross."""
        return self.width + 2


@dataclass(frozen=True, slots=True)
class LinesMap:
    title: str  # what the map shows, as a short finding
    description: str  # a description of all of it
    aid: str  # how to read the lines
    width: int
    height: int
    outline: str
    shift: Point  # of the outline, after its scale
    scale: float
    coast: float  # the width of the coast's line, in units of the outline
    town: Point
    town_label: Label
    lines: tuple[MapLine, ...]
    unplaced: tuple[Origin, ...]
    beside: str  # the origins that aren't on the map, as text

    @property
    def drawn(self) -> list[MapLine]:
        """Return the lines in drawing order, so that a thin line is above a wide one."""
        return sorted((line for line in self.lines if line.curve), key=lambda line: -line.width)

    @property
    def labels(self) -> list[Label]:
        return [self.town_label, *(line.label for line in self.lines)]

    @property
    def transform(self) -> str:
        return f"translate({self.shift[0]:g} {self.shift[1]:g}) scale({self.scale:g})"


class View(NamedTuple):
    """The part of the country that the map shows: `left` and `top` in units of the outline."""

    left: float
    top: float
    scale: float
    height: int

    def at(self, point: Point) -> Point:
        return round((point[0] - self.left) * self.scale, 1), round((point[1] - self.top) * self.scale, 1)

    @property
    def window(self) -> Box:
        return Box(self.left, self.top, self.left + WIDTH / self.scale, self.top + self.height / self.scale)

    @property
    def frame(self) -> Box:
        return Box(EDGE, EDGE, WIDTH - EDGE, self.height - EDGE)


def is_on_map(longitude: float | None, latitude: float | None) -> bool:
    west, south, east, north = FARTHEST
    return longitude is not None and latitude is not None and west <= longitude <= east and south <= latitude <= north


def lines_map(town: Place, origins: Sequence[Origin], *, what: str = "Lines", most: int = 0) -> LinesMap:
    """Draw the map. `what` is the title of what is counted. `most` is the greatest count on all compared maps, so that
    a line's width means the same count on each. An origin is `unplaced` if it has no coordinates, or if they are
    outside the map of Great Britain. Raises ValueError for such a town.
    """
    if not is_on_map(town.longitude, town.latitude):
        raise ValueError(f"{town.name} is not on a map of Great Britain.")
    # A cache needs arguments that can be hashed.
    return _lines_map(town, tuple(origins), what, most)


@lru_cache(maxsize=128)  # a month's figures rarely change, but people often open its page
def _lines_map(town: Place, origins: tuple[Origin, ...], what: str, most: int = 0) -> LinesMap:
    placed = [origin for origin in origins if is_on_map(origin.longitude, origin.latitude)]
    unplaced = tuple(origin for origin in origins if origin not in placed)
    widths = line_widths([origin.count for origin in placed], most)
    signs = [
        Sign(
            # All of these have coordinates. Only the type checker needs the zeros.
            project(origin.longitude or 0.0, origin.latitude or 0.0),
            origin_lettering(origin.name, origin.text, origin.movement, origin.words),
            width,
        )
        for origin, width in zip(placed, widths, strict=True)
    ]
    town_sign = Sign(project(town.longitude, town.latitude), town_lettering(town.name), 0.0)
    view, town_label, labels = laid_out(town_sign, signs)
    town_at = view.at(town_sign.place)
    at = [view.at(sign.place) for sign in signs]
    return LinesMap(
        title=headline(what, origins),
        description=describe_map(what, town.name, placed, unplaced),
        aid=reading_aid([origin for origin, point in zip(placed, at, strict=True) if point != town_at]),
        width=WIDTH,
        height=view.height,
        outline="".join(path for box, path in OUTLINE if box.meets(view.window)),
        shift=(round(-view.left * view.scale, 1), round(-view.top * view.scale, 1)),
        scale=round(view.scale, 4),
        coast=round(COAST / view.scale, 2),
        town=town_at,
        town_label=town_label,
        lines=tuple(
            MapLine(
                origin=origin,
                at=point,
                curve=draw_path(curve),
                width=width,
                style="unknown" if origin.count is None else "figure" if origin.count else "zero",
                label=label,
            )
            for origin, point, curve, width, label in zip(placed, at, curves(at, town_at), widths, labels, strict=True)
        ),
        unplaced=unplaced,
        beside=beside(unplaced),
    )


# --- What is shown --------------------------------------------------------------------------------


class Sign(NamedTuple):
    """What is at a place, in units of the outline: a label, and a line's width."""

    place: Point
    text: Lettering
    width: float


def laid_out(town: Sign, signs: Sequence[Sign]) -> tuple[View, Label, list[Label]]:
    """Choose the part of the country to show, and place the labels: near their dots if there is room, otherwise in
    columns at the sides. The picture may grow taller for them.
    """
    points = [town.place, *(sign.place for sign in signs)]
    out = widest_gap([measure_angle(town.place, point) for point in points if point != town.place])
    town_side = town.text.width + REACH + EDGE + 1
    west, east = (max(SIDE, town_side) if cos(out) * side > 0 else SIDE for side in (-1, 1))
    view = fit_view(points, west=west, east=east, least=SHORTEST)
    ground, wanted, town_placed = prepared(view, town, signs)
    placed = place(wanted, ground) if len(wanted) <= MOST_NEAR else None
    least = view.height
    # This ends, because the picture grows until the columns fit.
    while placed is None:
        side = min(max(sign.text.width for sign in signs) + EDGE + 3 * REACH, WIDEST_SIDE)
        view = fit_view(points, west=side, east=side, least=least)
        ground, wanted, town_placed = prepared(view, town, signs)
        placed = columns(wanted, ground.frame, ground.taken)
        least = view.height + 40
    labels = [make_label(sign.text, spot) for sign, spot in zip(signs, placed, strict=True)]
    return view, make_label(town.text, town_placed), labels


def prepared(view: View, town: Sign, signs: Sequence[Sign]) -> tuple[Ground, list[Wanted], Placed]:
    """Return the ground for the labels, with the town's own label on it."""
    town_at, at = view.at(town.place), [view.at(sign.place) for sign in signs]
    drawn = [(trace_curve(curve), sign) for curve, sign in zip(curves(at, town_at), signs, strict=True) if curve]
    spots = [Spot(*point, CLEAR + sign.width / 2) for line, sign in drawn for point in line]
    spots += [Spot(*point, DOT) for point in [*at, town_at]]
    ground = Ground(view.frame, (), spots, at, [line[::4] for line, _ in drawn])
    # Close to the town, where the line has finished its bend.
    out = widest_gap([measure_angle(town_at, line[-4]) for line, _ in drawn])
    wanted_town = Wanted(town_at, town.text.width, town.text.height, out)
    # Any frame is tall enough for a single label.
    town_placed = (place([wanted_town], ground) or columns([wanted_town], view.frame, ()) or [])[0]
    wanted = [
        Wanted(
            point, sign.text.width, sign.text.height, measure_angle(town_at, point) if point != town_at else out + pi
        )
        for point, sign in zip(at, signs, strict=True)
    ]
    return replace(ground, taken=(town_placed.box,)), wanted, town_placed


def fit_view(points: Sequence[Point], *, west: float, east: float, least: float) -> View:
    """Return the part with all the points, with margins, and at least the width of England."""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    scale = min(
        WIDTH / ENGLAND,
        # At least 1, because all points may be the same.
        (WIDTH - west - east) / max(right - left, 1.0),
        (TALLEST - 2 * HEAD) / max(bottom - top, 1.0),
    )
    height = max(least, (bottom - top) * scale + 2 * HEAD)
    return View(
        left=fit_start(left, right, WIDTH / scale, (west / scale, east / scale), (LAND.left, LAND.right)),
        top=fit_start(top, bottom, height / scale, (HEAD / scale, HEAD / scale), (LAND.top, LAND.bottom)),
        scale=scale,
        height=round(height),
    )


def fit_start(
    first: float, last: float, shown: float, margins: tuple[float, float], land: tuple[float, float]
) -> float:
    """Return where a view of the length `shown` starts: its points in the middle, but more land than sea if the margins
    allow.
    """
    before, after = margins
    middle = (first - before + last + after - shown) / 2
    earliest = land[0] - SEA
    wished = min(max(middle, earliest), max(land[1] + SEA - shown, earliest))
    return min(max(wished, last + after - shown), first - before)


# --- Lines ----------------------------------------------------------------------------------------

type Curve = tuple[Point, Point, Point]  # from the origin to the town, with a control point between them


def curves(origins: Sequence[Point], town: Point) -> list[Curve | None]:
    """Return a curve from each origin; None for the town itself. They fan out: seen from the town, the outermost curve
    most, so that neighbours stay apart.
    """
    angles = {index: measure_angle(town, point) for index, point in enumerate(origins) if point != town}
    open_side = widest_gap(list(angles.values()))
    # Equal angles are sorted by place, so the same map is always drawn in the same way.
    in_turn = sorted(angles, key=lambda index: ((angles[index] - open_side) % (2 * pi), origins[index]))
    drawn: list[Curve | None] = [None] * len(origins)
    for rank, index in enumerate(in_turn):
        (x, y), (a, b) = origins[index], town
        bow = BOW * (1 - 2 * rank / (len(in_turn) - 1)) if len(in_turn) > 1 else BOW / 2
        middle = round((x + a) / 2 - (b - y) * bow, 1), round((y + b) / 2 + (a - x) * bow, 1)
        drawn[index] = origins[index], middle, town
    return drawn


def widest_gap(angles: Sequence[float]) -> float:
    """Return the direction farthest from all of these; to the right if there are none."""
    if not angles:
        return 0.0
    around = sorted(angle % (2 * pi) for angle in angles)
    gaps = [(after - angle, angle) for angle, after in zip(around, [*around[1:], around[0] + 2 * pi], strict=True)]
    gap, angle = max(gaps)
    return angle + gap / 2


def trace_curve(curve: Curve) -> list[Point]:
    return list(walk(curve))


def walk(curve: Curve) -> Iterator[Point]:
    (a, b), (c, d), (e, f) = curve
    for step in range(STEPS + 1):
        t = step / STEPS
        u = 1 - t
        yield u * u * a + 2 * u * t * c + t * t * e, u * u * b + 2 * u * t * d + t * t * f


def line_widths(counts: Sequence[int | None], most: int = 0) -> list[float]:
    """Return widths in proportion to the counts, but never too thin to see. The widest is for `most`, or for the
    greatest count. Without a figure, the width means nothing.
    """
    per_count = min(FOR_EACH, WIDEST / max([most, 1, *(count for count in counts if count)]))
    return [NARROWEST if not count else round(max(NARROWEST, count * per_count), 1) for count in counts]


def draw_path(curve: Curve | None) -> str:
    return "M{:g} {:g}Q{:g} {:g} {:g} {:g}".format(*(n for point in curve for n in point)) if curve else ""


def make_label(text: Lettering, placed: Placed) -> Label:
    box = Box(*(round(edge, 1) for edge in placed.box))
    x = {"start": box.left, "middle": round((box.left + box.right) / 2, 1), "end": box.right}[placed.anchor]
    leader = ""
    if placed.leader is not None:
        leader = "M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*placed.leader.start, *placed.leader.end)
    return Label(box, placed.anchor, x, text, leader)
