"""Describes an action: its state, RAG, due date and progress."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django.utils import timezone

from actions.models import Action
from actions.selectors.plan import ActionRow, Doing
from actions.workflow import UNANSWERED, ActionState, ChallengeState, Rag
from boards.models import Strand
from core.calendar import date_label, short_date_label
from core.files.tables import Row
from core.pages import link_to
from core.texts import count_of_noun

# In the order in which readers look for them.
RAG_ORDER = (Rag.RED, Rag.AMBER, Rag.GREEN, Rag.BLUE)
NEAR = timedelta(days=180)  # a day and month alone say which year is meant


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


def describe_counts(actions: Sequence[Action], today: date) -> str:
    """ "12 actions: 2 red, 3 amber, 7 green; 1 overdue"."""
    if not actions:
        return "No actions"
    late = sum(is_overdue(action, today) for action in actions)
    words = f"{count_of_noun(len(actions), 'action')}: {rag_sentence(action.rag for action in actions)}"
    return f"{words}; {late:,} overdue" if late else words


def rag_counts(rags: Iterable[str]) -> list[tuple[Rag, int]]:
    """Return how many actions have each RAG, worst first. Leaves out those without an action."""
    counts = Counter(rags)
    return [(rag, counts[rag.value]) for rag in RAG_ORDER if counts[rag.value]]


def rag_sentence(rags: Iterable[str]) -> str:
    """Return "2 red, 3 amber, 6 green"; empty if there are none."""
    return ", ".join(f"{number:,} {rag.value}" for rag, number in rag_counts(rags))


# The names are an interface: somebody's system reads them.
PLAN_COLUMNS = {
    "number": "The action’s number, as on its page.",
    "title": "The action, in a few words.",
    "strand": "The strand of the plan that it belongs to.",
    "board": "The board that it belongs to.",
    "agency": "The lead agency.",
    "owner": "Who is responsible for it.",
    "state": "Open or complete.",
    "rag": "Its owner’s judgement: green, amber, red or blue.",
    "rag_why": "Why it is amber or red.",
    "due_on": "The day by which it is due.",
    "overdue": "Yes if it is open and its due date has passed.",
    "completed_on": "The day on which it was completed.",
    "measure": "The indicator that it aims to change.",
    "milestones": "How many milestones it has.",
    "milestones_done": "How many of them are done.",
    "strand_code": "The strand’s code.",
    "board_code": "The board’s code.",
    "agency_code": "The agency’s code.",
    "indicator": "The code of the indicator that it aims to change.",
    "is_overdue": "Whether it is open and its due date has passed.",
}


def plan_rows(actions: Iterable[ActionRow], strands: Mapping[int, Strand], *, today: date) -> list[Row]:
    """Return a row for each action. `strands` are the plan's, by key."""
    return [
        {
            "number": f"A{action.number}",
            "title": action.title,
            "strand": strands[action.strand_id].name,
            "board": action.board,
            "agency": action.agency,
            "owner": action.owner,
            "state": action.state,
            "rag": action.rag,
            "rag_why": action.rag_why,
            "due_on": str(action.due_on),
            "overdue": "Yes" if is_overdue(action, today) else "No",
            "completed_on": _day(action.completed_at),
            "measure": action.measure or None,
            "milestones": action.steps,
            "milestones_done": action.steps_done,
            "strand_code": strands[action.strand_id].code,
            "board_code": action.board_code,
            "agency_code": action.agency_code,
            "indicator": action.measure_code or None,
            "is_overdue": is_overdue(action, today),
        }
        for action in actions
    ]


def _day(moment: datetime | None) -> str | None:
    return str(timezone.localdate(moment)) if moment else None


@dataclass(frozen=True, slots=True)
class DoingView:
    """ "A7 Teach every class" with its address, its next date, "milestone due 12 Dec", its owner, and whether that date
    has passed."""

    name: str
    url: str
    words: str
    owner: str = ""
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Underway:
    """What partners are doing about an indicator: the action and the challenge with the next due date, None without
    one. `others` says how many more there are: "2 more actions"; empty for none."""

    action: DoingView | None = None
    challenge: DoingView | None = None
    others: str = ""


def make_underway(area: str, doing: Iterable[Doing], *, today: date) -> dict[str, Underway]:
    """Return it by the indicator's code; `area` is the area's slug."""
    by_code: dict[str, list[Doing]] = {}
    for thing in doing:
        by_code.setdefault(thing.code, []).append(thing)
    underway = {}
    for code, members in by_code.items():
        first: dict[bool, Doing] = {}
        for thing in sorted(members, key=is_due):
            first.setdefault(thing.is_challenge, thing)
        views = {kind: make_view(area, thing, today) for kind, thing in first.items()}
        others = describe_others(member for member in members if member not in first.values())
        underway[code] = Underway(views.get(False), views.get(True), others)
    return underway


def describe_others(others: Iterable[Doing]) -> str:
    """ "2 more actions and 1 more challenge"."""
    counts = Counter("challenge" if thing.is_challenge else "action" for thing in others)
    return " and ".join(f"{count} more {kind}{'' if count == 1 else 's'}" for kind, count in sorted(counts.items()))


def is_due(thing: Doing) -> date:
    """Return the next day on which something is due."""
    return thing.next_on or thing.due_on


def make_view(area: str, thing: Doing, today: date) -> DoingView:
    if thing.is_challenge:
        name, page, words = f"C{thing.number}", "actions:challenge-view", describe_challenge(thing, today)
    else:
        name, page, words = f"A{thing.number} {thing.title}", "actions:action-view", describe_action(thing, today)
    is_late = is_owed(thing) and is_due(thing) < today
    return DoingView(name, link_to(page, area, str(thing.number)), words, thing.owner, is_late)


def is_owed(thing: Doing) -> bool:
    return not thing.is_challenge or ChallengeState(thing.state) in UNANSWERED


def describe_action(action: Doing, today: date) -> str:
    return f"{'milestone ' if action.next_on else ''}{describe_due_day(is_due(action), today)}"


def describe_challenge(challenge: Doing, today: date) -> str:
    return f"answer {describe_due_day(challenge.due_on, today)}" if is_owed(challenge) else "answered"


def describe_due_day(day: date, today: date) -> str:
    """ "due 12 Dec"; "was due 12 October 2025", if no day of the next months or the last could be meant."""
    label = short_date_label(day) if abs(day - today) < NEAR else date_label(day)
    return f"{'due' if day >= today else 'was due'} {label}"
