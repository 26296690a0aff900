"""Measures how often judgements are wrong, and how soon they find a change.

Simulates series whose truth is known and judges each. Prints how often steady ones have a signal, how soon changes are
found, and the signals in ten years of six London boroughs. Takes about two minutes. Without options it writes the
tables into docs/measured/judgement.md, and into indicators/judgement/measured.json for the method page.
"""

import argparse
import csv
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from statistics import mean

from indicators.judgement.judge import Counted, Entry, Signal, Tier, judge, judge_ratio
from indicators.ratios import RatioKind
from tests.made_up import (
    DENOMINATORS,
    GROWING,
    STEADY,
    YEAR,
    Pairs,
    count,
    flow,
    poisson,
    restless,
    share,
    share_on_a_day,
    stock,
    wave,
    whole_numbers,
)

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "measured" / "judgement.md"
MEASURED = ROOT / "indicators" / "judgement" / "measured.json"
LONDON = ROOT / "tests" / "data" / "london" / "six-boroughs-2010-2021.csv"
TABLE = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

STEADY_MONTHS, SEASONAL_MONTHS, AFTER = 84, 96, 36
OVER = 1.3  # the variance of counts around a change, in means: a little more than chance
SIZES = (2, 5, 10, 20, 50, 200)  # a month
CHANGES = (-0.5, -0.3, -0.2, 0.2, 0.5, 1.0)
FOUND_WITHIN = 12  # months
# A month's mean, its variance in means, and a change that lasts: found late, and looked at for two years.
SMALL = (
    *((3, 1, -0.5), (10, 1, -0.3), (10, 1, 0.3), (10, 2, -0.3), (30, 2, -0.3), (30, 2, 0.3)),
    *((3, 1, -0.3), (24, 1, -0.3)),  # eight parts of 3 a month that fall together, each by itself and their sum
)
TWICE_OF_30 = math.sqrt(math.log(1 + 1 / 30))  # of the log of a level, so that counts of 30 have twice the variance
BEFORE, LATER = 36, (3, 12, 24)  # months
SHARES, WHOLES = (0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.98), (30, 300, 3000)
FEW = 5  # of a month's cases, or of what is left of its whole
SHARES_CHANGE = ((0.05, 0.10), (0.2, 0.3), (0.4, 0.5), (0.4, 0.3), (0.8, 0.9), (0.95, 0.9))
WHOLES_OF_CHANGE = (30, 100, 300, 1000)
RESIDENTS = 20_000  # to begin with


# --- What is found of them ---------------------------------------------------------------------------------


def per_1000(hits: int, of: int) -> float:
    return round(1000 * hits / of, 1)


def percent(hits: float, of: int) -> int:
    return round(100 * hits / of)


@dataclass(frozen=True)
class Wrongly:
    """Signals of 1,000 steady months: of any tier, and that stand out."""

    what: str
    any: float
    stands_out: float


