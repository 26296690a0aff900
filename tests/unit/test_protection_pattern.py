"""Does the pattern of gaps tell what the gaps hide? A reader who knows the rule and the code tries all counts
that would have given exactly this pattern. PATTERNS=1000 tries so many tables for each rule and mean."""

import os
import random
from collections.abc import Callable
from math import exp

import pytest

from indicators.protection import Suppress, Table, protect
from indicators.protection.families import Count, Earlier, protect_month
from tests.pattern_reader import Pattern, Reader, Values

PATTERNS = int(os.environ.get("PATTERNS", "150"))
MOST_FOR_A_SMALL_ONE = 1.9


def draw(chance: random.Random, mean: float) -> int:
    """By Poisson's distribution (Knuth's way)."""
    least, product, count = exp(-mean), chance.random(), 0
    while product > least:
        product, count = product * chance.random(), count + 1
    return count


def as_categories(rule: Suppress) -> Callable[[Values], Pattern]:
    """An indicator and its categories, as public editions have them."""

    def see(values: Values) -> Pattern:
        counts = {("x", ""): Count(sum(values), rule)}
        counts |= {("x", str(place)): Count(value, rule) for place, value in enumerate(values)}
        found = protect_month(counts, {})
        assert not found.exposed
        return frozenset(int(category) if category else None for _, category in found.withheld)

    return see


def as_row(rule: Suppress) -> Callable[[Values], Pattern]:
    """A table of one row, as `protect_table` gets it."""

    def see(values: Values) -> Pattern:
        table = Table(("row",), tuple(map(str, range(len(values)))), (values,))
        found = protect(table, rule)
        assert found.row_totals == (found.grand_total,)
        assert found.column_totals == found.values[0]
        gaps: set[int | None] = {place for place, value in enumerate(found.values[0]) if value is None}
        return frozenset(gaps | {None} if found.grand_total is None else gaps)

    return see


def as_column(rule: Suppress) -> Callable[[Values], Pattern]:
    def see(values: Values) -> Pattern:
        table = Table(tuple(map(str, range(len(values)))), ("column",), tuple((value,) for value in values))
        found = protect(table, rule)
        gaps: set[int | None] = {place for place, (value,) in enumerate(found.values) if value is None}
        return frozenset(gaps | {None} if found.column_totals == (None,) else gaps)

    return see


@pytest.mark.parametrize("kind", [as_categories, as_row, as_column])
@pytest.mark.parametrize(("below", "mean"), [(3, 1), (3, 4), (5, 1), (5, 4), (5, 8), (8, 4), (8, 8)])
def test_the_pattern_leaves_small_counts_unknown(kind, below: int, mean: int):
    chance, reader = random.Random(below * 100 + mean), Reader(kind(Suppress(below)))
    small = withheld = 0
    for _ in range(PATTERNS):
        values = tuple(draw(chance, mean) for _ in range(chance.choice((2, 3, 4, 5))))
        mine = [place for place, value in enumerate(values) if 1 <= value < below]
        above = sum(value > 0 for value in values)
        enough = below - 1 if above > 1 else below - 2
        for place, width in reader.find_widths(values, mine, enough=enough).items():
            assert width >= enough, (values, sorted(map(str, reader.see(values))), place)
        small, withheld = small + len(mine), withheld + len(reader.see(values) - {None})
    assert small > PATTERNS / 4
    if (below, mean) == (5, 4):
        assert withheld / small <= MOST_FOR_A_SMALL_ONE


def test_nor_where_a_total_counts_something_beside_its_parts():
    """An indicator that has others as its parts, as juveniles have those from inside and outside the town."""
    rule, chance = Suppress(), random.Random(77)

    def see(values: Values) -> Pattern:
        parts = values[:-1]
        counts = {("all", ""): Count(sum(values), rule)}
        counts |= {(str(place), ""): Count(value, rule) for place, value in enumerate(parts)}
        withheld = protect_month(counts, dict.fromkeys(map(str, range(len(parts))), "all")).withheld
        return frozenset(None if code == "all" else int(code) for code, _ in withheld)

    reader = Reader(see, has_rest=True)
    for _ in range(PATTERNS):
        mean = chance.choice((2, 4, 6))
        parts = [draw(chance, mean) for _ in range(chance.choice((2, 3, 4)))]
        values = (*parts, chance.choice((0, draw(chance, 2), draw(chance, 6))))
        enough = 4 if sum(part > 0 for part in parts) > 1 else 3
        mine = [place for place, part in enumerate(parts) if 1 <= part < 5]
        for place, width in reader.find_widths(values, mine, enough=enough).items():
            assert width >= enough, (values, place)


def test_a_search_for_the_cheapest_gaps_does_tell(monkeypatch):
    """The reader is a real one: without the groups it finds what they are for."""
    monkeypatch.setattr("indicators.protection.families.add_groups", lambda family, forced: forced)
    chance, reader = random.Random(5), Reader(as_categories(Suppress()))
    narrow = small = 0
    for _ in range(60):
        values = tuple(draw(chance, 4) for _ in range(chance.choice((3, 4, 5))))
        mine = [place for place, value in enumerate(values) if 1 <= value < 5]
        widths = reader.find_widths(values, mine, enough=4).values()
        small, narrow = small + len(widths), narrow + sum(width < 4 for width in widths)
    assert narrow / small > 0.2


def test_another_edition_of_the_month_has_the_same_gaps():
    chance, rule = random.Random(9), Suppress()
    for _ in range(PATTERNS):
        values = {str(place): draw(chance, 4) for place in range(chance.choice((2, 3, 4, 5)))}
        counts = {("x", ""): Count(sum(values.values()), rule)}
        counts |= {("x", name): Count(value, rule) for name, value in values.items()}
        first = protect_month(counts, {}).withheld
        again = {
            key: Count(count.value, rule, earlier=(Earlier(count.value, rule, key in first),))
            for key, count in counts.items()
        }
        assert protect_month(again, {}).withheld == first
