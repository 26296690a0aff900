"""What was acknowledged? Each write has a key and a text of its own, and one of three states.

A page that says "saved" acknowledges. A form that comes back with a sentence refuses. Anything else (no answer, or
"it may not have been saved") says nothing: the write is there once, or not at all.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass
class Write:
    """What somebody wanted to save. `where` is what a check needs to find it."""

    kind: str
    key: str
    text: str
    where: dict[str, Any] = field(default_factory=dict)
    state: State = State.REFUSED  # nothing was sent yet
    answers: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.state}; answers: {', '.join(self.answers) or 'none'})"


class Model:
    """Every write of a run; people write in several threads."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.surprises: list[str] = []  # answers that nobody should ever get
        self._lock = threading.Lock()

    def add(self, write: Write) -> Write:
        with self._lock:
            self.writes.append(write)
        return write

    def wonder(self, words: str) -> None:
        with self._lock:
            self.surprises.append(words)

    def count(self) -> Counter[State]:
        return Counter(write.state for write in self.writes)

    def of_kind(self, *kinds: str) -> list[Write]:
        return [write for write in self.writes if write.kind in kinds]


def key_of(number: int) -> str:
    """Return a made-up word for a number, which looks like nobody's name, address or number: "baba", "bace"."""
    word = ""
    for _ in range(4):
        number, consonant = divmod(number, 13)
        number, vowel = divmod(number, 5)
        word += "bdfgklmnprstv"[consonant] + "aeiou"[vowel]
    return f"q{word}"