def summed_up(what: str, judged: Iterable[list[Entry]]) -> Wrongly:
    read = watched = stand_out = 0
    for entries in judged:
        for entry in entries:
            read += entry.signal is not None
            watched += entry.tier is not None
            stand_out += entry.tier is Tier.STANDS_OUT
    return Wrongly(what, per_1000(watched, read), per_1000(stand_out, read))


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
            "Stocks of 16 and 60, of which 50 to 95% stay",
            Counted.STOCK,
            [
                stock(self.random("stock", size, stays, each), size, stays, STEADY_MONTHS)
                for size in (16, 60)
                for stays in (0.5, 0.7, 0.85, 0.95)
                for each in range(self.series)
            ],
        )
        yield self.wrongly("Seasons of 10 to 30% at 20 and 200 a month", Counted.FLOW, list(self.seasonal()))
        yield self.wrongly(
            "30 a month, with twice the variance, leaning on the month before (0.3)",
            Counted.FLOW,
            [
                restless(self.random("leaning", each), 30, STEADY_MONTHS, spread=TWICE_OF_30, lasts=0.3)
                for each in range(self.series)
            ],
        )

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
                        lambda month, turn=turn, swing=swing: 1 + swing * wave(month + turn),  # type: ignore[misc]
                    )

    @staticmethod
    def wrongly(what: str, counted: Counted, series: list[list[int]]) -> Wrongly:
        return summed_up(what, (judge(values, counted=counted) for values in series))

    def steady_ratios(self) -> Iterator[Wrongly]:
        every = [(part, of) for part in SHARES for of in WHOLES]
        many = [(part, of) for part, of in every if min(part, 1 - part) * of >= FEW]
        few = [each for each in every if each not in many]
        for shape in (STEADY, GROWING):
            for kinds, over, what in (
                (every, 1, "by chance"),
                (many, 2, "twice the variance, 5 and more on each side"),
                (few, 2, "twice the variance, fewer on one side"),
            ):
                shares = self.shares(kinds, over, shape)
                yield self.wrongly_of_ratios(f"Shares of wholes {shape}: {what}", RatioKind.SHARE, shares)
            on_a_day = self.shares_on_a_day(shape)
            yield self.wrongly_of_ratios(
                f"Shares on a day, of wholes {shape}", RatioKind.SHARE, on_a_day, counted=Counted.STOCK
            )
        yield self.wrongly_of_ratios("Shares with seasons", RatioKind.SHARE, self.seasonal_shares())
        for shape in DENOMINATORS:
            for over, what in ((1, "by chance"), (2, "twice the variance")):
                rates = self.rates([size for size in SIZES if over == 1 or size >= FEW], over, shape)
                yield self.wrongly_of_ratios(f"Rates of residents {shape}: {what}", RatioKind.RATE, rates)

    def shares(self, kinds: list[tuple[float, int]], over: float, shape: str) -> Iterator[Pairs]:
        for part, of in kinds:
            wholes = whole_numbers(of, shape, STEADY_MONTHS)
            for each in range(self.series):
                random = self.random("share", part, of, over, shape, each)
                yield [share(random, part, whole, over) for whole in wholes], wholes

    def shares_on_a_day(self, shape: str) -> Iterator[Pairs]:
        for part in (0.3, 0.6, 0.8):
            for of in (40, 400):
                for stays in (0.8, 0.9, 0.95):
                    for each in range(self.series):
                        random = self.random("share on a day", part, of, stays, shape, each)
                        yield share_on_a_day(random, part, whole_numbers(of, shape, STEADY_MONTHS), stays)

    def seasonal_shares(self) -> Iterator[Pairs]:
        for part in (0.2, 0.5):
            for swing in (0.03, 0.06, 0.09):
                for each in range(self.series):
                    random = self.random("seasonal share", part, swing, each)
                    turn = random.random() * YEAR
                    parts = [part + swing * wave(month + turn) for month in range(SEASONAL_MONTHS)]
                    yield [share(random, each_part, 300, 1.5) for each_part in parts], [300] * SEASONAL_MONTHS

    def rates(self, sizes: Sequence[float], over: float, shape: str) -> Iterator[Pairs]:
        residents = whole_numbers(RESIDENTS, shape, STEADY_MONTHS)
        for size in sizes:
            for each in range(self.series):
                random = self.random("rate", size, over, shape, each)
                yield [count(random, size * of / RESIDENTS, over) for of in residents], residents

    @staticmethod
    def wrongly_of_ratios(
        what: str, kind: RatioKind, series: Iterable[Pairs], *, counted: Counted = Counted.FLOW
    ) -> Wrongly:
        return summed_up(what, (judge_ratio(*pairs, kind=kind, counted=counted) for pairs in series))

    def found_in_share(self, before: float, after: float, of: int) -> tuple[int, int]:
        """Of 100 lasting changes of a share from the one to the other, as `found` has them of a count."""
        side = Signal.HIGH if after > before else Signal.LOW
        return self.found_among(
            (judge_ratio(*pairs, kind=RatioKind.SHARE), at, side)
            for pairs, at in self.changed_shares(before, after, of)
        )

    def changed_shares(self, before: float, after: float, of: int) -> Iterator[tuple[Pairs, int]]:
        for each in range(self.series):
            random = self.random("changed share", before, after, of, each)
            at = random.randrange(24, 49)
            months = range(at + FOUND_WITHIN)
            yield (
                ([share(random, after if month >= at else before, of, OVER) for month in months], [of] * len(months)),
                at,
            )

    def found_in_rate(self, size: float, change: float) -> tuple[int, int]:
        """The same of a rate, where those that it is of grow by 1% a month."""
        side = Signal.HIGH if change > 0 else Signal.LOW
        return self.found_among(
            (judge_ratio(*pairs, kind=RatioKind.RATE), at, side) for pairs, at in self.changed_rates(size, change)
        )

    def changed_rates(self, size: float, change: float) -> Iterator[tuple[Pairs, int]]:
        for each in range(self.series):
            random = self.random("changed rate", size, change, each)
            at = random.randrange(24, 49)
            residents = whole_numbers(RESIDENTS, GROWING, at + FOUND_WITHIN)
            sizes = [size * of / residents[at] * (1 + change * (month >= at)) for month, of in enumerate(residents)]
            yield ([count(random, each_size, OVER if size >= FEW else 1) for each_size in sizes], residents), at

    def found_among(self, judged: Iterable[tuple[list[Entry], int, Signal]]) -> tuple[int, int]:
        """Of 100 changes, how many stand out within a year, and how many are at least watched."""
        stood_out = watched = 0
        for entries, at, side in judged:
            after = [entry for entry in entries[at : at + FOUND_WITHIN] if entry.signal is side]
            stood_out += any(entry.tier is Tier.STANDS_OUT for entry in after)
            watched += bool(after)
        return percent(stood_out, self.series), percent(watched, self.series)

    def found(self, size: float, change: float) -> tuple[int, int]:
        """Of 100 lasting changes, how many stand out within a year, and how many are at least watched."""
        side = Signal.HIGH if change > 0 else Signal.LOW
        return self.found_among((judge(values), at, side) for values, at in self.changed(size, change))

    def changed(self, size: float, change: float) -> Iterator[tuple[list[int], int]]:
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
            yield values, at

    def found_later(self, size: float, over: float, change: float) -> "Later":
        """How soon a change of a series with three years behind it is found, and what becomes of one that isn't."""
        side = Signal.HIGH if change > 0 else Signal.LOW
        months = BEFORE + LATER[-1]
        within, moved = [0] * len(LATER), []
        for each in range(self.series):
            random = self.random("later", size, over, change, each)
            shape = lambda month: 1 + change * (month >= BEFORE)  # noqa: E731
            entries = judge(flow(random, size, months, over, shape))
            found = [
                at for at in range(BEFORE, months) if entries[at].tier is Tier.STANDS_OUT and entries[at].signal is side
            ]
            for place, wait in enumerate(LATER):
                within[place] += bool(found and found[0] < BEFORE + wait)
            before, after = entries[BEFORE - 1].level, entries[-1].level
            if not found and before and after is not None:
                moved.append((after / before - 1) / change)
        best = self.best(size, change) if over == 1 else None
        return Later(
            [percent(hits, self.series) for hits in within], best, percent(sum(moved), len(moved)) if moved else None
        )

    def best(self, size: float, change: float) -> int:
        """Of 100 such changes, how many anybody could find within two years, who knew the level and the change, looked
        to that side only, and was wrong in one of 2,000 months: by the likelihood ratio (E. S. Page, 1954)."""
        limit = self.limit_of(size, change)
        found = 0
        for each in range(self.series):
            random = self.random("best", size, change, each)
            found += next(alarms(random, size, size * (1 + change), change, limit, LATER[-1]), None) is not None
        return percent(found, self.series)

    def limit_of(self, size: float, change: float) -> float:
        months, low, high = 100_000, 0.0, 20.0
        for _ in range(10):
            middle = (low + high) / 2
            random = self.random("limit", size, change)
            is_often = sum(1 for _ in alarms(random, size, size, change, middle, months)) > months / 2000
            low, high = (middle, high) if is_often else (low, middle)
        return high

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


