"""An attacker who knows the rules across figures, by linear programmes: one unknown for each count of each month, one
row for each sum and each rule. Another knows the algorithm, and tries all areas that would look the same. They share no
arithmetic with what protects. And the areas that are attacked."""

import math
import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from core.calendar import Month
from indicators.protection.families import Count, Earlier, Key, find_families, protect_families
from indicators.protection.rules import Round, Rule, Show, Suppress, Withhold
from indicators.protection.ties import Place, Tie, TiedFamilies, make_ties
from indicators.validation import Relation, Strength, Term
from indicators.validation import Rule as AcrossFigures
from tests.attacker import Attacked, Programme, rounded_meaning
from tests.family_attacker import BEYOND, wanted

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
ATTACKS = int(os.environ.get("ATTACKS", "1"))
type Withheld = Mapping[Month, frozenset[Key]]
type Unknown = tuple[Place, int]
type View = tuple[tuple[Place, int | None], ...]  # None: withheld


@dataclass(frozen=True)
class Area:
    """Counts as they truly are, by month and key; what is part of what; how each indicator is protected; the rules
    across figures; and what breaks down what."""

    values: Mapping[Place, int]
    wholes: Mapping[str, str]
    protected_by: Mapping[str, Rule]
    rules: tuple[AcrossFigures, ...] = ()
    breakdowns: Mapping[str, str] = field(default_factory=dict)

    @property
    def months(self) -> list[Month]:
        return sorted({month for month, _ in self.values})

    def is_public(self, place: Place) -> bool:
        """Whether a page asks for it: the categories of a part are on none."""
        _, (code, category) = place
        return not (category and code in self.wholes)

    def is_small(self, place: Place) -> bool:
        value, rule = self.values[place], self.protected_by[place[1][0]]
        if isinstance(rule, Round):
            return 0 < value <= rounded_meaning(rule, None, is_total=False)[1]
        return isinstance(rule, Withhold) or (isinstance(rule, Suppress) and 0 < value < rule.below)

    def said(self, place: Place, withheld: Withheld) -> tuple[float, float]:
        """What the edition says of a count by itself."""
        month, key = place
        value, rule = self.values[place], self.protected_by[key[0]]
        if not self.is_public(place):
            return 0, math.inf
        if key in withheld[month]:
            return (0 if isinstance(rule, Withhold) or value == 0 else 1), math.inf
        if isinstance(rule, Round) and value:
            return rounded_meaning(rule, rule.base * math.floor(value / rule.base + 0.5), is_total=True)
        return value, value


@dataclass(frozen=True)
class Issued:
    """An edition that is public: the area as it then was, and what it withheld."""

    area: Area
    withheld: Withheld


def publish(
    area: Area, issued: Iterable[Issued] = (), *, knows_rules: bool = True, knows_breakdowns: bool = True
) -> Withheld | None:
    """Protect an area's months, as an edition does; None for an edition that is refused."""
    earlier: dict[Place, dict[Earlier, None]] = defaultdict(dict)
    for one in issued:
        for place, value in one.area.values.items():
            if one.area.is_public(place):
                rule = one.area.protected_by[place[1][0]]
                earlier[place][Earlier(value, rule, place[1] in one.withheld[place[0]])] = None
    counts = {
        place: Count(value, area.protected_by[place[1][0]], area.is_public(place), tuple(earlier[place]))
        for place, value in area.values.items()
    }
    families = {
        month: find_families(
            {key: count for (when, key), count in counts.items() if when == month and count.is_asked},
            area.wholes,
            breakdowns=area.breakdowns if knows_breakdowns else {},
        )
        for month in area.months
    }
    unasked = {place: count for place, count in counts.items() if not count.is_asked}
    ties: list[Tie] = make_ties(area.rules, area.values) if knows_rules else []
    also: dict[Month, set[Key]] = defaultdict(set)
    while True:
        found = {month: protect_families(families[month], also[month]) for month in families}
        withheld = {month: protection.withheld for month, protection in found.items()}
        more = TiedFamilies(families, withheld, also, unasked, ties, area.wholes).find_more()
        if not more:
            return None if any(protection.exposed for protection in found.values()) else withheld
        for month, key in more:
            also[month].add(key)


