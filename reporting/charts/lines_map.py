"""Where do the lines into a town come from? A map of Great Britain: a line from each origin to the
town, its width by count, and a label at each origin. Pure.

Everything comes in the units of one picture, WIDTH wide, which page and pack draw as it is: on a
phone a unit is about a pixel.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, pi, radians
from pathlib import Path
from typing import NamedTuple

from reporting.charts.labels import REACH, Box, Ground, Placed, Point, Spot, Wanted, columns, measure_angle, place
from reporting.charts.lettering import Lettering, Run, origin_lettering, town_lettering
from reporting.charts.origins import Origin, Place, beside, describe_map, headline, reading_aid

WIDTH = 352  # as wide as the picture is on a phone of 390 pixels
SHORTEST, TALLEST = 280, 470  # but for more labels than find room
EDGE = 6  # between the frame and a label
SIDE, WIDEST_SIDE, HEAD = 96.0, 124.0, 46.0  # between the frame and the outermost places: room for labels
DOT = 5.0  # the room around the middle of a dot that labels leave
MOST_NEAR = 8  # labels that stand near their dots; more are easier to find in columns
# A line for one is as wide as a hairline that can be seen; the widest for any count, and for each one at most.
NARROWEST, WIDEST, FOR_EACH = 1.8, 8.0, 1.0
BOW = 0.2  # how far a line bows out at most, as a share of its length
STEPS, CLEAR = 24, 2.5  # points of a line that labels keep off, and by how much

# Degrees of latitude are a hundred units; of longitude as many as they are long in the middle of England.
ONE_DEGREE, SHRINK = 100, cos(radians(54.5))
WEST, NORTH = -9.0, 61.0
FARTHEST = (-9.0, 49.8, 2.2, 61.0)  # degrees, west, south, east, north: what a map of Great Britain can show
COAST = 0.75
FOOT = 3.0  # between the foot of a row of letters and the row's lower edge


def project(longitude: float, latitude: float) -> Point:
    """Degrees into units of the outline: eastings and southings from a point north-west of Scotland."""
    return (longitude - WEST) * ONE_DEGREE * SHRINK, (NORTH - latitude) * ONE_DEGREE


OUTLINE = [
    (Box(*part["box"]), part["path"])
    for part in json.loads((Path(__file__).parent / "great_britain.json").read_text(encoding="utf-8"))["parts"]
]
LAND = Box(*OUTLINE[0][0])  # the mainland
ENGLAND = 440.0  # about the width of England: the least that a map shows
SEA = 15.0  # shown beyond the coast, rather than more


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text in a box. They share the side of the box that `anchor` names, at `x`."""

    box: Box
    anchor: str
    x: float
    text: Lettering
    leader: str  # a path, where the label had to move away from its dot

    @property
    def rows(self) -> list[tuple[float, tuple[Run, ...]]]:
        """Each row with the place of its foot."""
        foot = self.box.top - FOOT
        return [(round(foot + number * self.text.line, 1), row) for number, row in enumerate(self.text.rows, 1)]


@dataclass(frozen=True, slots=True)
class MapLine:
    """An origin's line. `style` is figure, zero or unknown; `curve` is empty where the origin is the town."""

    origin: Origin
    at: Point
    curve: str
    width: float
    style: str
    label: Label

    @property
    def casing(self) -> float:
        """The width of a band under the line, in the colour of the land, which sets it off from others."""
        return self.width + 2


@dataclass(frozen=True, slots=True)
class LinesMap:
    title: str  # what the map shows, as a finding
    description: str  # all of it, in words
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
    beside: str  # those that are not on the map, in words

    @property
    def drawn(self) -> list[MapLine]:
        """The lines in the order in which they are drawn: a thin one over a wide one, not under it."""
        return sorted((line for line in self.lines if line.curve), key=lambda line: -line.width)

    @property
    def transform(self) -> str:
        return f"translate({self.shift[0]:g} {self.shift[1]:g}) scale({self.scale:g})"


class View(NamedTuple):
    """The part of the country that is shown: `left` and `top` in units of the outline."""

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
    """The map. `what` is the title of what is counted; `most` is the greatest count of the maps that it is held
    against, so that lines of one width are of one count on them all.

    An origin without coordinates, or with such as no map of Great Britain can show, is `unplaced`.
    Raises ValueError for such a town.
    """
    if not is_on_map(town.longitude, town.latitude):
        raise ValueError(f"{town.name} is not on a map of Great Britain.")
    return _lines_map(town, tuple(origins), what, most)


