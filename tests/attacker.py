"""An attacker on protected tables, who shares no code with what protects them: linear programmes, by scipy.

Knows what is shown and which rule made it, never the true table. And the tables that are attacked.
"""

import math
import random
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp

from indicators.protection import Protected, Round, Shown, Suppress, Table

SHAPES = ((12, 6), (4, 3), (12, 15), (6, 4), (3, 2))
FLAGS = [(rows, columns, grand) for rows in (True, False) for columns in (True, False) for grand in (True, False)]
type Interval = tuple[float, float]
BEYOND = 1000  # how far above anything shown the attacker looks


def make_table(values: list[list[int]], flags: tuple[bool, bool, bool] = (True, True, True)) -> Table:
    rows = tuple(f"row {number}" for number in range(len(values)))
    columns = tuple(f"column {number}" for number in range(len(values[0])))
    return Table(rows, columns, tuple(map(tuple, values)), *flags)


def random_table(chance: random.Random, shape: tuple[int, int]) -> Table:
    """Small counts of one of several kinds: even, dense, or many small and few large, as real ones are."""
    most = chance.choice((9, 20, 20, 30))
    kinds = [
        lambda: chance.randint(0, most),
        lambda: int(chance.expovariate(1 / most)),
        lambda: chance.randint(1, most),
    ]
    kind = chance.choice(kinds)
    return make_table([[kind() for _ in range(shape[1])] for _ in range(shape[0])])


@dataclass
class Attacked:
    """What an attack on published figures found, for the test report: how many counts had to be kept, and how narrow
    they were seen to be at least."""

    small: int = 0
    withheld: int = 0
    shown: int = 0
    least: float = math.inf


@dataclass
class Tally:
    """What was attacked, for the test report."""

    tables: int = 0
    small_cells: int = 0
    small_totals: int = 0
    withheld_cells: int = 0
    withheld_totals: int = 0
    least: float = math.inf  # that intervals were seen to be wide

    def __str__(self) -> str:
        ratio = self.withheld_cells / max(self.small_cells, 1)
        return (
            f"{self.tables:,} tables attacked with {self.small_cells:,} small cells and {self.small_totals:,} small "
            f"totals; each interval at least {self.least:g} wide; {self.withheld_cells:,} cells and "
            f"{self.withheld_totals:,} totals withheld, {ratio:.2f} cells for each small cell"
        )


class Programme:
    """The linear programme over all that an attacker knows. Each point that satisfies it is kept: what is possible of
    one sum often shows how far apart another can be, which then needn't be asked for."""

    def __init__(self, bounds: list[tuple[float, float]], **sums: np.ndarray | list[float] | None) -> None:
        # Two programmes stand beside each other in one, which have nothing else in common: for the least and for the
        # greatest. Most of the time goes to asking, not to solving.
        self.bounds = bounds * 2
        self.sums = {
            name: None if each is None else np.kron(np.eye(2), each) if np.ndim(each) == 2 else np.tile(each, 2)
            for name, each in sums.items()
        }
        self.points: list[np.ndarray] = []

    def ends(self, aim: np.ndarray) -> Interval:
        """The least and the greatest that a sum can be."""
        answer = linprog(np.concatenate([aim, -aim]), bounds=self.bounds, method="highs", **self.sums)
        assert answer.status == 0, answer.message
        least, greatest = np.split(answer.x, 2)
        self.points += [least, greatest]
        return float(aim @ least), float(aim @ greatest)

    def width(self, aim: np.ndarray, enough: float = math.inf) -> float:
        """How far these are apart; or less, but `enough`, where two points show that already."""
        seen = np.array(self.points) @ aim if self.points else np.zeros(1)
        apart = round(float(np.ptp(seen)), 6)
        if apart >= enough:
            return apart
        least, greatest = self.ends(aim)
        return round(greatest - least, 6)


class Attack:
    """The linear programmes over one protected table. A place is a row and a column, of which the last are
    the totals'."""

    def __init__(self, table: Table, protected: Protected, rule: Suppress | Round) -> None:
        self.height, self.width = len(table.rows), len(table.columns)
        self.rule = rule
        self.shown: dict[tuple[int, int], Shown] = {}
        for row, counts in enumerate(protected.values):
            for column, shown in enumerate(counts):
                self.shown[row, column] = shown
        for row, shown in enumerate(protected.row_totals or ()):
            self.shown[row, self.width] = shown
        for column, shown in enumerate(protected.column_totals or ()):
            self.shown[self.height, column] = shown
        if table.grand_total:
            self.shown[self.height, self.width] = protected.grand_total

    def is_total(self, place: tuple[int, int]) -> bool:
        return place[0] == self.height or place[1] == self.width

    def parts(self, place: tuple[int, int]) -> np.ndarray:
        """The place as a sum of cells."""
        sums = np.zeros((self.height, self.width))
        row, column = place
        sums[slice(None) if row == self.height else row, slice(None) if column == self.width else column] = 1
        return sums.ravel()

    @cached_property
    def ceiling(self) -> int:
        return max((shown for shown in self.shown.values() if shown), default=0) + BEYOND

    def meaning(self, place: tuple[int, int]) -> tuple[float, float]:
        """What the attacker knows of a place, from what is shown of it alone."""
        shown = self.shown[place]
        if isinstance(self.rule, Suppress):
            return (shown, shown) if shown is not None else (1, math.inf)
        return rounded_meaning(self.rule, shown, is_total=self.is_total(place))

    @cached_property
    def programme(self) -> Programme:
        bounds, sums, limits = [], [], []
        for place in self.shown:
            least, greatest = self.meaning(place)
            if not self.is_total(place):
                bounds.append((least, min(greatest, self.ceiling)))
                continue
            sums.append(-self.parts(place))
            limits.append(-least)
            if greatest < math.inf:
                sums.append(self.parts(place))
                limits.append(greatest)
        return Programme(bounds, A_ub=np.array(sums) if sums else None, b_ub=limits or None)

    def interval(self, place: tuple[int, int]) -> Interval:
        """The least and the greatest that is possible for a place."""
        return self.programme.ends(self.parts(place))

    def width_of(self, place: tuple[int, int], enough: float = math.inf) -> float:
        """How wide that is; or less, but `enough`."""
        return self.programme.width(self.parts(place), enough)


