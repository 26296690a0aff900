"""What should a board do with its pack? The cover says this first."""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from actions.models import Action, Challenge
from actions.presenters.highlights import first_sentences
from actions.presenters.plan import describe_day, is_overdue
from actions.workflow import UNANSWERED, Rag
from core.months import date_label
from reporting.months.presenters.words import listed, lower_first
from reporting.packs.presenters.sources import Sources

MOST_ASKS = 6


def list_asks(sources: Sources) -> Iterator[str]:
    """List answers due from it, actions that are off track, alarms, and missing figures. A public pack asks for
    nothing.
    """
    if sources.is_public:
        return
    every = list(every_ask(sources, timezone.localdate()))
    yield from every[:MOST_ASKS]
    if len(every) > MOST_ASKS:
        yield f"And {len(every) - MOST_ASKS} more: see the actions and the challenges in this pack."
    if not every:
        yield "There is nothing to decide: this pack is for information."


def every_ask(sources: Sources, today: date) -> Iterator[str]:
    for challenge in sources.challenges:
        if owes(sources, challenge):
            yield ask_to_answer(challenge, today)
    for action in sources.actions:
        if is_off_track(action, today):
            yield f"Decide what to do about {action.reference}, {describe_fault(action, today)}: {action.title}."
    for line in sources.own.month.changed:
        if line.is_alarm:
            yield f"Ask what is being done about {lower_first(line.label)}, which got worse."
    missing = list(dict.fromkeys(line.owner for line in sources.lines if not line.is_figure))
    if missing:
        yield f"Ask {listed(missing)} for the figures that are missing."


def owes(sources: Sources, challenge: Challenge) -> bool:
    """Return whether the board itself or its chair still has to answer it."""
    board = sources.order.board.pk
    is_open = challenge.closed_at is None and challenge.state in UNANSWERED
    return is_open and board in (challenge.board_id, challenge.escalated_to_id)


def ask_to_answer(challenge: Challenge, today: date) -> str:
    who = "Answer" if challenge.escalated_to_id is None else "The chair answers"
    late = ", overdue since" if challenge.due_on < today else " by"
    return f"{who} {challenge.reference}{late} {date_label(challenge.due_on)}: {first_sentences(challenge.question)}"


def is_off_track(action: Action, today: date) -> bool:
    """Return whether it is red or overdue."""
    return action.rag == Rag.RED or is_overdue(action, today)


def describe_fault(action: Action, today: date) -> str:
    """ "red, due 30 October 2026", "red, overdue by 12 days"."""
    day = lower_first(describe_day(action.due_on, today)).partition(":")[0] if action.due_on < today else ""
    red = "red" if action.rag == Rag.RED else ""
    return ", ".join(filter(None, (red, day or lower_first(describe_day(action.due_on, today)))))
