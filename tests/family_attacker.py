"""An attacker on all the editions of a month together, who shares no arithmetic with what protects them: one
linear programme over every count that any edition was made of, by scipy.

A count that truly didn't change is one unknown in all editions, so the attacker knows even what stayed the same.
And the months that are attacked.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from indicators.protection.families import Count, Earlier, Key, Protection, protect_month
from indicators.protection.rules import Round, Rule, Show, Suppress, Withhold
from tests.attacker import Attacked, Programme, rounded_meaning

type Unknown = tuple[Key, int]  # a count, and what it truly is
type Protect = Callable[[dict[Key, Count], dict[str, str]], Protection]

BEYOND = 10_000  # further than anybody looks
THREE_VALUES = 2  # apart, of a rounded count


@dataclass(frozen=True)
class Edition:
    """A month as it truly is, and the rule of each indicator. `retired` has counts that are summed still but
    asked for no more."""

    values: dict[Key, int]
    rules: dict[str, Rule]
    retired: frozenset[Key] = frozenset()
    withheld: frozenset[Key] = frozenset()

    def rule(self, key: Key) -> Rule:
        return self.rules[key[0]]

    def is_small(self, key: Key) -> bool:
        """Whether the count's own rule withholds it."""
        value, rule = self.values[key], self.rule(key)
        if isinstance(rule, Round):
            return 0 < value <= rounded_meaning(rule, None, is_total=False)[1]
        return isinstance(rule, Withhold) or (isinstance(rule, Suppress) and 0 < value < rule.below)

    def said(self, key: Key) -> tuple[float, float]:
        """What the edition says of a count by itself."""
        value, rule = self.values[key], self.rule(key)
        if key in self.retired:
            return 0, math.inf
        if key in self.withheld:
            return (0 if isinstance(rule, Withhold) or value == 0 else 1), math.inf
        if isinstance(rule, Round) and value:
            figure = rule.base * math.floor(value / rule.base + 0.5)
            return rounded_meaning(rule, figure, is_total=True)
        return value, value


def wanted(value: int, rule: Rule) -> int:
    """How far apart the least and the greatest must be that remain possible."""
    match rule:
        case Suppress(below):
            return below - 1 if 0 < value < below else 0
        case Round():
            return THREE_VALUES if value else 0
        case Withhold():
            return 4
        case _:
            return 0


def sums_of(edition: Edition, wholes: dict[str, str], known: set[Key]) -> list[tuple[Key, list[Key], bool]]:
    """Each total of an edition with what it is the sum of, and whether there is more in it that nobody counts, or
    not yet. What has parts that are more than itself sums to nothing."""
    found = []
    for code in [code for code, category in edition.values if not category]:
        categories = [key for key in edition.values if key[0] == code and key[1]]
        parts = [(part, "") for part, whole in wholes.items() if whole == code and (part, "") in edition.values]
        for keys in (categories, parts):
            rest = edition.values[code, ""] - sum(edition.values[key] for key in keys)
            if keys and rest >= 0:
                late = {key for key in known - edition.values.keys() if is_within(key, keys, wholes)}
                found.append(((code, ""), keys, rest > 0 or bool(late)))
    return found


def is_within(key: Key, keys: list[Key], wholes: dict[str, str]) -> bool:
    """Whether a count would be one of such."""
    code, category = keys[0]
    return (key[0] == code and bool(key[1])) if category else (not key[1] and wholes.get(key[0]) == wholes[code])


