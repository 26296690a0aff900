"""Compares twelve months with the twelve before, and says whether the difference is more than chance. Pure.

Each month is compared with the same month a year before, if both have a figure and both are counted in one way. A month
without such a pair is left out on both sides (docs/year.md, Y1 to Y10).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from math import exp, lgamma, log, log1p, sqrt

from indicators.judgement.judge import Counted
from indicators.kpis.aims import Figure
from indicators.ratios import RATIO_KINDS, TENTHS, Ratio, share_range

YEAR = 12
LEAST_ALIKE = 3  # pairs of months: fewer say no more than the single months do
OUTSIDE = 0.025  # on each side of a 95 % range
NEGLIGIBLE = 1e-12
STEADY = 0.25  # of a trend's mean step: each step is at least as large (Y10)
LEAST_A_YEAR = 0.02  # of itself: a slower trend isn't worth a sentence
LEAST_TOLD = 6  # of a count or a share of months: fewer don't show how far months part from each other (Y6)


class Way(Enum):
    """How months become one number."""

    SUM = "the sum of the months"
    MEAN = "the mean of the months"
    RATIO_OF_SUMS = "one sum out of the other"
    NEWEST = "the newest month alone"


def find_way(counted: Counted, ratio: Ratio | None) -> Way:
    """Counts on a day are never added up: the same people are there on the next day."""
    if ratio is None:
        return Way.MEAN if counted.is_on_a_day else Way.SUM
    return Way.NEWEST if counted.is_on_a_day else Way.RATIO_OF_SUMS


# --- Which months are compared --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alike:
    """Places in a year, 0 for its first month and 11 for the newest. Some are `compared`. Others aren't: one of the two
    months has no figure, is counted differently, or is before the first month with figures."""

    compared: tuple[int, ...] = ()
    without: tuple[int, ...] = ()
    otherwise: tuple[int, ...] = ()
    not_held: tuple[int, ...] = ()

    @property
    def is_whole(self) -> bool:
        return len(self.compared) == YEAR


def find_alike(known: Sequence[bool], starts: Collection[int] = ()) -> Alike:
    """Find the pairs to compare. `known` says for each month, newest last, whether it has a figure. `starts` are the
    places from which it is counted differently."""
    places_of: dict[str, list[int]] = {"compared": [], "without": [], "otherwise": [], "not_held": []}
    for place in range(YEAR):
        now = len(known) - YEAR + place
        before = now - YEAR
        if before < 0:
            which = "not_held"
        elif any(before < start <= now for start in starts):
            which = "otherwise"
        else:
            which = "compared" if known[now] and known[before] else "without"
        places_of[which].append(place)
    return Alike(**{name: tuple(places) for name, places in places_of.items()})


# --- What they come to ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Total:
    """The months' result: all their `cases`, the denominator `of` these, and the shown `value`. A value is in tenths,
    except for a sum. It is None without a denominator."""

    cases: int
    of: int | None
    value: int | None

    @property
    def rate(self) -> float:
        return self.cases / (self.of or 1)


@dataclass(frozen=True, slots=True)
class TwoYears:
    """`now` and `before` are None if too few months are alike. `is_more_than_chance` is None if that isn't known."""

    way: Way
    alike: Alike
    now: Total | None = None
    before: Total | None = None
    is_more_than_chance: bool | None = None

    @property
    def change(self) -> int | None:
        """Of what is shown, so that it agrees with what a reader subtracts."""
        if self.now is None or self.before is None or self.now.value is None or self.before.value is None:
            return None
        return self.now.value - self.before.value


def compare_years(
    figures: Sequence[Figure | None], *, counted: Counted, ratio: Ratio | None = None, starts: Collection[int] = ()
) -> TwoYears:
    """`figures` are the months, the newest last; of a ratio both counts of each."""
    way = find_way(counted, ratio)
    alike = find_alike([figure is not None for figure in figures], starts)
    places = [place for place in alike.compared if way is not Way.NEWEST or place == YEAR - 1]
    if len(places) < (1 if way is Way.NEWEST else LEAST_ALIKE):
        return TwoYears(way, alike)
    now, before = (list_at(figures, places, back) for back in (0, YEAR))
    return TwoYears(
        way,
        alike,
        now=add_up(now, way, ratio),
        before=add_up(before, way, ratio),
        is_more_than_chance=is_more_than_chance(now, before, way, ratio),
    )


