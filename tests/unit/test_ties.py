"""Rules across figures under attack: what do they reveal of a count that is withheld? ATTACKS=100 attacks so many times
the areas of a run of the tests."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from indicators.protection.families import Key
from indicators.protection.rules import Suppress
from indicators.validation import Rule, Strength
from tests.tie_attacker import (
    NOVEMBER,
    OCTOBER,
    Area,
    across,
    attack_random,
    corrected,
    publish,
    random_area,
    read_pattern,
    up_to,
    whole,
)

BELOW, MOST = 5, 9
GROUPS = across("at-most", ["groups"], ["lines"], each_category=True)


@pytest.mark.parametrize("editions", [1, 3])
def test_no_small_count_is_known_better_than_its_rule_allows(editions: int):
    tally = attack_random(random_area, corrected, editions=editions, knows_rules=True)
    assert tally.small > 1000
    assert tally.shown > tally.withheld / 2
    assert tally.holes == []


def test_the_attacker_finds_holes_where_the_gate_knows_no_rules():
    tally = attack_random(random_area, corrected, editions=1, knows_rules=False)
    assert tally.exposed > 20
    assert tally.known > 5


# --- Who knows the algorithm


def october(rules: Rule, counts: dict[Key, int], wholes: dict[str, str] | None = None) -> Area:
    return Area(
        {(OCTOBER, key): value for key, value in counts.items()},
        wholes or {},
        defaultdict(lambda: Suppress(BELOW)),
        (rules,),
    )


def arrests(categories: int, most: int) -> Iterator[Area]:
    """Possession with intent by children is among the drug arrests of children."""
    rule = across("at-most", ["pwits"], ["drugs.0"])
    for counts in up_to(most, categories):
        for children in range(counts[0] + 1):
            yield october(rule, {("pwits", ""): children} | whole("drugs", counts))


def lines(origins: int, most: int) -> Iterator[Area]:
    for counts in up_to(most, origins):
        for groups in product(*(range(count + 1) for count in counts)):
            yield october(GROUPS, whole("lines", counts) | whole("groups", groups))


def sums(relation: str) -> Iterator[Area]:
    rule = across(relation, ["both"], ["one", "other"])
    for one, other in product(range(MOST + 1), repeat=2):
        for both in range(one + other + 1) if relation == "at-most" else [one + other]:
            yield october(rule, {("one", ""): one, ("other", ""): other, ("both", ""): both})


def parts() -> Iterator[Area]:
    """A rule on a category of a part, which no page shows."""
    rule = across("at-most", ["count"], ["part.0"])
    for *counts, beside in up_to(MOST, 3):
        for count in range(counts[0] + 1):
            values = {("count", ""): count, ("whole", ""): sum(counts) + beside} | whole("part", counts)
            yield october(rule, values, {"part": "whole"})


def registers() -> Iterator[Area]:
    rule = across("at-most", ["register"], ["register@month-before", "added"])
    for before, added in product(range(MOST + 1), repeat=2):
        for now in range(before + added + 1):
            values = {
                (OCTOBER, ("register", "")): before,
                (NOVEMBER, ("register", "")): now,
                (OCTOBER, ("added", "")): 0,
                (NOVEMBER, ("added", "")): added,
            }
            yield Area(values, {}, defaultdict(lambda: Suppress(BELOW)), (rule,))


# Areas with more than these aren't tried: a count that is withheld with its total may only look narrower for it.
PATTERNS = {
    "arrests of two ages": lambda: arrests(2, MOST + 4),
    "arrests of three ages": lambda: arrests(3, MOST + 1),
    "lines from two places": lambda: lines(2, MOST + 3),
    "lines from three places": lambda: lines(3, MOST - 1),
    "at most a sum": lambda: sums("at-most"),
    "equal to a sum": lambda: sums("equal"),
    "a register": registers,
}


@pytest.mark.parametrize("areas", PATTERNS.values(), ids=PATTERNS)
def test_the_pattern_tells_no_more_of_a_small_count_than_that_it_is_small(areas):
    """Which a figure that stands alone tells too."""
    small, narrow = read_pattern(areas(), BELOW)
    assert small > 80
    assert narrow == []
    assert read_pattern(areas(), BELOW, knows_rules=False)[1] != []


def test_categories_of_parts_stay_unknown_too():
    small, narrow = read_pattern(parts(), BELOW)
    assert small > 500
    assert narrow == []


# --- By hand


def show(area: Area) -> dict[str, int | None]:
    withheld = publish(area)
    assert withheld is not None
    return {
        f"{code}.{category}".strip("."): None if (code, category) in withheld[month] else value
        for (month, (code, category)), value in area.values.items()
    }


def test_a_count_that_a_rule_would_reveal_takes_what_is_tied_to_it_along():
    """Six groups run at least six lines from London, so of eight lines at most two are from Luton."""
    area = october(GROUPS, whole("lines", [6, 2]) | whole("groups", [6, 0]))
    assert show(area) == {"lines.0": None, "lines.1": None, "lines": 8, "groups.0": None, "groups.1": 0, "groups": None}


def test_a_rule_that_reveals_nothing_takes_nothing_along():
    area = october(GROUPS, whole("lines", [12, 2]) | whole("groups", [5, 0]))
    assert show(area) == {"lines.0": None, "lines.1": None, "lines": 14, "groups.0": 5, "groups.1": 0, "groups": 5}


def test_a_doubtful_rule_and_one_that_the_figures_break_reveal_nothing():
    """Nine of six can't be, so a reader who knows it learns that something is wrong, and nothing of the two."""
    counts = {("pwits", ""): 9} | whole("drugs", [6, 2])
    rule = across("at-most", ["pwits"], ["drugs.0"])
    assert show(october(rule, counts))["pwits"] == 9
    kept = {("pwits", ""): 5} | whole("drugs", [6, 2])
    assert show(october(rule, kept))["pwits"] is None
    assert show(october(replace(rule, strength=Strength.DOUBTFUL), kept))["pwits"] == 5


# --- Fast


def busy(chance: random.Random) -> Area:
    """36 months of lines and groups from eight places, arrests of six ages, and a register that looks back."""
    values = {}
    month, register = NOVEMBER + -35, 20
    for _ in range(36):
        lines = [chance.choice((0, 0, 1, 2, 3, 5, 8, 12)) for _ in range(8)]
        ages = [chance.choice((0, 1, 2, 4, 6, 9)) for _ in range(6)]
        added = chance.randint(0, 5)
        register = max(register + added - chance.randint(0, 5), 0)
        counts = whole("lines", lines) | whole("groups", [chance.randint(0, count) for count in lines])
        counts |= whole("drugs", ages) | {("pwits", ""): chance.randint(0, ages[0])}
        counts |= {("register", ""): register, ("added", ""): added}
        values |= {(month, key): value for key, value in counts.items()}
        month = month.next
    rules = (
        GROUPS,
        across("at-most", ["pwits"], ["drugs.0"]),
        across("at-most", ["register"], ["register@month-before", "added"]),
    )
    return Area(values, {}, defaultdict(lambda: Suppress(BELOW)), rules)


def test_36_busy_months_take_at_most_a_tenth_of_a_second_each():
    area = busy(random.Random(36))
    begun = time.process_time()
    publish(area)
    assert time.process_time() - begun < 3.6