class TiedAttack:
    """The linear programme over all counts of all editions. A count that truly didn't change is one unknown."""

    def __init__(self, issued: Iterable[Issued]) -> None:
        self.places: dict[Unknown, int] = {}
        self.bounds: list[tuple[float, float]] = []
        self.equal: list[dict[int, float]] = []
        self.at_most: list[tuple[dict[int, float], float]] = []
        for one in issued:
            for place, value in one.area.values.items():
                self.learn((place, value), one.area.said(place, one.withheld))
            self.add_sums(one.area)
            self.add_categories_of_parts(one.area)
            self.add_rules(one.area)

    def learn(self, unknown: Unknown, said: tuple[float, float]) -> None:
        place = self.places.setdefault(unknown, len(self.bounds))
        if place == len(self.bounds):
            self.bounds.append((0, math.inf))
        least, most = self.bounds[place]
        self.bounds[place] = max(least, said[0]), min(most, said[1])

    def column(self, area: Area, place: Place) -> int:
        return self.places[place, area.values[place]]

    def add_sums(self, area: Area) -> None:
        for total in [place for place in area.values if not place[1][1]]:
            month, (code, _) = total
            categories = [place for place in area.values if place[0] == month and place[1][0] == code and place[1][1]]
            parts = [(month, (part, "")) for part, whole in area.wholes.items() if whole == code]
            for places in (categories, [place for place in parts if place in area.values]):
                rest = area.values[total] - sum(area.values[place] for place in places)
                if not places or rest < 0:
                    continue
                row = {self.column(area, total): -1.0} | {self.column(area, place): 1.0 for place in places}
                if rest:
                    row[len(self.bounds)] = 1.0
                    self.bounds.append((0, math.inf))
                self.equal.append(row)
            for breakdown in [breakdown for breakdown, whole in area.breakdowns.items() if whole == code]:
                same = month, (breakdown, "")
                if area.values.get(same) == area.values[total]:
                    self.equal.append({self.column(area, total): -1.0, self.column(area, same): 1.0})

    def add_categories_of_parts(self, area: Area) -> None:
        for (month, (code, category)), value in area.values.items():
            among = month, (area.wholes.get(code, ""), category)
            if category and among in area.values and value <= area.values[among]:
                row = {self.column(area, (month, (code, category))): 1.0, self.column(area, among): -1.0}
                self.at_most.append((row, 0))

    def add_rules(self, area: Area) -> None:
        for month in area.months:
            for left, relation, right in area_rules(area, month):
                sums = [sum(area.values[place] for place in side) for side in (left, right)]
                signs = {
                    Relation.AT_MOST: [1] if sums[0] <= sums[1] else [],
                    Relation.AT_LEAST: [-1] if sums[0] >= sums[1] else [],
                    Relation.EQUAL: [1, -1] if sums[0] == sums[1] else [],
                    Relation.WITH: [],
                }[relation]
                for sign in signs:
                    row: dict[int, float] = defaultdict(float)
                    for place in left:
                        row[self.column(area, place)] += sign
                    for place in right:
                        row[self.column(area, place)] -= sign
                    self.at_most.append((dict(row), 0))
                is_above = any(self.bounds[self.column(area, place)][0] > 0 for place in left)
                if relation is Relation.WITH and is_above and sums[1]:
                    self.at_most.append(({self.column(area, place): -1.0 for place in right}, -1))

    @cached_property
    def programme(self) -> Programme:
        def matrix(rows: list[dict[int, float]]) -> np.ndarray:
            filled = np.zeros((len(rows), len(self.bounds)))
            for number, row in enumerate(rows):
                for column, factor in row.items():
                    filled[number, column] = factor
            return filled

        given = {}
        if self.equal:
            given |= {"A_eq": matrix(self.equal), "b_eq": np.zeros(len(self.equal))}
        if self.at_most:
            given |= {"A_ub": matrix([row for row, _ in self.at_most]), "b_ub": [limit for _, limit in self.at_most]}
        return Programme([(least, min(most, BEYOND)) for least, most in self.bounds], **given)

    def width(self, unknown: Unknown, enough: float) -> float:
        if unknown not in self.places:
            return math.inf
        aim = np.zeros(len(self.bounds))
        aim[self.places[unknown]] = 1
        return self.programme.width(aim, enough)


