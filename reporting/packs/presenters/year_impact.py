"""What was done, and what were figures like before and after? For a year's pack, and only for partners."""

from reporting.impact.presenters.outcomes import OutcomeView
from reporting.impact.results import Outcome
from reporting.months.presenters.words import lower_first
from reporting.packs.presenters.impact import HOW_TO_READ, draw_impact, expected_cell
from reporting.packs.presenters.shapes import Block, Bullets, Cell, Chapter, Column, Paragraph, Table, empty
from reporting.packs.presenters.sources import Sources

TITLE = "Before and after"


def impact(sources: Sources) -> Chapter | None:
    if sources.is_public:
        return None
    outcomes = sources.impact.outcomes
    if not outcomes:
        return empty("impact", TITLE, "No action or event of the last two years names one of this board’s indicators.")
    told = [each for each in outcomes if each.levels]
    untold = [each for each in outcomes if not each.levels]
    blocks: list[Block] = [Paragraph(HOW_TO_READ)]
    if told:
        blocks.append(levels_table(told))
    if untold:
        blocks += [Paragraph("We can’t report on these:"), Bullets(tuple(map(describe_untold, untold)))]
    if sources.impact.shown:
        blocks += draw_impact(sources.impact.shown)
    return Chapter("impact", TITLE, tuple(blocks), follows=True)


def levels_table(outcomes: list[OutcomeView]) -> Table:
    return Table(
        caption="The level before and after each, and what came of it",
        columns=(
            Column("What, and when", 6),
            Column("Before", 3),
            Column("After", 3),
            Column("Outcome", 7),
        ),
        rows=tuple(make_row(each) for each in outcomes),
    )


def make_row(each: OutcomeView) -> tuple[Cell, ...]:
    happening = each.happening
    return (
        Cell(
            f"{happening.label} {happening.title}",
            is_strong=True,
            more=(f"{each.kind}, {each.days}", each.aim.title),
        ),
        *(Cell(level.mean, more=tuple(filter(None, (level.months, level.sums)))) for level in each.levels),
        Cell(
            each.sentence,
            is_strong=each.outcome in (Outcome.FELL, Outcome.ROSE),
            more=tuple(filter(None, (describe_expected(each), each.provisional))),
        ),
    )


def describe_expected(each: OutcomeView) -> str:
    """ "Should fall by about 20 % by October 2026. Said beforehand."."""
    cell = expected_cell(each)
    return (
        " ".join(f"{words.rstrip('.')}." for words in (cell.text, *cell.more))
        if each.said
        else "Nobody said what to expect."
    )


def describe_untold(each: OutcomeView) -> str:
    happening = each.happening
    what = f"{happening.label} {happening.title} ({lower_first(each.kind)}, {each.days}), {each.aim.title}"
    return f"{what}: {each.sentence}"
