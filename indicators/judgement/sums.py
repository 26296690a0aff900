"""What do the months of a series come to? Running sums, so that any stretch of months costs the same.

A month's *root* is sqrt(y / s + 3/8), which turns a count into a number whose chance variation is 0.5 whatever its
size (F. J. Anscombe, 1948); s is the month's season factor, and a stretch's *exposure* the sum of s over its months
with a figure.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

SHIFT = 0.375
CHANCE = 0.5  # the standard deviation of the root of a count that varies by chance alone
TO_WIDTH = 1.128  # the mean moving range of two, in standard deviations (d2)


def root(count: float) -> float:
    return sqrt(count + SHIFT)


class Sums:
    """Of the months before each one: how many have figures, their counts (capped, see judge), exposure, roots and
    squares of roots, and how much successive roots differ, with how many pairs there are."""

    __slots__ = ("counts", "exposure", "figures", "moves", "pairs", "roots", "squares", "values")

    def __init__(self, months: int) -> None:
        self.values: list[float | None] = [None] * months  # the root of each month
        self.figures, self.pairs = [0] * (months + 1), [0] * (months + 1)
        self.counts, self.exposure = [0.0] * (months + 1), [0.0] * (months + 1)
        self.roots, self.squares = [0.0] * (months + 1), [0.0] * (months + 1)
        self.moves = [0.0] * (months + 1)

    def extended(self, months: int) -> "Sums":
        """A copy with room for more months."""
        other = Sums(0)
        other.values = [*self.values, *[None] * months]
        for name in ("figures", "pairs", "counts", "exposure", "roots", "squares", "moves"):
            sums = getattr(self, name)
            setattr(other, name, [*sums, *[type(sums[0])()] * months])
        return other

    def add(self, month: int, count: float | None, factor: float) -> None:
        """Add a month, whose sums before it stand. A month after it that was added already has to be added again."""
        after = month + 1
        before = self.values[month - 1] if month else None
        if count is None:
            self.values[month] = None
            self.figures[after], self.counts[after] = self.figures[month], self.counts[month]
            self.exposure[after], self.roots[after] = self.exposure[month], self.roots[month]
            self.squares[after] = self.squares[month]
            self.moves[after], self.pairs[after] = self.moves[month], self.pairs[month]
            return
        self.values[month] = value = sqrt(count / factor + SHIFT)
        self.figures[after], self.counts[after] = self.figures[month] + 1, self.counts[month] + count
        self.exposure[after], self.roots[after] = self.exposure[month] + factor, self.roots[month] + value
        self.squares[after] = self.squares[month] + value * value
        if before is None:
            self.moves[after], self.pairs[after] = self.moves[month], self.pairs[month]
        else:
            self.moves[after], self.pairs[after] = self.moves[month] + abs(value - before), self.pairs[month] + 1

    def width(self, start: int, end: int) -> float:
        """How much the roots of a stretch vary (SPEC R2): by chance, from month to month, or as a whole, whichever is
        most. It has at least two figures."""
        figures, pairs = self.figures[end] - self.figures[start], self.pairs[end] - self.pairs[start + 1]
        width = CHANCE
        if pairs:
            width = max(width, (self.moves[end] - self.moves[start + 1]) / pairs / TO_WIDTH)
        together = self.roots[end] - self.roots[start]
        variance = (self.squares[end] - self.squares[start] - together * together / figures) / (figures - 1)
        return sqrt(variance) if variance > width * width else width

    def mean(self, start: int, end: int) -> float:
        """A month's count, with its season taken out."""
        return (self.counts[end] - self.counts[start]) / (self.exposure[end] - self.exposure[start])

    def off(self, counted: float, exposed: float, start: int, end: int) -> tuple[float, float]:
        """How many are due in months of this exposure by the stretch from `start` to `end`, and how far the number
        that was counted lies from it, in roots: to be divided by the stretch's width (SPEC R5)."""
        base, exposure = self.counts[end] - self.counts[start], self.exposure[end] - self.exposure[start]
        share = exposed / exposure
        due = (base + SHIFT) * share
        return due, (sqrt(counted + SHIFT) - sqrt(due)) / sqrt(1 + share)


def moving_ranges(roots: Sequence[float | None]) -> list[float]:
    return [abs(after - before) for before, after in pairwise(roots) if before is not None and after is not None]
