"""On which scale are the months of a series compared, so that chance is as wide on all of it? Pure.

A month has a count `of` so many: what a rate is per, what a share is a part of, and 1 for a count by itself. Its *root*
varies by chance with a standard deviation of 0.5 / sqrt(of), whatever the count: F. J. Anscombe's, 1948, of a Poisson
count, and of a binomial one. What a season does to a month, in `season`, is taken out and put back here.
"""

from collections.abc import Iterable, Sequence
from math import asin, ceil, floor, pi, sin, sqrt
from typing import Protocol

# Anscombe's 3/8.
SHIFT = 0.375
CHANCE = 0.5  # the standard deviation of a root by chance alone, where a month is of 1
SMALLEST = 0.2  # of a season's factor
NEARLY = 1e-9  # a limit that is a whole number but for its last bits is that number


class Scale(Protocol):
    has_unit: bool  # whether what months are of is counted in units of any size
    no_season: float

    def root(self, count: float, of: float) -> float: ...

    def count(self, root: float, of: float) -> float:
        """Return the count with this root, or the nearest one."""
        ...

    def take_out(self, count: float, of: float, season: float) -> tuple[float, float, float]:
        """Return a month without its season: its count, its exposure and its root."""
        ...

    def roots(self, months: Iterable[tuple[float, float, float]]) -> list[float]:
        """Return the root of each month without its season, from its count, what it is of and that season."""
        ...

    def put_back(self, root: float, of: float, season: float) -> float:
        """Return the count of a month from its root without season."""
        ...

    def usual(self, counts: float, exposure: float, of: float, season: float) -> float:
        """Return the count that a stretch with these counts makes likely for a month."""
        ...

    def range(self, counts: float, exposure: float, width: float, of: float, season: float) -> tuple[float, float]:
        """Return the root that this stretch makes likely for a month, and how far chance and habit reach to each side,
        in single widths."""
        ...

    def off(self, counted: float, exposed: float, counts: float, exposure: float) -> tuple[float, float]:
        """Return how many a stretch with these counts makes due in months of this exposure. Also return how far the
        counted number is from that, in roots, to divide by the stretch's width (R5)."""
        ...

    def due(self, due: float, months: Iterable[tuple[float, float]]) -> float:
        """Return how many are due with each month's season, from its exposure and that season."""
        ...

    def rarer(self, count: float, of: float) -> float:
        """Return the count, or what is left of a share's whole, whichever is smaller."""
        ...

    def limits(self, least: float, most: float, of: float) -> tuple[float, float]:
        """Return the counts from one root to another."""
        ...

    def gaps(self, of: Sequence[float]) -> Sequence[float]:
        """Return, for each month, the factor for its root's difference from the one before. With it, chance makes the
        difference as wide as that of two months of 1."""
        ...

    def find_seasons(self, got: Sequence[float], due: Sequence[float], of: Sequence[float]) -> list[float] | None:
        """Return the season of each calendar month, from its count and the count due without a season; None where it
        can't be worked out."""
        ...

    def sure(self, got: Sequence[float], due: Sequence[float], of: Sequence[float]) -> float:
        """Chi-square of the same, for a width of 0.5."""
        ...

    def settle(self, seasons: Sequence[float], part: float) -> list[float]:
        """Return this part of each season, scaled so that a whole year of them changes nothing."""
        ...


class Roots:
    """Square roots of rates: Poisson counts with a known exposure. A season is a factor of what a month is of."""

    has_unit = True
    no_season = 1.0

    def root(self, count: float, of: float) -> float:
        return sqrt((count + SHIFT) / of)

    def count(self, root: float, of: float) -> float:
        return of * root * root - SHIFT if root > 0 else -SHIFT

    def take_out(self, count: float, of: float, season: float) -> tuple[float, float, float]:
        return count, of * season, sqrt((count / season + SHIFT) / of)

    def roots(self, months: Iterable[tuple[float, float, float]]) -> list[float]:
        return [sqrt((count / season + SHIFT) / of) for count, of, season in months]

    def put_back(self, root: float, of: float, season: float) -> float:
        return self.count(root, of) * season

    def usual(self, counts: float, exposure: float, of: float, season: float) -> float:
        return counts * (of * season) / exposure

    def range(self, counts: float, exposure: float, width: float, of: float, season: float) -> tuple[float, float]:
        root = sqrt((counts + SHIFT) * season / exposure)
        return root, width * sqrt((1 + of * season / exposure) / of)

    def off(self, counted: float, exposed: float, counts: float, exposure: float) -> tuple[float, float]:
        part = exposed / exposure
        due = (counts + SHIFT) * part
        return due, (sqrt(counted + SHIFT) - sqrt(due)) / sqrt(1 + part)

    def due(self, due: float, months: Iterable[tuple[float, float]]) -> float:
        return due

    def rarer(self, count: float, of: float) -> float:
        return count

    def limits(self, least: float, most: float, of: float) -> tuple[float, float]:
        return max(0.0, self.count(least, of)), self.count(most, of)

    def gaps(self, of: Sequence[float]) -> Sequence[float]:
        return _gaps(of)

    def find_seasons(self, got: Sequence[float], due: Sequence[float], of: Sequence[float]) -> list[float] | None:
        # Months are divided by their factor, so it can't be 0.
        if not all(got) or not all(due):
            return None
        return [each / expected for each, expected in zip(got, due, strict=True)]

    def sure(self, got: Sequence[float], due: Sequence[float], of: Sequence[float]) -> float:
        return sum((each - expected) ** 2 / expected for each, expected in zip(got, due, strict=True))

    def settle(self, seasons: Sequence[float], part: float) -> list[float]:
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

    def roots(self, months: Iterable[tuple[float, float, float]]) -> list[float]:
        return [self.take_out(count, of, season)[2] for count, of, season in months]

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
        return sum((each * _moved(part, season) for each, season in zip(of, seasons, strict=True)), 0.0)

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
        return [_arc(each / whole) - _arc(expected / whole) for each, expected, whole in zip(got, due, of, strict=True)]

    def settle(self, seasons: Sequence[float], part: float) -> list[float]:
        mean = sum(seasons) / len(seasons)
        return [part * (season - mean) for season in seasons]


def _gaps(of: Sequence[float]) -> list[float]:
    pairs = zip([0.0, *of], of, strict=False)
    # Equal ones are told apart first, because two zeros would divide by zero.
    return [sqrt(each if each == before else 2 * each * before / (each + before)) for before, each in pairs]


def _arc(part: float) -> float:
    return asin(sqrt(min(max(part, 0.0), 1.0)))  # sums of fractions may be next to none or all


def _moved(part: float, season: float) -> float:
    moved = sin(min(max(_arc(part) + season, 0.0), pi / 2))
    return moved * moved


COUNTS, RATES, SHARES = WholeRoots(), Roots(), Arcs()
