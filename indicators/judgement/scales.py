"""The scales on which the months of a series are compared, so that chance is as wide on all of it. Pure.

A month has a count `of` so many: what a rate is per, what a share is a part of, and 1 for a count by itself. Its *root*
varies by chance with a standard deviation of 0.5 / sqrt(of), whatever the count: F. J. Anscombe's, 1948, of a Poisson
count, and of a binomial one. What a season does to a month, in `season`, is taken out and put back here.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate, pairwise
from math import asin, ceil, floor, pi, sin, sqrt

# Anscombe's 3/8.
SHIFT = 0.375
CHANCE = 0.5  # the standard deviation of a root by chance alone, where a month is of 1
SMALLEST = 0.2  # of a season's factor
NEARLY = 1e-9  # a limit that is a whole number but for its last bits is that number


class Roots:
    """Square roots of rates: Poisson counts with a known exposure. A season is a factor of what a month is of."""

    has_unit = True  # whether what months are of is counted in units of any size
    no_season = 1.0

    def root(self, count: float, of: float) -> float:
        return sqrt((count + SHIFT) / of)

    def count(self, root: float, of: float) -> float:
        """Return the count with this root, or the nearest one."""
        return of * root * root - SHIFT if root > 0 else -SHIFT

    def take_out(self, count: float, of: float, season: float) -> tuple[float, float, float]:
        """Return a month without its season: its count, its exposure and its root."""
        return count, of * season, sqrt((count / season + SHIFT) / of)

    def put_back(self, root: float, of: float, season: float) -> float:
        """Return the count of a month from its root without season."""
        return self.count(root, of) * season

    def usual(self, counts: float, exposure: float, of: float, season: float) -> float:
        """Return the count that a stretch with these counts makes likely for a month."""
        return counts * (of * season) / exposure

    def range(self, counts: float, exposure: float, width: float, of: float, season: float) -> tuple[float, float]:
        """Return the root that this stretch makes likely for a month, and how far chance and habit reach to each side,
        in single widths."""
        root = sqrt((counts + SHIFT) * season / exposure)
        return root, width * sqrt((1 + of * season / exposure) / of)

    def off(self, counted: float, exposed: float, counts: float, exposure: float) -> tuple[float, float]:
        """Return how many a stretch with these counts makes due in months of this exposure. Also return how far the
        counted number is from that, in roots, to divide by the stretch's width (R5)."""
        part = exposed / exposure
        due = (counts + SHIFT) * part
        return due, (sqrt(counted + SHIFT) - sqrt(due)) / sqrt(1 + part)

    def due(self, due: float, months: Iterable[tuple[float, float]]) -> float:
        """Return how many are due with each month's season, from its exposure and that season."""
        return due

    def rarer(self, count: float, of: float) -> float:
        """Return the count, or what is left of a share's whole, whichever is smaller."""
        return count

    def limits(self, least: float, most: float, of: float) -> tuple[float, float]:
        """Return the counts from one root to another."""
        return max(0.0, self.count(least, of)), self.count(most, of)

    def gaps(self, of: Sequence[float]) -> Sequence[float]:
        """Return, for each month, the factor for its root's difference from the one before. With it, chance makes the
        difference as wide as that of two months of 1."""
        return _gaps(of)

    def find_seasons(self, got: Sequence[float], due: Sequence[float], of: Sequence[float]) -> list[float] | None:
        """Return the season of each calendar month, from its count and the count due without a season; None where it
        can't be worked out."""
        # Months are divided by their factor, so it can't be 0.
        if not all(got) or not all(due):
            return None
        return [actual / expected for actual, expected in zip(got, due, strict=True)]

    def sure(self, got: Sequence[float], due: Sequence[float], of: Sequence[float]) -> float:
        """Chi-square of the same, for a width of 0.5."""
        return sum((actual - expected) ** 2 / expected for actual, expected in zip(got, due, strict=True))

    def settle(self, seasons: Sequence[float], part: float) -> list[float]:
        """Return this part of each season, scaled so that a whole year of them changes nothing."""
        factors = [1 + part * (season - 1) for season in seasons]
        mean = sum(factors) / len(factors)
        return [max(SMALLEST, factor / mean) for factor in factors]


class WholeRoots(Roots):
    """The same for counts by themselves. Limits are whole numbers."""

    has_unit = False

    def limits(self, least: float, most: float, of: float) -> tuple[float, float]:
        least = max(0.0, least)
        return max(0, ceil(least * least - SHIFT - NEARLY)), floor(most * most - SHIFT + NEARLY)

    def gaps(self, of: Sequence[float]) -> Sequence[float]:
        return of


