"""The totals of a whole year in a public edition, of indicators that the public sees only so.

A year is the financial one, from April to March. Its total is in editions of March and later, until the next year is
over. A total beside its own months would say what a withheld month is. So the two are never both public: a year has no
total if any edition ever had a month of it, of the indicator or of one that sums or strict rules tie to it. Once there
is a total, its months stay withheld (reporting.public.lines).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.calendar import Month, months_between
from indicators.protection.families import (
    Count,
    Earlier,
    Key,
    Protection,
    find_families,
    protect_families,
    shown,
)
from indicators.protection.rules import Rule, Withhold, make_token, parse_token, strictest
from indicators.protection.ties import TiedFamilies, make_ties
from indicators.selectors.disclosure import Rules
from indicators.trend import YEAR
from indicators.validation import Rule as AcrossFigures
from reporting.models import IndicatorLine
from reporting.models.line_fields import LineFields

MARCH = 3


def find_year(month: Month) -> list[Month]:
    """Return the months of the newest financial year that is over by the end of a month."""
    last = Month(month.year if month.number >= MARCH else month.year - 1, MARCH)
    return months_of(last + -(YEAR - 1))


def months_of(first: Month) -> list[Month]:
    return list(months_between(first, first + (YEAR - 1)))


def add_up(line: LineFields, month: Month, year: Collection[Month]) -> int | None:
    """Return the sum of a year's months in a line; None unless each has a final figure, all counted in the same way."""
    first = month + -(len(line.history) - 1)
    places = [past - first for past in sorted(year)]
    if places[0] < 0:
        return None
    step = [step for step in line.steps if step["at"] <= places[0]][-1]
    if any(places[0] < other["at"] <= places[-1] for other in line.steps):
        return None
    unfit = {*step.get("held", ()), *step.get("provisional", ())}
    figures = [line.history[place] for place in places if place not in unfit]
    counts = [figure for figure in figures if figure is not None]
    return sum(counts) if len(counts) == YEAR else None


