"""Measures how often a KPI claims something where nothing was done, and whether its outlook keeps its word.

Sets KPIs at random dates of real monthly series, with nothing planted, and prints for how many of 100 their state
claims something: anything but *Too close to call* and *No clear change*. Beside it is what the range by chance alone
would claim, and what the impact page claims. Then plants falls and rises, and prints how many the KPIs show and how
many they promised. Last, it follows KPIs with made-up figures for three years, read every month. Takes about three
minutes. Without options it writes the tables into docs/measured/kpis.md.

A file of series is CSV: a heading, then a line for each series with three columns of names and a count for each month.
"""

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import mean

from bench import ROOT
from bench.command_line import make_parser
from core.calendar import Month
from indicators.impact.claim import Refusal, compare
from indicators.kpis.aims import LEAST, Aim, Figure, KpiState, Lies, Scale, Standing, judge_kpi, mean_figure, take_span
from indicators.kpis.could_see import Baseline
from indicators.kpis.spread import Basis, find_range, find_spreads
from indicators.trend import Polarity
from tests.made_up import flow, wave

DOCUMENT = ROOT / "docs" / "measured" / "kpis.md"
LONDON = ROOT / "tests" / "data" / "london" / "six-boroughs-2010-2021.csv"
TABLE = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

YEAR = 12
KPIS = 556
# Two years after the last date come before March 2020, as in bench.impact.
DATES, LEAST_MEAN, LOOKED_AT = range(69, 93), 1, slice(9, 105)
CHANGES = (0.15, 0.2, 0.3, 0.4)
PLANTED = (-0.3, 0.3, -0.4, 0.4)
BEGINS = Month(2016, 1)  # of each KPI: any month would do
CLAIMS = {KpiState.MET, KpiState.WORSE, KpiState.ON_COURSE, KpiState.BEHIND}
COUNT = Scale()
BY_CHANCE = Basis(float("inf"), [1.0])
# KPIs that are read every month: their months, those known before, those of the baseline, and how many KPIs a row has.
LIFE, KNOWN, MONTHS, FOLLOWED = 3 * YEAR, 5 * YEAR, 2 * YEAR, 1000
AIM = -0.3
type Cell = tuple[float, float, float]  # a month's mean, how many times chance it varies by, and its season
CELLS: dict[str, Cell] = {
    "10 a month, by chance": (10, 1, 0),
    "30 a month, by chance": (30, 1, 0),
    "30 a month, a season of ±20%": (30, 1, 0.2),
    "30 a month, twice chance": (30, 2, 0),
}


@dataclass(frozen=True)
class SetKpi:
    """A KPI on a series, set in the month at the place `begins`, with what was known of it then."""

    values: Sequence[int]
    begins: int
    months: int
    aim: Aim
    basis: Basis

    def find_standing(self, after: int, basis: Basis | None = None, *, is_due: bool = False) -> Standing:
        figures = [Figure(value) for value in self.values[self.begins : self.begins + after]]
        span = take_span(figures, self.aim)
        lower, upper = find_range(replace(span, is_due=True) if is_due else span, COUNT, basis or self.basis)
        return judge_kpi(span, better=self.aim.better, lower=lower, upper=upper)

    def shows(self, change: float, after: int) -> bool:
        is_better = (change < 0) is (self.aim.better is Polarity.LOWER)
        return self.lies(after, is_due=True) is (Lies.BETTER if is_better else Lies.WORSE)

    def lies(self, after: int, *, is_due: bool = False) -> Lies:
        return self.find_standing(after, is_due=is_due).facts.by_baseline

    def first_month_that(self, lies: Lies, *, is_always_due: bool) -> int | None:
        """Return the first month of its life that says so; with a 95% range every month, if `is_always_due`."""
        months = range(LEAST, LIFE + 1)
        return next((month for month in months if self.lies(month, is_due=is_always_due) is lies), None)

    def is_claimed_by_impact(self, after: int) -> bool:
        try:
            return compare(self.values[: self.begins + after], self.begins).is_claimed
        except Refusal:
            return False

    def promise(self, change: float) -> float:
        """Return how likely the page that sets it says the change is to show after a year."""
        figures = [Figure(value) for value in self.values[self.begins - self.months : self.begins]]
        return Baseline(figures, self.basis.spreads).chance(change)


