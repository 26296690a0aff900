"""What waits for a person?"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a person, or that they follow; `more` is what happened before it, and
    `more_url` where that is read."""

    name: str
    url: str
    hint: str
    status: str  # the class of its tag
    status_label: str
    more: str = ""
    more_url: str = ""
    is_owed: bool = True  # whether something is theirs to do now
    due_on: date | None = None
    is_overdue: bool = False


def urgency(task: Task) -> tuple[bool, bool, date]:
    """To sort by: what is overdue first, then what is wrong, then by the due day; without one last."""
    return not task.is_overdue, task.status != "problem", task.due_on or date.max
