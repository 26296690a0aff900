"""Several breakdowns of one whole under attack: what do they reveal together of a count that is withheld? ATTACKS=14
attacks 2,100 random areas, and as many with corrections."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import pytest

from indicators.protection.families import Count, Key, protect_month
from indicators.protection.rules import Round, Rule, Show, Suppress, Withhold, strictest
from tests.tie_attacker import ATTACKS, OCTOBER, Area, across, attack_random, publish, read_pattern, split, whole

BELOW = 5
UNKNOWN = "unknown"


def share_out(chance: random.Random, amount: int, names: Sequence[str]) -> dict[str, int]:
    """Split an amount at random, unevenly: most are usually in one or two categories."""
    weights = [chance.random() ** 2 + 0.01 for _ in names]
    shared = dict.fromkeys(names, 0)
    for name in chance.choices(names, weights, k=amount):
        shared[name] += 1
    return shared


def random_area(chance: random.Random) -> Area:
    """Children with one to four breakdowns, of which some are unknown; sometimes split or with parts themselves, and
    tied to others by a rule."""
    usual: Rule = chance.choice((Suppress(), Suppress(), Suppress(3), Suppress(8), Round(), Show(), Withhold()))
    amount = chance.choice((chance.randint(0, 8), chance.randint(5, 20), chance.randint(10, 60)))
    values: dict[Key, int] = {("children", ""): amount}
    breakdowns = {f"by-{number}": "children" for number in range(chance.randint(1, 4))}
    splits = [*breakdowns, *(["children"] if chance.random() < 0.3 else [])]
    for code in splits:
        names = [*(f"{number}" for number in range(chance.randint(2, 5))), UNKNOWN]
        values |= {(code, name): value for name, value in share_out(chance, amount, names).items()}
        values[code, ""] = amount
    wholes = {}
    if chance.random() < 0.3:
        inside = chance.randint(0, amount)
        values |= {("inside", ""): inside, ("outside", ""): chance.randint(0, amount - inside)}
        wholes = {"inside": "children", "outside": "children"}
    rules = []
    if chance.random() < 0.4:
        values["assessed", ""] = chance.randint(0, amount)
        rules.append(across("at-most", ["assessed"], ["children"]))
    protected_by = {code: usual if chance.random() < 0.8 else Suppress() for code, _ in values}
    for code in breakdowns:
        # No rule of a breakdown is milder than its whole's (indicators.selectors.disclosure.Rules).
        own = Withhold() if chance.random() < 0.2 else protected_by[code]  # some are for partners only
        protected_by[code] = strictest([own, protected_by["children"]])
    return Area(
        {(OCTOBER, key): value for key, value in values.items()}, wholes, protected_by, tuple(rules), breakdowns
    )


def corrected(area: Area, chance: random.Random) -> Area:
    """The same area with a child more or fewer, in each breakdown and in the whole; or moved within a breakdown."""
    values = dict(area.values)
    codes = sorted({code for _, (code, category) in values if category})
    if chance.random() < 0.5:
        codes = [chance.choice(codes)]
        change = 0
    else:
        change = chance.choice((-1, 1, 2))
    for code in codes:
        places = sorted(place for place in values if place[1][0] == code and place[1][1])
        filled = [place for place in places if values[place] >= 1]
        if change < 0 and not filled:
            return area
        at = chance.choice(filled if change < 0 else places)
        if change:
            values[at] += change
        elif filled:
            values[chance.choice(filled)] -= 1
            values[at] += 1
    if change:
        for code in {"children", *area.breakdowns}:
            values[OCTOBER, (code, "")] += change
    parts = [values[OCTOBER, (part, "")] for part in area.wholes]
    is_whole = sum(parts) <= values[OCTOBER, ("children", "")]
    return replace(area, values=values) if is_whole and min(values.values()) >= 0 else area


@pytest.mark.parametrize("editions", [1, 3])
def test_no_small_count_is_known_better_than_its_rule_allows(editions: int):
    tally = attack_random(random_area, corrected, editions=editions)
    assert tally.small > 800
    assert tally.shown > tally.withheld / 3
    assert tally.holes == []


def test_the_attacker_finds_holes_where_the_gate_knows_no_breakdowns():
    tally = attack_random(random_area, corrected, editions=1, knows_breakdowns=False)
    assert tally.exposed > 20
    assert tally.known > 5


# --- Who knows the algorithm


def broken_down(amount: int, parts: Sequence[Sequence[int]]) -> Area:
    values: dict[Key, int] = {("children", ""): amount}
    for number, counts in enumerate(parts):
        values |= whole(f"by-{number}", counts)
    return Area(
        {(OCTOBER, key): value for key, value in values.items()},
        {},
        defaultdict(lambda: Suppress(BELOW)),
        (),
        {f"by-{number}": "children" for number in range(len(parts))},
    )


def every_area(most: int, *sizes: int) -> Iterator[Area]:
    for amount in range(most + 1):
        for parts in product(*(list(split(amount, size)) for size in sizes)):
            yield broken_down(amount, parts)


# With n counts above 0, a total that is withheld is at most T − 1 + n: areas with more look different.
PATTERNS = [(8, (3, 3)), (7, (2, 2, 3))]
LARGE_PATTERNS = [(14, (3, 3)), (11, (3, 4)), (8, (3, 3, 3))] if ATTACKS > 1 else []


@pytest.mark.parametrize(("most", "sizes"), [*PATTERNS, *LARGE_PATTERNS])
def test_the_pattern_tells_no_more_of_a_small_count_than_that_it_is_small(most: int, sizes: tuple[int, ...]):
    small, narrow = read_pattern(every_area(most, *sizes), BELOW)
    assert small > 500
    assert narrow == []


# --- By hand


def count(values: dict[Key, int], rules: dict[str, Rule] | None = None) -> dict[Key, Count]:
    return {key: Count(value, (rules or {}).get(key[0], Suppress(BELOW))) for key, value in values.items()}


SEX = {"by-sex": "children"}
BOTH = SEX | {"by-care": "children"}


def test_each_breakdown_hides_its_small_counts_by_itself_where_the_whole_is_shown():
    values = whole("by-sex", [6, 6, 1]) | whole("by-care", [0, 13, 0]) | {("children", ""): 13}
    found = protect_month(count(values), {}, breakdowns=BOTH)
    assert found.withheld == {("by-sex", "1"), ("by-sex", "2")}
    assert found.exposed == {}


def test_a_total_that_one_breakdown_has_to_hide_takes_the_others_along():
    """Six less two unknown leave too little of sex for the total to be shown. In care adds up to six too."""
    values = whole("by-sex", [2, 2, 2]) | whole("by-care", [0, 6, 0]) | {("children", ""): 6}
    found = protect_month(count(values), {}, breakdowns=BOTH)
    assert found.withheld == {
        *((code, "") for code in ("children", "by-sex", "by-care")),
        *(("by-sex", name) for name in "012"),
        ("by-care", "1"),
    }


def test_a_breakdown_for_partners_leaves_its_whole_public():
    values = whole("by-sex", [6, 6, 1]) | {("children", ""): 13}
    found = protect_month(count(values, {"by-sex": Withhold()}), {}, breakdowns=SEX)
    assert ("children", "") not in found.withheld
    assert {key for key in values if key[0] == "by-sex"} <= found.withheld
    assert found.exposed == {}


def test_a_whole_of_none_would_say_that_each_group_is_none():
    values = whole("by-sex", [0, 0, 0]) | {("children", ""): 0}
    found = protect_month(count(values, {"by-sex": Withhold()}), {}, breakdowns=SEX)
    assert ("children", "") in found.withheld


def test_what_a_breakdown_without_all_its_figures_leaves_over_stays_unknown():
    """Of 13 children 12 are known by sex, and the rest awaits its figure: that one is it."""
    values: dict[Key, int] = {("children", ""): 13, ("by-sex", "0"): 6, ("by-sex", "1"): 6}
    found = protect_month(count(values), {}, breakdowns=SEX)
    assert found.withheld
    assert found.exposed == {}


def test_a_breakdown_that_contradicts_its_whole_is_protected_by_itself():
    values = whole("by-sex", [6, 6, 0]) | {("children", ""): 13}
    found = protect_month(count(values), {}, breakdowns=SEX)
    assert found.withheld == set()
    values = whole("by-sex", [6, 6, 1]) | {("children", ""): 14}
    assert protect_month(count(values), {}, breakdowns=SEX).withheld == {("by-sex", "1"), ("by-sex", "2")}


# --- Fast


def test_36_busy_months_take_at_most_a_tenth_of_a_second_each():
    chance = random.Random(36)
    names = [*map(str, range(5)), UNKNOWN]
    begun = time.process_time()
    for _ in range(36):
        amount = chance.randint(5, 30)
        parts = [list(share_out(chance, amount, names).values()) for _ in range(5)]
        publish(broken_down(amount, parts))
    assert time.process_time() - begun < 3.6
