"""How does each KPI stand? Those of the board; the strategic group's pack has them all."""

from collections.abc import Iterator

from reporting.charts.bullet import Bullet
from reporting.charts.pictures import bullet_picture
from reporting.kpis.presenters.standings import KpiRow
from reporting.packs.presenters.shapes import Abreast, Block, Chapter, Heading, Paragraph, Picture
from reporting.packs.presenters.sources import Sources

HOW_TO_READ = (
    "A bar adds up the last 12 months, or all since the KPI began; the band around its end is what chance alone would "
    "do. The dashed stroke is the baseline over the same months, the solid one the target, the triangle the trajectory "
    "now."
)


def kpis(sources: Sources) -> Chapter | None:
    """Partners alone read it."""
    if not sources.kpis:
        return None
    blocks: list[Block] = [block for row in sources.kpis for block in make_blocks(row)]
    return Chapter("kpis", "KPIs", (*blocks, Paragraph(HOW_TO_READ, look="quiet")), follows=True)


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
        f"In {row.over}: {numbers['value']}, between {numbers['lower']} and {numbers['upper']} by chance. "
        f"Baseline {numbers['baseline']}, trajectory now {numbers['trajectory']}, target {numbers['target']}."
    )
    return Picture(svg, width, height, alt=f"{row.line.title}. {told}", notes=(told,))
