"""What do the months of a series add up to? Running sums, which make any stretch of months cost the same.

A month's *root* is a number whose chance variation is known (`scales`), its season taken out. A stretch's *exposure* is
the sum of what its months with a figure are of, each times its season's factor where a season is one.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import sqrt

from indicators.judgement.scales import CHANCE, Scale

LEAST = 12  # figures, for anything to be compared with them
BASE = 36  # months at most that others are compared with
TO_WIDTH = 1.128  # the mean moving range of two, in standard deviations (d2)


type Behind = tuple[float, float, float]  # the counts, the exposure and the width of a stretch


class Entered:
    """A series as it was entered: its counts, None for a month without a figure, and what each is `of`. What that is
    counted in changes nothing: the first is 1 where the scale leaves it open."""

    def __init__(self, scale: Scale, values: Sequence[int | None], of: Sequence[float]) -> None:
        self.scale, self.values = scale, values
        self.unit = next((each for each in of if each), 1.0) if scale.has_unit else 1.0
        self.of = of if self.unit == 1 else [each / self.unit for each in of]
        self.gaps = scale.gaps(self.of)
        self.dues: list[float | None] = []  # of each month: see seasons
        known = [value is not None for value in values]
        self.sums = [0, *accumulate(value or 0 for value in values)]
        self.sums_of = [0.0, *accumulate(each * is_known for each, is_known in zip(self.of, known, strict=True))]

    def sum(self, start: int, end: int) -> int:
        return self.sums[end] - self.sums[start]


class Sums:
    """Of the months before each one: how many have figures, their counts (capped, see judge), exposure, what they are
    `of`, roots and squares of roots weighted by that, and how much successive roots differ, with how many pairs there
    are."""

    __slots__ = (
        "behinds",
        "counts",
        "exposure",
        "figures",
        "gaps",
        "level",
        "moves",
        "of",
        "pairs",
        "roots",
        "scale",
        "squares",
        "values",
        "weights",
        "widths",
    )

    def __init__(self, entered: Entered) -> None:
        months = len(entered.of)
        self.scale, self.of, self.gaps = entered.scale, entered.of, entered.gaps
        self.values: list[float | None] = [None] * months  # the root of each month
        self.figures, self.pairs = [0] * (months + 1), [0] * (months + 1)
        self.counts, self.exposure, self.weights = [0.0] * (months + 1), [0.0] * (months + 1), [0.0] * (months + 1)
        self.roots, self.squares = [0.0] * (months + 1), [0.0] * (months + 1)
        self.moves = [0.0] * (months + 1)
        # What was asked for of a stretch: it is asked for again and again.
        self.widths: dict[tuple[int, int], float] = {}
        self.level, self.behinds = 0, dict[int, Behind | None]()  # of one level, by the end

    def extended(self, entered: Entered) -> "Sums":
        """Return a copy with room for more months: those that were entered after its own."""
        other = Sums(entered)
        months = len(self.values)
        other.values[:months] = self.values
        for name in ("figures", "pairs", "counts", "exposure", "weights", "roots", "squares", "moves"):
            getattr(other, name)[: months + 1] = getattr(self, name)
        other.widths, other.level, other.behinds = self.widths.copy(), self.level, self.behinds.copy()
        return other

    def add(self, month: int, count: float | None, season: float) -> None:
        """Add the next month. One that was added before is added by `add_again`."""
        after = month + 1
        if count is None:
            self.values[month] = None
            self.figures[after], self.counts[after] = self.figures[month], self.counts[month]
            self.exposure[after], self.weights[after] = self.exposure[month], self.weights[month]
            self.roots[after], self.squares[after] = self.roots[month], self.squares[month]
            self.moves[after], self.pairs[after] = self.moves[month], self.pairs[month]
            return
        of = self.of[month]
        count, exposure, root = self.scale.take_out(count, of, season)
        weighted = of * root
        self.figures[after], self.counts[after] = self.figures[month] + 1, self.counts[month] + count
        self.exposure[after], self.weights[after] = self.exposure[month] + exposure, self.weights[month] + of
        self.roots[after], self.squares[after] = self.roots[month] + weighted, self.squares[month] + weighted * root
        before = self.values[month - 1] if month else None
        self.values[month] = root
        if before is None:
            self.moves[after], self.pairs[after] = self.moves[month], self.pairs[month]
        else:
            self.moves[after] = self.moves[month] + abs(root - before) * self.gaps[month]
            self.pairs[after] = self.pairs[month] + 1

    def add_again(self, first: int, counts: Sequence[float | None], seasons: Sequence[float]) -> None:
        """Add the months from `first` on, which have other counts or seasons now."""
        # These are of the sums that change now.
        self.widths.clear()
        self.behinds.clear()
        for month, (count, season) in enumerate(zip(counts, seasons, strict=True), first):
            self.add(month, count, season)

    def width(self, start: int, end: int) -> float:
        """Return how much the roots of a stretch vary (R2): by chance, from month to month, or as a whole, whichever is
        most. It has at least two figures."""
        stretch = start, end
        if stretch in self.widths:
            return self.widths[stretch]
        # The first month's difference from the one before it belongs to no pair of this stretch.
        figures, pairs = self.figures[end] - self.figures[start], self.pairs[end] - self.pairs[start + 1]
        width = CHANCE
        if pairs:
            moved = (self.moves[end] - self.moves[start + 1]) / pairs / TO_WIDTH
            if moved > width:
                width = moved
        together, weights = self.roots[end] - self.roots[start], self.weights[end] - self.weights[start]
        # A difference of large sums: its last bits may put it below 0, and then the width stays.
        variance = (self.squares[end] - self.squares[start] - together * together / weights) / (figures - 1)
        if variance > width * width:
            width = sqrt(variance)
        self.widths[stretch] = width
        return width

    def behind(self, level: int, end: int) -> Behind | None:
        """Return what months from `end` on are compared with (R4): at most BASE months before them of the level that
        starts at `level`; None if too few of those have figures."""
        if level != self.level:
            self.level, self.behinds = level, {}
        elif end in self.behinds:
            return self.behinds[end]
        base, found = max(level, end - BASE), None
        if self.figures[end] - self.figures[base] >= LEAST:
            counts, exposure = self.counts[end] - self.counts[base], self.exposure[end] - self.exposure[base]
            found = counts, exposure, self.width(base, end)
        self.behinds[end] = found
        return found

    def mean(self, start: int, end: int) -> float:
        """Return a month's count without its season, for an exposure of 1."""
        return (self.counts[end] - self.counts[start]) / (self.exposure[end] - self.exposure[start])

    def off(self, counted: float, exposed: float, start: int, end: int) -> tuple[float, float]:
        """Return how many the stretch from `start` to `end` makes due in months of this exposure. Also return how far
        the counted number is from that, in roots, to divide by the stretch's width (R5)."""
        return self.scale.off(
            counted, exposed, self.counts[end] - self.counts[start], self.exposure[end] - self.exposure[start]
        )


def moving_ranges(roots: Sequence[float | None], gaps: Sequence[float]) -> list[float]:
    """Return how far successive roots differ, as if each exposure were 1."""
    return [
        abs(after - before) * gap
        # The gap of a pair is its second month's.
        for (before, after), gap in zip(pairwise(roots), gaps[1:], strict=False)
        if before is not None and after is not None
    ]
