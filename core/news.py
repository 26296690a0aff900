"""What happened that a person may want to know of?"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened, in words, and where it is read. `is_own`: it is about something of this person's."""

    at: datetime
    words: str
    url: str
    more: str = ""
    is_own: bool = False