class Arcs:
    """Arcsine roots of shares: binomial counts. A season is added to a root. A share and the rest of its whole are then
    judged alike, in opposite directions."""

    has_unit = False
    no_season = 0.0

    def root(self, count: float, of: float) -> float:
        return asin(sqrt((count + SHIFT) / (of + 2 * SHIFT)))

    def count(self, root: float, of: float) -> float:
        part = sin(min(max(root, 0.0), pi / 2))
        return min(max((of + 2 * SHIFT) * part * part - SHIFT, 0.0), of)

    def take_out(self, count: float, of: float, season: float) -> tuple[float, float, float]:
        root = self.root(count, of)
        # Without a season keep the count itself: going through its root would change the last bits.
        if not season:
            return count, of, root
        root = min(max(root - season, 0.0), pi / 2)
        return self.count(root, of), of, root

    def put_back(self, root: float, of: float, season: float) -> float:
        return self.count(root + season, of)

    def usual(self, counts: float, exposure: float, of: float, season: float) -> float:
        part = counts / exposure
        return of * (_moved(part, season) if season else part)

    def range(self, counts: float, exposure: float, width: float, of: float, season: float) -> tuple[float, float]:
        root = min(max(self.root(counts, exposure) + season, 0.0), pi / 2)
        return root, width * sqrt(1 / of + 1 / exposure)

    def off(self, counted: float, exposed: float, counts: float, exposure: float) -> tuple[float, float]:
        usual = (counts + SHIFT) / (exposure + 2 * SHIFT)
        off = self.root(counted, exposed) - asin(sqrt(usual))
        return exposed * usual, off * sqrt(exposed / (1 + exposed / exposure))

    def due(self, due: float, months: Iterable[tuple[float, float]]) -> float:
        of, seasons = zip(*months, strict=True)
        # Without seasons keep the number itself: going through roots would change the last bits.
        if not any(seasons):
            return due
        part = due / sum(of)
        return sum((whole * _moved(part, season) for whole, season in zip(of, seasons, strict=True)), 0.0)

    def rarer(self, count: float, of: float) -> float:
        return min(count, of - count)

    def limits(self, least: float, most: float, of: float) -> tuple[float, float]:
        return self.count(least, of), self.count(most, of)

    def gaps(self, of: Sequence[float]) -> Sequence[float]:
        return _gaps(of)

    def find_seasons(self, got: Sequence[float], due: Sequence[float], of: Sequence[float]) -> list[float] | None:
        if not all(map(self.rarer, got, of)) or not all(map(self.rarer, due, of)):
            return None
        return self._apart(got, due, of)

    def sure(self, got: Sequence[float], due: Sequence[float], of: Sequence[float]) -> float:
        apart = self._apart(got, due, of)
        return sum(4 * whole * season * season for whole, season in zip(of, apart, strict=True))

    def _apart(self, got: Sequence[float], due: Sequence[float], of: Sequence[float]) -> list[float]:
        return [
            _arc(actual / whole) - _arc(expected / whole) for actual, expected, whole in zip(got, due, of, strict=True)
        ]

    def settle(self, seasons: Sequence[float], part: float) -> list[float]:
        mean = sum(seasons) / len(seasons)
        return [part * (season - mean) for season in seasons]


def _gaps(of: Sequence[float]) -> list[float]:
    pairs = zip([0.0, *of], of, strict=False)
    # Equal ones are told apart first, because two zeros would divide by zero.
    return [sqrt(after if after == before else 2 * after * before / (after + before)) for before, after in pairs]


def _arc(part: float) -> float:
    return asin(sqrt(min(max(part, 0.0), 1.0)))  # sums of fractions may be next to none or all


def _moved(part: float, season: float) -> float:
    moved = sin(min(max(_arc(part) + season, 0.0), pi / 2))
    return moved * moved


type Scale = Roots | Arcs

COUNTS, RATES, SHARES = WholeRoots(), Roots(), Arcs()

LEAST = 12  # figures, for anything to be compared with them
BASE = 48  # months at most that others are compared with
TO_WIDTH = 1.128  # the mean moving range of two, in standard deviations (d2)

type Behind = tuple[float, float, float]  # the counts, the exposure and the width of a stretch


class Entered:
    """A series as it was entered: its counts, None for a month without a figure, and what each is `of`. What that is
    counted in changes nothing: the first is 1 where the scale leaves it open."""

    def __init__(self, scale: Scale, values: Sequence[int | None], of: Sequence[float]) -> None:
        self.scale, self.values = scale, values
        self.unit = next((whole for whole in of if whole), 1.0) if scale.has_unit else 1.0
        self.of = of if self.unit == 1 else [whole / self.unit for whole in of]
        self.gaps = scale.gaps(self.of)
        self.dues: list[float | None] = []  # of each month: see seasons
        known = [value is not None for value in values]
        self.sums = [0, *accumulate(value or 0 for value in values)]
        self.sums_of = [0.0, *accumulate(whole * is_known for whole, is_known in zip(self.of, known, strict=True))]

    def sum(self, start: int, end: int) -> int:
        return self.sums[end] - self.sums[start]