def set_kpi(random: Random, values: Sequence[int], begins: int, *, months: int, history: int) -> SetKpi | None:
    """Set one with a baseline of so many months, knowing so many; None where the baseline is empty."""
    known = [Figure(value) for value in values[max(0, begins - history) : begins]]
    baseline = mean_figure(known[-months:])
    if not baseline:
        return None
    better = random.choice((Polarity.LOWER, Polarity.HIGHER))
    change = random.choice(CHANGES) * (-1 if better is Polarity.LOWER else 1)
    aim = Aim(better, baseline, baseline * (1 + change), BEGINS, BEGINS + 3 * YEAR)
    return SetKpi(values, begins, months, aim, Basis(months, find_spreads(known, months=months)))


def set_life(random: Random, cell: Cell, change: float) -> SetKpi:
    """Set one on made-up figures that change this much when it starts; its target is due LIFE months later."""
    size, over, season = cell
    begin = YEAR * random.random()
    values = flow(
        random,
        size,
        KNOWN + LIFE,
        over,
        lambda month: (1 + season * wave(month + begin)) * (1 + change * (month >= KNOWN)),
    )
    known = [Figure(value) for value in values[:KNOWN]]
    baseline = mean_figure(known[-MONTHS:])
    aim = Aim(Polarity.LOWER, baseline, baseline * (1 + AIM), BEGINS, BEGINS + (LIFE - 1))
    return SetKpi(values, KNOWN, MONTHS, aim, Basis(MONTHS, find_spreads(known, months=MONTHS)))


def plant(random: Random, value: int, change: float) -> int:
    """Take away, or add, each case by chance."""
    changed = random.binomialvariate(value, abs(change)) if value else 0
    return value - changed if change < 0 else value + changed


def read_series(path: Path) -> list[list[int]]:
    """Read the series with enough counts."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    series = [[int(float(cell or 0)) for cell in cells] for _, _, _, *cells in rows]
    return [values for values in series if mean(values[LOOKED_AT]) >= LEAST_MEAN]


@dataclass
class Measure:
    series: list[list[int]]
    number: int = KPIS
    seed: int = 1
    followed: int = FOLLOWED

    def set_kpis(self, *, months: int, history: int, change: float = 0) -> Iterator[SetKpi]:
        random, left = Random(f"{self.seed}|{months}|{history}|{change}"), self.number
        while left:
            values, begins = random.choice(self.series), random.choice(DATES)
            if change:
                values = [*values[:begins], *(plant(random, value, change) for value in values[begins:])]
            if kpi := set_kpi(random, values, begins, months=months, history=history):
                left -= 1
                yield kpi

    def count_claims(self, *, months: int, history: int, after: int) -> list[str]:
        kpis = list(self.set_kpis(months=months, history=history))
        states = [kpi.find_standing(after).state for kpi in kpis]
        return [
            f"Baseline of {months} months, {'all' if history > 10 * YEAR else history} months known, after {after}",
            self.percent(kpi.find_standing(after, BY_CHANCE).state in CLAIMS for kpi in kpis),
            self.percent(state in CLAIMS for state in states),
            self.percent(state is KpiState.WORSE for state in states),
            self.percent(kpi.is_claimed_by_impact(after) for kpi in kpis),
        ]

    def count_shown(self, change: float) -> list[str]:
        kpis = list(self.set_kpis(months=2 * YEAR, history=sys.maxsize, change=change))
        shown = [kpi.shows(change, YEAR) for kpi in kpis]
        promised = mean(kpi.promise(change) for kpi in kpis)
        named = f"A {'fall' if change < 0 else 'rise'} of {abs(change):.0%}"
        return [named, f"{100 * promised:.0f}", self.percent(shown)]

    def follow(self, cell: Cell, change: float) -> Iterator[SetKpi]:
        """Follow KPIs for three years, on figures that change this much when they start."""
        for each in range(self.followed):
            random = Random("|".join(map(str, (self.seed, "life", *cell, change, each))))
            yield set_life(random, cell, change)

    def count_false(self, named: str, cell: Cell) -> list[str]:
        kpis = list(self.follow(cell, 0))
        shown = [
            sum(kpi.first_month_that(lies, is_always_due=is_always_due) is not None for kpi in kpis)
            for lies in (Lies.WORSE, Lies.BETTER)
            for is_always_due in (True, False)
        ]
        return [named, *(f"{100 * number / len(kpis):.0f}" for number in shown)]

    def count_found(self, named: str, cell: Cell, change: float) -> list[str]:
        """How many are better than the baseline at some time within 12 and 24 months, and in the target's month."""
        kpis = list(self.follow(cell, change))
        counts = []
        for is_always_due in (True, False):
            first = [kpi.first_month_that(Lies.BETTER, is_always_due=is_always_due) for kpi in kpis]
            counts += [sum(month is not None and month <= within for month in first) for within in (YEAR, 2 * YEAR)]
        counts.append(sum(kpi.lies(LIFE) is Lies.BETTER for kpi in kpis))
        return [f"{named}, {change:+.0%}".replace("-", "−"), *(f"{100 * number / len(kpis):.0f}" for number in counts)]

    def percent(self, hits: Iterator[bool] | list[bool]) -> str:
        return f"{100 * sum(hits) / self.number:.0f}"


