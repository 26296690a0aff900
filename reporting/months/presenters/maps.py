"""Where do a breakdown's figures come from, on a map?"""

from indicators.trend import CellState
from reporting.charts.lines_map import LinesMap, is_on_map, lines_map
from reporting.charts.origins import Origin, Place
from reporting.months.presenters.shapes import Breakdown, LineView


def make_map(breakdown: Breakdown, place: Place | None, *, most: int = 0) -> LinesMap | None:
    """Return the map of the first indicator whose categories have coordinates; None if none has, or if the area isn't
    on a map of Great Britain. `most` is the greatest count of the maps to compare it with. The map uses the cells,
    which have passed the disclosure gate, so it doesn't have withheld figures.
    """
    if place is None or not is_on_map(place.longitude, place.latitude):
        return None
    for column, whole in enumerate(breakdown.wholes):
        cells = [cell for row in breakdown.rows if (cell := row.cells[column]) is not None]
        if any(is_on_map(cell.longitude, cell.latitude) for cell in cells):
            return lines_map(place, [make_origin(cell) for cell in cells], what=whole.title, most=most)
    return None


def make_origin(cell: LineView) -> Origin:
    return Origin(
        code=cell.category_code,
        name=cell.category,
        count=cell.value if cell.state is CellState.FIGURE else None,
        text=cell.state.label.lower() if cell.state is CellState.WITHHELD else cell.short_text,
        movement=cell.movement.value,
        words=cell.short_words if cell.has_arrow else "",
        longitude=cell.longitude,
        latitude=cell.latitude,
    )
