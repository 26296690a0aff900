"""A pack's chapters about what is being done: the plan's actions, challenges, highlights, impact and KPIs."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256

from django.utils import timezone

from actions.models import Action, Challenge, ChallengeAct, ChallengeEntry, Highlight
from actions.pictures import for_print
from actions.presenters.highlights import first_sentences, make_view
from actions.presenters.plan import describe_progress, is_overdue
from actions.workflow import CHALLENGE, UNANSWERED, ChallengeState, Rag
from core.calendar import date_label
from core.texts import one_line
from indicators.kpis.aims import KpiState
from reporting.charts.bars import Bullet
from reporting.charts.pictures import bullet_picture, chart_picture, month_width
from reporting.impact.presenters.outcomes import OutcomeView
from reporting.impact.presenters.page import ImpactView, OutcomeList, split_outcomes
from reporting.impact.results import Outcome
from reporting.kpis.presenters import KpiRow
from reporting.models import PackKind
from reporting.months.presenters.words import lower_first, upper_first
from reporting.packs.presenters.cover import is_off_track
from reporting.packs.presenters.revised import is_after
from reporting.packs.presenters.shapes import (
    Abreast,
    Block,
    Bullets,
    Cell,
    Chapter,
    Column,
    Heading,
    Paragraph,
    Photo,
    Picture,
    Table,
    empty,
)
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
    decided, off_track = sources.decisions, [action for action in sources.actions if is_off_track(action, today)]
    at_risk = [action for action in sources.actions if action.rag == Rag.AMBER and action not in off_track]
    said = f"The plan on {date_label(today)}. {summary(sources.actions, today)}"
    of_group = list(describe_group(sources))
    if not sources.actions and not decided and not of_group:
        return empty("plan", TITLE, "This board has no action in the plan, and has agreed none at its meetings.")
    blocks: list[Block] = [Paragraph(said), *of_group]
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


def describe_group(sources: Sources) -> Iterator[Paragraph]:
    """Say which boards stay away from the strategic group, and who has signed the strategy under the duty."""
    yield from (Paragraph(absence.words) for absence in sources.absences)
    if sources.duty:
        yield Paragraph(sources.duty)


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
    counted = ", ".join(f"{count} {word}" for count, word in counts if count)
    overdue = sum(is_overdue(action, today) for action in actions)
    noun = "action" if len(actions) == 1 else "actions"
    return f"{len(actions)} {noun}: {counted}; {overdue or 'none'} overdue."


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
                Cell(
                    action.measure.title
                    if action.measure
                    else f"Not linked to an indicator: {lower_first(action.no_measure_why)}"
                ),
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
    is_open = [challenge for challenge in every if challenge.closed_at is None]
    closed = [challenge for challenge in every if challenge.closed_at and is_after(challenge.closed_at, sources.since)]
    if not is_open and not closed:
        return empty("challenges", "Open challenges", "No challenge is open, and none was closed since the last pack.")
    blocks: list[Block] = []
    for title, key, some in (("Open", "open", is_open), ("Closed since the last pack", "closed", closed)):
        if some and closed:
            blocks.append(Heading(title, f"challenges-{key}"))
        if some:
            blocks.append(challenges_table(some, title))
    for challenge in (*is_open, *closed):
        blocks += whole(challenge)
    return Chapter("challenges", "Open challenges", tuple(blocks), follows=True)


def challenges_table(some: Sequence[Challenge], title: str) -> Table:
    return Table(
        caption=f"Challenges: {title.lower()}",
        columns=(Column("Question", 5), Column("Asked of", 3), Column("State", 3), Column("Newest answer", 5)),
        rows=tuple(
            (
                Cell(
                    f"{challenge.reference} {beginning(challenge.question)}",
                    is_strong=True,
                    more=(*goes_on(challenge, challenge.question), f"About {describe_subject(challenge)}"),
                ),
                Cell(str(challenge.board or challenge.agency), more=owed_by(challenge)),
                Cell(ChallengeState(challenge.state).label, more=(*said_since(challenge), *list_turn(challenge))),
                answer_cell(challenge),
            )
            for challenge in some
        ),
    )


def owed_by(challenge: Challenge) -> tuple[str, ...]:
    """Say who has to answer, and by when; for a closed one, who was asked."""
    if challenge.closed_at is not None:
        return (f"Asked of {challenge.answerer}",)
    due = f"due {date_label(challenge.due_on)}"
    if challenge.state not in UNANSWERED:
        return (f"Answer by {challenge.answerer}, {due}",)
    who = f"the chair of the {challenge.escalated_to}" if challenge.escalated_to else str(challenge.answerer)
    return (f"Answer by {who}, {due}", *(("Overdue",) if challenge.due_on < timezone.localdate() else ()))


def list_turn(challenge: Challenge) -> tuple[str, ...]:
    owner = CHALLENGE.owners[ChallengeState(challenge.state)]
    return (f"It is with {owner}.",) if owner else ()


def newest_said(challenge: Challenge) -> ChallengeEntry | None:
    """Return the text that came with its state, if any: what the answer lacks, why it goes to a chair, why it is
    withdrawn, or a comment on an accepted answer.
    """
    # Never empty, because raising the challenge is an entry too.
    newest = [entry for entry in challenge.entries.all() if entry.act != ChallengeAct.HANDED_OVER][-1]
    return newest if newest.text and newest.act not in (ChallengeAct.RAISED, ChallengeAct.ANSWERED) else None


def said_since(challenge: Challenge) -> tuple[str, ...]:
    said = newest_said(challenge)
    return (beginning(one_line(said.text)), *goes_on(challenge, said.text)) if said else ()


def newest_answer(challenge: Challenge) -> ChallengeEntry | None:
    answers = [entry for entry in challenge.entries.all() if entry.act == ChallengeAct.ANSWERED]
    return answers[-1] if answers else None


def answer_cell(challenge: Challenge) -> Cell:
    answer = newest_answer(challenge)
    if answer is None:
        return Cell("Not answered yet" if challenge.closed_at is None else "Not answered")
    return Cell(beginning(answer.text), more=(*goes_on(challenge, answer.text), made_by(answer)))


def made_by(entry: ChallengeEntry) -> str:
    return f"{entry.made_by}, {day(entry.made_at)}"


# --- What is too long for a column of a table -----------------------------------------------------


def is_long(text: str) -> bool:
    return len(text) > LONGEST_IN_TABLE


def beginning(text: str) -> str:
    return first_sentences(text) if is_long(text) else text


def goes_on(challenge: Challenge, text: str) -> tuple[str, ...]:
    return (f"It continues: see “{in_full(challenge)}”, below.",) if is_long(text) else ()


def in_full(challenge: Challenge) -> str:
    return f"{challenge.reference} in full"


def whole(challenge: Challenge) -> Iterable[Block]:
    """Show a question, its newest answer and later entries across the page, if one is too long for its column."""
    answer, said = newest_answer(challenge), newest_said(challenge)
    if not any(is_long(text) for text in (challenge.question, *(entry.text for entry in (answer, said) if entry))):
        return
    yield Heading(in_full(challenge), f"challenge-{challenge.number}")
    yield from (Paragraph(line, look="strong") for line in lines_in(challenge.question))
    if answer:
        yield from whole_entry(answer)
    if said and is_long(said.text):
        yield from whole_entry(said)


def whole_entry(entry: ChallengeEntry) -> Iterable[Block]:
    yield Paragraph(f"{entry.get_act_display()}: {made_by(entry)}", look="quiet")
    yield from (Paragraph(line) for line in lines_in(entry.text))


def lines_in(text: str) -> Iterable[str]:
    return filter(None, map(str.strip, text.splitlines()))


def describe_subject(challenge: Challenge) -> str:
    if challenge.indicator and challenge.period:
        return f"{lower_first(challenge.indicator.title)}, {challenge.period.month.label}"
    if challenge.action:
        return f"action {challenge.action.reference}, {lower_first(challenge.action.title)}"
    if challenge.step:
        return f"{lower_first(challenge.step.pathway.title)}, {lower_first(challenge.step.name)}"
    return f"the strand “{challenge.strand.name}”" if challenge.strand else f"“{challenge.responsibility}”"


def day(moment: datetime) -> str:
    return date_label(timezone.localdate(moment))


# A story up to this many characters has its picture beside it, on the same page; a longer one has it above.
LONGEST_BESIDE = 1_500
MOST_PRINTED = 128  # pictures that a process caches as documents need them: some 10 MB
SHARE = 40  # per cent of the page's width, for a picture beside text


def highlights(sources: Sources) -> Chapter:
    """Show what was done in the month, or in the year for a year’s pack."""
    if not sources.highlights:
        when = "in the year" if sources.order.kind is PackKind.YEAR else f"in {sources.month.label}"
        return empty("highlights", "Highlights", f"No highlight was reported {when}.")
    blocks = [block for row, picture in sources.highlights for block in highlight(row, picture)]
    return Chapter("highlights", "Highlights", tuple(blocks), follows=True)


def highlight(row: Highlight, picture: bytes | None) -> Iterable[Block]:
    said, story = Paragraph(make_view(row).facts, look="quiet"), Paragraph(row.story)
    yield Heading(row.title, f"highlight-{row.pk}")
    if picture is None:
        yield from (said, story)
    elif len(row.story) <= LONGEST_BESIDE:
        yield Abreast((said, story), (photo(row, picture),), share=SHARE, is_whole=True)
    else:
        yield from (said, photo(row, picture), story)


def photo(row: Highlight, picture: bytes) -> Photo:
    content, width, height = printed(picture)
    return Photo(content, sha256(content).hexdigest(), width, height, row.picture_alt, row.pk)


_printed: dict[str, tuple[bytes, int, int]] = {}  # by the hash of the picture, the oldest first


def printed(picture: bytes) -> tuple[bytes, int, int]:
    """Call for_print once for each picture: it takes 50 ms, and each look at a draft makes it again."""
    key = sha256(picture).hexdigest()
    photo_bytes = _printed.get(key) or for_print(picture)
    _printed[key] = photo_bytes
    # Another thread may do the same, so copy the keys, and accept that one is gone.
    for oldest in list(_printed)[:-MOST_PRINTED]:
        _printed.pop(oldest, None)
    return photo_bytes


WHAT_FOLLOWED = "Impact"
MOST_ROWS, MOST_NAMED = 5, 8
HOW_TO_READ_IMPACT = (
    "A change after an action or event may have another cause. We compare only figures that someone named beforehand. "
    "We report a change only if its range leaves out “no change”, and if at most 5% of other months had a change as "
    "large. We report it once, under the event where it is clearest."
)


def impact(sources: Sources) -> Chapter | None:
    """Only partners read it. A board without events has no such chapter."""
    if not sources.impact.outcomes:
        return None
    outcomes = split_outcomes(sources.impact.outcomes)
    rows = [outcome for outcome in outcomes.told if outcome.outcome is not Outcome.TOO_EARLY]
    blocks: list[Block] = [Paragraph(HOW_TO_READ_IMPACT)]
    if rows:
        blocks.append(outcomes_table(rows[:MOST_ROWS]))
    if shown := sources.impact.shown:
        blocks += draw_impact(shown)
    if left := describe_left(outcomes, older=len(rows) - MOST_ROWS):
        blocks.append(Paragraph(left, look="quiet"))
    return Chapter("impact", WHAT_FOLLOWED, tuple(blocks), follows=True)


def name_outcomes(outcomes: Sequence[OutcomeView]) -> str:
    """ "A3 (knife or gun woundings), A14 (groups running lines) and 4 more"."""
    named = [f"{outcome.happening.label} ({lower_first(outcome.aim.title)})" for outcome in outcomes[:MOST_NAMED]]
    more = len(outcomes) - MOST_NAMED
    *head, last = [*named, f"{more} more"] if more > 0 else named
    return f"{', '.join(head)} and {last}" if head else last


def outcomes_table(outcomes: list[OutcomeView]) -> Table:
    heads = (("What, and when", 6), ("Indicator", 3), ("Outcome", 6), ("What was expected, and the result", 4))
    return Table(
        caption="What was done, and what came of it",
        columns=tuple(Column(head, share) for head, share in heads),
        rows=tuple(
            (
                Cell(
                    f"{outcome.happening.label} {outcome.happening.title}",
                    is_strong=True,
                    more=(f"{outcome.kind}, {outcome.days}",),
                ),
                Cell(outcome.aim.title),
                outcome_cell(outcome),
                expected_cell(outcome),
            )
            for outcome in outcomes
        ),
    )


def outcome_cell(outcome: OutcomeView, *more: str) -> Cell:
    """Return its sentence, with the verdict on the series."""
    verdict = f"{outcome.verdict}." if outcome.verdict else ""
    return Cell(outcome.sentence, is_strong=outcome.is_claimed, more=tuple(filter(None, (verdict, *more))))


def expected_cell(outcome: OutcomeView) -> Cell:
    """Return the newest expectation."""
    if not outcome.said:
        return Cell("None recorded")
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
            f"{shown.outcome.sentence} {shown.outcome.verdict}.",
            f"The level lines cover the months compared. {shown.outcome.provisional}".strip(),
        ),
    )
    return [picture]


def describe_left(outcomes: OutcomeList, *, older: int = 0) -> str:
    """Say what the table leaves out: how many, and where they are."""
    early = sum(outcome.outcome is Outcome.TOO_EARLY for outcome in outcomes.told)
    words = []
    if outcomes.close:
        words.append(f"{len(outcomes.close)} {'is' if len(outcomes.close) == 1 else 'are'} too close to call")
        words[0] += f": {name_outcomes(outcomes.close)}"
    if early:
        words.append(f"it is too early to say for {early}")
    if older > 0:
        words.append(f"{older} older {'one is' if older == 1 else 'ones are'} on the impact page")
    if outcomes.others:
        words.append(f"for {len(outcomes.others)} more, no one said beforehand what to expect: see the impact page")
    return f"{upper_first('; '.join(words))}." if words else ""


MOST_IN_FULL = 3
AS_PLANNED = (KpiState.MET, KpiState.ON_COURSE, KpiState.TOO_CLOSE, KpiState.TOO_EARLY, KpiState.NOT_JUDGED)
ADDS_UP = "A bar adds up the last 12 months, or all since the KPI started"
IS_NEWEST = "is the newest month’s figure"


def describe_bars(bars: Collection[tuple[int, str]]) -> str:
    """Say how to read bars of KPIs, each given by how many months it adds up, and by its range in words, if it has
    one."""
    add_up, are_newest = (any((months > 1) is wanted for months, _ in bars) for wanted in (True, False))
    sentences = [
        f"{ADDS_UP}, or {IS_NEWEST}" if add_up and are_newest else ADDS_UP if add_up else f"A bar {IS_NEWEST}",
        "The band at a bar’s end shows the figure’s usual movements" if any(reach for _, reach in bars) else "",
        f"The dashed line is the baseline{' over the same months' if add_up else ''}",
        "The solid line is the target, and the triangle is what it should be now",
    ]
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def describe_rows(rows: Iterable[KpiRow]) -> Iterator[Paragraph]:
    """Yield how to read their bars, if there are any."""
    if bars := [(row.line.months, row.reach) for row in rows if row.bullet]:
        yield Paragraph(describe_bars(bars), look="quiet")


def kpis(sources: Sources) -> Chapter | None:
    """Return the chapter, which only partners read; None without KPIs."""
    if not sources.kpis:
        return None
    full = [row for row in sources.kpis if asks_for_talk(row)]
    if len(sources.kpis) <= MOST_IN_FULL:
        full = list(sources.kpis)
    others = [row for row in sources.kpis if row not in full]
    blocks: list[Block] = [block for row in full for block in make_blocks(row)]
    blocks += describe_rows(full)
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
                Cell(f"{row.aim}."),
            )
            for row in rows
        ),
    )


def make_blocks(row: KpiRow) -> Iterator[Block]:
    yield Heading(f"{row.reference} {row.line.title}", f"kpi-{row.line.number}")
    yield from tell_kpi(row)


def tell_kpi(row: KpiRow) -> Iterator[Block]:
    """Say how a KPI is doing, with its bar if it has one."""
    words: tuple[Block, ...] = (
        Paragraph(row.line.said),
        Paragraph(f"{row.aim}. {row.kind}. {describe_owner(row)}.", look="quiet"),
    )
    bar = row.bullet
    if bar is None:
        yield from words
    else:
        picture = draw_bar(bar, row.numbers, title=row.line.title, over=row.over, reach=row.reach)
        yield Abreast(words, (picture,), share=45, is_whole=True)


def describe_owner(row: KpiRow) -> str:
    return f"Owner: {row.line.owner}" if row.line.owner else "No owner"


def draw_bar(bar: Bullet, numbers: Mapping[str, str], *, title: str, over: str, reach: str) -> Picture:
    """Draw a KPI's bar. `numbers` are those that it shows, `over` names its months, and `reach` is its range."""
    svg, width, height = bullet_picture(bar)
    alt = (
        f"In {over}: {numbers['value']}{reach}. "
        f"Baseline {numbers['baseline']}, should be now {numbers['trajectory']}, target {numbers['target']}."
    )
    return Picture(svg, width, height, alt=f"{title}. {alt}", notes=(alt,))
