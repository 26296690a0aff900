"""Months of families under attack, in all their editions at once: what can be worked out from what was ever shown?
ATTACKS=1000 attacks so many times the months of a run of the tests."""

import os
import random
import statistics
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.protection.families import Count, Earlier, Family, Key, Protection, protect_month
from indicators.protection.rules import Round, Rule, Show, Suppress, Withhold
from tests.family_attacker import RULES, Edition, FamilyTally, Protect, attack, random_month

ATTACKS = int(os.environ.get("ATTACKS", "6"))
MOST_STOPPED = 0.02  # of editions, in this mixture of rules that change

WHOLE, TOTAL = ("whole", ""), ("total", "")


def of_total(**values: int) -> dict[Key, int]:
    """A total with its categories."""
    return {TOTAL: sum(values.values())} | {("total", name): value for name, value in values.items()}


@st.composite
def corrected(draw: st.DrawFn) -> list[Edition]:
    """A total with categories, corrected up to three times, under rules that change."""
    size = draw(st.integers(1, 6))
    figure = st.integers(0, 6) | st.integers(0, 30)
    values = {f"{number}": draw(figure) for number in range(size)}
    rule, editions = draw(st.sampled_from(RULES)), []
    for _ in range(draw(st.integers(1, 4))):
        editions.append(Edition(of_total(**values), {"total": rule}))
        values = values | draw(st.dictionaries(st.sampled_from(sorted(values)), figure, max_size=2))
        rule = draw(st.just(rule) | st.sampled_from(RULES))
    return editions


def test_small_counts_stay_unknown_whatever_is_corrected(family_tally):
    @settings(max_examples=25 * ATTACKS)
    @given(editions=corrected())
    def hold(editions: list[Edition]) -> None:
        attack(editions, {}, family_tally)

    hold()
    assert family_tally.small > 0


def test_small_counts_stay_unknown_in_families_of_any_shape(family_tally):
    for seed in range(50 * ATTACKS):
        attack(*random_month(random.Random(seed)), family_tally)
    assert family_tally.small > 400
    assert 2 <= family_tally.least < 10
    assert family_tally.withheld / family_tally.small <= 1.25
    assert family_tally.stopped / family_tally.editions <= MOST_STOPPED


def test_three_values_remain_possible_of_rounded_months_that_are_corrected(family_tally):
    """With no small count in them, so that what is corrected may be shown."""
    chance = random.Random(7)
    for _ in range(25 * ATTACKS):
        rule, most = chance.choice((Round(), Round(5, 5), Round(4, 3))), chance.choice((14, 20, 40))
        values = {f"{number}": chance.randint(8, most) for number in range(chance.randint(2, 5))}
        editions = []
        for _ in range(chance.randint(2, 4)):
            editions.append(Edition(of_total(**values), {"total": rule}))
            values = values | {chance.choice(list(values)): chance.randint(8, most)}
        attack(editions, {}, family_tally)
    assert family_tally.least >= 2
    assert family_tally.shown > 2 * family_tally.withheld


# --- Holes that were found, and closed

