"""How is each KPI doing? A pack has its board's KPIs; the strategic group's pack has them all."""

from collections.abc import Iterator

from indicators.kpis.state import KpiState
from reporting.charts.bullet import Bullet
from reporting.charts.pictures import bullet_picture
from reporting.kpis.presenters.standings import KpiRow
from reporting.packs.presenters.shapes import Abreast, Block, Cell, Chapter, Column, Heading, Paragraph, Picture, Table
from reporting.packs.presenters.sources import Sources

MOST_IN_FULL = 3
AS_PLANNED = (KpiState.MET, KpiState.ON_COURSE, KpiState.TOO_CLOSE, KpiState.TOO_EARLY)
HOW_TO_READ = (
    "A bar adds up the last 12 months, or all since the KPI started. The band around its end shows what chance alone "
    "could do. The dashed line is the baseline over the same months. The solid line is the target, and the triangle "
    "is the plan for now."
)


def kpis(sources: Sources) -> Chapter | None:
    """Return the chapter, which only partners read; None without KPIs."""
    if not sources.kpis:
        return None
    full = [row for row in sources.kpis if asks_for_talk(row)]
    if len(sources.kpis) <= MOST_IN_FULL:
        full = list(sources.kpis)
    others = [row for row in sources.kpis if row not in full]
    blocks: list[Block] = [block for row in full for block in make_blocks(row)]
    if full:
        blocks.append(Paragraph(HOW_TO_READ, look="quiet"))
    if others:
        blocks.append(make_table(others, caption="The others" if full else "How each is doing"))
    return Chapter("kpis", "KPIs", tuple(blocks), follows=True)


def asks_for_talk(row: KpiRow) -> bool:
    """Return whether it is shown in full. A pack keeps short what goes to plan, as it does with indicators."""
    return row.state not in AS_PLANNED or not row.line.owner


def make_table(rows: list[KpiRow], *, caption: str) -> Table:
    return Table(
        caption=caption,
        columns=(Column("KPI", 4), Column("How it is doing", 7), Column("From and to", 5)),
        rows=tuple(
            (
                Cell(f"{row.reference} {row.line.title}", is_strong=True, more=(describe_owner(row),)),
                Cell(row.line.said),
                Cell(f"{row.aim}. {row.better}."),
            )
            for row in rows
        ),
    )


def make_blocks(row: KpiRow) -> Iterator[Block]:
    yield Heading(f"{row.reference} {row.line.title}", f"kpi-{row.line.number}")
    words: tuple[Block, ...] = (
        Paragraph(row.line.said),
        Paragraph(f"{row.aim}. {row.better}. {row.kind}. {describe_owner(row)}.", look="quiet"),
    )
    bar = row.bullet
    if bar is None:
        yield from words
    else:
        yield Abreast(words, (draw(row, bar),), share=45, is_whole=True)


def describe_owner(row: KpiRow) -> str:
    return f"Owner: {row.line.owner}" if row.line.owner else "It has no owner"


def draw(row: KpiRow, bar: Bullet) -> Picture:
    svg, width, height = bullet_picture(bar)
    numbers = row.numbers
    told = (
        f"In {row.over}: {numbers['value']} ({numbers['lower']} to {numbers['upper']}, allowing for chance). "
        f"Baseline {numbers['baseline']}, plan for now {numbers['trajectory']}, target {numbers['target']}."
    )
    return Picture(svg, width, height, alt=f"{row.line.title}. {told}", notes=(told,))
