"""What was done in the year, in each strand of the plan and with the community? For partners only."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from actions.models import Action, Milestone, Voice
from actions.presenters.plan import count_of_noun
from actions.selectors.done import list_completed, list_heard, list_reached, sessions_in
from actions.selectors.engagement import Made, count_sessions
from boards.models import Strand
from boards.selectors import list_strands
from core.months import Month, date_label
from core.texts import one_line
from indicators.year_on_year import YEAR
from reporting.packs.presenters.shapes import Block, Cell, Chapter, Column, Paragraph, Table, empty
from reporting.packs.presenters.sources import Sources, whose

DONE, ENGAGEMENT = "What was done in each strand", "The community, in numbers"
MOST = 6  # named for each strand
MOST_VOICES = 8


def find_days(month: Month) -> tuple[date, date]:
    """Return the first and the last day of the year that ends with a month."""
    return (month + -(YEAR - 1)).first_day, month.last_day


# --- The plan -------------------------------------------------------------------------------------


def done(sources: Sources) -> Chapter | None:
    if sources.is_public:
        return None
    days, board = find_days(sources.month), whose(sources.order.board)
    completed = list_completed(sources.area, *days, board=board)
    reached = list_reached(sources.area, *days, board=board)
    if not completed and not reached:
        return empty("done", DONE, "No action was completed in the year, and no milestone reached.")
    still_open = [action for action in sources.actions if action.completed_at is None]
    said = (
        f"{count_of_noun(len(completed), 'action')} completed and {count_of_noun(len(reached), 'milestone')} reached "
        f"in the year; {count_of_noun(len(still_open), 'action')} open."
    )
    table = Table(
        caption="What was done in each strand of the plan",
        columns=(
            Column("Strand", 4),
            Column("Actions completed", 6),
            Column("Milestones reached", 6),
            Column("Open now", 2, is_number=True),
        ),
        rows=tuple(strand_row(strand, completed, reached, still_open) for strand in list_strands(sources.area)),
    )
    return Chapter("done", DONE, (Paragraph(said), table), follows=True)


def strand_row(
    strand: Strand, completed: Sequence[Action], reached: Sequence[Milestone], still_open: Sequence[Action]
) -> tuple[Cell, ...]:
    actions = [f"{each.reference} {each.title}" for each in completed if each.strand_id == strand.pk]
    steps = [f"{each.action.reference} {each.title}" for each in reached if each.action.strand_id == strand.pk]
    return (
        Cell(strand.name, is_strong=True),
        counted(actions),
        counted(steps),
        Cell(str(sum(each.strand_id == strand.pk for each in still_open))),
    )


def counted(names: Sequence[str]) -> Cell:
    """Say how many, and name the first few."""
    left = len(names) - MOST
    more = (*names[:MOST], f"and {left} more") if left > 0 else tuple(names)
    return Cell(str(len(names)) if names else "None", more=more)


# --- The community --------------------------------------------------------------------------------


def engagement(sources: Sources) -> Chapter | None:
    """Show the whole area's sessions: a session doesn't belong to a board."""
    if sources.is_public:
        return None
    now, before = (find_days(sources.month + -back) for back in (0, YEAR))
    made, earlier = (add_up(sources, *days) for days in (now, before))
    heard = list_heard(sources.area, *now)
    if not made.sessions:
        return empty("engagement", ENGAGEMENT, "No session with the community was held in the year.")
    answered = [voice for voice in heard if voice.closed_at is not None]
    late = sum(voice.closed_at is None and voice.due_on < timezone.localdate() for voice in heard)
    rows = (
        ("Sessions held", f"{made.sessions:,}", f"{earlier.sessions:,}"),
        ("Groups heard", f"{made.groups:,}", f"{earlier.groups:,}"),
        ("People reached", f"{made.people:,}", f"{earlier.people:,}"),
        ("Things that people said", f"{len(heard):,}", f"{len(list_heard(sources.area, *before)):,}"),
        ("of these answered", f"{len(answered):,}", ""),
        ("not answered yet", f"{len(heard) - len(answered):,}", ""),
        ("of which overdue", f"{late:,}", ""),
    )
    table = Table(
        caption=f"Sessions with the community, {date_label(now[0])} to {date_label(now[1])}",
        columns=(Column("What", 6), Column("This year", 2, is_number=True), Column("Year before", 2, is_number=True)),
        rows=tuple((Cell(name, is_strong=True), Cell(one), Cell(other)) for name, one, other in rows),
    )
    blocks: list[Block] = [table]
    if answered:
        blocks.append(voices_table(answered[:MOST_VOICES]))
    if len(answered) > MOST_VOICES:
        blocks.append(Paragraph(f"{len(answered) - MOST_VOICES} more answers are on the community page."))
    return Chapter("engagement", ENGAGEMENT, tuple(blocks), follows=True)


def voices_table(answered: Sequence[Voice]) -> Table:
    return Table(
        caption="You said, we did",
        columns=(Column("Session", 3), Column("What people said", 5), Column("What was done about it", 5)),
        rows=tuple(
            (
                Cell(voice.session.title, is_strong=True, more=(date_label(voice.session.held_on),)),
                Cell(one_line(voice.said)),
                Cell(one_line(voice.did)),
            )
            for voice in answered
        ),
    )


def add_up(sources: Sources, first: date, last: date) -> Made:
    months = list(count_sessions(sessions_in(sources.area, first, last)).values())
    # `Made` is a tuple of counts, so months add up place by place.
    return Made(*map(sum, zip(*months, strict=True))) if months else Made()
