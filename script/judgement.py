"""What script/judgement runs: see there."""

import argparse
import csv
import json
import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from indicators.judgement.judge import Entry, judge  # noqa: E402  # needs the path above
from indicators.judgement.tokens import Counted, Signal, Tier  # noqa: E402

DOCUMENT = ROOT / "docs" / "judgement.md"
MEASURED = ROOT / "indicators" / "judgement" / "measured.json"
LONDON = ROOT / "tests" / "data" / "london" / "six-boroughs-2010-2021.csv"
TABLE = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

YEAR = 12
STEADY_MONTHS, SEASONAL_MONTHS, AFTER = 84, 96, 36
OVER = 1.3  # the variance of counts around a change, in means: a little more than chance
SIZES = (2, 5, 10, 20, 50, 200)  # a month
CHANGES = (-0.5, -0.3, -0.2, 0.2, 0.5, 1.0)
FOUND_WITHIN = 12  # months


# --- Made-up series --------------------------------------------------------------------------------------


def poisson(random: Random, size: float) -> int:
    """A count that varies by chance alone around `size` (J. H. Ahrens and U. Dieter, 1974: by gamma for large ones)."""
    counted = 0
    while size > 30:
        part = int(size * 7 / 8)
        waited = random.gammavariate(part, 1)
        if waited >= size:
            return counted + random.binomialvariate(part - 1, size / waited)
        counted, size = counted + part, size - waited
    least, left = math.exp(-size), random.random()
    while left > least:
        counted, left = counted + 1, left * random.random()
    return counted


def count(random: Random, size: float, over: float) -> int:
    """A count whose variance is `over` times its mean."""
    return poisson(random, random.gammavariate(size / (over - 1), over - 1) if over > 1 and size > 0 else size)


def flow(
    random: Random, size: float, months: int, over: float = 1, shape: Callable[[int], float] = lambda month: 1
) -> list[int]:
    return [count(random, size * shape(month), over) for month in range(months)]


def stock(
    random: Random, size: float, stays: float, months: int, shape: Callable[[int], float] = lambda month: 1
) -> list[int]:
    """What is there on a day of each month: of each that is there, `stays` is how likely it is there a month later."""
    settle, there, found = 60, poisson(random, size), []
    for month in range(-settle, months):
        stayed = random.binomialvariate(there, stays) if there else 0
        there = stayed + poisson(random, size * shape(max(0, month)) * (1 - stays))
        found.append(there)
    return found[settle:]


# --- What is found of them ---------------------------------------------------------------------------------


def per_1000(hits: int, of: int) -> float:
    return round(1000 * hits / of, 1)


def percent(hits: int, of: int) -> int:
    return round(100 * hits / of)


@dataclass(frozen=True)
class Wrongly:
    """Signals of 1,000 steady months: of any tier, and that stand out."""

    what: str
    any: float
    stands_out: float


@dataclass
class Measure:
    series: int
    seed: int

    def random(self, *key: object) -> Random:
        return Random(f"{self.seed}|{key}")

    def steady(self) -> Iterator[Wrongly]:
        flows: dict[str, list[tuple[float, float]]] = {
            "Fewer than 1 a month": [(size, 1) for size in (0.05, 0.2, 0.5, 1)],
            "2 to 2,000 a month, varying by chance": [(size, 1) for size in (2, 5, 10, 20, 50, 200, 2000)],
            "5 to 2,000 a month, with twice the variance of chance": [(size, 2) for size in (5, 10, 20, 50, 200, 2000)],
            "5 to 2,000 a month, with four times": [(size, 4) for size in (5, 10, 20, 50, 200, 2000)],
        }
        for what, kinds in flows.items():
            yield self.wrongly(
                what,
                Counted.FLOW,
                [
                    flow(self.random(what, size, each), size, STEADY_MONTHS, over)
                    for size, over in kinds
                    for each in range(self.series)
                ],
            )
        yield self.wrongly(
            "Stocks of 16 and 60, of which 50 to 95 % stay",
            Counted.STOCK,
            [
                stock(self.random("stock", size, stays, each), size, stays, STEADY_MONTHS)
                for size in (16, 60)
                for stays in (0.5, 0.7, 0.85, 0.95)
                for each in range(self.series)
            ],
        )
        yield self.wrongly("Seasons of 10 to 30 % at 20 and 200 a month", Counted.FLOW, list(self.seasonal()))

    def seasonal(self) -> Iterator[list[int]]:
        for size in (20, 200):
            for swing in (0.1, 0.2, 0.3):
                for each in range(self.series):
                    random = self.random("season", size, swing, each)
                    turn = random.random() * YEAR
                    yield flow(
                        random,
                        size,
                        SEASONAL_MONTHS,
                        1.5,
                        lambda month, turn=turn, swing=swing: 1 + swing * math.sin(2 * math.pi * (month + turn) / YEAR),  # type: ignore[misc]
                    )

    @staticmethod
    def wrongly(what: str, counted: Counted, series: list[list[int]]) -> Wrongly:
        read = [entry for values in series for entry in judge(values, counted=counted) if entry.signal is not None]
        watched = sum(entry.tier is not None for entry in read)
        return Wrongly(
            what,
            per_1000(watched, len(read)),
            per_1000(sum(entry.tier is Tier.STANDS_OUT for entry in read), len(read)),
        )

    def found(self, size: float, change: float) -> tuple[int, int]:
        """Of 100 lasting changes, how many stand out within a year, and how many are at least watched."""
        stood_out = watched = 0
        for each in range(self.series):
            random = self.random("change", size, change, each)
            at = random.randrange(24, 49)
            values = flow(
                random,
                size,
                at + AFTER,
                OVER if size >= 5 else 1,
                lambda month, at=at: 1 + change * (month >= at),  # type: ignore[misc]
            )
            side = Signal.HIGH if change > 0 else Signal.LOW
            after = [entry for entry in judge(values)[at : at + FOUND_WITHIN] if entry.signal is side]
            stood_out += any(entry.tier is Tier.STANDS_OUT for entry in after)
            watched += bool(after)
        return percent(stood_out, self.series), percent(watched, self.series)

    def towns(self) -> dict[str, int]:
        """Of 100 years of a steady town of 12 flows and 4 stocks, how many have a signal that is none; lower is better
        throughout."""
        flows = [
            (0.3, 1),
            (1, 1),
            (2, 1),
            (4, 1),
            (6, 1),
            (8, 1),
            (12, 1),
            (16, 1),
            (20, 1.5),
            (30, 1.5),
            (60, 2),
            (150, 3),
        ]
        stocks = [(8, 0.7), (16, 0.85), (30, 0.85), (60, 0.9)]
        watched = judged = worse = 0
        for town in range(self.series):
            random = self.random("town", town)
            entries: list[Entry] = []
            for size, over in flows:
                entries += judge(flow(random, size, 3 * YEAR, over), shown_from=2 * YEAR)
            for size, stays in stocks:
                entries += judge(stock(random, size, stays, 3 * YEAR), counted=Counted.STOCK, shown_from=2 * YEAR)
            stand_out = [entry for entry in entries if entry.tier is Tier.STANDS_OUT]
            watched += any(entry.tier for entry in entries)
            judged += bool(stand_out)
            worse += any(entry.signal is Signal.HIGH for entry in stand_out)
        return {
            "any": percent(watched, self.series),
            "judged": percent(judged, self.series),
            "worse": percent(worse, self.series),
        }