@dataclass(frozen=True, slots=True)
class Trend:
    """A series that has risen, or fallen, year after year: the totals of the first of three years and of the last."""

    first: Total
    last: Total

    @property
    def is_rising(self) -> bool:
        return self.last.rate > self.first.rate

    @property
    def part_a_year(self) -> float:
        """Return by which part of itself it changes from one year to the next: 0.06 for 6%."""
        return abs(sqrt(self.last.rate / self.first.rate) - 1)

    @property
    def points_a_year(self) -> float:
        """Return the same of a share, in percentage points."""
        return abs(self.last.rate - self.first.rate) * 100 / 2


def find_trend(
    figures: Sequence[Figure | None], *, counted: Counted, ratio: Ratio | None = None, starts: Collection[int] = ()
) -> Trend | None:
    """Return the trend of the last three years (Y10); None where they show none, or can't."""
    way = find_way(counted, ratio)
    first = len(figures) - 3 * YEAR
    if way not in (Way.SUM, Way.RATIO_OF_SUMS) or first < 0 or any(start > first for start in starts):
        return None
    backs = (2 * YEAR, YEAR, 0)
    known = [place for place in range(YEAR) if all(figures[first + place + back] is not None for back in backs)]
    if len(known) < LEAST_TOLD:
        return None
    years = [list_at(figures, known, back) for back in backs]
    totals = [add_up(year, way, ratio) for year in years]
    if not all(total.cases for total in totals):
        return None
    trend = Trend(totals[0], totals[-1])
    step = log(trend.last.rate / trend.first.rate) / 2
    if trend.part_a_year < LEAST_A_YEAR:
        return None
    if any(log(after.rate / before.rate) / step < STEADY for before, after in pairwise(totals)):
        return None
    return trend if is_more_than_chance(years[-1], years[0], way, ratio) and fits_a_line(years, known) else None


def fits_a_line(years: Sequence[Sequence[Figure]], known: Sequence[int]) -> bool:
    """Return whether a straight line fits the roots of three years better than a step in any month, each calendar month
    compared with itself. `known` are the places in a year of the months given, oldest year first."""
    places = [place + YEAR * back for back in range(len(years)) for place in known]
    roots = take_out_season([sqrt(month.cases / (month.of or 1)) for year in years for month in year], len(known))

    def fit(shape: Sequence[float]) -> float:
        """Return how much of the roots' variation has this shape."""
        shape = take_out_season(shape, len(known))
        size = sum(part * part for part in shape)
        return sum(part * root for part, root in zip(shape, roots, strict=True)) ** 2 / size if size else 0.0

    line = fit(places)
    return all(fit([place >= at for place in places]) < line for at in places[1:])


def take_out_season(values: Sequence[float], months: int) -> list[float]:
    """Take from each value the mean of its calendar month. A year has so many months."""
    means = [sum(values[month::months]) * months / len(values) for month in range(months)]
    return [value - means[place % months] for place, value in enumerate(values)]


def list_at(figures: Sequence[Figure | None], places: Sequence[int], back: int) -> list[Figure]:
    first = len(figures) - YEAR - back
    return [figure for place in places if (figure := figures[first + place]) is not None]


