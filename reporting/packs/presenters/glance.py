"""All figures of the month, and the two years up to it: a row for each indicator, a mark for each month."""

from reporting.charts.pictures import mark_picture
from reporting.months.presenters.year import YearCell, YearView, year_view
from reporting.packs.presenters.cells import moved_cell
from reporting.packs.presenters.shapes import Block, Cell, Chapter, Column, Mark, Table, Terms
from reporting.packs.presenters.sources import Sources


def year_at_a_glance(sources: Sources) -> Chapter | None:
    month, lines = sources.own.month, {line.code: line for line in sources.lines}
    if not lines:
        return None
    year = year_view((one for several in sources.series for one in several), month.month)
    table = Table(
        caption=f"{month.month.label}, {month.month.previous.label}, and each month since {year.months[0].label}",
        columns=(
            Column("Indicator", 60),
            Column(month.month.short_label, 27, is_number=True),
            Column(month.month.previous.short_label, 27, is_number=True),
            Column("Movement", 56),
            *(Column(one.short_label, 9, is_marks=True) for one in year.months),
        ),
        rows=tuple(
            (
                Cell(row.title, is_strong=True),
                Cell(lines[row.code].short_text, is_strong=True),
                Cell(lines[row.code].previous_text),
                moved_cell(lines[row.code]),
                *map(mark_cell, row.cells),
            )
            for section in year.sections
            for row in section.rows
        ),
        marks=list_marks(year),
    )
    key: tuple[Block, ...] = (Terms(month.key),) if month.key else ()
    return Chapter("figures", "Two years at a glance", (table, *key), is_wide=True)


def mark_cell(cell: YearCell) -> Cell:
    """Return the cell. A month without a figure has only its mark, which says so."""
    return Cell(cell.figure, mark=cell.mark)


def list_marks(year: YearView) -> tuple[Mark, ...]:
    return tuple(Mark(look, mark_picture(look), words) for look, words in year.key)
