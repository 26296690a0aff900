"""Makes reporting/charts/great_britain.json, the outline that the lines map is drawn on.

    python script/outline.py countries-10m.json

The file is that of the npm package world-atlas 2.0.2: Natural Earth 4.1.0 (public domain), admin 0
countries, 1:10m. The outline is kept with the project, so this runs only to make it anew.

Great Britain, the islands around it and the Isle of Man, projected as the map projects its places,
simplified by Visvalingam and Whyatt's method (drop, again and again, the point that makes the
smallest triangle with its neighbours) and rounded to whole units, about a kilometre.
"""

import argparse
import heapq
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from reporting.charts.lines_map import project  # noqa: E402  # needs the path above

TARGET = ROOT / "reporting" / "charts" / "great_britain.json"
SOURCE = {
    "source": "Natural Earth 4.1.0, admin 0 countries, 1:10m, out of the npm package world-atlas 2.0.2",
    "licence": "Public domain",
    "made_by": "script/outline.py",
    "units": "As reporting.charts.lines_map.project gives them: a hundredth of a degree of latitude",
}
COUNTRIES = {"826", "833"}  # United Kingdom, Isle of Man
NORTHERN_IRELAND = (-8.2, 54.0, -5.4, 55.4)  # degrees: west, south, east, north
SMALLEST_ISLAND = 22.0  # square units
FINEST_TRIANGLE = 2.2  # square units
# North of here the coast is ragged, and shown only on a map of all the country: it may be coarser.
SCOTLAND, COARSER = project(0, 55.0)[1], 3.0
type Point = tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="countries-10m.json of world-atlas 2.0.2")
    topology = json.loads(parser.parse_args().file.read_bytes())
    rings = [[project(*place) for place in ring] for ring in rings_of(topology) if not in_northern_ireland(ring)]
    parts = [part(simplified(ring)) for ring in sorted(rings, key=area, reverse=True) if area(ring) >= SMALLEST_ISLAND]
    lines = ",\n".join(f"    {json.dumps(each)}" for each in parts)
    head = "\n".join(f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in SOURCE.items())
    TARGET.write_text(f'{{\n{head}\n  "parts": [\n{lines}\n  ]\n}}\n', encoding="utf-8")
    print(f"{len(parts)} parts, {TARGET.stat().st_size:,} bytes")


def rings_of(topology: dict[str, Any]) -> Iterator[list[Point]]:
    """The outer ring of each polygon of our countries, in degrees."""
    (step_x, step_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]

    def arc(index: int) -> list[Point]:
        points, x, y = [], 0, 0
        for right, up in topology["arcs"][~index if index < 0 else index]:
            x, y = x + right, y + up
            points.append((x * step_x + left, y * step_y + bottom))
        return points[::-1] if index < 0 else points

    for country in topology["objects"]["countries"]["geometries"]:
        if country.get("id") in COUNTRIES:
            for polygon in country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]:
                yield [point for index in polygon[0] for point in arc(index)[1:]]  # arcs share their ends


def in_northern_ireland(ring: Sequence[Point]) -> bool:
    west, south, east, north = NORTHERN_IRELAND
    return all(west <= x <= east and south <= y <= north for x, y in ring)


def area(ring: Sequence[Point]) -> float:
    return abs(sum(a * d - c * b for (a, b), (c, d) in zip(ring, [*ring[1:], ring[0]], strict=True))) / 2


def simplified(ring: list[Point]) -> list[Point]:
    before = [index - 1 for index in range(len(ring))]
    before[0] = len(ring) - 1
    after = [*range(1, len(ring)), 0]
    left = len(ring)

    def triangle(index: int) -> float:
        size = area([ring[before[index]], ring[index], ring[after[index]]])
        return size / COARSER if ring[index][1] < SCOTLAND else size

    turn = count()
    latest = {index: next(turn) for index in range(len(ring))}
    heap = [(triangle(index), latest[index], index) for index in range(len(ring))]
    heapq.heapify(heap)
    while left > 4:
        size, asked, index = heapq.heappop(heap)
        if latest.get(index) != asked:
            continue
        if size >= FINEST_TRIANGLE:
            break
        del latest[index]
        left -= 1
        after[before[index]], before[after[index]] = after[index], before[index]
        for neighbour in (before[index], after[index]):
            latest[neighbour] = next(turn)
            heapq.heappush(heap, (max(size, triangle(neighbour)), latest[neighbour], neighbour))
    return [ring[index] for index in sorted(latest)]


def part(ring: Sequence[Point]) -> dict[str, Any]:
    """A closed path in whole units, each step from the point before; and the box that holds it."""
    whole = [(round(x), round(y)) for x, y in ring]
    steps = [(x - a, y - b) for (a, b), (x, y) in pairwise(whole)]
    drawn = " ".join(f"{x} {y}" for x, y in steps if x or y).replace(" -", "-")
    path = f"M{whole[0][0]} {whole[0][1]}l{drawn}z"
    xs, ys = [x for x, _ in whole], [y for _, y in whole]
    return {"box": [min(xs), min(ys), max(xs), max(ys)], "path": path}


if __name__ == "__main__":
    main()
