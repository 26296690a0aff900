"""Measures how often a change is claimed that isn't there, and how often a real one is found.

Simulates steady series, uses real ones of six London boroughs at random dates, and adds falls to some. Prints for how
many of 100 events a change is claimed, and how many of 100 ranges include the true change. Takes about two minutes.
Without options it writes the tables into docs/measured/impact.md, and into indicators/impact/measured.json.
"""

import argparse
import csv
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from math import log
from pathlib import Path
from random import Random
from statistics import mean

from indicators.impact.claim import BeforeAfter, Refusal, compare
from tests.made_up import count, restless, stock

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "measured" / "impact.md"
MEASURED = ROOT / "indicators" / "impact" / "measured.json"
LONDON = ROOT / "tests" / "data" / "london" / "six-boroughs-2010-2021.csv"
TABLE = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

type Make = Callable[[Random, int], list[int]]  # a series around a mean

YEAR = 12
HISTORY, AFTER = 6 * YEAR, YEAR
SIZES = (5, 10, 20, 50, 200)  # a month
SHARES = (0.2, 0.5, 0.8)
STAYS = (0.5, 0.8, 0.9, 0.97)  # of a stock, from one month to the next
FALL = 0.4
AFTERS = (YEAR, 2 * YEAR)
HISTORIES = (4 * YEAR, 6 * YEAR)
MEANS = (3, 10, 30, 100)  # a month
SPREAD, LASTS = 0.15, (0, 0.3, 0.6)  # of a restless level: London's types of crime move by about as much within a year
# Of ten years: January 2016 is the 70th month. Types with fewer counts can't show what is looked for.
DATES, LEAST_MEAN, LOOKED_AT = range(69, 93), 10, slice(9, 105)


@dataclass(frozen=True)
class Share:
    """Of 100 events, at how many is a change claimed? And how many are refused?"""

    what: str
    claimed: int
    refused: int


@dataclass(frozen=True)
class Covered:
    """Of 100 ranges at each of `MEANS`, how many include the true change? None where there are no series."""

    what: str
    after: int
    covered: list[int | None]


def london() -> dict[str, list[list[int]]]:
    """The boroughs' counts by type of crime, of types with counts enough in each."""
    by_type: dict[str, list[list[int]]] = {}
    with LONDON.open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    for _, what, _, *cells in rows:
        by_type.setdefault(what, []).append([int(float(cell or 0)) for cell in cells])
    return {
        what: every
        for what, every in by_type.items()
        if len(every) == 6 and all(mean(values[LOOKED_AT]) >= LEAST_MEAN for values in every)
    }


