"""What the templates of a month, of a town or a region, ask for besides its lines."""

from collections.abc import ItemsView, Iterator, Mapping, Sequence

from django import template

from core.calendar import Month
from indicators.charts import SparkEnd, Sparkline
from reporting.charts.control_chart import small_marks
from reporting.months.presenters.month import describe_tile, read_tile
from reporting.months.presenters.series import KpiTag
from reporting.months.presenters.shapes import LineView
from reporting.regions.presenters.rows import CellText, MatrixRow, show_cells

register = template.Library()


@register.filter
def with_code(indicators: str, code: str) -> str:
    """Return the address of an indicator's page: `indicators` is an address with {} for its code."""
    return indicators.format(code)


@register.filter
def of_indicator(kpis: Mapping[str, Sequence[KpiTag]], code: str) -> Sequence[KpiTag]:
    return kpis.get(code, ())


@register.filter
def tile_words(line: LineView) -> list[tuple[str, str]]:
    """Return the texts under a tile's number, each with the look of its mark, if it has one."""
    return list(describe_tile(line))


register.filter(read_tile)


@register.filter
def month_of(end: SparkEnd, newest: Month) -> str:
    """Return the month of a figure at an end of a small chart."""
    return (newest + -end.ago).short_label


@register.filter
def mark_paths(drawn: Sparkline) -> ItemsView[str, str]:
    """Return the path of each look that a small chart marks."""
    return small_marks(drawn).items()


@register.filter
def cell_texts(row: MatrixRow, published: Sequence[bool]) -> Iterator[CellText]:
    """Yield the region's cell and each area's. `published` says for each area whether its month is there at all."""
    return show_cells(row, published)