@dataclass(frozen=True)
class Later:
    """Of 100 changes: how many stand out within 3, 12 and 24 months, and how many could; and how much of its way the
    level has moved after 24 where none did."""

    within: list[int]
    best: int | None
    moved: int | None


def alarms(random: Random, known: float, size: float, change: float, limit: float, months: int) -> Iterator[int]:
    """Yield the months in which counts of this size have a running likelihood ratio above the limit: that of the known
    level with the change against that without. It begins again after each."""
    step, total = math.log(1 + change), 0.0
    for month in range(months):
        total = max(0.0, total + poisson(random, size) * step - known * change)
        if total > limit:
            yield month
            total = 0.0


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
    return f"{'+' if change > 0 else '−'}{abs(change):.0%}"


def steady_table(rows: list[Wrongly]) -> str:
    lines = ["| Steady series | Any signal | Better or Worse |", "| --- | ---: | ---: |"]
    return "\n".join([*lines, *(f"| {row.what} | {row.any} | {row.stands_out} |" for row in rows)])


def found_table(found: dict[str, dict[str, tuple[int, int]]]) -> str:
    return table_of("A month", list(map(signed, CHANGES)), found)


def table_of(what: str, changes: list[str], found: dict[str, dict[str, tuple[int, int]]]) -> str:
    lines = [f"| {what} | {' | '.join(changes)} |", f"| ---: |{' ---: |' * len(changes)}"]
    rows = (
        f"| {size} | {' | '.join(f'{out} ({watched})' for out, watched in row.values())} |"
        for size, row in found.items()
    )
    return "\n".join([*lines, *rows])


