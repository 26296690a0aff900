"""What a person has to do, as tasks and news."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Task:
    """A task for a person, or something that they follow; `more` is what happened before it, and `more_url` its
    page."""

    name: str
    url: str
    hint: str
    status: str  # the class of its tag
    status_label: str
    more: str = ""
    more_url: str = ""
    is_owed: bool = True  # whether they have to do something now
    is_awaited: bool = (
        True  # whether others wait for it, as they do for a return; nobody waits for an update of the plan
    )
    due_on: date | None = None
    is_overdue: bool = False
    number: int = 1  # of the tasks that it stands for


def urgency(task: Task) -> tuple[bool, bool, bool, date]:
    """Return a sort key: first what others wait for; of both kinds overdue first, then problems, then by due date;
    without one last."""
    return not task.is_awaited, not task.is_overdue, task.status != "problem", task.due_on or date.max


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened, its text and its page. `is_own` means that it concerns this person."""

    at: datetime
    words: str
    url: str
    more: str = ""
    is_own: bool = False
