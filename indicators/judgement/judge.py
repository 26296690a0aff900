"""What does a series of monthly counts say of each of its months? Pure.

The method is docs/judgement.md, whose rules are named here (R1 to R11): an XmR chart on square roots, in four
windows, with levels that move by themselves. A month's entry rests on figures up to that month alone: it is the same
in every longer series, so nothing that was published changes by what comes later.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from math import ceil, floor, sqrt
from statistics import median
from typing import NamedTuple

from indicators.judgement.levels import BASE, LEAST, TENTH, base_of_split, find_new_level
from indicators.judgement.seasons import FROM, MONTHS, NO_SEASONS, find_factors
from indicators.judgement.sums import CHANCE, SHIFT, TO_WIDTH, Sums, moving_ranges, root
from indicators.judgement.tokens import Counted, Signal, Tier

WINDOWS: dict[Counted, tuple[int, ...]] = {Counted.FLOW: (3, 6, 12), Counted.STOCK: ()}  # months, beside the one
WATCH = {Counted.FLOW: 3.0, Counted.STOCK: 2.4}  # widths
STANDS_OUT = {Counted.FLOW: 3.5, Counted.STOCK: 2.8}
NEW_LEVEL = {Counted.FLOW: 3.0, Counted.STOCK: 6.0}
FEW, OF_FEW = 2, 0.87  # where fewer are due, roots are cautious: limits are drawn in
CAP = 3.0  # widths, beyond which a figure counts for no more in sums and bases
SCREEN = 3.267  # mean moving ranges: a larger range is an outlier's (D4 for ranges of two)
QUARTER = 3
FOLLOWED = 60  # months whose roots follow new season factors
NEARLY = 1e-9  # a limit that is a whole number but for its last bits is that number


class Entry(NamedTuple):
    """What is said of a month. Counts a month, or ratios, but for `window` and `since`.

    `signal` is None without a reading: too early, or no figure. `window` is the number of months that the signal is
    of, `sum` what they have and `due` what is usual for so many. `usual`, `lower` and `upper` are of this month alone,
    None while it is too early. `level` is a month's count with its season taken out, `since` the place of the level's
    first month, `before` the level before it. `is_back`: the figure lies in the range that the level before had.
    """

    signal: Signal | None = None
    tier: Tier | None = None
    window: int | None = None
    sum: float | None = None
    due: float | None = None
    usual: float | None = None
    lower: float | None = None
    upper: float | None = None
    level: float | None = None
    since: int | None = None
    before: float | None = None
    is_back: bool = False

    @property
    def is_too_early(self) -> bool:
        return self.usual is None


TOO_EARLY = Entry()


def judge(
    values: Sequence[int | None], *, counted: Counted = Counted.FLOW, starts: Sequence[int] = (), shown_from: int = 0
) -> list[Entry]:
    """Judge a series of counts, oldest first, None for a month without a figure.

    From each of `starts` on it is judged as if it began there. The entries are those of the months from `shown_from`
    on: less has to be worked out for the ones before.
    """
    edges = sorted({0, len(values), *(start for start in starts if 0 < start < len(values))})
    entries: list[Entry] = []
    for start, end in pairwise(edges):
        if end > shown_from:
            entries += _Series(values[start:end], counted, first=start).judge(max(0, shown_from - start))
    return entries


def judge_continuations(
    values: Sequence[int | None],
    continuations: Iterable[Sequence[int | None]],
    *,
    counted: Counted = Counted.FLOW,
    starts: Sequence[int] = (),
) -> Iterator[Iterator[Entry]]:
    """Judge a series that might go on in several ways: for each the entries of its own months, as `judge` gives them
    for the whole. The series itself is judged once, and a continuation only as far as its entries are asked for."""
    first = max((start for start in starts if 0 < start < len(values)), default=0)
    past = _Series(values[first:], counted, first=first)
    for _ in past.judge(len(past.values)):
        pass
    for continuation in continuations:
        yield past.continued(continuation).judge(len(past.values))


class Range(NamedTuple):
    """What is usual of a month: its root, and how far chance and habit reach on each side, in single widths."""

    root: float
    half: float

    def capped(self, value: float) -> float:
        least, most = max(0.0, self.root - CAP * self.half), self.root + CAP * self.half
        return min(max(value, least * least - SHIFT), most * most - SHIFT)

    def holds(self, value: float) -> bool:
        return self.capped(value) == value

    def limits(self, widths: float) -> tuple[int, int]:
        """The least and the greatest whole number in so many widths."""
        least, most = max(0.0, self.root - widths * self.half), self.root + widths * self.half
        return max(0, ceil(least * least - SHIFT - NEARLY)), floor(most * most - SHIFT + NEARLY)


def range_of_first(roots: Sequence[float | None]) -> Range:
    """What may be usual by the first few figures, of which one may be wild: their median, and how far they are apart
    from month to month. It has a figure at least."""
    moves = moving_ranges(roots)
    mean = sum(moves) / len(moves) if moves else 0.0
    moves = [move for move in moves if move <= SCREEN * mean]
    width = max(CHANCE, sum(moves) / len(moves) / TO_WIDTH) if moves else CHANCE
    return Range(median(each for each in roots if each is not None), width)


class _Look(NamedTuple):
    """A window: how many months, how many widths it is off, its count and how many were due, and its exposure."""

    window: int
    off: float
    counted: float
    due: float
    exposed: float


class _Level(NamedTuple):
    """A level that another took the place of: a month's count, and what was usual of one."""

    mean: float
    range: Range


