"""The texts of a region's table, for its template."""

from collections.abc import Iterator, Sequence

from django import template

from reporting.regions.presenters.rows import CellText, MatrixRow, show_cells

register = template.Library()


@register.filter
def cell_texts(row: MatrixRow, published: Sequence[bool]) -> Iterator[CellText]:
    """Yield the region's cell and each area's. `published` says for each area whether its month is there at all."""
    return show_cells(row, published)
