"""What do people do on a working day, and how often? Reads only what a plan of towns and people says (towns.py)."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

# What somebody does, and out of how many times a hundred. Whoever can't do it, by their role, reads instead.
DAY = {"read": 60, "report": 15, "plan": 10, "public": 10, "sign in": 2, "file": 2, "pack": 1}
READING = {"home": 25, "month": 15, "board": 10, "indicator": 10}
LEAD, COORDINATOR, MEMBER = "lead", "coordinator", "member"


@dataclass(frozen=True)
class Area:
    """The addresses of a town, by kind of page. `returns` are those of its agencies."""

    slug: str
    pages: dict[str, list[str]]
    returns: dict[str, str]


@dataclass
class Person:
    """Somebody, in their area. `host` is the address that they come from."""

    number: int
    area: int
    part: str
    agency: str
    email: str
    session: str
    host: str
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.number)

    def choose(self) -> str:
        """Return what they do next."""
        (kind,) = self.chance.choices(list(DAY), list(DAY.values()))
        if kind == "report" and self.part != LEAD:
            return "read"
        return kind

    def choose_page(self, area: Area, kinds: Sequence[str] = ()) -> tuple[str, str]:
        """Return a kind of page and its address."""
        weights = {kind: READING[kind] for kind in READING if area.pages.get(kind)}
        if self.part == LEAD:
            weights.pop("board", None)
        (kind,) = [self.chance.choice(kinds)] if kinds else self.chance.choices(list(weights), list(weights.values()))
        return kind, self.chance.choice(area.pages[kind])


def make_host(number: int) -> str:
    """Return an address of this machine for each person: limits count by address."""
    return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"
