"""A pack's page about each indicator: its chart, its sentence and its figures."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from indicators.trend import CellState
from reporting.charts.pictures import chart_picture, month_width
from reporting.models import PackCharts, PackScope
from reporting.months.presenters.sentences import describe_unit
from reporting.months.presenters.series import WHY_IT_DIFFERS, Series, SeriesPoint
from reporting.months.presenters.shapes import KEY, LineView, find_marks
from reporting.months.presenters.words import describe_polarity_reason
from reporting.packs.presenters.cover import find_arrow, moved_cell
from reporting.packs.presenters.month import draw_small
from reporting.packs.presenters.shapes import (
    Block,
    Cell,
    Chapter,
    Column,
    Heading,
    Paragraph,
    Picture,
    Table,
    Terms,
    Tile,
    Tiles,
)
from reporting.packs.presenters.sources import Sources

MONTHS = 13  # in the table: the month, and twelve before it
HOW_TO_READ_NHS = (
    "The band lies between the control limits. The thin line is the mean. A square marks a signal, and a cross a "
    f"month without a figure. {WHY_IT_DIFFERS}"
)
HOW_TO_READ = (
    "The band is each month’s usual range, with a thin line through its middle. A diamond marks a month that stands "
    "out for the worse, and a triangle one for the better. A square stands out without a judgement. A ring is a "
    "month to watch, and a cross is a month without a figure."
)


def indicators(sources: Sources) -> Chapter | None:
    """Give a page to every indicator, or to each that stands out."""
    is_nhs, scope = sources.order.charts is PackCharts.NHS, sources.order.scope
    shown = [series for series in sources.series if is_full(series, scope)]
    if not shown:
        return None
    blocks = [block for series in shown for block in indicator(series, is_nhs=is_nhs)]
    title = "Indicator by indicator" if scope is PackScope.ALL else "What stands out, in full"
    return Chapter("indicators", title, tuple(blocks))


def others(sources: Sources) -> Chapter | None:
    """Show the others as small charts, six to a page."""
    is_nhs, scope = sources.order.charts is PackCharts.NHS, sources.order.scope
    quiet = [series[0] for series in sources.series if not is_full(series, scope)]
    if not quiet:
        return None
    title = "The other indicators" if len(quiet) < len(sources.series) else "Each indicator"
    how = Paragraph(HOW_TO_READ_NHS if is_nhs else HOW_TO_READ, look="quiet")
    return Chapter("others", title, (how, Tiles(tuple(small(one, is_nhs=is_nhs) for one in quiet), are_large=True)))


def is_full(series: Iterable[Series], scope: PackScope) -> bool:
    return scope is PackScope.ALL or any(one.line.has_signal for one in series)


def small(series: Series, *, is_nhs: bool) -> Tile:
    line = series.line
    words = [
        (moved_cell(line).text, line.has_arrow),
        (line.short_verdict, line.has_signal),
        *((f"{more}.", False) for more in said_besides(line)),
    ]
    return Tile(
        question=line.title,
        text=line.text,
        is_figure=line.is_figure,
        arrow=find_arrow(line.movement),
        words=tuple((text, is_strong) for text, is_strong in words if text),
        quiet=(f"{line.polarity.label}. Supplied by {line.owner}",),
        # A withheld figure has no picture of its other months either.
        chart=None if line.state is CellState.WITHHELD else draw_small(series, is_nhs=is_nhs),
    )


def indicator(series: Sequence[Series], *, is_nhs: bool) -> Iterator[Block]:
    whole, parts = series[0], series[1:]
    line = whole.line
    yield Heading(line.title, f"indicator-{line.code}", starts_page=True)
    yield Paragraph(line.question, look="quiet")
    yield Paragraph(f"{line.sentence}.", look="lead")
    for text in said_besides(line):
        yield Paragraph(f"{text}.")
    if line.state is not CellState.WITHHELD:  # there is no picture of its other months either
        yield draw_chart(replace(whole, is_nhs=is_nhs))
    yield months_table(whole)
    if parts:
        yield parts_table(parts, whole)
    key = marks_used(whole, parts)
    if key:
        yield Terms(key)
    yield Paragraph(f"{line.polarity.label}: {describe_polarity_reason(line)}. Supplied by {line.owner}.", look="quiet")


def said_besides(line: LineView) -> Iterator[str]:
    """Return what its sentence doesn’t say."""
    if line.year_words:
        yield line.year_words
    yield from line.besides


def draw_chart(series: Series) -> Picture:
    chart = series.chart(unit=month_width(len(series.values)))
    svg, width, height = chart_picture(chart)
    line = series.line
    return Picture(
        svg,
        width,
        height,
        alt=f"{line.sentence}. {chart.words}",
        title=f"{line.title}, {series.first.label} to {series.month.label}: {describe_unit(line)}",
        notes=(HOW_TO_READ_NHS if series.is_nhs else HOW_TO_READ,),
    )


def months_table(series: Series) -> Table:
    """Return the months as a table, the newest first."""
    points = list(reversed(series.points))[:MONTHS]
    return Table(
        caption=f"{series.line.title}, month by month",
        columns=(
            Column("Month", 4),
            Column("Figure", 3, is_number=True),
            Column("Change", 4),
            Column("Usual range", 3),
            Column("What it shows", 6),
        ),
        rows=tuple(map(month_row, points)),
    )


def month_row(point: SeriesPoint) -> tuple[Cell, ...]:
    return (
        Cell(point.month.label),
        Cell(point.text, is_strong=True),
        Cell(point.change_text, arrow=find_arrow(point.movement)),
        Cell(point.said.usual_text),
        Cell(point.shows, is_strong=point.stands_out),
    )


def parts_table(parts: Sequence[Series], whole: Series) -> Table:
    line, month = whole.line, whole.month
    return Table(
        caption=f"{line.title}: {line.dimension.lower()}",
        columns=(
            Column(line.dimension, 4),
            Column(month.short_label, 2, is_number=True),
            Column(month.previous.short_label, 2, is_number=True),
            Column("Change", 4),
            Column("What it shows", 8),
        ),
        rows=tuple(
            (
                Cell(part.line.category, is_strong=True),
                Cell(part.line.short_text, is_strong=True),
                Cell(part.line.previous_text),
                Cell(part.line.short_words, arrow=find_arrow(part.line.movement)),
                Cell(
                    f"{part.line.verdict}." if part.line.verdict else part.line.explained,
                    is_strong=part.line.has_signal,
                ),
            )
            for part in parts
        ),
    )


def marks_used(whole: Series, parts: Sequence[Series]) -> tuple[tuple[str, str], ...]:
    """Return the shorthand that the tables use."""
    points = list(reversed(whole.points))[:MONTHS]
    texts = [*(point.text for point in points), *(part.line.text for part in parts)]
    texts += [part.line.previous_text for part in parts]
    used = {mark for text in texts for mark in find_marks(text)}
    return tuple(entry for entry in KEY if entry[0] in used)