@lru_cache(maxsize=128)  # a month's figures change seldom, and its page is asked for often
def _lines_map(town: Place, origins: tuple[Origin, ...], what: str, most: int = 0) -> LinesMap:
    placed = [origin for origin in origins if is_on_map(origin.longitude, origin.latitude)]
    unplaced = tuple(origin for origin in origins if origin not in placed)
    widths = line_widths([origin.count for origin in placed], most)
    signs = [
        Sign(
            project(each.longitude or 0.0, each.latitude or 0.0),
            origin_lettering(each.name, each.text, each.movement, each.words),
            width,
        )
        for each, width in zip(placed, widths, strict=True)
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
    """What stands at a place, in units of the outline: a label, and a line so wide."""

    place: Point
    text: Lettering
    width: float


def laid_out(town: Sign, signs: Sequence[Sign]) -> tuple[View, Label, list[Label]]:
    """The part of the country that is shown, and the labels on it: near their dots if they find room
    there, else in columns at the sides, for which the picture may grow taller."""
    points = [town.place, *(sign.place for sign in signs)]
    out = widest_gap([measure_angle(town.place, point) for point in points if point != town.place])
    own = town.text.width + REACH + EDGE + 1
    west, east = (max(SIDE, own) if cos(out) * side > 0 else SIDE for side in (-1, 1))
    view = fit_view(points, west=west, east=east, least=SHORTEST)
    ground, wanted, town_placed = prepared(view, town, signs)
    placed = place(wanted, ground) if len(wanted) <= MOST_NEAR else None
    least = view.height
    while placed is None:
        side = min(max(sign.text.width for sign in signs) + EDGE + 3 * REACH, WIDEST_SIDE)
        view = fit_view(points, west=side, east=side, least=least)
        ground, wanted, town_placed = prepared(view, town, signs)
        placed = columns(wanted, ground.frame, ground.taken)
        least = view.height + 40
    labels = [make_label(sign.text, each) for sign, each in zip(signs, placed, strict=True)]
    return view, make_label(town.text, town_placed), labels


def prepared(view: View, town: Sign, signs: Sequence[Sign]) -> tuple[Ground, list[Wanted], Placed]:
    """The ground on which the labels are placed, the town's own already there."""
    town_at, at = view.at(town.place), [view.at(sign.place) for sign in signs]
    drawn = [(trace_curve(curve), sign) for curve, sign in zip(curves(at, town_at), signs, strict=True) if curve]
    spots = [Spot(*point, CLEAR + sign.width / 2) for line, sign in drawn for point in line]
    spots += [Spot(*point, DOT) for point in [*at, town_at]]
    ground = Ground(view.frame, (), spots, at, [line[::4] for line, _ in drawn])
    out = widest_gap([measure_angle(town_at, line[-4]) for line, _ in drawn])
    own = Wanted(town_at, town.text.width, town.text.height, out)
    town_placed = (place([own], ground) or columns([own], view.frame, ()) or [])[0]
    wanted = [
        Wanted(
            point, sign.text.width, sign.text.height, measure_angle(town_at, point) if point != town_at else out + pi
        )
        for point, sign in zip(at, signs, strict=True)
    ]
    return replace(ground, taken=(town_placed.box,)), wanted, town_placed


def fit_view(points: Sequence[Point], *, west: float, east: float, least: float) -> View:
    """The part that holds the points, with margins at its sides, and at least the width of England."""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    scale = min(
        WIDTH / ENGLAND,
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
    """Where a view of the length `shown` begins: its points in the middle, but rather land than sea,
    as far as the margins are kept."""
    before, after = margins
    middle = (first - before + last + after - shown) / 2
    earliest = land[0] - SEA
    wished = min(max(middle, earliest), max(land[1] + SEA - shown, earliest))
    return min(max(wished, last + after - shown), first - before)


# --- Lines ----------------------------------------------------------------------------------------

type Curve = tuple[Point, Point, Point]  # from the origin, past a point that draws it, to the town


def curves(origins: Sequence[Point], town: Point) -> list[Curve | None]:
    """A curve from each origin; None for one that is the town itself.

    They fan out: seen from the town, the outermost bow out most, and neighbours don't run together.
    """
    angles = {index: measure_angle(town, point) for index, point in enumerate(origins) if point != town}
    open_side = widest_gap(list(angles.values()))
    in_turn = sorted(angles, key=lambda index: ((angles[index] - open_side) % (2 * pi), origins[index]))
    found: list[Curve | None] = [None] * len(origins)
    for rank, index in enumerate(in_turn):
        (x, y), (a, b) = origins[index], town
        bow = BOW * (1 - 2 * rank / (len(in_turn) - 1)) if len(in_turn) > 1 else BOW / 2
        middle = round((x + a) / 2 - (b - y) * bow, 1), round((y + b) / 2 + (a - x) * bow, 1)
        found[index] = origins[index], middle, town
    return found


def widest_gap(angles: Sequence[float]) -> float:
    """The direction that is farthest from all of these: to the right where there are none."""
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
    """In proportion to the count, but never too thin to see: the widest for `most`, or for the greatest of the counts.
    Without a figure nothing is to be read from it."""
    each = min(FOR_EACH, WIDEST / max([most, 1, *(count for count in counts if count)]))
    return [NARROWEST if not count else round(max(NARROWEST, count * each), 1) for count in counts]


def draw_path(curve: Curve | None) -> str:
    return "M{:g} {:g}Q{:g} {:g} {:g} {:g}".format(*(n for point in curve for n in point)) if curve else ""


def make_label(text: Lettering, placed: Placed) -> Label:
    box = Box(*(round(edge, 1) for edge in placed.box))
    x = {"start": box.left, "middle": round((box.left + box.right) / 2, 1), "end": box.right}[placed.anchor]
    leader = ""
    if placed.leader is not None:
        leader = "M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*placed.leader.start, *placed.leader.end)
    return Label(box, placed.anchor, x, text, leader)