def add_up(months: Sequence[Figure], way: Way, ratio: Ratio | None) -> Total:
    cases = sum(month.cases for month in months)
    if ratio is not None:
        of = sum(month.of or 0 for month in months)
        return Total(cases, of, ratio.value(cases, of))
    if way is Way.SUM:
        return Total(cases, None, cases)
    # Half a tenth is rounded up, as readers do.
    return Total(cases, None, (2 * cases * TENTHS + len(months)) // (2 * len(months)))


# --- Whether that is more than chance --------------------------------------------------------------


def is_more_than_chance(now: Sequence[Figure], before: Sequence[Figure], way: Way, ratio: Ratio | None) -> bool | None:
    """Return whether the years differ by more than chance. None for a stock, where chance plays no part, an average,
    which doesn't show what chance does, and too few months."""
    kind = RATIO_KINDS[ratio.kind] if ratio else None
    has_chance = way not in (Way.MEAN, Way.NEWEST) and (kind is None or kind.shows_chance)
    is_told = has_chance and len(now) >= LEAST_TOLD
    if not is_told or (ratio and not all(month.of for month in (*now, *before))):
        return None
    return differ_as_shares(now, before) if kind and kind.is_part else differ_as_counts(now, before)


def differ_as_counts(now: Sequence[Figure], before: Sequence[Figure]) -> bool:
    """Return whether the exact range of one rate over the other, given the sum of both counts, leaves out 1 (Y5). Cases
    come in clumps as large as `find_spread` says, so clumps are compared (Y6)."""
    spread = find_spread(now, before)
    clumps, earlier = (round(sum(month.cases for month in year) / spread) for year in (now, before))
    share = find_exposure(now) / (find_exposure(now) + find_exposure(before))
    both = clumps + earlier
    is_fewer = binomial_up_to(clumps, both, share) <= OUTSIDE
    return is_fewer or 1 - binomial_up_to(clumps - 1, both, share) <= OUTSIDE


def find_exposure(year: Sequence[Figure]) -> float:
    """In a count all months weigh the same. In a rate they weigh by residents."""
    return sum(1 if month.of is None else month.of for month in year)


def find_spread(now: Sequence[Figure], before: Sequence[Figure]) -> float:
    """Return how many times more than by chance the months differ from the year's change; 1 at least (Y6). Each month
    is compared with the same one a year before, so a season adds nothing."""
    weights = [(find_exposure([one]), find_exposure([other])) for one, other in zip(now, before, strict=True)]
    rates = [sum(month.cases for month in year) / find_exposure(year) for year in (now, before)]
    squares, pairs = 0.0, 0
    for one, other, (weight, earlier) in zip(now, before, weights, strict=True):
        both = one.cases + other.cases
        due = [rates[0] * weight, rates[1] * earlier]
        # Where nothing is due on a side, chance has no width to divide by.
        if both and all(due):
            share = due[0] / sum(due)
            squares += (one.cases - both * share) ** 2 / (both * share * (1 - share))
            pairs += 1
    return max(1.0, squares / (pairs - 1)) if pairs > 1 else 1.0


def differ_as_shares(now: Sequence[Figure], before: Sequence[Figure]) -> bool:
    """Return whether Newcombe's range of the difference of two shares leaves out 0 (Y7): R. G. Newcombe, Statistics in
    Medicine 17 (1998), method 10, of Wilson's ranges."""
    spread = find_spread_of_shares(now, before)
    ranges = [
        share_range(sum(month.cases for month in year) / spread, sum(month.of or 0 for month in year) / spread)
        for year in (now, before)
    ]
    (one, one_low, one_high), (other, low, high) = [
        (limits.value, limits.lower or 0.0, limits.upper or 0.0) for limits in ranges
    ]
    lower = one - other - sqrt((one - one_low) ** 2 + (high - other) ** 2)
    upper = one - other + sqrt((one_high - one) ** 2 + (other - low) ** 2)
    return lower > 0 or upper < 0


def find_spread_of_shares(now: Sequence[Figure], before: Sequence[Figure]) -> float:
    """Return how many times more than by chance the months' shares differ from their year's; 1 at least."""
    # Each year's own share is taken from its months: two fewer are free.
    squares, free = 0.0, -2
    for year in (now, before):
        of = sum(month.of or 0 for month in year)
        share = sum(month.cases for month in year) / of
        # At none or all, chance has no width to divide by.
        if 0 < share < 1:
            squares += sum(
                (month.cases - month.of * share) ** 2 / (month.of * share * (1 - share)) for month in year if month.of
            )
        free += len(year)
    return max(1.0, squares / free) if free > 0 else 1.0


def binomial_up_to(most: int, of: int, share: float) -> float:
    """Return the chance of `most` or fewer out of so many, each of which is one by `share`."""
    if most < 0:
        return 0.0
    if most >= of:
        return 1.0
    if most > of * share:  # the other side is the shorter sum
        return 1 - binomial_up_to(of - most - 1, of, 1 - share)
    if share >= 1:
        return 0.0
    # In logarithms, because powers and factorials of hundreds overflow a float.
    chance = exp(
        lgamma(of + 1) - lgamma(most + 1) - lgamma(of - most + 1) + most * log(share) + (of - most) * log1p(-share)
    )
    total, odds = 0.0, (1 - share) / share
    for counted in range(most, -1, -1):
        total += chance
        chance *= odds * counted / (of - counted + 1)
        # Terms shrink from the middle outwards, so the others add nothing.
        if chance < NEGLIGIBLE * total:
            break
    return min(1.0, total)
