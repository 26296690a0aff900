"""Files of challenges and of offers of support."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from actions.presenters.challenges import KINDS_OF_THINGS, ChallengeView, EntryView, SupportView, find_kind
from actions.workflow import ChallengeState, SupportState
from boards.models import PartnershipArea
from core.files.sheets import LONGEST_CELL, NoteSection
from core.files.tables import DataFile, Row, make_file_stem
from indicators.disclosure import USUAL_MARKING, Audience

MARKING = USUAL_MARKING[Audience.PARTNERS]
# The names are an interface: somebody's spreadsheet reads them.
CHALLENGE_COLUMNS = {
    "number": "The challenge’s number, as on its page.",
    "state": "Its state.",
    "about_kind": "What kind of thing it is about.",
    "about": "What it is about.",
    "to": "The board or agency that has to answer.",
    "answerer": "Who has to answer: if the challenge was escalated, the board’s chair.",
    "escalated_to": "The board to whose chair it was escalated.",
    "question": "What was asked.",
    "raised_on": "The day on which it was raised.",
    "raised_by": "Who raised it.",
    "due_on": "The day by which the answer is or was due.",
    "overdue": "Yes if the answer is missing and its due date has passed.",
    "turn": "Whose turn it is now.",
    "turn_since": "The day on which that turn began.",
    "last_answer_on": "The day of the last answer.",
    "last_answer_by": "Who gave the last answer.",
    "last_answer": "The last answer.",
    "closed_on": "The day on which the answer was accepted or the challenge withdrawn.",
    "closed_by": "Who accepted the answer or withdrew the challenge.",
    "thread": "All questions and answers, in order.",
}
SUPPORT_COLUMNS = {
    "number": "The offer’s number, as on its page.",
    "state": "Its state.",
    "about_kind": "What kind of thing it is about.",
    "about": "What it is about.",
    "to": "The board or agency that gets the offer.",
    "offer": "What is offered.",
    "offered_on": "The day on which it was offered.",
    "offered_by": "Who offered it.",
    "decided_on": "The day on which it was taken up, declined or withdrawn.",
    "decided_by": "Who took it up, declined it or withdrew it.",
    "why": "The reason that was given.",
}
READING = "What people wrote about figures, actions and boards, never about a person."


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between the two files. `word` is in its name, and `rows_are` is what JSON calls its rows."""

    heading: str
    word: str
    rows_are: str
    columns: dict[str, str]
    states: Sequence[tuple[str, str]]


CHALLENGES = Kind("Challenges", "challenges", "challenges", CHALLENGE_COLUMNS, ChallengeState.choices())
OFFERS = Kind("Offers of support", "support", "offers", SUPPORT_COLUMNS, SupportState.choices())


def make_file(
    kind: Kind, area: PartnershipArea, rows: list[Row], *, filters: Sequence[str], made_at: datetime
) -> DataFile:
    return DataFile(
        stem=make_file_stem(MARKING, area.slug, kind.word, str(timezone.localdate(made_at))),
        title=f"{kind.heading} of the strategic group, {area.name}",
        marking=MARKING,
        columns=tuple(kind.columns),
        rows=rows,
        rows_are=kind.rows_are,
        about={"area": area.slug, "audience": Audience.PARTNERS.value, "filters": list(filters)},
        notes=lambda: notes(kind, filters),
        made_at=made_at,
    )


def challenge_row(view: ChallengeView) -> Row:
    challenge, last = view.challenge, view.last_answer
    return {
        "number": view.reference,
        "state": view.state.label,
        "about_kind": KINDS_OF_THINGS[find_kind(challenge)],
        "about": view.about,
        "to": view.to,
        "answerer": view.answerer,
        "escalated_to": str(challenge.escalated_to) if challenge.escalated_to else None,
        # Somebody's own text: csv_text and the workbook see to it that no spreadsheet runs it.
        "question": view.question,
        "raised_on": day(challenge.raised_at),
        "raised_by": str(challenge.raised_by),
        "due_on": str(challenge.due_on),
        "overdue": "Yes" if view.is_overdue else "No",
        "turn": view.turn or None,
        "turn_since": str(view.since) if view.turn else None,
        "last_answer_on": day(last.when) if last else None,
        "last_answer_by": last.who if last else None,
        "last_answer": fitted(last.text) if last else None,
        "closed_on": day(challenge.closed_at),
        "closed_by": str(challenge.closed_by) if challenge.closed_by else None,
        "thread": fitted("\n\n".join(map(describe_entry, view.entries))),
    }


def describe_entry(entry: EntryView) -> str:
    """ "1. Raised, Anytown strategic (demo), 2026-11-05: What is done about it?"."""
    return f"{entry.number}. {entry.act}, {entry.who}, {day(entry.when)}" + (f": {entry.text}" if entry.text else "")


def fitted(text: str) -> str:
    """Return what fits into one cell of a workbook; the page has the rest."""
    end = "\n… The rest is on the challenge’s page."
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - len(end)]}{end}"


def support_row(view: SupportView) -> Row:
    support = view.support
    return {
        "number": view.reference,
        "state": view.state.label,
        "about_kind": KINDS_OF_THINGS[find_kind(support)],
        "about": view.about,
        "to": view.to,
        "offer": support.offer,
        "offered_on": day(support.offered_at),
        "offered_by": str(support.offered_by),
        "decided_on": day(support.decided_at),
        "decided_by": str(support.decided_by) if support.decided_by else None,
        "why": support.decided_why or None,
    }


def day(moment: datetime | None) -> str | None:
    # London's day, as on the page. The moment is stored in UTC.
    return str(timezone.localdate(moment)) if moment else None


def notes(kind: Kind, filters: Sequence[str]) -> list[NoteSection]:
    return [
        NoteSection(
            "What this is",
            [
                (kind.heading, "Only those that the person who made this file can read."),
                ("Filters", "; ".join(filters) or "None"),
                ("For", f"{Audience.PARTNERS.label}."),
                ("Holds", READING),
            ],
        ),
        NoteSection("Columns", list(kind.columns.items())),
        NoteSection("Values of “state”", [(label, "") for _, label in kind.states]),
    ]