@dataclass(frozen=True)
class Relations:
    """Which indicators sums tie together, now or in any edition (`wholes`), and which the strict rules `across` do."""

    wholes: Mapping[str, str]
    across: Sequence[AcrossFigures] = ()

    def root(self, code: str) -> str:
        """Return the whole at the root of an indicator's family."""
        seen = {code}
        while (whole := self.wholes.get(code)) is not None and whole not in seen:
            seen.add(whole)
            code = whole
        return code

    @cached_property
    def clusters(self) -> dict[str, frozenset[str]]:
        """Return the roots that rules tie together, by each of them."""
        clusters: dict[str, frozenset[str]] = {}
        for rule in self.across:
            if rule.is_strict:
                roots = map(self.root, rule.indicators)
                tied = frozenset[str]().union(*(clusters.get(root, frozenset({root})) for root in roots))
                clusters |= dict.fromkeys(tied, tied)
        return clusters

    def list_tied(self, code: str) -> frozenset[str]:
        """Return the roots of an indicator's family and of those that rules tie to it."""
        root = self.root(code)
        return self.clusters.get(root, frozenset({root}))


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of an edition, as it saves them, and what protects them."""

    rows: list[dict[str, Any]]
    protection: Protection


def make_totals(
    month: Month,
    lines: Iterable[IndicatorLine],
    rules: Rules,
    wholes: Mapping[str, str],
    *,
    by_month: Collection[str],
    earlier: Mapping[str, tuple[Earlier, ...]],
    withdrawn: Collection[Month],
    across: Sequence[AcrossFigures] = (),
) -> Totals:
    """Return the totals of the year before. `by_month` are the indicators of which the public sees or ever saw a month
    of that year. `earlier` is what editions say of the same totals. `across` are the rules that a reader knows.
    """
    year, relations = find_year(month), Relations(wholes, across)
    told = frozenset[str]().union(*map(relations.list_tied, by_month))
    counts: dict[Key, Count] = {}
    unasked: dict[Key, Count] = {}
    asked: list[tuple[IndicatorLine, Rule]] = []
    for line in lines:
        code = line.indicator_code
        if line.ratio or relations.root(code) in told or any(past in withdrawn for past in year):
            continue
        value = add_up(line, month, year)
        if value is None:
            continue
        rule = strictest(rules.of_year(code, line.owner_code, past) for past in year)
        if line.category_code:
            unasked[code, line.category_code] = Count(value, rule, is_asked=False)
            continue
        is_asked = code in rules.yearly
        counts[code, ""] = Count(
            value, rule if is_asked else Withhold(), is_asked=is_asked, earlier=earlier.get(code, ())
        )
        if is_asked:
            asked.append((line, rule))
    protection = protect_totals(year[-1], counts, unasked, wholes, across)
    return Totals(list(describe(year[0], asked, counts, protection)), protection)


def protect_totals(
    last: Month,
    counts: dict[Key, Count],
    unasked: Mapping[Key, Count],
    wholes: Mapping[str, str],
    across: Iterable[AcrossFigures],
) -> Protection:
    """Return what to withhold of a year's totals. A rule of each month is one of their sums, too. `unasked` are the
    totals of categories, which no page shows.
    """
    families = find_families(counts, wholes)
    beside = {(last, key): count for key, count in unasked.items() if (key[0], "") in counts}
    values = {(last, key): count.value for key, count in counts.items()}
    values |= {place: count.value for place, count in beside.items()}
    ties = make_ties([rule for rule in across if not rule.looks_back], values)
    also: set[Key] = set()
    while True:
        protection = protect_families(families, also)
        tied = TiedFamilies({last: families}, {last: protection.withheld}, {last: also}, beside, ties, wholes)
        more = {key for _, key in tied.find_more()}
        if not more:
            return protection
        also |= more  # this ends: each round withholds more


def describe(
    first: Month,
    asked: Iterable[tuple[IndicatorLine, Rule]],
    counts: Mapping[tuple[str, str], Count],
    protection: Protection,
) -> Iterator[dict[str, Any]]:
    for line, rule in asked:
        key = line.indicator_code, ""
        yield {
            **{name: getattr(line, name) for name in ("title", "unit_one", "unit_many")},
            "code": line.indicator_code,
            "first": str(first),
            "value": None if key in protection.withheld else shown(rule, counts[key].value),
            "rule": make_token(rule),
        }


def read_earlier(
    year: Collection[Month], editions: Iterable[tuple[Month, Iterable[Mapping[str, Any]], Iterable[LineFields]]]
) -> dict[str, tuple[Earlier, ...]]:
    """Return what editions say of a year's totals, by code. Each comes with its month, its totals and the lines that it
    was made of."""
    said: dict[str, tuple[Earlier, ...]] = {}
    for month, totals, lines in editions:
        true = {line.indicator_code: line for line in lines if not line.category_code}
        for total in totals:
            code = total["code"]
            if Month.parse(total["first"]) != min(year) or code not in true:
                continue
            value = add_up(true[code], month, year)
            if value is not None:
                one = Earlier(value, parse_token(total["rule"]), total["value"] is None)
                said[code] = (*said.get(code, ()), one)
    return said


def find_shut(totals: Iterable[Mapping[str, Any]], relations: Relations) -> dict[str, set[Month]]:
    """Return the months of which a total was ever public, by the indicator at the root of each tied family."""
    shut: dict[str, set[Month]] = defaultdict(set)
    for total in totals:
        for root in relations.list_tied(total["code"]):
            shut[root] |= set(months_of(Month.parse(total["first"])))
    return shut


def is_counted(totals: Iterable[Mapping[str, Any]], month: Month) -> bool:
    """Return whether a month is part of one of these totals."""
    return any(month in months_of(Month.parse(total["first"])) for total in totals)