def area_rules(area: Area, month: Month) -> Iterable[tuple[list[Place], Relation, list[Place]]]:
    """Each rule of a month, written out, where it has a figure for each count."""
    for rule in area.rules:
        codes = {key[0] for _, key in area.values}
        assert rule.indicators <= codes
        named = {key[1] for _, key in area.values if key[0] in rule.indicators and key[1]}
        for category in sorted(named) if rule.each_category else [None]:
            sides = []
            for side in (rule.left, rule.right):
                places = [
                    (month.previous if term.is_before else month, (term.indicator, category or term.category))
                    for term in side
                ]
                sides.append([place for place in places if place in area.values])
            # A category that an indicator doesn't have counts none there; a month before the first isn't known.
            if all(not term.is_before or month.previous in area.months for term in rule.terms) and all(sides):
                yield sides[0], rule.relation, sides[1]


@dataclass
class Tally(Attacked):
    exposed: int = 0
    known: int = 0
    holes: list[str] = field(default_factory=list)


def attack(issued: list[Issued], tally: Tally) -> None:
    """Attack all editions together. Each small count of the last has to be as unknown as its rule asks, or no better
    known than before, or than by the rules alone."""
    area, withheld = issued[-1].area, issued[-1].withheld
    every = {month: frozenset(key for when, key in area.values if when == month) for month in area.months}
    now, before, nothing = (
        TiedAttack(editions) for editions in (issued, issued[:-1], [*issued[:-1], Issued(area, every)])
    )
    for place, value in area.values.items():
        tally.withheld += area.is_public(place) and place[1] in withheld[place[0]]
        tally.shown += area.is_public(place) and place[1] not in withheld[place[0]]
        apart = wanted(value, area.protected_by[place[1][0]])
        # A breakdown's total is its whole's count, and no secret of its own.
        if not apart or (place[1][0] in area.breakdowns and not place[1][1]):
            continue
        tally.small += 1
        width = now.width((place, value), apart)
        tally.least = min(tally.least, width)
        if width < apart and all(width < other.width((place, value), apart) for other in (before, nothing)):
            tally.exposed += 1
            tally.known += width == 0
            tally.holes.append(f"{place}: {width} wide, and should be {apart}")


