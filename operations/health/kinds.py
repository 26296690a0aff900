"""The kinds of checks of how the product is, and what one found. Pure."""

from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found. `label` is what it looks at: "The worker". `seconds` is how long it took."""

    name: str
    is_well: bool
    sentence: str
    label: str = ""
    seconds: float = 0.0


class Source(TypedDict):
    """A check, as the settings name it. `check` is its function: it returns None where there is nothing to check."""

    label: str
    check: str
    needs_database: bool


# Whether it is well, and a sentence without figures, areas or people.
type Finding = tuple[bool, str] | None