class JointAttack:
    """The linear programme over editions of one month."""

    def __init__(self, editions: list[Edition], wholes: dict[str, str]) -> None:
        self.places: dict[Unknown, int] = {}
        self.bounds: list[tuple[float, float]] = []
        for edition in editions:
            for key, value in edition.values.items():
                self.learn((key, value), edition.said(key))
        rows, known = [], {key for edition in editions for key in edition.values}
        for edition in editions:
            for total, keys, has_more in sums_of(edition, wholes, known):
                row = {self.places[total, edition.values[total]]: -1.0}
                row |= {self.places[key, edition.values[key]]: 1.0 for key in keys}
                if has_more:
                    row[len(self.bounds)] = 1.0
                    self.bounds.append((0, math.inf))
                rows.append(row)
        self.sums = np.zeros((len(rows), len(self.bounds)))
        for number, row in enumerate(rows):
            for place, sign in row.items():
                self.sums[number, place] = sign

    def learn(self, unknown: Unknown, said: tuple[float, float]) -> None:
        place = self.places.setdefault(unknown, len(self.bounds))
        if place == len(self.bounds):
            self.bounds.append((0, math.inf))
        least, most = self.bounds[place]
        self.bounds[place] = max(least, said[0]), min(most, said[1])

    @cached_property
    def programme(self) -> Programme:
        sums = {"A_eq": self.sums, "b_eq": np.zeros(len(self.sums))} if len(self.sums) else {}
        return Programme([(least, min(most, BEYOND)) for least, most in self.bounds], **sums)

    def width(self, unknown: Unknown, enough: float = math.inf) -> float:
        """How far apart the least and the greatest are that remain possible; or less, but `enough`."""
        if unknown not in self.places:
            return math.inf
        aim = np.zeros(len(self.bounds))
        aim[self.places[unknown]] = 1
        width = self.programme.width(aim, enough)
        return width if width < BEYOND / 2 else math.inf


@dataclass
class FamilyTally(Attacked):
    months: int = 0
    editions: int = 0
    stopped: int = 0

    def __str__(self) -> str:
        ratio = self.withheld / max(self.small, 1)
        return (
            f"{self.months:,} months attacked in {self.editions:,} editions with {self.small:,} counts to keep; "
            f"each interval at least {self.least:g} wide; {self.withheld:,} withheld and {self.shown:,} shown, "
            f"{ratio:.2f} withheld for each to keep; {self.stopped:,} editions weren't published"
        )


def earlier_of(issued: list[Edition], key: Key) -> tuple[Earlier, ...]:
    """Each thing that was said of a count, once."""
    found = {
        Earlier(one.values[key], one.rule(key), key in one.withheld): None
        for one in issued
        if key in one.values and key not in one.retired
    }
    return tuple(found)


def publish(
    edition: Edition, issued: list[Edition], wholes: dict[str, str], protect: Protect = protect_month
) -> tuple[Edition, Protection]:
    counts = {}
    for key, value in edition.values.items():
        earlier = earlier_of(issued, key)
        if key not in edition.retired:
            counts[key] = Count(value, edition.rule(key), earlier=earlier)
        elif earlier:
            counts[key] = Count(earlier[-1].value, earlier[-1].rule, is_asked=False, earlier=earlier)
    found = protect(counts, wholes)
    return replace(edition, withheld=found.withheld), found


def attack(
    editions: list[Edition],
    wholes: dict[str, str],
    tally: FamilyTally,
    protect: Protect = protect_month,
) -> None:
    """Publish one edition after another, and attack all of them after each."""
    issued: list[Edition] = []
    tally.months += 1
    for edition in editions:
        made, found = publish(edition, issued, wholes, protect)
        assert issued or not found.exposed, (found.exposed, edition, wholes)
        if found.exposed:
            tally.stopped += 1
            continue
        now, before = JointAttack([*issued, made], wholes), JointAttack(issued, wholes)
        issued.append(made)
        tally.editions += 1
        tally.withheld += len(made.withheld)
        tally.shown += len(made.values) - len(made.retired | made.withheld)
        to_keep: dict[Unknown, int] = {}
        for one in issued:
            for key in one.values.keys() - one.retired:
                unknown = key, one.values[key]
                apart = wanted(unknown[1], one.rule(key)) if one is made or one.is_small(key) else 0
                to_keep[unknown] = max(apart, to_keep.get(unknown, 0))
        for unknown, apart in to_keep.items():
            if not apart:
                continue
            width = now.width(unknown, apart)
            assert width >= apart or width >= before.width(unknown), (unknown, width, apart, issued, wholes)
            tally.small += unknown[1] == made.values.get(unknown[0])
            if width >= apart:
                tally.least = min(tally.least, width)


