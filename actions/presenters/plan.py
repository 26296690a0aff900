"""How does a page describe an action? Its state, RAG, due date and progress."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from django.utils import timezone

from actions.models import Action
from actions.workflow import ActionState, Rag
from core.months import date_label

# In the order in which readers look for them.
RAG_ORDER = (Rag.RED, Rag.AMBER, Rag.GREEN, Rag.BLUE)


class Dated(Protocol):
    """An action, or a row of the plan."""

    @property
    def state(self) -> str: ...
    @property
    def due_on(self) -> date: ...
    @property
    def completed_at(self) -> datetime | None: ...
    @property
    def archived_at(self) -> datetime | None: ...


def is_overdue(action: Dated, today: date) -> bool:
    return action.state == ActionState.OPEN and action.due_on < today


def describe_due(action: Dated, today: date) -> str:
    """ "Due 5 November 2026", "Overdue by 12 days: due 5 November 2026", "Completed on 5 November 2026"."""
    if action.state == ActionState.ARCHIVED and action.archived_at:
        return f"Archived on {date_label(timezone.localdate(action.archived_at))}"
    if action.state == ActionState.COMPLETE and action.completed_at:
        return f"Completed on {date_label(timezone.localdate(action.completed_at))}"
    return describe_day(action.due_on, today)


def describe_day(due_on: date, today: date) -> str:
    """Describe the due date of something that isn't done yet."""
    day, late = date_label(due_on), (today - due_on).days
    if late > 0:
        return f"Overdue by {late:,} {'day' if late == 1 else 'days'}: due {day}"
    return f"Due today, {day}" if late == 0 else f"Due {day}"


def describe_progress(action: Action) -> str:
    """Return "2 of 5 milestones done". Prefetch its milestones; removed ones don't count."""
    milestones = [milestone for milestone in action.milestones.all() if milestone.removed_at is None]
    return describe_steps(sum(milestone.is_done for milestone in milestones), len(milestones))


def describe_steps(done: int, steps: int) -> str:
    if not steps:
        return "No milestones yet"
    return f"{done} of {steps} {'milestone' if steps == 1 else 'milestones'} done"


def count_of_noun(number: int, noun: str) -> str:
    """ "1 action", "2,000 actions"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class Judged(Protocol):
    """What a count of actions needs from each of them."""

    @property
    def state(self) -> str: ...
    @property
    def rag(self) -> str: ...
    @property
    def due_on(self) -> date: ...


def describe_counts(actions: Sequence[Judged], today: date) -> str:
    """ "12 actions: 2 red, 3 amber, 7 green; 1 overdue"."""
    if not actions:
        return "No actions"
    late = sum(action.state == ActionState.OPEN and action.due_on < today for action in actions)
    words = f"{count_of_noun(len(actions), 'action')}: {rag_sentence(action.rag for action in actions)}"
    return f"{words}; {late:,} overdue" if late else words


def rag_counts(rags: Iterable[str]) -> list[tuple[Rag, int]]:
    """Return how many actions have each RAG, worst first. Leaves out those without an action."""
    found = Counter(rags)
    return [(rag, found[rag.value]) for rag in RAG_ORDER if found[rag.value]]


def rag_sentence(rags: Iterable[str]) -> str:
    """Return "2 red, 3 amber, 6 green"; empty if there are none."""
    return ", ".join(f"{number:,} {rag.value}" for rag, number in rag_counts(rags))
