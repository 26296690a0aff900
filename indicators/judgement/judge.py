"""How is each month of a series of monthly counts judged? Pure. For rates and shares, see `ratios`.

The method is docs/judgement.md, whose rules are named here (R1 to R11): an XmR chart on square roots, in four windows,
with levels that move by themselves. A month's entry depends only on figures up to that month. It is the same in every
longer series, so later figures never change what was published.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from math import copysign, isclose, sqrt
from statistics import median
from typing import NamedTuple

from indicators.judgement.levels import TENTH, YEAR, base_of_split, find_new_level
from indicators.judgement.scales import CHANCE, COUNTS, NEARLY, Scale
from indicators.judgement.seasons import FROM, MONTHS, find_seasons
from indicators.judgement.sums import LEAST, TO_WIDTH, Behind, Entered, Sums, moving_ranges
from indicators.judgement.tokens import Counted, Signal, Tier

# If you change one of these, change docs/judgement.md and measure again (bench.judgement).
# Pages print what was measured.
WINDOWS: dict[Counted, tuple[int, ...]] = {Counted.FLOW: (3, 6, 12), Counted.STOCK: ()}  # months, beside the one
WATCH = {Counted.FLOW: 3.0, Counted.STOCK: 2.4}  # widths
STANDS_OUT = {Counted.FLOW: 3.5, Counted.STOCK: 2.8}
NEW_LEVEL = {Counted.FLOW: 3.0, Counted.STOCK: 6.0}
FEW, OF_FEW = 2, 0.87  # where fewer are due, roots are cautious: limits are drawn in
CAP = 3.0  # widths, beyond which a figure counts for no more in sums and bases
SCREEN = 3.267  # mean moving ranges: a larger range is an outlier's (D4 for ranges of two)
QUARTER = 3
FOLLOWED = 60  # months whose roots follow new season factors


class Entry(NamedTuple):
    """The judgement of a month. Values are counts or ratios for a month, except `window` and `since`.

    `signal` is None without a reading: too early, or no figure. `window` is the signal's number of months, `sum` their
    count and `due` what is usual for them. `usual`, `lower` and `upper` are for this month alone, None while it is too
    early. `level` is a month's count without its season, `since` the place of the level's first month, and `before` the
    level before it. `is_back`: the figure is in the range of the level before.
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
    return judge_on(COUNTS, values, [1.0] * len(values), counted=counted, starts=starts, shown_from=shown_from)


def judge_on(
    scale: Scale,
    values: Sequence[int | None],
    of: Sequence[float],
    *,
    counted: Counted,
    starts: Sequence[int],
    shown_from: int,
) -> list[Entry]:
    """Judge counts that are each `of` so many: 0 where that isn't known, and then the month has no figure. Entries are
    counts, except for levels, which are for 1."""
    edges = sorted({0, len(values), *(start for start in starts if 0 < start < len(values))})
    entries: list[Entry] = []
    for start, end in pairwise(edges):
        if end > shown_from:
            series = Series(scale, values[start:end], of[start:end], counted, first=start)
            entries += series.judge(max(0, shown_from - start))
    return entries


def judge_continuations(
    values: Sequence[int | None],
    continuations: Iterable[Sequence[int | None]],
    *,
    counted: Counted = Counted.FLOW,
    starts: Sequence[int] = (),
) -> Iterator[Iterator[Entry]]:
    """Judge a series that might go on in several ways. For each, return the entries of its own months, as `judge` would
    for the whole. The series itself is judged once, and each continuation only as far as its entries are needed."""
    pairs = ((continuation, [1.0] * len(continuation)) for continuation in continuations)
    return judge_continuations_on(COUNTS, values, [1.0] * len(values), pairs, counted=counted, starts=starts)