@cache
def rounded_meaning(rule: Round, shown: Shown, *, is_total: bool) -> tuple[float, float]:
    """By trying: which counts would be shown so? A total may be withheld for others' sake, whatever it is."""
    if shown == 0:
        return 0, 0
    if shown is None and is_total:
        return 1, math.inf
    counts = range(1, (shown or 0) + 100)
    figures: dict[int, set[int]] = {}
    for count in counts:
        figures.setdefault(rule.base * math.floor(count / rule.base + 0.5), set()).add(count)
    figures.pop(max(figures))  # not all that it stands for are among the counts
    withheld = {count for count in counts if count <= rule.suppress_to} | figures.get(0, set())
    # A figure that stands for fewer than three isn't shown.
    for meant in figures.values():
        if len(meant - withheld) < 3:
            withheld |= meant
    meant = withheld if shown is None else figures[shown] - withheld
    return min(meant), max(meant)


def small_places(table: Table, below: int) -> list[tuple[int, int]]:
    """The true small counts that are asked for: cells and totals."""
    grid = np.array(table.values)
    height, width = grid.shape
    counts = {(row, column): int(grid[row, column]) for row in range(height) for column in range(width)}
    if table.row_totals:
        counts |= {(row, width): int(total) for row, total in enumerate(grid.sum(axis=1))}
    if table.column_totals:
        counts |= {(height, column): int(total) for column, total in enumerate(grid.sum(axis=0))}
    if table.grand_total:
        counts[height, width] = int(grid.sum())
    return [place for place, count in counts.items() if 1 <= count < below]


def least_withheld(table: Table, below: int, costs: tuple[int, int]) -> int:
    """The least cost (of a cell, of a total) of any protection of a table with all its totals: an integer
    programme, in which each small count has two other tables that look the same, far enough apart."""
    grid = np.array(table.values)
    grid = np.vstack([grid, grid.sum(axis=0)])
    grid = np.hstack([grid, grid.sum(axis=1, keepdims=True)])
    height, width = grid.shape
    size, reach = grid.size, below - 1
    total = np.zeros(grid.shape, dtype=bool)
    total[-1, :] = total[:, -1] = True
    small = small_places(table, below)
    wide = size * (1 + 2 * len(small))
    is_small = np.zeros(grid.shape, dtype=bool)
    for place in small:
        is_small[place] = True
    least = np.concatenate([is_small.ravel().astype(float), np.full(wide - size, -reach)])
    greatest = np.concatenate([(grid > 0).ravel().astype(float), np.full(wide - size, reach)])
    falls = np.minimum(np.where(total, grid, np.maximum(grid - 1, 0)), reach).ravel()
    unit, rows = np.eye(size), []
    sums = np.zeros((height + width, size)).reshape(height + width, height, width)
    for row in range(height):
        sums[row, row, :-1], sums[row, row, -1] = 1, -1
    for column in range(width):
        sums[height + column, :-1, column], sums[height + column, -1, column] = 1, -1
    constraints = []
    for number in range(2 * len(small)):
        start = size * (1 + number)
        block = np.zeros((size, wide))
        block[:, start : start + size] = unit
        rises, drops = block.copy(), block.copy()
        rises[:, :size] = -reach * unit
        drops[:, :size] = np.diag(falls)
        added = np.zeros((height + width, wide))
        added[:, start : start + size] = sums.reshape(height + width, size)
        constraints += [
            LinearConstraint(rises, -np.inf, 0),
            LinearConstraint(drops, 0, np.inf),
            LinearConstraint(added, 0, 0),
        ]
    for number, (row, column) in enumerate(small):
        apart = np.zeros(wide)
        apart[size * (1 + 2 * number) + row * width + column] = 1
        apart[size * (2 + 2 * number) + row * width + column] = -1
        rows.append(apart)
    if not rows:
        return 0
    cost = np.concatenate([np.where(total, costs[1], costs[0]).ravel(), np.zeros(wide - size)])
    integers = np.concatenate([np.ones(size), np.zeros(wide - size)])
    found = milp(
        cost,
        constraints=[*constraints, LinearConstraint(np.array(rows), reach, np.inf)],
        bounds=(least, greatest),
        integrality=integers,
    )
    assert found.success, found.message
    return round(found.fun)
