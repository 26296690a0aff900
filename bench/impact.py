"""Measures how often a change is claimed that isn't there, and how often a real one is found.

Simulates steady series, uses real ones of six London boroughs at random dates, and adds falls to some. Prints for how
many of 100 events a change is claimed. Takes about two minutes. Without options it writes the table into
docs/measured/impact.md, and into indicators/impact/measured.json.
"""

import argparse
import csv
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean

from indicators.impact.claim import Refusal, compare
from tests.made_up import count, stock

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "measured" / "impact.md"
MEASURED = ROOT / "indicators" / "impact" / "measured.json"
LONDON = ROOT / "tests" / "data" / "london" / "six-boroughs-2010-2021.csv"
TABLE = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

YEAR = 12
HISTORY, AFTER = 6 * YEAR, YEAR
SIZES = (5, 10, 20, 50, 200)  # a month
SHARES = (0.2, 0.5, 0.8)
STAYS = (0.5, 0.8, 0.9, 0.97)  # of a stock, from one month to the next
FALL = 0.4
# Of ten years: January 2016 is the 70th month. Types with fewer counts can't show what is looked for.
DATES, LEAST_MEAN, LOOKED_AT = range(69, 93), 10, slice(9, 105)


@dataclass(frozen=True)
class Share:
    """Of 100 events, at how many is a change claimed? And how many are refused?"""

    what: str
    claimed: int
    refused: int


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

    def share(self, what: str, ask: Callable[[Random], bool | None]) -> Share:
        drawn_by = what.replace("%", " %")  # the words as they were first measured: others would draw others
        answers = [ask(Random(f"{self.seed}|{drawn_by}|{each}")) for each in range(self.series)]
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

    def all(self) -> list[Share]:
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


def is_claimed(values: list[int], event: int, controls: list[list[int]], of: list[int] | None = None) -> bool | None:
    """None where it is refused. `of` are the denominators of a share."""
    try:
        return compare(values, event, controls=controls, exposures=of, is_share=of is not None).is_claimed
    except Refusal:
        return None


def table(rows: list[Share]) -> str:
    lines = ["| Of 100 events | A change is claimed at | Refused |", "| --- | ---: | ---: |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.claimed} | {row.refused} |" for row in rows)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=200, help="of each kind (200)")
    parser.add_argument("--seed", type=int, default=1, help="another draw of them (1)")
    arguments = parser.parse_args()
    rows = Measure(arguments.series, arguments.seed).all()
    print(table(rows))
    if arguments.series == parser.get_default("series") and arguments.seed == parser.get_default("seed"):
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(TABLE.sub(lambda match: f"{match[1]}\n{table(rows)}\n\n{match[3]}", text), encoding="utf-8")
        measured = [{"what": row.what, "claimed": row.claimed, "refused": row.refused} for row in rows]
        MEASURED.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