def judge_continuations_on(
    scale: Scale,
    values: Sequence[int | None],
    of: Sequence[float],
    continuations: Iterable[tuple[Sequence[int | None], Sequence[float]]],
    *,
    counted: Counted,
    starts: Sequence[int],
) -> Iterator[Iterator[Entry]]:
    """Do the same for counts that are each `of` so many."""
    first = max((start for start in starts if 0 < start < len(values)), default=0)
    past = Series(scale, values[first:], of[first:], counted, first=first)
    # `judge` is a generator: it goes only as far as somebody reads it.
    for _ in past.judge(len(past.values)):
        pass
    for more, more_of in continuations:
        yield past.continued(more, more_of).judge(len(past.values))


def is_far_from_first(value: int, first: Sequence[int | None]) -> bool:
    """Return whether a count is further from the first few than they would suggest. They have a figure at least."""
    centre, width = _centre([None if each is None else COUNTS.root(each, 1) for each in first], [1] * len(first))
    return abs(COUNTS.root(value, 1) - centre) > CAP * width


def is_few(due: float) -> bool:
    """Return whether so few are due that limits are drawn in. What is FEW but for its last bits isn't, or a share and
    what is left of its whole would have different limits."""
    return due < FEW - NEARLY


def _centre(roots: Sequence[float | None], gaps: Sequence[float]) -> tuple[float, float]:
    """Return the median of the first few roots, one of which may be wild, and how far they differ from month to
    month."""
    moves = moving_ranges(roots, gaps)
    mean = sum(moves) / len(moves) if moves else 0.0
    moves = [move for move in moves if move <= SCREEN * mean]
    width = max(CHANCE, sum(moves) / len(moves) / TO_WIDTH) if moves else CHANCE
    return median(root for root in roots if root is not None), width


class _Look(NamedTuple):
    """A window: how many months, how many widths it is off, its count and how many were due, and its exposure."""

    window: int
    off: float
    counted: float
    due: float
    exposed: float


class _Level(NamedTuple):
    """A level that a later one replaced: a month's count, and the stretch behind it."""

    mean: float
    counts: float
    exposure: float
    width: float


