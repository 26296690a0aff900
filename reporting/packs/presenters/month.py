"""What does a pack say about the month on a page, and about the map of the lines?"""

from collections.abc import Iterator

from indicators.charts.sparkline import SPARKLINE_MONTHS
from indicators.trend import Polarity
from reporting.charts.pictures import map_picture, sparkline_picture
from reporting.months.presenters.shapes import Breakdown, LineView
from reporting.packs.presenters.cells import find_arrow, moved_cell, says_withheld
from reporting.packs.presenters.cover import describe_state
from reporting.packs.presenters.names import no_indicators
from reporting.packs.presenters.shapes import (
    Abreast,
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
    empty,
)
from reporting.packs.presenters.sources import Sources

ABREAST = 2  # indicators side by side in a breakdown's table
MAP = 38  # per cent of the page’s width, for a map beside its table


def month_on_a_page(sources: Sources) -> Chapter:
    month = sources.own.month
    title = f"{month.area} in {month.month.label}"
    if not month.sections:
        return empty("month", title, no_indicators(sources))
    words = f"{month.completeness.sentence}. {month.position}. {describe_state(sources)}."
    blocks: list[Block] = [Paragraph(words, look="quiet")]
    for section in month.sections:
        if len(month.sections) > 1:
            blocks.append(Heading(section.title, f"month-{section.code}"))
        blocks += [Paragraph(section.sentence), Tiles(tuple(make_tile(line) for line in section.lines))]
    shown = (
        f"Each small chart shows the {SPARKLINE_MONTHS} months to {month.month.label}, with the usual range as a band."
    )
    blocks.append(Paragraph(shown, look="quiet"))
    if month.key:
        blocks.append(Terms(month.key))
    return Chapter("month", title, tuple(blocks), is_wide=True)


def make_tile(line: LineView) -> Tile:
    words = [
        (moved_cell(line).text, line.has_arrow),
        ("" if line.is_figure or says_withheld(line) else line.note, False),
        *((f"{more}.", False) for more in line.besides),
        (line.short_verdict, line.has_signal),
        (f"{line.parts}." if line.parts else "", False),
    ]
    quiet = ["" if line.polarity is Polarity.NEUTRAL else line.polarity.label, f"Supplied by {line.owner}"]
    return Tile(
        question=line.question,
        text=line.text,
        is_figure=line.is_figure,
        arrow=find_arrow(line.movement),
        words=tuple((text, is_strong) for text, is_strong in words if text),
        quiet=tuple(filter(None, quiet)),
        chart=small_chart(line),
    )


def small_chart(line: LineView) -> Picture | None:
    if not line.sparkline.path:
        return None
    svg, width, height = sparkline_picture(line.sparkline)
    return Picture(svg, width, height, alt=f"{line.sentence}. {line.sparkline.label}")


# --- Breakdowns -----------------------------------------------------------------------------------


def breakdowns(sources: Sources) -> Chapter | None:
    """Show where lines come from, and what else is split up; with a map if the categories are places."""
    found = [table for section in sources.own.month.sections for table in section.breakdowns]
    if not found:
        return None
    blocks: list[Block] = []
    for place, breakdown in enumerate(found):
        blocks.append(Heading(f"{breakdown.caption}: {breakdown.dimension.lower()}", f"split-{place}"))
        tables = tuple(breakdown_tables(breakdown, since=f"Since {sources.month.previous.name}"))
        picture = draw_map(breakdown)
        if picture is None:
            blocks += tables
        else:
            blocks.append(Abreast(tables, (picture,), share=MAP, is_whole=True))
    has_map = any(table.map for table in found)
    title = "The lines on the map" if has_map else "How the figures break down"
    return Chapter("map", title, tuple(blocks), follows=True)


def breakdown_tables(breakdown: Breakdown, *, since: str) -> Iterator[Table]:
    """Put as many indicators side by side as fit on a page."""
    for start in range(0, len(breakdown.wholes), ABREAST):
        wholes = breakdown.wholes[start : start + ABREAST]
        heads = [column for whole in wholes for column in (Column(whole.title, 2, is_number=True), Column(since, 3))]
        yield Table(
            caption=f"{', '.join(whole.title for whole in wholes)}: {breakdown.dimension.lower()}",
            columns=(Column(breakdown.dimension, 3), *heads),
            rows=tuple(
                (Cell(name, is_strong=True), *(cell for line in lines for cell in split_cells(line)))
                for name, lines in (
                    *((row.category, row.cells[start : start + ABREAST]) for row in breakdown.rows),
                    ("All", wholes),
                )
            ),
            has_total=True,
        )


def split_cells(line: LineView | None) -> tuple[Cell, Cell]:
    if line is None:
        return Cell(), Cell()
    words = line.words if line.is_figure and not line.has_arrow else line.short_words
    return Cell(line.short_text), Cell(words, arrow=find_arrow(line.movement))


def draw_map(breakdown: Breakdown) -> Picture | None:
    drawn = breakdown.map
    if drawn is None or all(each.origin.count is None for each in drawn.lines):
        return None
    svg, width, height = map_picture(drawn)
    notes = tuple(filter(None, (drawn.aid, drawn.beside)))
    return Picture(svg, width, height, alt=drawn.description, title=drawn.title, notes=notes)