HOLES: dict[str, tuple[list[Edition], dict[str, str]]] = {
    # By the first edition a + b = 6; the whole leaves room for two more.
    "a zero becomes small beneath a whole that stays": (
        [
            Edition({WHOLE: 8} | of_total(a=3, b=3, c=0), {"whole": Show(), "total": Suppress()}),
            Edition({WHOLE: 8} | of_total(a=3, b=3, c=2), {"whole": Show(), "total": Suppress()}),
        ],
        {"total": "whole"},
    ),
    # The rest was known: that all of it is one category wasn't.
    "what is always withheld comes late": (
        [
            Edition({TOTAL: 20, ("total", "a"): 12}, {"total": Suppress()}),
            Edition({TOTAL: 20, ("total", "a"): 12, ("total", "b"): 8}, {"total": Withhold()}),
        ],
        {},
    ),
    "a whole of 0 has a part that is always withheld": (
        [Edition({WHOLE: 0, ("part", ""): 0}, {"whole": Suppress(), "part": Withhold()})],
        {"part": "whole"},
    ),
    # All that isn't a is c, by the second edition.
    "a milder rule shows what gives away a count withheld before": (
        [
            Edition({TOTAL: 20, ("total", "a"): 4}, {"total": Suppress()}),
            Edition({TOTAL: 20, ("total", "a"): 4, ("total", "c"): 16}, {"total": Show()}),
        ],
        {},
    ),
    "rounded counts become secret by a stricter rule": (
        [
            Edition(of_total(a=27, b=12, c=6, d=4, e=8), {"total": Round(5, 5)}),
            Edition(of_total(a=27, b=12, c=6, d=4, e=8), {"total": Suppress(10)}),
        ],
        {},
    ),
}


@pytest.mark.parametrize(("editions", "wholes"), HOLES.values(), ids=HOLES)
def test_a_hole_stays_closed(editions, wholes, family_tally):
    attack(editions, wholes, family_tally)


# --- The attacker is a real one


def only_small(counts: dict[Key, Count], wholes: dict[str, str]) -> Protection:
    """Each small count withheld, and nothing else."""
    return Protection(frozenset(key for key, count in counts.items() if count.is_primary), {}, ())


def forgetful(counts: dict[Key, Count], wholes: dict[str, str]) -> Protection:
    """As if what was withheld before didn't matter."""
    return protect_month({key: replace(count, earlier=()) for key, count in counts.items()}, wholes)


def finds_holes(protect: Protect, wanted: int = 1) -> bool:
    """Whether so many of some hundred months have one."""
    found = 0
    for seed in range(300):
        try:
            attack(*random_month(random.Random(seed)), FamilyTally(), protect)
        except AssertionError:
            found += 1
        if found == wanted:
            return True
    return False


def test_the_attacker_finds_holes_where_only_small_counts_are_withheld():
    assert finds_holes(only_small, 10)


def test_the_attacker_finds_holes_where_earlier_editions_are_forgotten():
    assert finds_holes(forgetful, 3)


def test_the_attacker_finds_a_hole_where_withheld_figures_come_back(monkeypatch):
    monkeypatch.setattr(Count, "was_withheld", False)
    assert finds_holes(protect_month)


def test_the_attacker_finds_a_hole_where_changed_figures_are_shown(monkeypatch):
    monkeypatch.setattr(Family, "is_changed", False)
    assert finds_holes(protect_month)


# --- Fast


def busy_month(chance: random.Random, rule: Rule) -> dict[Key, Count]:
    """Twelve indicators, one with 71 categories; most counts are small."""
    counts = {}
    for number in range(12):
        size = chance.choice((0, 4, 9)) if number else 71
        values = [chance.choice((0, 0, 1, 1, 2, 3, 4, 5, 7, 12)) for _ in range(size)]
        counts |= {(f"{number}", f"{place}"): Count(value, rule) for place, value in enumerate(values)}
        counts[f"{number}", ""] = Count(sum(values) or chance.randint(0, 40), rule)
    return counts


@pytest.mark.parametrize("rule", [Suppress(), Suppress(10), Round(), Withhold()])
def test_36_busy_months_take_at_most_a_second(rule):
    chance = random.Random(36)
    months, times = [busy_month(chance, rule) for _ in range(36)], []
    for counts in months:
        begun = time.process_time()
        found = protect_month(counts, {})
        times.append(time.process_time() - begun)
        again = {
            key: replace(count, earlier=(Earlier(count.value + chance.randint(0, 1), rule, key in found.withheld),))
            for key, count in counts.items()
        }
        begun = time.process_time()
        protect_month(again, {})
        times.append(time.process_time() - begun)
    assert 36 * statistics.mean(times) <= 1