class Series:
    """A series while it is judged month by month. Only the level's start, the caps and the seasons are carried on
    (R7)."""

    def __init__(
        self, scale: Scale, values: Sequence[int | None], of: Sequence[float], counted: Counted, *, first: int
    ) -> None:
        self.scale, self.counted, self.first = scale, counted, first
        self.values, self.given_of = values, of
        self.entered = Entered(scale, values, of)
        self.of = self.entered.of
        self.capped: list[float | None] = list(values)
        self.seasons = [scale.no_season] * MONTHS
        self.season = [scale.no_season] * len(values)
        self.sums = Sums(self.entered)
        self.start, self.before, self.starts = 0, None, [0]  # type: int, _Level | None, list[int]
        self.judged = 0  # months
        self.has_signal = False  # the month before
        self.is_started = False  # whether the figures that the level starts with are capped
        self.usual_year: int | None = None  # the month before which a year is not far off
        self.watch, self.stands_out, self.windows = WATCH[counted], STANDS_OUT[counted], WINDOWS[counted]
        # Widths: nothing nearer is told, or moves a level.
        self.far, self.limit = self.watch * OF_FEW, NEW_LEVEL[counted]

    def continued(self, values: Sequence[int | None], of: Sequence[float]) -> "Series":
        """Return a copy of the series with more months to judge. The two are independent from then on."""
        # copy() shares the lists, so each that grows is replaced here. `seasons` is only ever replaced.
        other = copy(self)
        other.values, other.given_of = [*self.values, *values], [*self.given_of, *of]
        other.entered = Entered(self.scale, other.values, other.given_of)
        other.of = other.entered.of
        other.capped = [*self.capped, *values]
        other.season = [*self.season, *[self.scale.no_season] * len(values)]
        other.sums, other.starts = self.sums.extended(other.entered), [*self.starts]
        return other

    def judge(self, shown_from: int) -> Iterator[Entry]:
        """Judge the months that aren't judged yet, and return the entries from `shown_from` on."""
        figures = self.sums.figures
        for month in range(self.judged, len(self.values)):
            self.judged = month + 1
            # The year before it was looked at with the month before: see _find_far.
            if month != self.usual_year:
                since = find_new_level(self.sums, self.start, month, limit=self.limit)
                if since is not None:
                    self._move_to(since, month)
            is_new_year = month >= FROM and month % MONTHS == 0
            if is_new_year and self.counted is Counted.FLOW and not self.has_signal:
                self._take_seasons(month)
            self.season[month] = self.seasons[month % MONTHS]
            if not self.is_started and figures[month] - figures[self.start] == LEAST:
                self._cap_start(month)
                self.is_started = True
            behind = self.sums.behind(self.start, month)
            if behind is None or not self.of[month]:  # R1, R9
                self.sums.add(month, self.values[month], self.season[month])
                entry = TOO_EARLY
            else:
                # Also the last month of a year: its signal decides whether new seasons are taken.
                is_asked = month >= shown_from or ((month + 1) % MONTHS == 0 and month + 1 >= FROM)
                entry = self._entry(month, self.values[month], behind, is_asked=is_asked)
            self.has_signal = entry.tier is not None
            if month >= shown_from:
                yield entry

    def _entry(self, month: int, value: int | None, behind: Behind, *, is_asked: bool) -> Entry:
        """Return what is usual for a month alone (R5), and its signal if that is asked for."""
        scale, of, season = self.scale, self.of[month], self.season[month]
        counts, exposure, width = behind
        root, half = scale.range(counts, exposure, width, of, season)
        off = 0.0
        if value is not None:
            off = (scale.root(value, of) - root) / half
            self.capped[month] = value if abs(off) <= CAP else scale.count(root + copysign(CAP, off) * half, of)
        self.sums.add(month, self.capped[month], season)
        if not is_asked:
            return TOO_EARLY
        usual = scale.usual(counts, exposure, of, season)
        reach = self.watch * (OF_FEW if is_few(scale.rarer(usual, of)) else 1) * half
        lower, upper = scale.limits(root - reach, root + reach, of)
        unit = self.entered.unit
        before = self.before.mean / unit if self.before else None
        level, since = counts / exposure / unit, self.start + self.first
        if value is None:
            return Entry(None, None, None, None, None, usual, lower, upper, level, since, before)
        far = self._find_far(month)
        if abs(off) > self.far:
            far.insert(0, _Look(1, off, value, usual, of))
        look, tier = self._strongest(month, value - usual, far) if far else (None, None)
        if look is None:
            return Entry(Signal.NONE, None, None, None, None, usual, lower, upper, level, since, before)
        signal = Signal.HIGH if look.off > 0 else Signal.LOW
        counted, due = self.entered.sum(month + 1 - look.window, month + 1), self._due(look, month)
        is_back = self._is_back(month, value, usual, signal)
        return Entry(signal, tier, look.window, counted, due, usual, lower, upper, level, since, before, is_back)

    def _find_far(self, month: int) -> list[_Look]:
        """Return the windows of several months that end with a month and are so far off that they may be told, each
        compared with the months before it (R4, R5)."""
        sums, after, far = self.sums, month + 1, list[_Look]()
        figures, all_counts, all_exposure, find_off = sums.figures, sums.counts, sums.exposure, self.scale.off
        for window in self.windows:
            start = after - window
            if start <= self.start or (behind := sums.behind(self.start, start)) is None:
                break  # a longer one starts even earlier
            # At most a quarter of its months may have no figure.
            if figures[after] - figures[start] >= window - window // 4:
                counted, exposed = all_counts[after] - all_counts[start], all_exposure[after] - all_exposure[start]
                counts, exposure, width = behind
                due, off = find_off(counted, exposed, counts, exposure)
                off /= width
                if abs(off) > self.far:
                    far.append(_Look(window, off, counted, due, exposed))
                elif window == YEAR and self.far < self.limit:
                    self.usual_year = after
        return far

    def _strongest(self, month: int, this_month: float, far: Iterable[_Look]) -> tuple[_Look | None, Tier | None]:
        """Return the window with the furthest signal, and the strongest tier of any window (R6). `this_month` is how
        far the month alone is from what is usual."""
        furthest, tier = None, None
        for look in far:
            off = abs(look.off)
            drawn_in = OF_FEW if is_few(self.scale.rarer(look.due, look.exposed)) else 1
            if off <= self.watch * drawn_in or not self._is_told(look, month, this_month):
                continue
            if off > self.stands_out * drawn_in:
                tier = Tier.STANDS_OUT
            if furthest is None or off > abs(furthest.off):
                furthest = look
        return furthest, tier or (Tier.WATCH if furthest else None)

    def _is_told(self, look: _Look, month: int, this_month: float) -> bool:
        """Return whether the month alone and its quarter are on the window's side (R6). A past episode must not look as
        if it were still going on. A window of several months differs by a tenth at least."""
        if this_month * look.off <= 0:
            return False
        if look.window == 1:
            return True
        if abs(look.counted - look.due) < self.scale.rarer(look.due, look.exposed) / TENTH:
            return False
        if look.window == QUARTER:
            return True
        sums, after = self.sums, month + 1
        quarter = after - QUARTER
        share = look.due * (sums.exposure[after] - sums.exposure[quarter]) / look.exposed
        return (sums.counts[after] - sums.counts[quarter] - share) * look.off > 0

    def _due(self, look: _Look, month: int) -> float:
        """Return how many were due in a window, each month with its season."""
        if look.window == 1:
            return look.due
        window = range(month + 1 - look.window, month + 1)
        return self.scale.due(
            look.due, [(self.of[at], self.season[at]) for at in window if self.values[at] is not None]
        )

    def _is_back(self, month: int, value: int, usual: float, signal: Signal) -> bool:
        """Return whether a signal points to the level before and is in its range (R11), whatever its season."""
        before, scale, of = self.before, self.scale, self.of[month]
        if before is None:
            return False
        was = before.mean * of
        # A level equal to the usual value is on neither side, whatever the last bits.
        if isclose(was, usual) or (was > usual) != (signal is Signal.HIGH):
            return False
        root, half = scale.range(before.counts, before.exposure, before.width, of, scale.no_season)
        return abs(scale.root(value, of) - root) <= CAP * half

    def _move_to(self, since: int, month: int) -> None:
        """Start a new level (R8)."""
        sums, base = self.sums, base_of_split(self.start, since)
        counts, exposure = sums.counts[since] - sums.counts[base], sums.exposure[since] - sums.exposure[base]
        self.before = _Level(sums.mean(base, since), counts, exposure, sums.width(base, since))
        self.start = since
        self.starts.append(since)
        self._cap_start(month)

    def _cap_start(self, month: int) -> None:
        """R3: the figures that a level starts with count for no more than 3 widths from their median."""
        scale, start = self.scale, self.start
        roots = [
            None if value is None else scale.take_out(value, of, season)[2]
            for value, of, season in zip(
                self.values[start:month], self.of[start:month], self.season[start:month], strict=True
            )
        ]
        centre, width = _centre(roots, self.entered.gaps[start:month])
        for at, root in enumerate(roots, start):
            if root is not None:
                of = self.of[at]
                most = CAP * width / sqrt(of)
                off = root - centre
                is_held = abs(off) <= most
                self.capped[at] = (
                    self.values[at] if is_held else scale.put_back(centre + copysign(most, off), of, self.season[at])
                )
        self._add_again(start, month)

    def _take_seasons(self, month: int) -> None:
        """Take over the seasons that the months before this one show (R10)."""
        seasons = find_seasons(self.entered, self.scale, self.sums.figures, month, self.starts)
        if seasons == self.seasons:
            return
        self.seasons = seasons
        first = max(0, month - FOLLOWED)
        for at in range(first, month):
            self.season[at] = seasons[at % MONTHS]
        self._add_again(first, month)

    def _add_again(self, first: int, month: int) -> None:
        self.sums.add_again(first, self.capped[first:month], self.season[first:month])