# --- What is attacked

RULES: tuple[Rule, ...] = (
    Suppress(5),
    Suppress(5),
    Suppress(3),
    Suppress(10),
    Round(),
    Round(5, 5),
    Show(),
    Withhold(),
)


class Town:
    """A family of a whole with categories and parts, parts of parts too, whose figures and rules change."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.wholes: dict[str, str] = {}
        self.codes = ["whole"]
        for number in range(chance.choice((0, 0, 1, 2, 3, 4))):
            self.wholes[f"part-{number}"] = chance.choice(self.codes) if chance.random() < 0.3 else "whole"
            self.codes.append(f"part-{number}")
        usual = chance.choice(RULES)
        self.rules = {code: usual if chance.random() < 0.7 else chance.choice(RULES) for code in self.codes}
        sizes = {code: chance.choice((0, 2, 3, 4, 8)) if chance.random() < 0.5 else 0 for code in self.codes}
        if not self.wholes:
            sizes["whole"] = chance.randint(0, 8)
        self.leaves = {(code, f"{number}"): count(chance) for code in self.codes for number in range(sizes[code])}
        self.rests = {code: count(chance) if chance.random() < 0.4 else 0 for code in self.codes}
        self.late = {key for key in self.leaves if chance.random() < 0.1}
        self.retired: set[Key] = set()

    def edition(self) -> Edition:
        there = {key: value for key, value in self.leaves.items() if key not in self.late}
        values = added_up(self.codes, self.wholes, there, self.rests)
        return Edition(values, dict(self.rules), frozenset(self.retired & values.keys()))

    def change(self) -> None:
        changes = (self.correct, self.correct_several, self.move, self.arrive, self.rule, self.retire, lambda: None)
        self.chance.choice(changes)()

    def correct(self) -> None:
        if self.leaves and self.chance.random() < 0.7:
            self.leaves[self.chance.choice(list(self.leaves))] = count(self.chance)
        else:
            self.rests[self.chance.choice(self.codes)] = count(self.chance)

    def correct_several(self) -> None:
        for _ in range(3):
            self.correct()

    def move(self) -> None:
        """From one category to another, so that the total stays."""
        if self.leaves:
            source = self.chance.choice(list(self.leaves))
            target = self.chance.choice([key for key in self.leaves if key[0] == source[0]])
            moved = self.chance.randint(0, self.leaves[source])
            self.leaves[source] -= moved
            self.leaves[target] += moved

    def arrive(self) -> None:
        self.late = set()

    def rule(self) -> None:
        self.rules[self.chance.choice(self.codes)] = self.chance.choice(RULES)

    def retire(self) -> None:
        if self.leaves:
            self.retired.add(self.chance.choice(list(self.leaves)))


def random_month(chance: random.Random) -> tuple[list[Edition], dict[str, str]]:
    """A family in up to four editions."""
    town = Town(chance)
    editions = [town.edition()]
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        town.change()
        editions.append(town.edition())
    return editions, town.wholes


def count(chance: random.Random) -> int:
    return chance.choice((0, chance.randint(0, 6), chance.randint(1, 12), chance.randint(0, 40)))


def added_up(codes: list[str], wholes: dict[str, str], leaves: dict[Key, int], rests: dict[str, int]) -> dict[Key, int]:
    """Every count: the categories, and each indicator as their sum, or as that of its parts with a rest."""
    values = dict(leaves)
    for code in reversed(codes):
        parts = sum(values[part, ""] for part, whole in wholes.items() if whole == code)
        categories = [leaves[key] for key in leaves if key[0] == code]
        values[code, ""] = max(sum(categories), parts) if categories else parts + rests[code]
    return values