def london() -> dict[str, list[list[Entry]]]:
    """The boroughs' series by type, each judged."""
    with LONDON.open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    by_type: dict[str, list[list[Entry]]] = {}
    for _, what, _, *cells in rows:
        by_type.setdefault(what, []).append(judge([int(float(cell or 0)) for cell in cells]))
    return by_type


# --- The tables --------------------------------------------------------------------------------------------


def signed(change: float) -> str:
    return f"{'+' if change > 0 else '−'}{abs(change):.0%}".replace("%", " %")


def steady_table(rows: list[Wrongly]) -> str:
    lines = ["| Steady series | Any signal | Better or Worse |", "| --- | ---: | ---: |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.any} | {row.stands_out} |" for row in rows)])


def found_table(found: dict[int, dict[str, tuple[int, int]]]) -> str:
    changes = list(map(signed, CHANGES))
    lines = [f"| A month | {' | '.join(changes)} |", f"| ---: |{' ---: |' * len(changes)}"]
    return "\n".join(
        [
            *lines,
            *(
                f"| {size} | {' | '.join(f'{out} ({watched})' for out, watched in row.values())} |"
                for size, row in found.items()
            ),
        ]
    )


def london_table(by_type: dict[str, list[list[Entry]]]) -> str:
    every = [series for of_type in by_type.values() for series in of_type]
    lines = ["| Year of the series | Months with a signal, % |", "| ---: | ---: |"]
    for year in range(2, 12):
        read = [
            entry for series in every for entry in series[YEAR * (year - 1) : YEAR * year] if entry.signal is not None
        ]
        lines.append(f"| {year} | {100 * mean(entry.tier is not None for entry in read):.1f} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    measure = Measure(arguments.series, arguments.seed)
    steady = list(measure.steady())
    found = {size: {signed(change): measure.found(size, change) for change in CHANGES} for size in SIZES}
    towns = measure.towns()
    tables = {
        "steady": steady_table(steady),
        "found": found_table(found),
        "towns": "\n".join(
            [
                "| Of 100 years of a steady town of 16 indicators | |",
                "| --- | ---: |",
                f"| have a signal of any tier | {towns['any']} |",
                f"| have a false Better or Worse | {towns['judged']} |",
                f"| have a false Worse | {towns['worse']} |",
            ]
        ),
        "london": london_table(london()),
    }
    for name, table in tables.items():
        print(f"{name}\n\n{table}\n")
    if arguments.series == parser.get_default("series") and arguments.seed == parser.get_default("seed"):
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(
            TABLE.sub(lambda match: f"{match[1]}\n{tables[match[2]]}\n\n{match[3]}", text), encoding="utf-8"
        )
        measured = {
            "steady": [{"what": row.what, "any": row.any, "stands_out": row.stands_out} for row in steady],
            "found": {
                str(size): {change: list(shares) for change, shares in row.items()} for size, row in found.items()
            },
            "towns": towns,
        }
        MEASURED.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