def from_to(before: float, after: float) -> str:
    return f"{before:.0%} to {after:.0%}"


def later_table(found: dict[tuple[float, float, float], Later]) -> str:
    lines = [
        "| A month, variance | Change | 3 months | 12 | 24 | could be, in 24 | moved unfound |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (size, over, change), later in found.items():
        within = " | ".join(map(str, later.within))
        best = "–" if later.best is None else later.best
        moved = "–" if later.moved is None else f"{later.moved}%"
        lines.append(f"| {size}, {over} | {signed(change)} | {within} | {best} | {moved} |")
    return "\n".join(lines)


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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=200, help="of each kind (200)")
    parser.add_argument("--seed", type=int, default=1, help="another draw of them (1)")
    arguments = parser.parse_args()
    measure = Measure(arguments.series, arguments.seed)
    steady = list(measure.steady())
    found = {str(size): {signed(change): measure.found(size, change) for change in CHANGES} for size in SIZES}
    steady_ratios = list(measure.steady_ratios())
    found_in_shares = {
        f"{of:,}": {from_to(*change): measure.found_in_share(*change, of) for change in SHARES_CHANGE}
        for of in WHOLES_OF_CHANGE
    }
    found_in_rates = {
        str(size): {signed(change): measure.found_in_rate(size, change) for change in CHANGES} for size in SIZES
    }
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
        "steady_ratios": steady_table(steady_ratios),
        "found_in_shares": table_of("Of", [from_to(*change) for change in SHARES_CHANGE], found_in_shares),
        "found_in_rates": found_table(found_in_rates),
        "later": later_table({kind: measure.found_later(*kind) for kind in SMALL}),
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
            "steady": list(map(asdict, steady)),
            "found": found,
            "towns": towns,
            "steady_ratios": list(map(asdict, steady_ratios)),
            "found_in_shares": found_in_shares,
            "found_in_rates": found_in_rates,
        }
        MEASURED.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
