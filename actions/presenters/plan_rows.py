"""What does a row of data say about an action of the plan?"""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from actions.presenters.plan import is_overdue
from actions.selectors.plan import ActionRow
from core.files import Row

# The names are an interface: somebody's system reads them.
PLAN_COLUMNS = {
    "number": "The action’s number, as on its page.",
    "title": "What is done.",
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
}


def plan_rows(actions: Iterable[ActionRow], strands: dict[int, str], *, today: date) -> list[Row]:
    """Return a row for each action. `strands` are the names of the strands, by key."""
    return [
        {
            "number": f"A{action.number}",
            "title": action.title,
            "strand": strands.get(action.strand_id, ""),
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
        }
        for action in actions
    ]


def _day(moment: datetime | None) -> str | None:
    return str(timezone.localdate(moment)) if moment else None