class _Series:
    """A series on its way, month by month. Nothing is carried from one to the next but the level's start, the caps and
    the season factors (R7)."""

    def __init__(self, values: Sequence[int | None], counted: Counted, *, first: int) -> None:
        self.values, self.counted, self.first = values, counted, first
        self.capped: list[float | None] = list(values)
        self.factors, self.factor = NO_SEASONS, [1.0] * len(values)
        self.sums = Sums(len(values))
        self.start, self.before, self.starts = 0, None, [0]  # type: int, _Level | None, list[int]
        self.judged = 0  # months
        self.has_signal = False  # the month before
        self.is_started = False  # whether the figures that the level starts with are capped
        self.totals = [0]
        for value in values:
            self.totals.append(self.totals[-1] + (value or 0))

    def continued(self, values: Sequence[int | None]) -> "_Series":
        """The same series with more months to judge. Neither knows what the other goes on to do."""
        other = copy(self)
        other.values, other.capped = [*self.values, *values], [*self.capped, *values]
        other.factor = [*self.factor, *[1.0] * len(values)]
        other.sums, other.starts, other.totals = self.sums.extended(len(values)), [*self.starts], [*self.totals]
        for value in values:
            other.totals.append(other.totals[-1] + (value or 0))
        return other

    def judge(self, shown_from: int) -> Iterator[Entry]:
        """Judge the months that aren't yet, and give the entries of those from `shown_from` on."""
        figures = self.sums.figures
        for month in range(self.judged, len(self.values)):
            self.judged = month + 1
            since = find_new_level(self.sums, self.start, month, limit=NEW_LEVEL[self.counted])
            if since is not None:
                self._move_to(since, month)
            is_new_year = month >= FROM and month % MONTHS == 0
            if is_new_year and self.counted is Counted.FLOW and not self.has_signal:
                self._take_seasons(month)
            self.factor[month] = self.factors[month % MONTHS]
            if not self.is_started and figures[month] - figures[self.start] == LEAST:
                self._cap_start(month)
                self.is_started = True
            base = max(self.start, month - BASE)
            if figures[month] - figures[base] < LEAST:  # R1
                self.sums.add(month, self.values[month], self.factor[month])
                entry = TOO_EARLY
            else:
                is_asked = month >= shown_from or ((month + 1) % MONTHS == 0 and month + 1 >= FROM)
                entry = self._entry(month, self.values[month], base, is_asked=is_asked)
            self.has_signal = entry.tier is not None
            if month >= shown_from:
                yield entry

    def _entry(self, month: int, value: int | None, base: int, *, is_asked: bool) -> Entry:
        """What is usual of a month alone (R5), and what signal it shows, if that is asked for."""
        sums, factor = self.sums, self.factor[month]
        counts, exposure = sums.counts[month] - sums.counts[base], sums.exposure[month] - sums.exposure[base]
        usual, due = counts * factor / exposure, (counts + SHIFT) * factor / exposure
        scope = Range(sqrt(due), sums.width(base, month) * sqrt(1 + factor / exposure))
        if value is not None:
            self.capped[month] = scope.capped(value)
        sums.add(month, self.capped[month], factor)
        if not is_asked:
            return TOO_EARLY
        lower, upper = scope.limits(self._limit(WATCH, usual))
        before = self.before.mean if self.before else None
        level, since = counts / exposure, self.start + self.first
        if value is None:
            return Entry(None, None, None, None, None, usual, lower, upper, level, since, before)
        look, tier = self._strongest(month, value, usual, scope)
        if look is None:
            return Entry(Signal.NONE, None, None, None, None, usual, lower, upper, level, since, before)
        signal = Signal.HIGH if look.off > 0 else Signal.LOW
        counted = self.totals[month + 1] - self.totals[month + 1 - look.window]
        is_back = self._is_back(value, usual, signal)
        return Entry(signal, tier, look.window, counted, look.due, usual, lower, upper, level, since, before, is_back)

    def _limit(self, limits: dict[Counted, float], due: float) -> float:
        return limits[self.counted] * (OF_FEW if due < FEW else 1)

    def _strongest(self, month: int, value: int, usual: float, scope: Range) -> tuple[_Look | None, Tier | None]:
        """Of the windows that show a signal the one that is furthest off, and the strongest tier of any (R6)."""
        furthest, tier = None, None
        for look in self._looks(month, value, usual, scope):
            off = abs(look.off)
            if off <= self._limit(WATCH, look.due) or not self._is_told(look, month, value - usual):
                continue
            if off > self._limit(STANDS_OUT, look.due):
                tier = Tier.STANDS_OUT
            if furthest is None or off > abs(furthest.off):
                furthest = look
        return furthest, tier or (Tier.WATCH if furthest else None)

    def _looks(self, month: int, value: int, usual: float, scope: Range) -> Iterator[_Look]:
        """The windows that end with a month, each held against the months before it (R4, R5)."""
        yield _Look(1, (root(value) - scope.root) / scope.half, value, usual, 0)
        sums, after = self.sums, month + 1
        for window in WINDOWS[self.counted]:
            start = after - window
            base = max(self.start, start - BASE)
            if start <= self.start or sums.figures[start] - sums.figures[base] < LEAST:
                return  # a longer one begins still earlier
            if sums.figures[after] - sums.figures[start] >= window - window // 4:
                counted, exposed = sums.counts[after] - sums.counts[start], sums.exposure[after] - sums.exposure[start]
                due, off = sums.off(counted, exposed, base, start)
                yield _Look(window, off / sums.width(base, start), counted, due, exposed)

    def _is_told(self, look: _Look, month: int, this_month: float) -> bool:
        """Whether the month alone, and its quarter, lie on the side to which a window points (R6): a past episode isn't
        told as if it went on. A window of several months differs by a tenth at least."""
        if this_month * look.off <= 0:
            return False
        if look.window == 1:
            return True
        if abs(look.counted - look.due) < look.due / TENTH:
            return False
        if look.window == QUARTER:
            return True
        sums, after = self.sums, month + 1
        quarter = after - QUARTER
        share = look.due * (sums.exposure[after] - sums.exposure[quarter]) / look.exposed
        return (sums.counts[after] - sums.counts[quarter] - share) * look.off > 0

    def _is_back(self, value: int, usual: float, signal: Signal) -> bool:
        """Whether a signal points to the level before, and lies in its range (R11); its season isn't looked at."""
        before = self.before
        return before is not None and (before.mean > usual) == (signal is Signal.HIGH) and before.range.holds(value)

    def _move_to(self, since: int, month: int) -> None:
        """Start a new level (R8)."""
        sums, base = self.sums, base_of_split(self.start, since)
        mean, exposure = sums.mean(base, since), sums.exposure[since] - sums.exposure[base]
        due = (sums.counts[since] - sums.counts[base] + SHIFT) / exposure
        self.before = _Level(mean, Range(sqrt(due), sums.width(base, since) * sqrt(1 + 1 / exposure)))
        self.start = since
        self.starts.append(since)
        self._cap_start(month)

    def _cap_start(self, month: int) -> None:
        """R3: the figures that a level starts with count for no more than 3 widths from their median."""
        months = range(self.start, month)
        scope = range_of_first(
            [None if (value := self.values[at]) is None else root(value / self.factor[at]) for at in months]
        )
        for at in months:
            value, factor = self.values[at], self.factor[at]
            if value is not None:
                self.capped[at] = value if scope.holds(value / factor) else scope.capped(value / factor) * factor
        self._add_again(self.start, month)

    def _take_seasons(self, month: int) -> None:
        """R10."""
        factors = find_factors(self.values, self.totals, self.sums.figures, month, self.starts)
        if factors == self.factors:
            return
        self.factors = factors
        first = max(0, month - FOLLOWED)
        for at in range(first, month):
            self.factor[at] = factors[at % MONTHS]
        self._add_again(first, month)

    def _add_again(self, first: int, month: int) -> None:
        for at in range(first, month):
            self.sums.add(at, self.capped[at], self.factor[at])
