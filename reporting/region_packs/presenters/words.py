"""What does a region's pack say in words: what stands out, which areas are in it, what is left out, how to read it?"""

from collections.abc import Iterator

from indicators.judgement.promises import promises
from reporting.months.presenters.words import listed
from reporting.packs.presenters.shapes import Bullets, Cell, Chapter, Column, Paragraph, Table, Terms, empty
from reporting.region_packs.presenters.sources import Sources
from reporting.region_packs.presenters.symbols import SYMBOLS
from reporting.regions.cells import is_rounded
from reporting.regions.presenters.rows import ADDED_UP
from reporting.regions.presenters.states import AreaState, are_all_published

MOST = 12  # that have a sentence each
READING = (
    "A figure is an area’s own count. Areas differ in size, so counts alone don’t compare them.",
    ADDED_UP,
    "Areas are in the order of their names. No table ranks them.",
    "The region’s own figure is judged only if every area has one. Otherwise the table says how many are missing.",
    "In a funnel, the limits are wider for small areas. If a dot is close to a curve, trust the words.",
    "The limits allow for what chance explains and, where areas differ by more, for that spread too: the variance "
    "factor divides each count and what it is out of.",
)
# Only where a figure has enough months before it to be judged.
JUDGED = (
    "A mark compares an area with its own past, and never with another area.",
    f"By chance alone, about {promises().by_chance.watched:.0f} months in 1,000 are marked “Watch”, and about "
    f"{promises().by_chance.stands_out:.0f} stands out. So a mark is a reason to ask, not an answer.",
)


def stands_out(sources: Sources) -> Chapter:
    title, matrix = "What stands out", sources.matrix
    if not matrix.stand_outs:
        return empty("stands-out", title, " ".join(filter(None, (matrix.stand_out_title, matrix.chance))))
    table = Table(
        caption="",
        columns=(
            Column("Area", 24),
            Column("Indicator", 36),
            Column("Figure", 16, is_number=True),
            Column("What it says", 94),
        ),
        rows=tuple(
            (
                Cell(each.area, is_strong=True),
                Cell(each.title),
                Cell(each.number, is_strong=True),
                Cell(f"{SYMBOLS[each.look]} {each.sentence}."),
            )
            for each in matrix.stand_outs[:MOST]
        ),
    )
    more = len(matrix.stand_outs) - MOST
    besides = (
        f"{more} more {'stands' if more == 1 else 'stand'} out, marked in the table of figures." if more > 0 else ""
    )
    lead = Paragraph(f"{matrix.stand_out_title} {matrix.chance}")
    return Chapter("stands-out", title, (lead, table, Paragraph(besides)) if besides else (lead, table), follows=True)


def areas(sources: Sources) -> Chapter:
    key, title = "areas", "Which areas are in it"
    if are_all_published(sources.areas):
        return empty(key, title, f"All {len(sources.areas)}: {', '.join(each.name for each in sources.areas)}.")
    table = Table(
        caption="",
        columns=(Column("Area", 40), Column("Its month", 36), Column("What we have of it", 94)),
        rows=tuple((Cell(each.name), Cell(each.state.label), Cell(each.sentence)) for each in sources.areas),
    )
    return Chapter(key, title, (table,), follows=True)


def left_out(sources: Sources) -> Chapter:
    """Name everything that the pack leaves out, and why."""
    items = tuple(list_left_out(sources))
    if not items:
        return empty("left-out", "What was left out", "Nothing: every area’s month is in it.")
    return Chapter("left-out", "What was left out", (Bullets(items),), follows=True)


def list_left_out(sources: Sources) -> Iterator[str]:
    for state, why in (
        (AreaState.NOT_AGREED, "shows the region nothing at present"),
        (AreaState.AWAITED, f"hasn’t published {sources.month.label}"),
        (AreaState.NOT_PUBLIC, f"shows what is public, and {sources.month.label} isn’t"),
    ):
        for each in sources.areas:
            if each.state is state:
                yield f"{each.name} {why}."
    public = [each.name for each in sources.areas if each.state is AreaState.PUBLIC]
    if public:
        verb = "shows" if len(public) == 1 else "show"
        yield f"{listed(public, are_proper=True)} {verb} what is public. Small numbers are withheld, and in no total."
    names = sources.figures.names
    for row in sources.rows:
        cells = row.indicator.cells
        if odd := [names[area] for area in names if area in row.indicator.odd]:
            verb, are = ("counts", "isn’t") if len(odd) == 1 else ("count", "aren’t")
            yield f"{row.title}: {listed(odd, are_proper=True)} {verb} differently, and {are} in the region’s figure."
        if rounded := [names[area] for area in names if area in cells and is_rounded(cells[area])]:
            yield f"{row.title}: rounded for {listed(rounded, are_proper=True)}, and not in the region’s figure."
    yield from sources.matrix.notes


def method(sources: Sources) -> Chapter:
    key = tuple((mark, means) for mark, means in sources.matrix.key)
    judged = JUDGED if sources.matrix.judged else ()
    reading = Bullets((*READING, *judged))
    blocks = (reading, Terms(key)) if key else (reading,)
    return Chapter("method", "How to read it", blocks, follows=True)
