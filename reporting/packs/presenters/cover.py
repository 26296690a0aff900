"""The cover of a pack: its names, what it asks of the board, and which month, version and meeting it is for."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from django.utils import timezone

from actions.models import Action, Challenge
from actions.presenters.highlights import first_sentences
from actions.presenters.plan import describe_day, is_overdue
from actions.workflow import UNANSWERED, Rag
from boards.models import Board
from core.calendar import Month, date_label
from core.chain import Head
from indicators.disclosure import Audience
from indicators.trend import CellState, Movement
from reporting.models import IssuedPack, PackCharts, PackKind, PackScope, SnapshotState
from reporting.months.presenters.shapes import LineView, MonthView
from reporting.months.presenters.words import listed, lower_first
from reporting.packs.presenters.shapes import Arrow, Cell, Cover
from reporting.packs.presenters.sources import Order, Sources


def list_asks(sources: Sources) -> Iterator[str]:
    """Say what the board is asked, or that nothing is. A public pack asks for nothing."""
    if sources.is_public:
        return
    figures = ask_about_figures(sources.board.month)
    asks = ask_board(sources.order.board, sources.actions, sources.challenges, figures)
    yield from asks or ["There is nothing to decide: this pack is for information."]


def ask_board(board: Board, actions: Iterable[Action], challenges: Iterable[Challenge], figures: str) -> list[str]:
    """Say in at most three sentences what the board decides, answers and asks about; `figures` is the last of them."""
    today = timezone.localdate()
    return list(filter(None, [ask_to_decide(actions, today), ask_to_answer(board, challenges, today), figures]))


def ask_to_decide(actions: Iterable[Action], today: date) -> str:
    """Ask about actions that are red or overdue: the longest due is named."""
    off_track = sorted((one for one in actions if is_off_track(one, today)), key=lambda one: (one.due_on, one.number))
    if not off_track:
        return ""
    first = off_track[0]
    named = f"{first.reference}, {describe_fault(first, today)}: {first.title}."
    if len(off_track) == 1:
        return f"Decide what to do about {named}"
    return f"Decide what to do about {len(off_track)} actions that are red or overdue, the first of them {named}"


def ask_to_answer(board: Board, challenges: Iterable[Challenge], today: date) -> str:
    """Ask for the board's or its chair's answers to challenges: the one due first is named."""
    owed = [challenge for challenge in challenges if owes(board, challenge)]
    owed.sort(key=lambda challenge: (challenge.due_on, challenge.number))
    if not owed:
        return ""
    first = owed[0]
    who = "Answer" if first.escalated_to_id is None else "The chair answers"
    late = ", overdue since" if first.due_on < today else " by"
    which = first.reference if len(owed) == 1 else f"{len(owed)} challenges, the first of them {first.reference}"
    return f"{who} {which}{late} {date_label(first.due_on)}: {first_sentences(first.question)}"


def ask_about_figures(month: MonthView) -> str:
    """Ask about what got worse, and for what is missing."""
    worse = [lower_first(line.label) for line in month.changed if line.is_alarm]
    owners = list(dict.fromkeys(line.owner for line in month.wholes if not line.is_figure))
    asks = [f"what is being done about {listed(worse)}, which got worse"] if worse else []
    asks += [f"{listed(owners)} for the figures that are missing"] if owners else []
    return f"Ask {', and ask '.join(asks)}." if asks else ""


def owes(board: Board, challenge: Challenge) -> bool:
    """Return whether the board itself or its chair still has to answer it."""
    is_open = challenge.closed_at is None and challenge.state in UNANSWERED
    return is_open and board.pk in (challenge.board_id, challenge.escalated_to_id)


def is_off_track(action: Action, today: date) -> bool:
    """Return whether it is red or overdue."""
    return action.rag == Rag.RED or is_overdue(action, today)


def describe_fault(action: Action, today: date) -> str:
    """ "red, due 30 October 2026", "red, overdue by 12 days"."""
    day = lower_first(describe_day(action.due_on, today)).partition(":")[0] if action.due_on < today else ""
    red = "red" if action.rag == Rag.RED else ""
    return ", ".join(filter(None, (red, day or lower_first(describe_day(action.due_on, today)))))


FOR = {
    Audience.PARTNERS: "Partners under the information-sharing agreement",
    Audience.PUBLIC: "The public: small numbers are not shown",
}
STATE_WORDS = {
    SnapshotState.DRAFT: "Draft: not published, and the figures may still change",
    SnapshotState.PUBLISHED: "Published",
}
OF_THE_ISSUE = ("Meeting", "Pack number", "Audit log")  # facts that are entered when a pack is issued


def cover(sources: Sources, reference: str, record: Head) -> Cover:
    order, board, month = sources.order, sources.board, sources.board.month
    facts = [
        ("Meeting", describe_meeting(order)),
        ("Pack number", reference or f"{make_reference(order)}, not issued"),
        ("Marking", month.marking),
        ("For", FOR[order.audience]),
        ("Figures", f"As at {month.taken_on}"),
        (describe_completeness(order, month.month), month.completeness.sentence),
        ("Timeliness", month.timeliness),
        ("Version", describe_version(sources)),
        ("Approved", describe_approval(sources)),
        ("Charts", order.charts.label if order.charts is PackCharts.NHS else ""),
        ("Full pages for", "Every indicator" if order.scope is PackScope.ALL else ""),
        ("Audit log", describe_record(record)),
    ]
    return Cover(
        area=month.area,
        board=board.name,
        formerly=f"Formerly the {board.formerly}" if board.formerly else "",
        basis=board.basis,
        title=make_title(order),
        state=describe_state(sources),
        asks=tuple(list_asks(sources)),
        facts=tuple((label, text) for label, text in facts if text),
    )


def describe_record(head: Head) -> str:
    """Return "Audit log of this area up to event 1,234: 3f5a…". On paper, nobody can write it anew."""
    return f"Audit log of this area up to event {head.number:,}: {head.link}" if head.number else ""


def describe_state(sources: Sources) -> str:
    month = sources.board.month
    if month.superseded:
        return f"{month.superseded[:1].upper()}{month.superseded[1:]}"
    if sources.is_public and not month.is_public:
        return "Draft: not public, and the figures may still change"
    return STATE_WORDS[SnapshotState(month.state)]


def describe_version(sources: Sources) -> str:
    month = sources.board.month
    if sources.edition is not None:
        return f"Edition {sources.edition.number} for the public, of version {month.version}"
    return f"{month.version}, {month.superseded or SnapshotState(month.state).label.lower()}"


def describe_completeness(order: Order, month: Month) -> str:
    """Return the fact's name. A year's pack says of which month: others of the year may lack figures."""
    return f"Completeness of {month.label}" if order.kind is PackKind.YEAR else "Completeness"


def describe_meeting(order: Order) -> str:
    """ "Strategic meeting, 27 November 2026"."""
    day = date_label(order.meeting_on) if order.meeting_on else ""
    return ", ".join(filter(None, (order.meeting.strip(), day))) or "Not given yet"


def describe_approval(sources: Sources) -> str:
    """Say who approved showing these figures, and when. The public learns only when."""
    edition, snapshot = sources.edition, sources.snapshot
    if edition is not None and edition.published_at is not None:
        return f"For the public, on {date_label(timezone.localdate(edition.published_at))}"
    if sources.is_public or snapshot.published_at is None:
        return "Not yet"
    return f"By {snapshot.published_by}, on {date_label(timezone.localdate(snapshot.published_at))}"


ARROWS: dict[Movement, Arrow] = {
    Movement.UP: "up",
    Movement.DOWN: "down",
    Movement.LEVEL: "level",
    Movement.NONE: "",
}


def says_withheld(line: LineView) -> bool:
    """Return whether the note replaces the words. A public pack doesn't say why a withheld figure has no arrow."""
    return line.is_public and line.state is CellState.WITHHELD


