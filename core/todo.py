"""What waits for a person?"""

from dataclasses import dataclass


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