@dataclass
class Measure:
    series: int
    seed: int

    def draw(self, *names: str | int) -> Random:
        """Return the chance that a series is drawn by."""
        return Random("|".join(map(str, (self.seed, *names))))

    def share(self, what: str, ask: Callable[[Random], bool | None]) -> Share:
        answers = [ask(self.draw(what, each)) for each in range(self.series)]
        return Share(what, *(round(100 * answers.count(each) / self.series) for each in (True, None)))

    def steady(self, over: float, *, beside: int) -> Share:
        noise = "by chance" if over == 1 else f"by {over:g} times chance"
        what = f"Steady, varying {noise}{f', beside {beside} others' if beside else ''}"
        return self.share(what, lambda random: self.ask_steady(random, over, beside))

    @staticmethod
    def ask_steady(random: Random, over: float, beside: int) -> bool | None:
        size = random.choice(SIZES)
        values, *others = ([count(random, size, over) for _ in range(HISTORY + AFTER)] for _ in range(1 + beside))
        return is_claimed(values, HISTORY, others)

    def shares(self) -> Share:
        return self.share("Steady, shares varying by chance", self.ask_share)

    @staticmethod
    def ask_share(random: Random) -> bool | None:
        of, share = random.choice(SIZES), random.choice(SHARES)
        values = [random.binomialvariate(of, share) for _ in range(HISTORY + AFTER)]
        return is_claimed(values, HISTORY, [], [of] * len(values))

    def stocks(self) -> Share:
        return self.share("Stocks, of which 50 to 97% stay: why they are refused", self.ask_stock)

    @staticmethod
    def ask_stock(random: Random) -> bool | None:
        return is_claimed(stock(random, random.choice(SIZES), random.choice(STAYS), HISTORY + AFTER), HISTORY, [])

    def real(self, *, fall: float, beside: bool) -> Share:
        what = f"London, {'a fall of 40% planted' if fall else 'random dates'}"
        by_type = london()
        return self.share(
            f"{what}{', beside the other five' if beside else ''}",
            lambda random: self.ask_real(random, by_type, fall, beside=beside),
        )

    @staticmethod
    def ask_real(random: Random, by_type: dict[str, list[list[int]]], fall: float, *, beside: bool) -> bool | None:
        every = by_type[random.choice(sorted(by_type))]
        chosen, event = random.randrange(len(every)), random.choice(DATES)
        values, *others = (each[: event + AFTER] for each in [every[chosen], *every[:chosen], *every[chosen + 1 :]])
        if fall:
            values[event:] = [random.binomialvariate(value, 1 - fall) if value else 0 for value in values[event:]]
        return is_claimed(values, event, others if beside else [])

    def covered(self, what: str, after: int, make: Make, means: Sequence[int] = MEANS) -> Covered:
        """`make` makes a series in which nothing changes: the event is so many months before its end."""

        def share(size: int) -> int:
            randoms = (self.draw(what, after, size, each) for each in range(self.series))
            series = (make(random, size) for random in randoms)
            found = [found for values in series if (found := compare_or_none(values, len(values) - after))]
            return round(100 * sum(each.change.lower <= 0 <= each.change.upper for each in found) / len(found))

        return Covered(what, after, [share(size) if size in means else None for size in MEANS])

    def steady_covered(self, after: int) -> Covered:
        def make(random: Random, size: int) -> list[int]:
            return [count(random, size, 1) for _ in range(random.choice(HISTORIES) + after)]

        return self.covered("Steady, varying by chance", after, make)

    def restless_covered(self, lasts: float, after: int, means: Sequence[int] = MEANS) -> Covered:
        def make(random: Random, size: int) -> list[int]:
            return restless(random, size, random.choice(HISTORIES) + after, spread=SPREAD, lasts=lasts)

        return self.covered(f"Restless, of which {lasts:.0%} is left a month later", after, make, means)

    def real_covered(self, after: int) -> Covered:
        near: dict[int, list[list[int]]] = {}
        for values in chain.from_iterable(london().values()):
            near.setdefault(min(MEANS, key=lambda size: abs(log(mean(values[LOOKED_AT]) / size))), []).append(values)

        def make(random: Random, size: int) -> list[int]:
            return random.choice(near[size])[: random.choice(DATES) + after]

        return self.covered("London, random dates", after, make, list(near))

    def all_covered(self) -> list[Covered]:
        return [
            *map(self.steady_covered, AFTERS),
            *(self.restless_covered(lasts, after) for lasts in LASTS for after in AFTERS),
            *map(self.real_covered, AFTERS),
        ]

    def all_claimed(self) -> list[Share]:
        return [
            self.steady(1, beside=0),
            self.steady(2, beside=0),
            self.steady(1, beside=5),
            self.shares(),
            self.stocks(),
            self.real(fall=0, beside=True),
            self.real(fall=0, beside=False),
            self.real(fall=FALL, beside=True),
            self.real(fall=FALL, beside=False),
        ]


def compare_or_none(
    values: list[int], event: int, controls: Sequence[list[int]] = (), of: list[int] | None = None
) -> BeforeAfter | None:
    """None where it is refused. `of` are the denominators of a share."""
    try:
        return compare(values, event, controls=controls, exposures=of, is_share=of is not None)
    except Refusal:
        return None


def is_claimed(
    values: list[int], event: int, controls: Sequence[list[int]], of: list[int] | None = None
) -> bool | None:
    found = compare_or_none(values, event, controls, of)
    return found.is_claimed if found else None


def show_claimed(rows: Sequence[Share]) -> str:
    lines = ["| Of 100 events | A change is claimed at | Refused |", "| --- | ---: | ---: |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.claimed} | {row.refused} |" for row in rows)])


def show_covered(rows: Sequence[Covered]) -> str:
    names = (*(f"{size} a month" for size in MEANS),)
    lines = [f"| Of 100 ranges | Months after | {' | '.join(names)} |", f"| --- |{' ---: |' * (1 + len(MEANS))}"]
    for row in rows:
        cells = ["" if share is None else str(share) for share in row.covered]
        lines.append(f"| {row.what} | {row.after} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=200, help="of each kind (200)")
    parser.add_argument("--seed", type=int, default=1, help="another draw of them (1)")
    arguments = parser.parse_args()
    measure = Measure(arguments.series, arguments.seed)
    claimed, covered = measure.all_claimed(), measure.all_covered()
    tables = {"claims": show_claimed(claimed), "covered": show_covered(covered)}
    print("\n\n".join(tables.values()))
    if arguments.series == parser.get_default("series") and arguments.seed == parser.get_default("seed"):
        text = DOCUMENT.read_text(encoding="utf-8")
        text = TABLE.sub(lambda match: f"{match[1]}\n{tables[match[2]]}\n\n{match[3]}", text)
        DOCUMENT.write_text(text, encoding="utf-8")
        measured = {"claims": [*map(asdict, claimed)], "covered": [*map(asdict, covered)]}
        MEASURED.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