def moved_cell(line: LineView) -> Cell:
    return Cell(line.note if says_withheld(line) else line.words, arrow=find_arrow(line.movement))


def find_arrow(movement: Movement | None) -> Arrow:
    """Return the arrow for a movement; empty if there is none or it isn’t known."""
    return ARROWS[movement] if movement is not None else ""


# --- The names of a pack -----------------------------------------------------------------------------


def make_title(order: Order) -> str:
    """ "Board pack for October 2026"."""
    month = order.period.month
    return {
        PackKind.MONTH: f"Board pack for {month.label}",
        PackKind.YEAR: f"One year on: {(month + -11).label} to {month.label}",
        PackKind.APPENDIX: f"Partners’ appendix to the public pack for {month.label}",
    }[order.kind]


def make_reference(order: Order, number: int | None = None) -> str:
    """ "ANYTOWN-2026-10-CSP-1": area, month, board, and the pack's number among the board's; a draft has no number."""
    reference = f"{order.period.area.slug}-{order.period.month}-{order.board.code}".upper()
    return reference if number is None else f"{reference}-{number}"


def draft_file_name(order: Order, *, version: int, marking: str, is_draft: bool) -> str:
    """ "OFFICIAL-SENSITIVE anytown csp 2026-10 v1 not issued.pdf": the marking first, and safe on any file system.
    `is_draft`: the month itself isn't published."""
    words = [
        marking,
        order.period.area.slug,
        order.board.code,
        str(order.period.month),
        "" if order.kind is PackKind.MONTH else order.kind.value,
        "public" if order.audience is Audience.PUBLIC else "",
        f"v{version}",
        "draft" if is_draft else "not issued",
    ]
    return safe(words)


def issued_file_name(pack: IssuedPack) -> str:
    """ "OFFICIAL-SENSITIVE ANYTOWN-2026-10-CSP-1.pdf"."""
    kind = "" if pack.kind == PackKind.MONTH else pack.kind
    return safe([pack.marking, pack.reference, kind])


def safe(words: list[str]) -> str:
    # Such a name is safe on any file system.
    return re.sub(r"[^A-Za-z0-9 -]+", "-", " ".join(filter(None, words))) + ".pdf"


def no_indicators(sources: Sources) -> str:
    if sources.order.kind is PackKind.APPENDIX:
        return f"The public pack for {sources.month.label} already shows all of this board’s figures."
    words = f"No indicators are set up for this board in {sources.month.label}."
    return words if sources.is_public else f"{words} The coordinator adds them in Set-up."
