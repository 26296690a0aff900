"""Protection of tables by hand: each kind of table that is easy to get wrong. The attack is a test of its own."""

import itertools
import random

import pytest

from indicators.protection import Protected, Round, Suppress, Table, exposed, protect
from indicators.protection.attacker import Attacker
from indicators.protection.suppression import Scale
from tests.attacker import FLAGS, make_table, random_table

RULE = Suppress()


def withheld(table: Table, protected: Protected) -> set[tuple[int, int]]:
    height, width = len(table.rows), len(table.columns)
    shown = {(row, column): count for row, counts in enumerate(protected.values) for column, count in enumerate(counts)}
    shown |= {(row, width): count for row, count in enumerate(protected.row_totals or ())}
    shown |= {(height, column): count for column, count in enumerate(protected.column_totals or ())}
    if table.grand_total:
        shown[height, width] = protected.grand_total
    return {place for place, count in shown.items() if count is None}


# --- Suppression


@pytest.mark.parametrize("flags", FLAGS)
def test_a_table_without_small_counts_is_shown_as_it_is(flags):
    table = make_table([[5, 9], [0, 7]], flags)
    rows, columns, grand = flags
    assert protect(table, RULE) == Protected(
        values=((5, 9), (0, 7)),
        row_totals=(14, 7) if rows else None,
        column_totals=(5, 16) if columns else None,
        grand_total=21 if grand else None,
    )


@pytest.mark.parametrize("flags", FLAGS)
def test_zeros_alone_are_shown_with_their_totals(flags):
    protected = protect(make_table([[0, 0], [0, 0], [0, 0]], flags), RULE)
    assert protected.values == ((0, 0), (0, 0), (0, 0))
    assert protected.row_totals == ((0, 0, 0) if flags[0] else None)
    assert protected.column_totals == ((0, 0) if flags[1] else None)
    assert protected.grand_total == (0 if flags[2] else None)


def test_a_lone_small_cell_goes_with_three_others_in_a_ring():
    table = make_table([[3, 12, 9], [20, 30, 8], [11, 7, 40]])
    gone = withheld(table, protect(table, RULE))
    assert (0, 0) in gone
    assert len(gone) == 4
    assert len({row for row, _ in gone}) == len({column for _, column in gone}) == 2
    assert (0, 3) not in gone  # and no total


# How many go with a lone small cell, for each choice of totals: none where nothing sums; one more of the row where
# only rows sum (or of the column); one anywhere where only the whole is known; two totals where that isn't known.
@pytest.mark.parametrize(
    ("flags", "number"),
    [
        ((False, False, False), 1),
        ((True, False, False), 2),
        ((False, True, False), 2),
        ((False, False, True), 2),
        ((True, False, True), 2),
        ((False, True, True), 2),
        ((True, True, False), 3),
        ((True, True, True), 4),
    ],
)
def test_only_what_sums_needs_others(flags, number):
    table = make_table([[3, 12, 9], [20, 30, 8], [11, 7, 40]], flags)
    assert len(withheld(table, protect(table, RULE))) == number


def test_the_cells_that_go_too_are_large_enough_to_hide_it():
    """A 1 beside others of 2 in a ring could be 1 or 2 only: not what is wanted of 5."""
    table = make_table([[1, 5, 30], [5, 5, 30], [30, 30, 30]])
    gone = withheld(table, protect(table, RULE))
    attacker = Attacker(table.grid())
    for place in gone:
        attacker.learn(place, 1)
    assert attacker.interval((0, 0))[0] >= 4


def test_a_row_whose_only_count_is_small_loses_its_total_too():
    table = make_table([[3, 0, 0], [20, 30, 8], [11, 7, 40]])
    protected = protect(table, RULE)
    assert protected.values[0] == (None, 0, 0)
    assert protected.row_totals[0] is None
    assert len(withheld(table, protected)) == 4


@pytest.mark.parametrize("values", [[[3, 8, 20]], [[3], [8], [20]], [[1, 0, 0]], [[4, 4, 4, 4]], [[1, 1, 1]]])
@pytest.mark.parametrize("flags", FLAGS)
def test_a_single_row_or_column_is_protected(values, flags):
    table = make_table(values, flags)
    gone = withheld(table, protect(table, RULE))
    assert {place for place in table.places() if 1 <= table.grid()[place[0]][place[1]] < 5} <= gone
    assert exposed(table, RULE, gone) == []


def test_a_single_small_count_is_withheld_with_every_total():
    assert protect(make_table([[2]]), RULE) == Protected(((None,),), (None,), (None,), None)


def test_ones_alone_can_only_be_withheld_with_all_their_totals():
    """Six cells of at least 1 that sum to 6 are six ones."""
    assert protect(make_table([[1, 1, 1], [1, 1, 1]]), RULE) == Protected(
        ((None,) * 3,) * 2, (None, None), (None,) * 3, None
    )


def test_small_counts_that_hide_each_other_take_no_others_with_them():
    table = make_table([[4, 4, 10], [4, 4, 10], [10, 10, 10]])
    assert withheld(table, protect(table, RULE)) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_a_small_total_is_withheld():
    protected = protect(make_table([[1, 2], [60, 70]], (True, False, False)), RULE)
    assert protected.row_totals == (None, 130)
    assert protected.values == ((None, None), (60, 70))


