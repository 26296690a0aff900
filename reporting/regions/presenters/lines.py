"""The origins of lines into a region, of every area: on one map, and as a table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from boards.permissions import Place
from indicators.disclosure import Disclosed
from indicators.ratios import show_number
from indicators.trend import CellState, Movement
from reporting.charts.lines_map import Place as Town
from reporting.charts.region_map import RegionMap, Source, region_map
from reporting.months.presenters.month import STATES
from reporting.months.presenters.shapes import KEY, find_marks
from reporting.months.presenters.words import cell_text, describe_movement_shortly, listed, upper_first
from reporting.regions.cells import Part
from reporting.regions.presenters.matrix import Column, note_of
from reporting.regions.presenters.rows import ADDED_UP, NOT_COLLECTED, NOTES
from reporting.regions.selectors import OriginCell

NEAR = 0.05  # degrees: two areas' places of one code are one origin if they are this close


@dataclass(frozen=True, slots=True)
class OriginRow:
    """An origin, with what each area counts from it (None: the area doesn't have it), and their sum. `without` are the
    areas that have the origin and no figure. `published` says for each area whether its month is there at all."""

    code: str
    name: str
    longitude: float | None
    latitude: float | None
    cells: tuple[OriginCell | None, ...]
    published: tuple[bool, ...]
    total: int | None
    without: tuple[str, ...]

    @property
    def total_text(self) -> str:
        return "" if self.total is None else show_number(self.total)

    @property
    def besides(self) -> str:
        return f"without {listed(self.without, are_proper=True)}" if self.without else ""

    @property
    def note(self) -> str:
        """Return what a file says beside the total."""
        return f"{upper_first(self.besides)}. {ADDED_UP}" if self.besides else ADDED_UP

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Return each cell's text and how it moved."""
        return [
            (show_count(cell), show_movement(cell)) if cell is not None else (NOT_COLLECTED if is_there else "", "")
            for cell, is_there in zip(self.cells, self.published, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class LinesView:
    """An indicator that areas split by place: its map, and its table of origins by areas, with what is special about
    an area's month."""

    code: str
    title: str
    dimension: str
    places: tuple[Place, ...]
    columns: tuple[Column, ...]
    rows: tuple[OriginRow, ...]
    map: RegionMap | None

    @property
    def added_up(self) -> str:
        return ADDED_UP

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """Return the shorthand that the table uses."""
        texts = [text for row in self.rows for text, _ in row.texts]
        used = {mark for text in texts for mark in (text, *find_marks(text))}
        return tuple(entry for entry in (*KEY, (NOT_COLLECTED, NOTES[NOT_COLLECTED])) if entry[0] in used)


def show_count(cell: OriginCell) -> str:
    return cell_text(STATES[cell.state], cell.value, is_provisional=cell.is_provisional)


def show_movement(cell: OriginCell) -> str:
    movement = Movement(cell.movement)
    return "" if movement is Movement.NONE else describe_movement_shortly(movement, cell.change)


def view_lines(
    cells: Iterable[Disclosed[OriginCell]], places: Sequence[Place], parts: Mapping[int, Part], most: Mapping[str, int]
) -> list[LinesView]:
    """Return a view of each indicator that any area splits by place. `places` are the areas that show their published
    months. `most` is the greatest count of one origin in one area over all months, by the indicator's code."""
    areas = {part.key: area for area, part in parts.items()}
    by_code: dict[str, list[tuple[int, OriginCell]]] = {}
    for disclosed in cells:
        cell = disclosed.line
        by_code.setdefault(cell.indicator_code, []).append((areas[cell.source], cell))
    columns = tuple(Column(place.name, note_of(place, parts)) for place in places)
    published = tuple((part := parts.get(place.area_id)) is not None and part.key is not None for place in places)
    return [
        view_indicator(code, with_area, places, columns, published, most.get(code, 0))
        for code, with_area in by_code.items()
    ]


def view_indicator(
    code: str,
    cells: Sequence[tuple[int, OriginCell]],
    places: Sequence[Place],
    columns: tuple[Column, ...],
    published: tuple[bool, ...],
    most: int,
) -> LinesView:
    rows = tuple(make_row(group, places, published) for group in match(cells))
    first = cells[0][1]
    towns = [Town(place.name, place.longitude or 0.0, place.latitude or 0.0) for place in places]
    are_known = [place.longitude is not None and place.latitude is not None for place in places]
    sources = [
        Source(
            row.name,
            row.total_text or "–",
            row.longitude,
            row.latitude,
            tuple(
                cell.value if cell and is_known else None for cell, is_known in zip(row.cells, are_known, strict=True)
            ),
        )
        for row in rows
    ]
    drawn = draw(towns, are_known, sources, first.title, most)
    return LinesView(code, first.title, first.dimension_name, tuple(places), columns, rows, drawn)


def draw(
    towns: Sequence[Town], are_known: Sequence[bool], sources: Sequence[Source], what: str, most: int
) -> RegionMap | None:
    # A town without a place has no dot: outside the map, where none is drawn.
    placed = [town if is_known else Town(town.name, 90.0, 0.0) for town, is_known in zip(towns, are_known, strict=True)]
    return region_map(placed, sources, what=what, most=most)


def match(cells: Sequence[tuple[int, OriginCell]]) -> Iterator[list[tuple[int, OriginCell]]]:
    """Group the cells of one origin: of one code, at one place. Areas that mean different places by a code have a group
    each. Those without a place come last."""
    groups: list[list[tuple[int, OriginCell]]] = []
    for area, cell in cells:
        for group in groups:
            if is_same(group[0][1], cell):
                group.append((area, cell))
                break
        else:
            groups.append([(area, cell)])
    yield from sorted(groups, key=lambda group: (group[0][1].longitude is None, group[0][1].category_name.casefold()))


def is_same(one: OriginCell, other: OriginCell) -> bool:
    """Return whether two cells are of one origin. Without a place, only the name says what a code means."""
    if one.category_code != other.category_code:
        return False
    if one.longitude is None or one.latitude is None or other.longitude is None or other.latitude is None:
        return one.longitude is other.longitude and one.category_name.casefold() == other.category_name.casefold()
    return abs(one.longitude - other.longitude) <= NEAR and abs(one.latitude - other.latitude) <= NEAR


def make_row(
    group: Sequence[tuple[int, OriginCell]], places: Sequence[Place], published: tuple[bool, ...]
) -> OriginRow:
    by_area, first = dict(group), group[0][1]
    cells = tuple(by_area.get(place.area_id) for place in places)
    counted = [cell.value for cell in cells if cell is not None and cell.state == CellState.FIGURE]
    return OriginRow(
        code=first.category_code,
        name=first.category_name,
        longitude=first.longitude,
        latitude=first.latitude,
        cells=cells,
        published=published,
        total=sum(filter(None, counted)) if counted else None,
        without=tuple(
            place.name
            for place, cell in zip(places, cells, strict=True)
            if cell is not None and cell.state != CellState.FIGURE
        ),
    )
