"""What happened that a person may want to know?"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened, its text and its page. `is_own` means that it concerns this person."""

    at: datetime
    words: str
    url: str
    more: str = ""
    is_own: bool = False
