"""The pathways that a pack's board has indicators of, in the chapter that says what came of the work."""

from collections.abc import Iterator
from dataclasses import replace

from reporting.months.presenters.words import lower_first
from reporting.packs.presenters import plan, year
from reporting.packs.presenters.shapes import Block, Cell, Chapter, Column, Heading, Paragraph, Table
from reporting.packs.presenters.sources import Sources
from reporting.pathways.presenters import NONE, PathwayView, StepView

TITLE = "What became of those who were found"


def impact(sources: Sources) -> Chapter | None:
    return with_pathways(plan.impact(sources), sources)


def year_impact(sources: Sources) -> Chapter | None:
    return with_pathways(year.impact(sources), sources)


def with_pathways(chapter: Chapter | None, sources: Sources) -> Chapter | None:
    """Return the chapter with the pathways at its end, which only partners read; without that chapter, one of their
    own."""
    blocks = tuple(make_blocks([pathway for pathway in sources.pathways if pathway.steps]))
    if not blocks:
        return chapter
    if chapter is None:
        return Chapter("pathways", TITLE, blocks, follows=True)
    before = chapter.blocks or (Paragraph(chapter.line),)
    return replace(chapter, blocks=(*before, Heading(TITLE, "pathways"), *blocks), line="")


def make_blocks(pathways: list[PathwayView]) -> Iterator[Block]:
    yield from map(make_table, pathways)
    about = dict.fromkeys(sentence for pathway in pathways for sentence in pathway.about)
    if about:
        yield Paragraph(" ".join(about), look="quiet")


def make_table(pathway: PathwayView) -> Table:
    return Table(
        caption=f"{pathway.title}, {pathway.span}: {lower_first(pathway.question)}",
        columns=(
            Column("Step", 7),
            Column("Reported by", 6),
            Column("Count", 2, is_number=True),
            Column("Against the first step", 11),
        ),
        rows=tuple(map(make_row, pathway.steps)),
    )


def make_row(step: StepView) -> tuple[Cell, ...]:
    return Cell(step.name, is_strong=True), Cell(step.agency), Cell(step.count or NONE), Cell(step.shortly)
