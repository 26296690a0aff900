"""How often a judgement is wrong and how soon it finds a change, as bench.judgement measured it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

YEAR = 12  # months
MEASURED = Path(__file__).with_name("measured.json")


@dataclass(frozen=True, slots=True)
class Wrongly:
    """Of 1,000 months of steady series, how many have a signal, and how many stand out."""

    what: str
    any: float
    stands_out: float

    @property
    def watched(self) -> float:
        return self.any - self.stands_out

    @property
    def years_to_watch(self) -> int:
        """Return in how many years one figure is marked once by chance alone, to watch."""
        return round(1000 / self.watched / YEAR)

    @property
    def years_to_stand_out(self) -> int:
        return round(1000 / self.stands_out / YEAR)


@dataclass(frozen=True, slots=True)
class Promises:
    """`found` has, for each monthly size and each change, how many of 100 stand out within twelve months, and how many
    are at least watched. `towns` has how many of 100 years in a steady town with 16 indicators have a signal of any
    tier ("any"), a false Better or Worse ("judged"), a false Worse ("worse")."""

    steady: tuple[Wrongly, ...]
    found: dict[int, dict[str, tuple[int, int]]]
    towns: dict[str, int]

    @property
    def years_to_a_judgement(self) -> int:
        """Return in how many years a steady town has a false Better or Worse once."""
        return round(100 / self.towns["judged"])

    @property
    def by_chance(self) -> Wrongly:
        """Return what chance alone does to counts of two and more a month."""
        # The second row of measured.json.
        return self.steady[1]


@cache
def promises() -> Promises:
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    return Promises(
        steady=tuple(Wrongly(**row) for row in measured["steady"]),
        found={
            int(size): {change: (stands_out, watched) for change, (stands_out, watched) in row.items()}
            for size, row in measured["found"].items()
        },
        towns=measured["towns"],
    )


def one_month_in(lines: int) -> int:
    """Return in how many months chance alone makes one of this many steady lines stand out."""
    chance = 1 - (1 - promises().by_chance.stands_out / 1000) ** lines
    return max(1, round(1 / chance)) if lines else 0
