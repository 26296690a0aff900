"""Protected tables under attack: what can be worked out from what is shown? ATTACKS=1000 attacks so many random
tables of each shape; a run of the tests only a few."""

import os
import random
import statistics
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.protection import Protected, Round, Suppress, Table, protect
from indicators.protection.rules import arrange
from indicators.protection.suppression import CELL_COST, TOTAL_COST
from tests.attacker import (
    FLAGS,
    SHAPES,
    Attack,
    Tally,
    least_withheld,
    make_table,
    random_table,
    small_places,
)

ATTACKS = int(os.environ.get("ATTACKS", "6"))
RULE = Suppress(below=5)
flags = st.sampled_from(FLAGS)


@st.composite
def tables(draw: st.DrawFn, most: int = 30) -> Table:
    height, width = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    count = st.integers(0, 6) | st.integers(0, most)
    row = st.lists(count, min_size=width, max_size=width)
    return make_table(draw(st.lists(row, min_size=height, max_size=height)), draw(flags))


def check_shown(table: Table, protected: Protected) -> None:
    """What is shown is true, a zero always, a small count never, and totals that weren't asked for not."""
    for row, counts in zip(protected.values, table.values, strict=True):
        for shown, count in zip(row, counts, strict=True):
            check_count(shown, count)
    rows, columns = [sum(row) for row in table.values], [sum(column) for column in zip(*table.values, strict=True)]
    for asked, totals, true in (
        (table.row_totals, protected.row_totals, rows),
        (table.column_totals, protected.column_totals, columns),
    ):
        assert (totals is not None) == asked
        for shown, count in zip(totals or (), true if asked else (), strict=True):
            check_count(shown, count)
    if table.grand_total:
        check_count(protected.grand_total, sum(rows))
    else:
        assert protected.grand_total is None


def check_count(shown: int | None, count: int) -> None:
    if count == 0:
        assert shown == 0
    elif count < RULE.below:
        assert shown is None
    else:
        assert shown in (None, count)


def attack(table: Table, tally: Tally) -> None:
    protected = protect(table, RULE)
    check_shown(table, protected)
    attacker = Attack(table, protected, RULE)
    small = small_places(table, RULE.below)
    for place in small:
        width = attacker.width_of(place, RULE.below - 1)
        assert width >= RULE.below - 1, (table, place, attacker.interval(place))
        tally.least = min(tally.least, width)
    withheld = [place for place, shown in attacker.shown.items() if shown is None]
    if not small:
        assert withheld == []
    elif len(small) == 1:
        assert len(withheld) <= 4
    tally.tables += 1
    tally.small_totals += sum(map(attacker.is_total, small))
    tally.small_cells += len(small) - sum(map(attacker.is_total, small))
    tally.withheld_totals += sum(map(attacker.is_total, withheld))
    tally.withheld_cells += len(withheld) - sum(map(attacker.is_total, withheld))


def test_small_counts_of_any_table_stay_unknown(tally):
    @settings(max_examples=25 * ATTACKS, deadline=None)
    @given(table=tables())
    @example(table=make_table([[1, 1, 1], [1, 1, 1]]))
    @example(table=make_table([[1]]))
    @example(table=make_table([[1, 0, 0], [0, 9, 8], [0, 7, 6]]))
    def hold(table: Table) -> None:
        attack(table, tally)

    hold()
    assert tally.small_cells > 0


def test_small_counts_of_many_tables_stay_unknown_and_few_others_go(tally):
    chance = random.Random(2026)
    for shape in SHAPES:
        for _ in range(ATTACKS):
            attack(random_table(chance, shape), tally)
    assert tally.tables == len(SHAPES) * ATTACKS
    assert tally.withheld_cells / tally.small_cells <= 1.75
    assert (tally.withheld_cells + tally.withheld_totals) / (tally.small_cells + tally.small_totals) <= 1.75
    assert RULE.below - 1 <= tally.least < 100


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [1, 4])
def test_a_lone_small_cell_takes_three_others_with_it(shape, count):
    chance = random.Random(count)
    for _ in range(ATTACKS):
        values = [[chance.randint(5, 30) for _ in range(shape[1])] for _ in range(shape[0])]
        values[chance.randrange(shape[0])][chance.randrange(shape[1])] = count
        tally = Tally()
        attack(make_table(values), tally)
        assert tally.small_cells == 1
        assert tally.withheld_cells + tally.withheld_totals == 4


@pytest.mark.parametrize("below", [2, 3, 10, 20])
def test_other_limits_hold_too(below):
    chance = random.Random(below)
    for _ in range(ATTACKS):
        table = make_table([[chance.randint(0, 2 * below) for _ in range(4)] for _ in range(6)], chance.choice(FLAGS))
        attacker = Attack(table, protect(table, Suppress(below)), Suppress(below))
        for place in small_places(table, below):
            assert attacker.width_of(place, below - 1) >= below - 1


