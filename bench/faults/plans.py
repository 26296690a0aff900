"""What happens in a run? One Random decides everything beforehand, so the same seed makes the same run."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.calendar import Month

MOST_MONTHS = 60  # of returns, in a town
FIRST_MONTH = Month(2020, 2)  # after the first month with definitions
ACTS = {
    "report": 3,
    "figures by key": 2,
    "file by key": 1,
    "update": 4,
    "action": 2,
    "challenge": 2,
    "meeting": 2,
    "bundle": 1,
    "pack": 1,
}
PEOPLE = (7, 14)  # of a step
MOST, LONGEST_TYPING = 0.7, 2.0  # seconds
SECONDS = (0.3, 1.0, 2.0, 4.0, 8.0)  # of faults that last


@dataclass(frozen=True)
class Act:
    """What somebody does in a town. `wait` seconds after the step has begun they open the page, and they type for
    `types` seconds. Whoever hears nothing tries again, `tries` times in all."""

    kind: str
    number: int
    town: int
    slot: int  # of its kind in its town
    wait: float
    types: float
    tries: int


@dataclass(frozen=True)
class Step:
    """A fault, and what people do before it, during it and after it."""

    number: int
    fault: str
    seconds: float
    choice: int  # which of several: a process, a table
    begins: float
    acts: Sequence[Act]

    def __str__(self) -> str:
        when = f"after {self.begins} s, for {self.seconds} s"
        return f"{self.number:4} {self.fault} ({when}, choice {self.choice}); {len(self.acts)} people write"


def make_plan(seed: int, faults: int, kinds: Sequence[str], *, longest: float) -> list[Step]:
    """Each kind of fault comes once before any comes again. None lasts longer than `longest` seconds."""
    planner = Planner(random.Random(seed), count_towns(faults), longest)
    return [planner.make_step(number, fault) for number, fault in enumerate(planner.shuffle(kinds, faults), start=1)]


def count_towns(faults: int) -> int:
    """So many that the months for returns suffice, whatever the dice say."""
    return 2 + faults // 15


@dataclass
class Planner:
    """Decides one step after the other."""

    chance: random.Random
    towns: int
    longest: float
    acts: int = 0
    used: Counter[tuple[str, int]] = field(default_factory=Counter)

    def shuffle(self, kinds: Sequence[str], faults: int) -> Iterator[str]:
        left: list[str] = []
        for _ in range(faults):
            if not left:
                left = self.chance.sample(kinds, len(kinds))
            yield left.pop()

    def make_step(self, number: int, fault: str) -> Step:
        chance = self.chance
        seconds, begins = min(self.longest, chance.choice(SECONDS)), round(chance.uniform(0.2, 1.0), 2)
        acts = [act for _ in range(chance.randint(*PEOPLE)) if (act := self.make_act(seconds, begins))]
        return Step(number, fault, seconds, chance.randrange(1000), begins, sorted(acts, key=lambda act: act.wait))

    def make_act(self, seconds: float, begins: float) -> Act | None:
        """Return what somebody does. None if its town has no month left for it."""
        chance = self.chance
        (kind,) = chance.choices(list(ACTS), list(ACTS.values()))
        town = chance.randrange(self.towns)
        # Figures by either way share the months.
        slots = (kind.partition(" by ")[2] or kind, town)
        # Most have opened their page before the fault, and send it while it lasts.
        wait = round(chance.uniform(0, begins if chance.random() < MOST else begins + seconds), 2)
        types = round(chance.uniform(0, min(seconds, LONGEST_TYPING)), 2)
        act = Act(kind, self.acts, town, self.used[slots], wait, types, tries=chance.randint(1, 4))
        if act.slot >= MOST_MONTHS:
            return None
        self.acts += 1
        self.used[slots] += 1
        return act