class Sums:
    """Running sums, which make any stretch of months cost the same. A stretch's *exposure* is the sum of what its
    months with a figure are of, each times its season's factor where a season is one.

    Of the months before each one: how many have figures, their counts (capped, see judge), exposure, what they are
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
        base, behind = max(level, end - BASE), None
        if self.figures[end] - self.figures[base] >= LEAST:
            counts, exposure = self.counts[end] - self.counts[base], self.exposure[end] - self.exposure[base]
            behind = counts, exposure, self.width(base, end)
        self.behinds[end] = behind
        return behind

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


MONTHS = 12
FROM = 36  # months, before seasons are looked for
LOOKED_AT, HALF = 54, 6  # months back; half a year on each side of a month whose mean is taken
LEAST_CHANCE = 2  # of each calendar month
SURE = 30.0  # chi-square with 11 degrees of freedom: 1 in 600 by chance


def find_seasons(
    entered: Entered, scale: Scale, figures: Sequence[int], month: int, starts: Collection[int]
) -> list[float]:
    """Return the season of each calendar month, from that of the series' first month on. It is a factor of counts and
    rates, and is added to the root of shares. Without a season in the months before `month`, it changes nothing.

    `figures` says how many of the months before each one have a figure. `starts` are the months in which a level
    starts: around those a change would be taken for a season.
    """
    none = [scale.no_season] * MONTHS
    values, of, dues = entered.values, entered.of, entered.dues
    first = max(HALF, month - LOOKED_AT)
    for place in range(max(first, len(dues)), month - HALF):
        dues += [None] * (place - len(dues))
        dues.append(_find_due(entered, figures, place))
    near = {place for start in starts if start for place in range(start - HALF, start + HALF)}
    got, due, whole, times = [0.0] * MONTHS, [0.0] * MONTHS, [0.0] * MONTHS, [0] * MONTHS
    for start in range(first, first + MONTHS):
        calendar = start % MONTHS
        for place in range(start, month - HALF, MONTHS):
            expected = dues[place]
            if expected is not None and place not in near:
                got[calendar] += values[place] or 0
                due[calendar] += expected
                whole[calendar] += of[place]
                times[calendar] += 1
    if min(times) < LEAST_CHANCE:
        return none
    seasons = scale.find_seasons(got, due, whole)
    if seasons is None:
        return none
    sure = scale.sure(got, due, whole)
    if sure <= SURE:  # nor for any width: it is CHANCE, which is 0.5, at least
        return none
    known = [place for place in range(first, month - HALF) if dues[place] is not None]
    roots = [scale.take_out(values[at] or 0, of[at], seasons[at % MONTHS])[2] for at in known]
    width = _width(known, roots, entered.gaps, years=sum(times) / MONTHS)
    sure /= 4 * width * width
    if sure <= SURE:
        return none
    return scale.settle(seasons, 1 - (MONTHS - 1) / sure)  # drawn in by what chance may have done


def _find_due(entered: Entered, figures: Sequence[int], place: int) -> float | None:
    """Return what a month's own year makes due in it: the centred mean of 2 × 12 months, times what it is of. None if
    one of these 13 months has no figure. It is found once: the years that are looked at overlap."""
    values, of, first, end = entered.values, entered.of, place - HALF, place + HALF + 1
    if figures[end] - figures[first] <= MONTHS:
        return None
    counted = entered.sums[end] - entered.sums[first] - ((values[first] or 0) + (values[end - 1] or 0)) / 2
    mean = counted / (entered.sums_of[end] - entered.sums_of[first] - (of[first] + of[end - 1]) / 2)
    return mean * of[place]


def _width(known: Sequence[int], roots: Sequence[float], gaps: Sequence[float], *, years: float) -> float:
    """Return how much the roots of the `known` months vary from month to month without their season. `years` is how
    often each calendar month is in the seasons: the fewer, the more seasons follow single figures."""
    pairs = zip(known, roots, known[1:], roots[1:], strict=False)
    moves = [abs(root - before) * gaps[at] for last, before, at, root in pairs if last == at - 1]
    return max(CHANCE, sum(moves) / len(moves) / TO_WIDTH * sqrt(years / (years - 1))) if moves else CHANCE