def test_the_same_table_gets_the_same_answer():
    table = random_table(random.Random(3), (12, 6))
    assert protect(table, RULE) == protect(table, RULE)


def test_what_was_withheld_before_stays_withheld_but_for_zeros():
    table = make_table([[30, 12], [0, 40]])
    assert withheld(table, protect(table, RULE, also=[(0, 1), (1, 0), (2, 2)])) == {(0, 1), (2, 2)}
    assert withheld(table, protect(table, Round(), also=[(0, 1), (1, 0), (2, 2)])) == {(0, 1), (2, 2)}


def test_the_audit_names_what_is_shown_or_can_be_worked_out():
    table = make_table([[3, 12, 9], [20, 30, 8], [11, 7, 40]])
    assert exposed(table, RULE, []) == [(0, 0)]
    assert exposed(table, RULE, [(0, 0)]) == [(0, 0)]
    assert exposed(table, RULE, [(0, 0), (0, 1), (1, 0), (1, 1)]) == []


# --- The attacker's arithmetic, against trying everything


@pytest.mark.parametrize("seed", range(20))
def test_an_interval_is_what_trying_every_table_finds(seed):
    chance = random.Random(seed)
    grid = make_table([[chance.randint(0, 4) for _ in range(3)] for _ in range(2)]).grid()
    ranges = {
        (row, column): (max(count - chance.randint(0, 2), 0), count + chance.randint(0, 2))
        for row, counts in enumerate(grid)
        for column, count in enumerate(counts)
    }
    attacker = Attacker(grid)
    for place, known in ranges.items():
        attacker.learn(place, *known)
    possible = []
    cells = [place for place in ranges if place[0] < 2 and place[1] < 3]
    for counts in itertools.product(*(range(ranges[place][0], ranges[place][1] + 1) for place in cells)):
        other = make_table([list(counts[:3]), list(counts[3:])]).grid()
        if all(least <= other[row][column] <= most for (row, column), (least, most) in ranges.items()):
            possible.append(other)
    assert grid in possible
    for row, column in ranges:
        values = {other[row][column] for other in possible}
        assert attacker.interval((row, column))[0] == max(values) - min(values) == len(values) - 1


# --- Rounding


@pytest.mark.parametrize(
    ("count", "shown"), [(0, 0), (1, None), (7, None), (8, 10), (12, 10), (13, 15), (17, 15), (18, 20), (1000, 1000)]
)
def test_counts_to_7_are_withheld_and_others_rounded_to_5(count, shown):
    assert Scale(Round()).shown(count) == shown


@pytest.mark.parametrize(("base", "count", "shown"), [(4, 10, 12), (4, 9, 8), (10, 15, 20), (10, 14, 10), (3, 13, 12)])
def test_halfway_goes_up(base, count, shown):
    assert Scale(Round(suppress_to=3, base=base)).shown(count) == shown


@pytest.mark.parametrize("suppress_to", range(3, 21))
@pytest.mark.parametrize("base", range(3, 21))
def test_each_figure_stands_for_three_counts_or_more(suppress_to, base):
    scale = Scale(Round(suppress_to, base))
    figures: dict[int | None, list[int]] = {}
    for count in range(1, 200):
        figures.setdefault(scale.shown(count), []).append(count)
    assert 0 not in figures
    assert set(range(1, suppress_to + 1)) <= set(figures[None])
    for figure in sorted(figures, key=str)[:-1]:
        if figure != 200 // base * base and figure != scale.shown(199):
            assert len(figures[figure]) >= 3
            assert scale.meaning(figures[figure][0]) == (figures[figure][0], figures[figure][-1])


def test_totals_are_rounded_from_true_sums():
    """Three nines are shown as 10, 10, 10 and 25."""
    assert protect(make_table([[9, 9, 9]]), Round()) == Protected(((10, 10, 10),), (25,), (10, 10, 10), 25)


def test_a_total_that_would_give_its_parts_away_is_withheld():
    """Four cells shown as 10 are at most 12 each; a total shown as 50 would be at least 48."""
    protected = protect(make_table([[12, 12, 12, 12], [60, 70, 80, 90]]), Round())
    assert protected.row_totals == (None, 300)
    assert protected.values[0] == (10, 10, 10, 10)


@pytest.mark.parametrize("count", [1, 7])
def test_a_total_of_many_small_counts_is_withheld_whatever_it_is(count):
    """Six small counts whose total is withheld as small would be ones and at most a 2."""
    protected = protect(make_table([[count] * 6], (True, False, False)), Round())
    assert protected == Protected(((None,) * 6,), (None,), None, None)


@pytest.mark.parametrize("flags", FLAGS)
def test_zeros_are_shown_when_rounding(flags):
    protected = protect(make_table([[0, 0], [0, 30]], flags), Round())
    assert protected.values == ((0, 0), (0, 30))
    assert protected.row_totals == ((0, 30) if flags[0] else None)


# --- Slips of a caller


@pytest.mark.parametrize("values", [(), ((1, 2),), ((1,), (2, 3)), ((1, -1), (2, 3))])
def test_a_table_that_is_none_is_refused(values):
    with pytest.raises(ValueError, match=r"\.$"):
        Table(("one", "two"), ("one", "two"), values)
