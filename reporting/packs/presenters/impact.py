"""What does a pack say about what was done, and how figures changed afterwards?"""

from reporting.charts.pictures import chart_picture, month_width
from reporting.impact.presenters.outcomes import OutcomeView
from reporting.impact.presenters.page import ImpactView
from reporting.impact.results import Outcome
from reporting.months.presenters.words import lower_first
from reporting.packs.presenters.shapes import Block, Cell, Chapter, Column, Paragraph, Picture, Table
from reporting.packs.presenters.sources import Sources

TITLE = "Impact"
MOST_ROWS, MOST_NAMED = 5, 8
HOW_TO_READ = (
    "A change after an action or event may have another cause. We report a change only if its range leaves out “no "
    "change”. A change as large must also have appeared at no more than 5 % of other months."
)


def impact(sources: Sources) -> Chapter | None:
    """Only partners read it. A board without events has no such chapter."""
    told = [each for each in sources.impact.outcomes if each.outcome is not Outcome.TOO_EARLY]
    early = len(sources.impact.outcomes) - len(told)
    if sources.is_public or not sources.impact.outcomes:
        return None
    blocks: list[Block] = [Paragraph(HOW_TO_READ)]
    # The table has what moved, and what somebody expected to. The rest is only named.
    rows = [each for each in told if each.said or each.outcome in (Outcome.FELL, Outcome.ROSE)]
    others = [each for each in told if each not in rows]
    if rows:
        blocks.append(outcomes_table(rows[:MOST_ROWS]))
    if others:
        blocks.append(Paragraph(f"We can’t report a change for {name_outcomes(others)}.", look="quiet"))
    if shown := sources.impact.shown:
        blocks += draw_impact(shown)
    if left := describe_left(early=early, older=len(rows) - MOST_ROWS):
        blocks.append(Paragraph(left, look="quiet"))
    return Chapter("impact", TITLE, tuple(blocks), follows=True)


def name_outcomes(outcomes: list[OutcomeView]) -> str:
    """ "A3 (knife or gun woundings), A14 (groups running lines) and 4 more"."""
    named = [f"{each.happening.label} ({lower_first(each.aim.title)})" for each in outcomes[:MOST_NAMED]]
    more = len(outcomes) - MOST_NAMED
    *head, last = [*named, f"{more} more"] if more > 0 else named
    return f"{', '.join(head)} and {last}" if head else last


def outcomes_table(outcomes: list[OutcomeView]) -> Table:
    heads = (("What, and when", 6), ("Indicator", 3), ("Outcome", 5), ("What was expected, and the result", 4))
    return Table(
        caption="What was done, and what came of it",
        columns=tuple(Column(head, share) for head, share in heads),
        rows=tuple(
            (
                Cell(
                    f"{each.happening.label} {each.happening.title}",
                    is_strong=True,
                    more=(f"{each.kind}, {each.days}",),
                ),
                Cell(each.aim.title),
                Cell(
                    each.short if each.is_told else each.sentence,
                    is_strong=each.outcome in (Outcome.FELL, Outcome.ROSE),
                ),
                expected_cell(each),
            )
            for each in outcomes
        ),
    )


def expected_cell(outcome: OutcomeView) -> Cell:
    """Return the newest expectation."""
    if not outcome.said:
        return Cell("Nobody recorded one")
    said = outcome.said[-1]
    when = "Forecast" if said.is_beforehand else "Written afterwards"
    return Cell(said.words, more=(f"{when}: {lower_first(said.came_shortly)}" if said.came_shortly else when,))


def draw_impact(shown: ImpactView) -> list[Block]:
    """Show the newest change that is claimed, with its levels."""
    series = shown.series
    chart = shown.make_chart(month_width(len(series.values))) if series else None
    if chart is None or series is None:
        return []
    svg, width, height = chart_picture(chart)
    picture = Picture(
        svg,
        width,
        height,
        alt=f"{shown.outcome.sentence} {chart.words}",
        title=f"{shown.aim.title}, before and after {shown.title}: {shown.unit}",
        notes=(
            f"{shown.outcome.sentence} {shown.as_large}",
            f"The level lines cover the months compared. {shown.outcome.provisional}".strip(),
        ),
    )
    return [picture]


def describe_left(*, early: int, older: int) -> str:
    """Say what the table leaves out."""
    words = []
    if older > 0:
        words.append(f"{older} older {'one is' if older == 1 else 'ones are'} on the impact page")
    if early:
        words.append(f"it is too early to say for {early}")
    told = "; ".join(words)
    return f"{told[:1].upper()}{told[1:]}." if told else ""