def make_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(headings)} |", f"| --- |{' ---: |' * (len(headings) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def main(words: Sequence[str] | None = None) -> int:
    parser = make_parser("kpis", __doc__ or "")
    parser.add_argument("series", type=Path, nargs="?", default=LONDON, help="a file of series (six London boroughs)")
    parser.add_argument("--kpis", type=int, default=KPIS, help=f"set at random dates ({KPIS})")
    parser.add_argument("--followed", type=int, default=FOLLOWED, help=f"each month of three years ({FOLLOWED})")
    parser.add_argument("--seed", type=int, default=1, help="another draw of them (1)")
    arguments = parser.parse_args(words)
    measure = Measure(read_series(arguments.series), arguments.kpis, arguments.seed, arguments.followed)
    settings = ((24, sys.maxsize, 12), (24, sys.maxsize, 24), (12, sys.maxsize, 12), (24, 36, 12), (12, 24, 12))
    claims = [measure.count_claims(months=months, history=history, after=after) for months, history, after in settings]
    tables = {
        "claims": make_table(
            ("Of 100 KPIs, nothing planted", "By chance alone", "Claim something", "Of which worse", "Impact claims"),
            claims,
        ),
        "shown": make_table(("Of 100 KPIs, after a year", "Promised", "Shown"), [*map(measure.count_shown, PLANTED)]),
        "false": make_table(
            ("Of 100 KPIs, nothing changed", "Worse, at 95%", "Worse", "Better, at 95%", "Better"),
            [measure.count_false(named, cell) for named, cell in CELLS.items()],
        ),
        "found": make_table(
            ("Of 100 KPIs, within", "12, at 95%", "24, at 95%", "12 months", "24 months", "When due"),
            [
                measure.count_found(named, cell, change)
                for named, cell in CELLS.items()
                for change in (round(AIM / 3, 2), AIM)
            ],
        ),
    }
    print("\n\n".join(tables.values()))
    if all(getattr(arguments, name) == parser.get_default(name) for name in ("series", "kpis", "seed", "followed")):
        text = DOCUMENT.read_text(encoding="utf-8")
        text = TABLE.sub(lambda match: f"{match[1]}\n{tables[match[2]]}\n\n{match[3]}", text)
        DOCUMENT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
