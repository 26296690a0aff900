"""What happens in a run? One Random decides everything beforehand, so the same seed makes the same run."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.months import Month

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
        return (
            f"{self.number:4} {self.fault} for {self.seconds} s, after {self.begins} s; {len(self.acts)} people write"
        )


def make_plan(seed: int, faults: int, kinds: Sequence[str], *, longest: float, most_acts: int = 14) -> list[Step]:
    """Each kind of fault comes once before any comes again. None lasts longer than `longest` seconds."""
    chance = random.Random(seed)
    towns = count_towns(faults)
    made: dict[tuple[str, int], int] = {}
    numbers = iter(range(faults * most_acts + 1))
    return [
        make_step(chance, number, fault, towns, made, numbers, longest, most_acts)
        for number, fault in enumerate(_shuffled(chance, kinds, faults), start=1)
    ]


def count_towns(faults: int) -> int:
    """So many that the months for returns suffice, whatever the dice say."""
    return 2 + faults // 15


def _shuffled(chance: random.Random, kinds: Sequence[str], faults: int) -> Iterator[str]:
    left: list[str] = []
    for _ in range(faults):
        if not left:
            left = chance.sample(kinds, len(kinds))
        yield left.pop()


def make_step(
    chance: random.Random,
    number: int,
    fault: str,
    towns: int,
    made: dict[tuple[str, int], int],
    numbers: Iterator[int],
    longest: float,
    most_acts: int,
) -> Step:
    seconds, begins = min(longest, chance.choice(SECONDS)), round(chance.uniform(0.2, 1.0), 2)
    acts = []
    for _ in range(chance.randint(most_acts // 2, most_acts)):
        (kind,) = chance.choices(list(ACTS), list(ACTS.values()))
        town = chance.randrange(towns)
        # Figures by either way share the months.
        slots = (kind.partition(" by ")[2] or kind, town)
        slot = made.get(slots, 0)
        if slot < MOST_MONTHS:
            made[slots] = slot + 1
            acts.append(
                Act(kind, next(numbers), town, slot, round(chance.uniform(0, seconds + 1), 2), chance.randint(1, 4))
            )
    acts.sort(key=lambda act: act.wait)
    return Step(number, fault, seconds, chance.randrange(1000), begins, acts)
