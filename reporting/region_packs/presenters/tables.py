"""The figures of every area in a region's pack: counts, and rates for each 10,000 residents."""

from collections.abc import Iterator, Mapping, Sequence

from boards.region_permissions import Place
from indicators.ratios import show_number
from reporting.months.presenters.month import STATES
from reporting.months.presenters.words import cell_text
from reporting.packs.presenters.shapes import Block, Cell, Chapter, Column, Heading, Table, Terms
from reporting.region_packs.presenters.sources import Sources
from reporting.region_packs.presenters.symbols import ARROWS, explain, find_mark, find_symbol
from reporting.regions.cells import is_rounded
from reporting.regions.columns import Cell as AreaCell
from reporting.regions.columns import Part
from reporting.regions.presenters.rows import NOT_COLLECTED, ODD, PER, ROUNDED, MatrixRow

ACROSS = 14  # areas in one table: more would be too narrow to read


def figures(sources: Sources) -> Chapter:
    """Every indicator by area. A region of more areas than a page is wide has several tables."""
    tables = [
        Table(
            caption=f"{sources.month.label}. Arrows compare with {sources.month.previous.name}",
            columns=make_columns(sources.region, places, is_first=not start),
            rows=tuple(
                (Cell(row.indicator.lead.name), *cells)
                for row in sources.rows
                for cells in [list(figure_cells(row, start, places, sources.parts))]
            ),
        )
        for start, places in split(sources.places)
    ]
    key = explain(cell.text for table in tables for row in table.rows for cell in row)
    marks = (*key, *sources.matrix.key)
    blocks: list[Block] = [*tables, *rates(sources), Terms(marks)]
    return Chapter("figures", f"{sources.region} in {sources.month.label}", tuple(blocks), is_wide=True)


def split(places: Sequence[Place]) -> Iterator[tuple[int, Sequence[Place]]]:
    for start in range(0, len(places), ACROSS):
        yield start, places[start : start + ACROSS]


def make_columns(region: str, places: Sequence[Place], *, is_first: bool) -> tuple[Column, ...]:
    own = (Column(region, 18, is_number=True),) if is_first else ()
    return Column("Indicator", 38), *own, *(Column(place.name, 15, is_number=True) for place in places)


def figure_cells(row: MatrixRow, start: int, places: Sequence[Place], parts: Mapping[int, Part]) -> Iterator[Cell]:
    if not start:
        yield own_cell(row)
    for cell, place in zip(row.cells[start:], places, strict=False):
        if cell is None:
            yield Cell(NOT_COLLECTED if place.area_id in parts else "")
        else:
            yield area_cell(row, cell)


def area_cell(row: MatrixRow, cell: AreaCell) -> Cell:
    text = cell_text(STATES[cell.state], cell.value, ratio=cell.ratio, is_provisional=cell.is_provisional)
    note = ODD if cell.area_id in row.indicator.odd else ROUNDED if is_rounded(cell) else ""
    return Cell(" ".join(filter(None, (text, note, ARROWS.get(cell.movement), find_symbol(cell)))))


def own_cell(row: MatrixRow) -> Cell:
    total, own = row.total, row.own
    if total.value is None:
        return Cell(NOT_COLLECTED)
    text = show_number(total.value, row.indicator.lead.ratio)
    if total.without:
        return Cell(text, is_strong=True, more=(f"without {len(total.without)}",))
    if own is None:
        return Cell(text, is_strong=True)
    marks = ARROWS.get(own["movement"]), find_mark(own["tier"], own["judgement"])
    return Cell(" ".join(filter(None, (text, *marks))), is_strong=True)


def rates(sources: Sources) -> Iterator[Block]:
    """Yield the rates of the indicators whose cases are the areas' residents."""
    rows = [row for row in sources.rows if row.shows_rates]
    if not rows:
        return
    yield Heading(f"Rates for each {PER:,} residents", "rates")
    for start, places in split(sources.places):
        yield Table(
            caption=sources.residents_note,
            columns=make_columns(sources.region, places, is_first=not start),
            rows=tuple((Cell(row.indicator.lead.name), *rate_cells(row, start, places)) for row in rows),
        )


def rate_cells(row: MatrixRow, start: int, places: Sequence[Place]) -> Iterator[Cell]:
    if not start:
        yield Cell(show_rate(row.total.rate), is_strong=True)
    for cell in row.cells[start : start + len(places)]:
        yield Cell(show_rate(None if cell is None else row.find_rate(cell)))


def show_rate(rate: int | None) -> str:
    return NOT_COLLECTED if rate is None else show_number(rate, "rate")