def attack_random(
    make: Callable[[random.Random], Area],
    correct: Callable[[Area, random.Random], Area],
    *,
    editions: int,
    **knows: bool,
) -> Tally:
    """Attack random areas, each with so many editions of which the last are corrected. `knows` is what the gate knows.
    ATTACKS multiplies how many areas there are."""
    tally = Tally()
    for seed in range(150 * ATTACKS // editions):
        chance = random.Random(seed)
        area, issued = make(chance), []
        for _ in range(editions):
            if (withheld := publish(area, issued, **knows)) is not None:
                issued.append(Issued(area, withheld))
                attack(issued, tally)
            area = correct(area, chance)
    return tally


# --- What is attacked


def random_area(chance: random.Random) -> Area:
    """Indicators split alike, each a little more than the one before; parts; a register and what is added to it."""
    usual: Rule = chance.choice((Suppress(), Suppress(), Suppress(3), Suppress(8), Round(), Show(), Withhold()))
    size = chance.choice((0, 2, 3, 4, 5))
    codes = [f"count-{number}" for number in range(chance.choice((2, 2, 3)))]
    categories = [f"{number}" for number in range(size)]
    months = [OCTOBER] if chance.random() < 0.5 else [OCTOBER, NOVEMBER]
    wholes = {"part": "count-1"} if chance.random() < 0.4 else {}
    values: dict[Place, int] = {}
    for month in months:
        below = dict.fromkeys(categories, 0) or {"": 0}
        for code in codes:
            below = {
                category: value + chance.choice((0, 0, 1, chance.randint(0, 6), chance.randint(0, 20)))
                for category, value in below.items()
            }
            values |= {(month, (code, category)): value for category, value in below.items()}
            values[month, (code, "")] = sum(below.values())
        if wholes:
            part = {category: chance.randint(0, value) for category, value in below.items()}
            part = {category: min(value, values[month, ("count-1", category)]) for category, value in part.items()}
            values |= {(month, ("part", category)): value for category, value in part.items()}
            values[month, ("part", "")] = sum(part.values())
    register = chance.randint(0, 9)
    for month in months:
        added = chance.randint(0, 5)
        values[month, ("added", "")] = added
        register = max(register + added - chance.randint(0, 4), 0)
        values[month, ("register", "")] = register
    rules = [across("at-most", [less], [more], each_category=bool(size)) for less, more in pairwise(codes)]
    rules.append(across("at-most", ["register"], ["register@month-before", "added"]))
    some = [f"{code}.{category}" if category else code for _, (code, category) in list(values)]
    for _ in range(chance.choice((0, 1, 2, 3))):
        terms = chance.sample(sorted(set(some)), k=chance.choice((2, 3)))
        relation = chance.choice(("at-most", "at-least", "equal", "with"))
        rules.append(across(relation, terms[:1], terms[1:]))
    protected_by = {code: usual if chance.random() < 0.8 else Suppress() for _, (code, _) in values}
    return Area(values, wholes, protected_by, tuple(rules))


def across(relation: str, left: list[str], right: list[str], *, each_category: bool = False) -> AcrossFigures:
    return AcrossFigures(
        code="rule",
        name="A rule",
        left=tuple(map(Term.parse, left)),
        relation=Relation(relation),
        right=tuple(map(Term.parse, right)),
        why="It is so.",
        strength=Strength.STRICT,
        each_category=each_category,
    )


def corrected(area: Area, chance: random.Random) -> Area:
    """The same area with a figure corrected."""
    values = dict(area.values)
    leaves = [place for place in values if place[1][1] or place[1][0] in ("register", "added")]
    place = chance.choice(leaves)
    month, (code, category) = place
    change = max(values[place] + chance.choice((-3, -1, 1, 2, 6)), 0) - values[place]
    values[place] += change
    if category:
        values[month, (code, "")] += change
    if code in area.wholes and values[month, (code, "")] > values[month, (area.wholes[code], "")]:
        return area
    return replace(area, values=values)


# --- A reader who knows the algorithm


def split(amount: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (amount,)
        return
    for first in range(amount + 1):
        yield from ((first, *others) for others in split(amount - first, parts - 1))


def up_to(most: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Each way to have so many counts that are so many at most together."""
    for amount in range(most + 1):
        yield from split(amount, parts)


def whole(code: str, counts: Sequence[int]) -> dict[Key, int]:
    """An indicator with its categories."""
    return {(code, str(number)): count for number, count in enumerate(counts)} | {(code, ""): sum(counts)}


def read_pattern(
    areas: Iterable[Area], below: int, *, knows_rules: bool = True, knows_breakdowns: bool = True
) -> tuple[int, list[str]]:
    """Publish each area that there could be, and compare those that look the same. Return how many small counts there
    are, and those of which fewer values remain than a figure has that stands alone: 1 to `below` − 1."""
    alike: dict[View, list[Area]] = defaultdict(list)
    for area in areas:
        withheld = publish(area, knows_rules=knows_rules, knows_breakdowns=knows_breakdowns)
        assert withheld is not None
        view = tuple(
            (place, None if place[1] in withheld[place[0]] else value)
            for place, value in sorted(area.values.items())
            if area.is_public(place)
        )
        alike[view].append(area)
    small, narrow = 0, []
    for view, worlds in alike.items():
        for place in [place for place, value in view if value is None]:
            values = [area.values[place] for area in worlds]
            those = sum(0 < value < below for value in values)
            small += those
            if those and max(values) - min(values) < below - 2:
                narrow.append(f"{place[1]} is one of {sorted(set(values))}: {view}")
    return small, narrow
