"""The charts of a region's pack: every area on one scale, funnels, and where lines come from."""

from collections.abc import Iterator

from reporting.charts.region_pictures import ABREAST, Panel, funnel_picture, multiples_picture, region_map_picture
from reporting.packs.presenters.shapes import Abreast, Block, Cell, Chapter, Column, Heading, Paragraph, Picture, Table
from reporting.region_packs.presenters.sources import Sources
from reporting.region_packs.presenters.tables import split
from reporting.regions.presenters.beyond import describe_places
from reporting.regions.presenters.funnel import FunnelRow, FunnelView
from reporting.regions.presenters.indicator import IndicatorView
from reporting.regions.presenters.lines import LinesView
from reporting.regions.presenters.rows import ADDED_UP, PER

MOST_FUNNELS = 6  # with a picture: three rows of two, which is a page
CHANCE = f"Rates are for each {PER:,} residents. “Higher” and “lower” mean: outside the 95% limits around the region."
MAP = 30  # per cent of the page’s width
SCALE = "In each picture, all areas share one scale, from 0. A band is the area’s own usual range."


# --- Every area on one scale ----------------------------------------------------------------------


def every_area(sources: Sources) -> Chapter | None:
    if not sources.views:
        return None
    span = sources.views[0].span
    return Chapter(
        "areas-on-one-scale",
        "Every area on one scale",
        (Paragraph(f"{span}. {SCALE}"), *map(draw_areas, sources.views)),
    )


def draw_areas(view: IndicatorView) -> Picture:
    panels = [Panel(area.name, area.line.short_text, area.chart) for area in view.areas]
    svg, width, height = multiples_picture(panels)
    own = "" if view.own is None or not view.own.line.is_figure else f"The region: {view.own.line.sentence}. "
    return Picture(
        svg,
        width,
        height,
        alt=f"{view.line.title}. {' '.join(f'{area.label}.' for area in view.areas)}",
        title=f"{view.line.title}: {view.total_text}",
        notes=(f"{own}Each chart goes from 0 to {view.top}.",),
        reach=round(100 * min(len(panels), ABREAST) / ABREAST),
    )


# --- Funnels --------------------------------------------------------------------------------------


def beyond_chance(sources: Sources) -> Chapter | None:
    """Say for each indicator which areas differ from the region by more than chance, with the first funnels."""
    found = [(view, view.funnel) for view in sources.views if isinstance(view.funnel, FunnelView)]
    if not found:
        return None
    table = Table(
        caption="",
        columns=(Column("Indicator", 58), Column("Region", 18, is_number=True), Column("Which areas differ", 94)),
        rows=tuple(
            (Cell(view.line.title), Cell(funnel.average), Cell(f"{funnel.title}.", more=funnel.limits))
            for view, funnel in found
        ),
    )
    together = describe_places([place for _, funnel in found for place in funnel.made.places])
    # Those with an area outside first: not every one may have room.
    drawn = sorted((each for each in found if each[1].has_finding), key=lambda each: not each[1].is_any_outside)
    return Chapter(
        "beyond-chance",
        "Beyond chance",
        (Paragraph(together), Paragraph(CHANCE), table, *draw_funnels(drawn)),
        follows=True,
    )


def draw_funnels(found: list[tuple[IndicatorView, FunnelView]]) -> Iterator[Block]:
    if not found:
        return
    shown = found[:MOST_FUNNELS]
    numbers = name_numbers(shown[0][1].rows)
    yield Heading("Where areas differ", "funnels")
    yield Paragraph(
        "The line across is the region’s average. The curves are the limits: 95% (dashed) and 99.8%. "
        f"The numbers are areas: {numbers}.",
        look="quiet",
    )
    for start in range(0, len(shown), 2):
        left, right = shown[start], shown[start + 1 : start + 2]
        one, other = draw_funnel(*left, numbers), tuple(draw_funnel(*each, numbers) for each in right)
        yield Abreast((one,), other, share=48, is_whole=True)
    if more := len(found) - len(shown):
        yield Paragraph(f"{more} more {'has' if more == 1 else 'have'} a funnel on the region’s page of the indicator.")


def name_numbers(rows: tuple[FunnelRow, ...]) -> str:
    return ", ".join(f"{row.number} {row.name}" for row in rows)


def draw_funnel(view: IndicatorView, funnel: FunnelView, numbers: str) -> Picture:
    """Draw one. It names its areas if its numbers mean others than `numbers` do: an area may be left out."""
    svg, width, height = funnel_picture(funnel.chart)
    own = name_numbers(funnel.rows)
    notes = () if own == numbers else (f"Here the numbers are: {own}.",)
    said = "; ".join(f"{row.name} {row.value}, {row.words.lower()}" for row in funnel.rows)
    return Picture(
        svg, width, height, alt=f"{view.line.title}, {funnel.of}. {said}.", title=view.line.title, notes=notes
    )


# --- Where lines come from ------------------------------------------------------------------------


def lines(sources: Sources) -> Chapter | None:
    if not sources.lines:
        return None
    blocks = [block for place, view in enumerate(sources.lines) for block in view_blocks(view, place)]
    return Chapter("lines", "Where lines come from", (Paragraph(ADDED_UP), *blocks), is_wide=True)


def view_blocks(view: LinesView, place: int) -> Iterator[Block]:
    yield Heading(f"{view.title}: {view.dimension.lower()}", f"lines-{place}")
    if view.map is not None:
        svg, width, height = region_map_picture(view.map)
        yield Picture(
            svg, width, height, alt=view.map.description, title=view.map.title, notes=(view.map.aid,), reach=MAP
        )
    for start, places in split(view.places):
        own = (Column("All", 18, is_number=True),) if not start else ()
        yield Table(
            caption=view.title,
            columns=(Column(view.dimension, 40), *own, *(Column(each.name, 14, is_number=True) for each in places)),
            rows=tuple(
                (
                    Cell(row.name),
                    *((Cell(row.total_text, more=tuple(filter(None, (row.besides,)))),) if not start else ()),
                    *(
                        Cell(text, more=tuple(filter(None, (moved,))))
                        for text, moved in row.texts[start : start + len(places)]
                    ),
                )
                for row in view.rows
            ),
        )
