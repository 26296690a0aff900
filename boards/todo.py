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
    due_on: date | None = None
    is_overdue: bool = False


def urgency(task: Task) -> tuple[bool, bool, date]:
    """Return a sort key: overdue first, then problems, then by due date; without one last."""
    return not task.is_overdue, task.status != "problem", task.due_on or date.max


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened, its text and its page. `is_own` means that it concerns this person."""

    at: datetime
    words: str
    url: str
    more: str = ""
    is_own: bool = False
