"""The map of lines into several towns: a line from each origin to each town. Pure.

It is the map of one town (reporting.charts.lines_map) with more than one end: the same projection, outline and widths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from reporting.charts.labels import (
    NO_ARROW,
    REACH,
    Ground,
    Lettering,
    Point,
    Spot,
    Wanted,
    columns,
    measure_angle,
    origin_lettering,
    place,
)
from reporting.charts.lines_map import (
    BOW,
    CLEAR,
    COAST,
    DOT,
    EDGE,
    MOST_NEAR,
    OUTLINE,
    SHORTEST,
    SIDE,
    WIDEST_SIDE,
    WIDTH,
    Label,
    Place,
    View,
    draw_path,
    fit_view,
    is_on_map,
    line_widths,
    make_label,
    project,
    trace_curve,
)

THINNER = 3  # than on the map of one town: there is a line for each


@dataclass(frozen=True, slots=True)
class Source:
    """Where lines come from, with the count of all towns together as text, and the count into each town, in the towns'
    order; None for no figure."""

    name: str
    text: str
    longitude: float | None
    latitude: float | None
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """One line: from an origin to a town."""

    curve: str
    width: float


@dataclass(frozen=True, slots=True)
class RegionMap:
    title: str
    description: str
    aid: str
    width: int
    height: int
    outline: str
    transform: str
    coast: float
    flows: tuple[Flow, ...]  # the widest first, so that a thin line is above a wide one
    towns: tuple[Point, ...]
    sources: tuple[Point, ...]
    labels: tuple[Label, ...]


def region_map(towns: Sequence[Place], sources: Sequence[Source], *, what: str, most: int = 0) -> RegionMap | None:
    """Draw the map; None without a town or an origin that is on it. `what` is the title of what is counted. `most` is
    the greatest count of one line on all compared maps, so that widths mean the same on each."""
    if not any(is_on_map(town.longitude, town.latitude) for town in towns):
        return None
    if not any(is_on_map(source.longitude, source.latitude) for source in sources):
        return None
    return _region_map(tuple(towns), tuple(sources), what, most)


@lru_cache(maxsize=64)  # a month's figures rarely change, but people often open its page
def _region_map(towns: tuple[Place, ...], sources: tuple[Source, ...], what: str, most: int) -> RegionMap:
    on_map = [index for index, town in enumerate(towns) if is_on_map(town.longitude, town.latitude)]
    placed = [source for source in sources if is_on_map(source.longitude, source.latitude)]
    ends = [project(towns[index].longitude, towns[index].latitude) for index in on_map]
    starts = [project(source.longitude or 0.0, source.latitude or 0.0) for source in placed]
    texts = [origin_lettering(source.name, source.text, NO_ARROW, "") for source in placed]
    view, labels = lay_out(ends, starts, texts)
    towns_at, sources_at = [view.at(point) for point in ends], [view.at(point) for point in starts]
    lines = [
        (start, end, count)
        for start, source in zip(sources_at, placed, strict=True)
        for end, index in zip(towns_at, on_map, strict=True)
        if (count := source.counts[index]) and start != end
    ]
    widths = [round(width / THINNER, 2) for width in line_widths([count for _, _, count in lines], most)]
    flows = [Flow(draw_path(bend(start, end)), width) for (start, end, _), width in zip(lines, widths, strict=True)]
    named = "; ".join(f"{source.name} {source.text}" for source in sources)
    elsewhere = "; ".join(f"{source.name} {source.text}" for source in sources if source not in placed)
    return RegionMap(
        title=f"{what}: where they come from",
        description=f"{what}, all towns together: {named}. The table shows each town.",
        aid=f"Wider means more. Not on the map: {elsewhere}." if elsewhere else "Wider means more.",
        width=WIDTH,
        height=view.height,
        outline="".join(path for box, path in OUTLINE if box.meets(view.window)),
        transform=f"translate({-view.left * view.scale:.1f} {-view.top * view.scale:.1f}) scale({view.scale:.4f})",
        coast=round(COAST / view.scale, 2),
        flows=tuple(sorted(flows, key=lambda flow: -flow.width)),
        towns=tuple(towns_at),
        sources=tuple(sources_at),
        labels=tuple(labels),
    )


def bend(start: Point, end: Point) -> tuple[Point, Point, Point]:
    """Return a curve that bends the same way for every town, so that lines from one origin stay together."""
    (x, y), (a, b) = start, end
    middle = round((x + a) / 2 - (b - y) * BOW / 2, 1), round((y + b) / 2 + (a - x) * BOW / 2, 1)
    return start, middle, end


def lay_out(ends: Sequence[Point], starts: Sequence[Point], texts: Sequence[Lettering]) -> tuple[View, list[Label]]:
    """Choose the part of the country to show, and place the origins' labels: near their dots if there are few and there
    is room, otherwise in columns at the sides. The picture may grow taller for them."""
    points = [*ends, *starts]
    view = fit_view(points, west=SIDE, east=SIDE, least=SHORTEST)
    placed = None
    if len(starts) <= MOST_NEAR:
        ground, wanted = prepare(view, ends, starts, texts)
        placed = place(wanted, ground)
    least = view.height
    # This ends, because the picture grows until the columns fit.
    while placed is None:
        side = min(max(text.width for text in texts) + EDGE + 3 * REACH, WIDEST_SIDE)
        view = fit_view(points, west=side, east=side, least=least)
        ground, wanted = prepare(view, ends, starts, texts)
        placed = columns(wanted, ground.frame, ground.taken)
        least = view.height + 40
    return view, [make_label(text, spot) for text, spot in zip(texts, placed, strict=True)]


def prepare(
    view: View, ends: Sequence[Point], starts: Sequence[Point], texts: Sequence[Lettering]
) -> tuple[Ground, list[Wanted]]:
    towns, sources = [view.at(point) for point in ends], [view.at(point) for point in starts]
    middle = sum(x for x, _ in towns) / len(towns), sum(y for _, y in towns) / len(towns)
    # All lines of an origin run closely together: one to the middle of the towns stands for them.
    lines = [trace_curve(bend(source, middle)) for source in sources if source != middle]
    spots = [Spot(*point, CLEAR) for line in lines for point in line]
    spots += [Spot(*point, DOT) for point in (*towns, *sources)]
    ground = Ground(view.frame, (), spots, [*sources, *towns], [line[::4] for line in lines])
    wanted = [
        Wanted(at, text.width, text.height, measure_angle(middle, at)) for at, text in zip(sources, texts, strict=True)
    ]
    return ground, wanted
