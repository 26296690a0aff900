"""What does a pack say about what is being done? It shows the plan's actions, and challenges."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.utils import timezone

from actions.models import Action, Challenge, ChallengeAct, ChallengeEntry
from actions.presenters.highlights import first_sentences
from actions.presenters.plan import describe_progress, is_overdue
from actions.workflow import CHALLENGE, UNANSWERED, ChallengeState, Rag
from core.months import date_label
from core.texts import one_line
from reporting.months.presenters.words import lower_first
from reporting.packs.presenters.asks import is_off_track
from reporting.packs.presenters.revised import is_after
from reporting.packs.presenters.shapes import Block, Bullets, Cell, Chapter, Column, Heading, Paragraph, Table, empty
from reporting.packs.presenters.sources import Sources

TITLE = "Decisions and red actions"
OFF_TRACK = "Red, or overdue"
LONGEST_IN_TABLE = 600  # characters of a question or an answer: about fifteen lines of its column


# --- The plan -------------------------------------------------------------------------------------


def plan(sources: Sources) -> Chapter | None:
    """Show recent decisions, and actions that are off track. Only partners read it."""
    if sources.is_public:
        return None
    today = timezone.localdate()
    decided, off_track = sources.decisions, [each for each in sources.actions if is_off_track(each, today)]
    at_risk = [each for each in sources.actions if each.rag == Rag.AMBER and each not in off_track]
    said = f"The plan on {date_label(today)}. {summary(sources.actions, today)}"
    if not sources.actions and not decided:
        return empty("plan", TITLE, "This board has no action in the plan, and its meetings decided on none.")
    blocks: list[Block] = [Paragraph(said)]
    if decided:
        when = describe_meeting(sources)
        blocks += [Heading(f"Decided {when}", "plan-decided"), actions_table(decided, f"Decided {when}", today)]
    if off_track:
        blocks += [Heading(OFF_TRACK, "plan-off-track"), actions_table(off_track, OFF_TRACK, today)]
    else:
        blocks.append(Paragraph("No action is red, and none is overdue."))
    if at_risk:
        blocks += [Heading("Amber: at risk", "plan-at-risk"), Bullets(tuple(map(in_a_line, at_risk)))]
    return Chapter("plan", TITLE, tuple(blocks))


def describe_meeting(sources: Sources) -> str:
    """ "at M4, on 30 October 2026"."""
    meeting = sources.last_meeting
    return f"at {meeting.reference}, on {date_label(meeting.held_on)}" if meeting else ""


def in_a_line(action: Action) -> str:
    why = f". {action.rag_why}" if action.rag_why else ""
    return f"{action.reference} {action.title}, due {date_label(action.due_on)}, {action.agency.name}{why}"


def summary(actions: Sequence[Action], today: date) -> str:
    """ "12 actions: 7 green, 2 amber, 1 red, 2 complete; 3 overdue."."""
    counts = [
        (sum(action.rag == rag for action in actions), "complete" if rag is Rag.BLUE else rag.value) for rag in Rag
    ]
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    overdue = sum(is_overdue(action, today) for action in actions)
    noun = "action" if len(actions) == 1 else "actions"
    return f"{len(actions)} {noun}: {told}; {overdue or 'none'} overdue."


def actions_table(actions: Sequence[Action], title: str, today: date) -> Table:
    return Table(
        caption=f"{title}: actions",
        columns=(
            Column("Action", 6),
            Column("Due", 3),
            Column("Milestones", 3),
            Column("RAG", 4),
            Column("Aims to change", 4),
        ),
        rows=tuple(
            (
                Cell(
                    f"{action.reference} {action.title}",
                    is_strong=True,
                    more=(f"{action.owner}, {action.agency.name}", action.board.short_name),
                ),
                Cell(date_label(action.due_on), more=("Overdue",) if is_overdue(action, today) else ()),
                Cell(describe_progress(action)),
                Cell(
                    Rag(action.rag).label,
                    is_strong=action.rag in (Rag.RED, Rag.AMBER),
                    more=(action.rag_why,) if action.rag_why else (),
                ),
                Cell(action.measure.title if action.measure else f"No measure: {lower_first(action.no_measure_why)}"),
            )
            for action in actions
        ),
    )


# --- Challenges -----------------------------------------------------------------------------------


def challenges(sources: Sources) -> Chapter | None:
    """Show open challenges, and those closed since the last pack. Only partners read them."""
    if sources.is_public:
        return None
    every = sources.challenges
    is_open = [each for each in every if each.closed_at is None]
    closed = [each for each in every if each.closed_at and is_after(each.closed_at, sources.since)]
    if not is_open and not closed:
        return empty("challenges", "Open challenges", "No challenge is open, and none was closed since the last pack.")
    blocks: list[Block] = []
    for title, key, some in (("Open", "open", is_open), ("Closed since the last pack", "closed", closed)):
        if some and closed:
            blocks.append(Heading(title, f"challenges-{key}"))
        if some:
            blocks.append(challenges_table(some, title))
    for each in (*is_open, *closed):
        blocks += whole(each)
    return Chapter("challenges", "Open challenges", tuple(blocks), follows=True)


def challenges_table(some: Sequence[Challenge], title: str) -> Table:
    return Table(
        caption=f"Challenges: {title.lower()}",
        columns=(Column("Question", 5), Column("Asked of", 3), Column("State", 3), Column("Newest answer", 5)),
        rows=tuple(
            (
                Cell(
                    f"{each.reference} {beginning(each.question)}",
                    is_strong=True,
                    more=(*goes_on(each, each.question), f"About {describe_subject(each)}"),
                ),
                Cell(str(each.board or each.agency), more=owed_by(each)),
                Cell(ChallengeState(each.state).label, more=(*said_since(each), *list_turn(each))),
                answer_cell(each),
            )
            for each in some
        ),
    )


def owed_by(each: Challenge) -> tuple[str, ...]:
    """Say who has to answer, and by when; for a closed one, who was asked."""
    if each.closed_at is not None:
        return (f"Asked of {each.answerer}",)
    due = f"due {date_label(each.due_on)}"
    if each.state not in UNANSWERED:
        return (f"Answer by {each.answerer}, {due}",)
    who = f"the chair of the {each.escalated_to}" if each.escalated_to else str(each.answerer)
    return (f"Answer by {who}, {due}", *(("Overdue",) if each.due_on < timezone.localdate() else ()))


def list_turn(each: Challenge) -> tuple[str, ...]:
    owner = CHALLENGE.owners[ChallengeState(each.state)]
    return (f"It is with {owner}.",) if owner else ()


def newest_said(each: Challenge) -> ChallengeEntry | None:
    """Return the text that came with its state, if any: what the answer lacks, why it goes to a chair, why it is
    withdrawn, or a comment on an accepted answer.
    """
    # Never empty, because raising the challenge is an entry too.
    newest = [entry for entry in each.entries.all() if entry.act != ChallengeAct.HANDED_OVER][-1]
    return newest if newest.text and newest.act not in (ChallengeAct.RAISED, ChallengeAct.ANSWERED) else None


def said_since(each: Challenge) -> tuple[str, ...]:
    said = newest_said(each)
    return (beginning(one_line(said.text)), *goes_on(each, said.text)) if said else ()


def newest_answer(each: Challenge) -> ChallengeEntry | None:
    answers = [entry for entry in each.entries.all() if entry.act == ChallengeAct.ANSWERED]
    return answers[-1] if answers else None


def answer_cell(each: Challenge) -> Cell:
    answer = newest_answer(each)
    if answer is None:
        return Cell("Not answered yet" if each.closed_at is None else "Not answered")
    return Cell(beginning(answer.text), more=(*goes_on(each, answer.text), made_by(answer)))


def made_by(entry: ChallengeEntry) -> str:
    return f"{entry.made_by}, {day(entry.made_at)}"


# --- What is too long for a column of a table


def is_long(text: str) -> bool:
    return len(text) > LONGEST_IN_TABLE


def beginning(text: str) -> str:
    return first_sentences(text) if is_long(text) else text


def goes_on(each: Challenge, text: str) -> tuple[str, ...]:
    return (f"It continues: see “{in_full(each)}”, below.",) if is_long(text) else ()


def in_full(each: Challenge) -> str:
    return f"{each.reference} in full"


def whole(each: Challenge) -> Iterable[Block]:
    """Show a question, its newest answer and later entries across the page, if one is too long for its column."""
    answer, said = newest_answer(each), newest_said(each)
    if not any(is_long(text) for text in (each.question, *(entry.text for entry in (answer, said) if entry))):
        return
    yield Heading(in_full(each), f"challenge-{each.number}")
    yield from (Paragraph(line, look="strong") for line in lines_in(each.question))
    if answer:
        yield from whole_entry(answer)
    if said and is_long(said.text):
        yield from whole_entry(said)


def whole_entry(entry: ChallengeEntry) -> Iterable[Block]:
    yield Paragraph(f"{entry.get_act_display()}: {made_by(entry)}", look="quiet")
    yield from (Paragraph(line) for line in lines_in(entry.text))


def lines_in(text: str) -> Iterable[str]:
    return filter(None, map(str.strip, text.splitlines()))


def describe_subject(each: Challenge) -> str:
    if each.indicator and each.period:
        return f"{lower_first(each.indicator.title)}, {each.period.month.label}"
    if each.action:
        return f"action {each.action.reference}, {lower_first(each.action.title)}"
    return f"the strand “{each.strand.name}”" if each.strand else f"“{each.responsibility}”"


def day(moment: datetime) -> str:
    return date_label(timezone.localdate(moment))