# --- The attacker is a real one


def primary_only(table: Table) -> Protected:
    return arrange(table, [[None if 1 <= count < RULE.below else count for count in counts] for counts in table.grid()])


def test_the_attacker_recovers_what_only_itself_is_withheld():
    """Small counts alone in their rows: each is its total less the others."""
    chance = random.Random(9)
    values = [[chance.randint(5, 30) for _ in range(6)] for _ in range(12)]
    for row in range(9):
        values[row][chance.randrange(6)] = chance.randint(1, 4)
    table = make_table(values)
    attacker = Attack(table, primary_only(table), RULE)
    small = small_places(table, RULE.below)
    assert len(small) == 9
    for row, column in small:
        assert attacker.interval((row, column)) == pytest.approx((values[row][column],) * 2)


def test_the_attacker_finds_leaks_of_most_random_tables_without_secondary_suppression():
    chance = random.Random(1)
    leaks = 0
    for _ in range(ATTACKS):
        table = random_table(chance, (12, 6))
        attacker = Attack(table, primary_only(table), RULE)
        leaks += any(attacker.width_of(place) < RULE.below - 1 for place in small_places(table, RULE.below))
    assert leaks > ATTACKS / 2


def test_what_was_possible_before_never_makes_an_interval_wider_than_it_is():
    chance = random.Random(2)
    narrow = 0
    for _ in range(ATTACKS):
        table = random_table(chance, (6, 4))
        for protected in (primary_only(table), protect(table, RULE)):
            attacker = Attack(table, protected, RULE)
            for place in attacker.shown:
                width = Attack(table, protected, RULE).width_of(place)
                assert width >= (seen := attacker.width_of(place, RULE.below - 1))
                assert seen >= min(width, RULE.below - 1)
                narrow += 0 < width < RULE.below - 1
    assert narrow


# --- Sparing, and fast


def test_hardly_more_is_withheld_than_by_the_least_protection_that_there_is():
    """On tables whose small counts are few, so that it matters which others go with them."""
    chance = random.Random(4)
    ours = least = 0
    for _ in range(ATTACKS):
        table = make_table([[chance.randint(0, 25) for _ in range(4)] for _ in range(6)])
        attacker = Attack(table, protect(table, RULE), RULE)
        withheld = [place for place, shown in attacker.shown.items() if shown is None]
        cost = sum(TOTAL_COST if attacker.is_total(place) else CELL_COST for place in withheld)
        optimum = least_withheld(table, RULE.below, (CELL_COST, TOTAL_COST))
        assert cost >= optimum
        ours, least = ours + cost, least + optimum
    assert 0 < least <= ours <= 1.02 * least


def test_a_table_of_12_by_15_takes_at_most_a_fifth_of_a_second():
    chance = random.Random(15)
    times = []
    for _ in range(9):
        table = random_table(chance, (12, 15))
        begun = time.process_time()
        protect(table, RULE)
        times.append(time.process_time() - begun)
    assert statistics.median(times) <= 0.2


# --- Rounding


def attack_rounded(table: Table, rule: Round) -> None:
    attacker = Attack(table, protect(table, rule), rule)
    grid = table.grid()
    for place in attacker.shown:
        count = grid[place[0]][place[1]]
        least, greatest = attacker.meaning(place)
        assert least <= count <= greatest, (table, place)
        if count:
            assert attacker.width_of(place, 2) >= 2, (table, place)


@settings(max_examples=15 * ATTACKS, deadline=None)
@given(
    table=tables(most=60),
    rule=st.sampled_from([Round(), Round(), Round(5, 5), Round(3, 3), Round(7, 10), Round(4, 20)]),
)
def test_three_values_remain_possible_for_whatever_is_rounded_or_withheld(table, rule):
    attack_rounded(table, rule)


def test_three_values_remain_possible_in_rounded_tables_of_many_shapes():
    chance = random.Random(3)
    for shape in SHAPES:
        for _ in range(max(ATTACKS // 6, 1)):
            attack_rounded(random_table(chance, shape), Round())


def test_the_attacker_finds_the_leak_of_totals_that_are_rounded_and_all_shown():
    """Four cells shown as 10 are 8 to 12 each; a total shown as 50 is at least 48: so all are 12."""
    table = make_table([[12, 12, 12, 12]])
    naive = Protected(values=((10, 10, 10, 10),), row_totals=(50,), column_totals=(10, 10, 10, 10), grand_total=50)
    assert Attack(table, naive, Round()).interval((0, 0)) == pytest.approx((12, 12))
    protected = protect(table, Round())
    assert protected == Protected(((10, 10, 10, 10),), (None,), (10, 10, 10, 10), None)
