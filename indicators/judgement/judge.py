"""Judges each month of a series of monthly counts, rates or shares. Pure.

The method is docs/judgement.md, whose rules are named here (R1 to R11): an XmR chart on square roots, in five windows,
with levels that move by themselves. A month's entry depends only on figures up to that month. It is the same in every
longer series, so later figures never change what was published.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from math import ceil, copysign, floor, isclose, sqrt
from statistics import median
from typing import NamedTuple

from core.labels import Labelled
from indicators.judgement.scales import (
    BASE,
    CHANCE,
    COUNTS,
    FROM,
    LEAST,
    MONTHS,
    NEARLY,
    RATES,
    SHARES,
    TO_WIDTH,
    Behind,
    Entered,
    Scale,
    Sums,
    find_seasons,
    moving_ranges,
)
from indicators.ratios import RATIO_KINDS, Ratio, RatioKind
from indicators.trend import Polarity

YEAR, HALF_YEAR = 12, 6  # months
SETTLED = 36  # months of a level, after which the newest year isn't compared with yet
SHORTEST, LONGEST = 3, 36  # months since which a level may be looked for
TENTH = 10  # a difference of less than a tenth changes nothing that a board would name


def find_new_level(sums: Sums, start: int, month: int, *, window: int, end: int, limit: float) -> int | None:
    """Return the first month of a new level, if the `window` months before `month` differ by more than `limit` widths
    from those before `end`, and the newest of them still do (R8); None where the level from `start` still applies."""
    first = month - window
    figures = sums.figures
    if end - start < window or figures[month] - figures[first] < least_of(window):
        return None
    behind = sums.behind(start, end)
    if behind is None:
        return None
    counts, exposure, width = behind
    counted, exposed = sums.counts[month] - sums.counts[first], sums.exposure[month] - sums.exposure[first]
    due, off = sums.scale.off(counted, exposed, counts, exposure)
    if abs(off) < limit * width or abs(counted - due) < sums.scale.rarer(due, exposed) / TENTH:
        return None
    since = _likeliest_split(sums, start, month, up=off > 0)
    if since is None or month - since < YEAR or figures[month] - figures[since] < LEAST:
        return None
    half = month - HALF_YEAR
    between = (sums.mean(base_of_split(start, since), since) + sums.mean(since, month)) / 2
    lately = sums.counts[month] - sums.counts[half] - (sums.exposure[month] - sums.exposure[half]) * between
    return since if lately * off > 0 else None


def least_of(window: int) -> int:
    """Return how many of a window's months must have a figure: at most a quarter may have none."""
    return window - window // 4


def base_of_split(start: int, since: int) -> int:
    """Return the first month to compare a level from `since` with."""
    return max(start, since - BASE)


def _likeliest_split(sums: Sums, start: int, month: int, *, up: bool) -> int | None:
    """Return where the months before `month` differ most from earlier ones, on the year's side."""
    most, likeliest = -1.0, None
    for length in range(SHORTEST, LONGEST + 1):
        split = month - length
        end = min(split, month - YEAR)
        base = max(start, end - BASE)
        if end < start or sums.figures[end] - sums.figures[base] < LEAST:
            break
        counted = sums.counts[month] - sums.counts[split]
        _, off = sums.off(counted, sums.exposure[month] - sums.exposure[split], base, split)
        if (off if up else -off) > most:
            most, likeliest = (off if up else -off), split
    return likeliest


class Counted(Labelled):
    """What an indicator counts: what happened in the month, or what there was on a day of it.

    Most of a stock is the month before's, so it is judged by the month alone. It is what somebody knows of, such as
    lines. A census is all there are, such as staff in post: chance plays no part, so it has no usual range. Deaths are
    judged as all that happens is, but told in words: nobody should hear that a killing is within a usual range.
    """

    FLOW = "flow", "What happened in the month"
    STOCK = "stock", "How many were known on one day, such as lines"
    CENSUS = "census", "All there were on one day: a register, or staff in post"
    DEATHS = "deaths", "Rare deaths in the month, told in words"

    @property
    def is_on_a_day(self) -> bool:
        return self in (Counted.STOCK, Counted.CENSUS)

    @property
    def added_as(self) -> "Counted":
        """Return the kind with which it can be added up, however it is judged or told."""
        return Counted.STOCK if self.is_on_a_day else Counted.FLOW


class Signal(Labelled):
    """Which side of the usual range the figures are on, further than chance alone would often put them."""

    HIGH = "high", "High"
    LOW = "low", "Low"
    NONE = "none", "None"


class Tier(Labelled):
    """How far off a signal is. A watch is worth a look but isn't judged. A month that stands out is judged."""

    WATCH = "watch", "Watch"
    STANDS_OUT = "stands_out", "Stands out"


class Judgement(Labelled):
    """What a month's signal means under the indicator's polarity."""

    BETTER = "better", "Better"
    WORSE = "worse", "Worse"
    HIGH = "high", "Higher"
    LOW = "low", "Lower"
    USUAL = "usual", "Within the usual range"
    TOO_EARLY = "too_early", "Too early to tell"


JUDGED = {
    Polarity.HIGHER: {Signal.HIGH: Judgement.BETTER, Signal.LOW: Judgement.WORSE},
    Polarity.LOWER: {Signal.HIGH: Judgement.WORSE, Signal.LOW: Judgement.BETTER},
    Polarity.NEUTRAL: {Signal.HIGH: Judgement.HIGH, Signal.LOW: Judgement.LOW},
}


def judged(signal: Signal, tier: Tier | None, polarity: Polarity) -> Judgement:
    """Return what a signal means. A watch isn't a judgement yet."""
    # A signal of NONE has no tier, so JUDGED needs no row for it.
    return JUDGED[polarity][signal] if tier is Tier.STANDS_OUT else Judgement.USUAL


# If you change one of these, change docs/judgement.md and measure again (bench.judgement).
# Pages print what was measured.
WINDOWS: dict[Counted, tuple[int, ...]] = {Counted.FLOW: (3, 6, 12, 24), Counted.STOCK: ()}  # months, beside the one
WATCH = {Counted.FLOW: 3.05, Counted.STOCK: 2.4}  # widths
STANDS_OUT = {Counted.FLOW: 3.55, Counted.STOCK: 2.8}
OF_LEVELS = {Counted.FLOW: (12, 24), Counted.STOCK: (12,)}  # the windows that may begin a new level
NEW_LEVEL = {Counted.FLOW: STANDS_OUT[Counted.FLOW], Counted.STOCK: 6.0}
FEW, OF_FEW = 2, 0.87  # where fewer are due, roots are cautious: limits are drawn in
CAP = 3.0  # widths, beyond which a figure counts for no more in sums and bases
SCREEN = 3.267  # mean moving ranges: a larger range is an outlier's (D4 for ranges of two)
QUARTER = 3
FOLLOWED = 72  # months whose roots follow new season factors: a window of two years, and the four before it


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
    centre, width = _centre([None if figure is None else COUNTS.root(figure, 1) for figure in first], [1] * len(first))
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
        self.scale, self.counted, self.first = scale, counted.added_as, first
        self.is_census = counted is Counted.CENSUS
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
        self.usual_years: int | None = None  # the month before which neither a year nor two are far off
        counted = self.counted
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
        if self.is_census:  # chance plays no part
            yield from [TOO_EARLY] * (len(self.values) - shown_from)
            return
        figures = self.sums.figures
        for month in range(self.judged, len(self.values)):
            self.judged = month + 1
            # The years before it were looked at with the month before: see _find_far.
            if month != self.usual_years:
                self._find_level(month)
            is_new_year = month >= FROM and month % MONTHS == 0
            if is_new_year and self.counted is Counted.FLOW and not self.has_signal:
                self._take_seasons(month)
            self.season[month] = self.seasons[month % MONTHS]
            if not self.is_started and figures[month] - figures[self.start] == LEAST:
                self._cap_start(month)
                self.is_started = True
            behind = self.sums.behind(self.start, self._end_of_base(month, month))
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

    def _end_of_base(self, first: int, month: int) -> int:
        """Return the month before which the base of a window ends that runs from `first` to `month` (R4)."""
        if self.counted is Counted.STOCK:
            return first
        return min(first, max(month - YEAR, self.start + SETTLED))

    def _find_level(self, month: int) -> None:
        for window in OF_LEVELS[self.counted]:
            end = self._end_of_base(month - window, month - 1)
            since = find_new_level(self.sums, self.start, month, window=window, end=end, limit=self.limit)
            if since is not None:
                self._move_to(since, month)
                return

    def _find_far(self, month: int) -> list[_Look]:
        """Return the windows of several months that end with a month and are so far off that they may be told, each
        compared with the months before it (R4, R5)."""
        sums, after, far = self.sums, month + 1, list[_Look]()
        figures, all_counts, all_exposure, find_off = sums.figures, sums.counts, sums.exposure, self.scale.off
        self.usual_years = after if self.windows else None
        for window in self.windows:
            start = after - window
            if (
                start - window < self.start
                or (behind := sums.behind(self.start, self._end_of_base(start, month))) is None
            ):
                break  # a longer one starts even earlier
            if figures[after] - figures[start] >= least_of(window):
                counted, exposed = all_counts[after] - all_counts[start], all_exposure[after] - all_exposure[start]
                counts, exposure, width = behind
                due, off = find_off(counted, exposed, counts, exposure)
                off /= width
                if abs(off) > self.far:
                    far.append(_Look(window, off, counted, due, exposed))
                    if window >= YEAR:
                        self.usual_years = None
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


# Rates and shares follow the rules of counts, on the scale of each (docs/judgement.md). A ratio is a fraction here: per
# one, and not rounded.

type Numbers = Sequence[int | None]

SCALES: dict[RatioKind, Scale] = {
    kind: SHARES if RATIO_KINDS[kind].is_part else RATES for kind in RatioKind if RATIO_KINDS[kind].shows_chance
}


def judge_ratio(
    numerators: Numbers,
    denominators: Numbers,
    *,
    kind: RatioKind,
    counted: Counted = Counted.FLOW,
    starts: Sequence[int] = (),
    shown_from: int = 0,
) -> list[Entry]:
    """Judge a series of shares or rates, oldest first; the arguments are those of `judge`. Everything in an entry that
    is a count there is a ratio here.

    A month without a numerator has no signal. One without a denominator, or with 0, has no entry either, and nor has
    one that is more than the whole of a share.
    """
    values, of = _read(numerators, denominators, kind)
    entries = judge_on(SCALES[kind], values, of, counted=counted, starts=starts, shown_from=shown_from)
    return list(_ratios(entries, values, of, first=shown_from))


def judge_continuations_of_ratio(
    numerators: Numbers,
    denominators: Numbers,
    continuations: Iterable[tuple[Numbers, Numbers]],
    *,
    kind: RatioKind,
    counted: Counted = Counted.FLOW,
    starts: Sequence[int] = (),
) -> Iterator[Iterator[Entry]]:
    """Return the same for a series that might go on in several ways: see `judge_continuations`. Entries have counts."""
    values, of = _read(numerators, denominators, kind)
    more = (_read(numerators, denominators, kind) for numerators, denominators in continuations)
    return judge_continuations_on(SCALES[kind], values, of, more, counted=counted, starts=starts)


def _read(numerators: Numbers, denominators: Numbers, kind: RatioKind) -> tuple[list[int | None], list[float]]:
    values: list[int | None] = []
    of: list[float] = []
    for value, whole in zip(numerators, denominators, strict=True):
        is_ratio = whole is not None and whole > 0 and not (RATIO_KINDS[kind].is_part and (value or 0) > whole)
        values.append(value if is_ratio else None)
        of.append(float(whole or 0) if is_ratio else 0.0)
    return values, of


def _ratios(entries: Iterable[Entry], values: Numbers, of: Sequence[float], *, first: int) -> Iterator[Entry]:
    for month, entry in enumerate(entries, first):
        if entry.usual is None or entry.lower is None or entry.upper is None:
            yield TOO_EARLY
            continue
        whole = of[month]
        counted, due = entry.sum, entry.due
        if entry.window is not None and counted is not None and due is not None:
            window = range(month + 1 - entry.window, month + 1)
            in_window = sum(of[at] for at in window if values[at] is not None)
            counted, due = counted / in_window, due / in_window
        usual, lower, upper = entry.usual / whole, entry.lower / whole, entry.upper / whole
        yield entry._replace(sum=counted, due=due, usual=usual, lower=lower, upper=upper)


LEAST_FIGURES = LEAST  # earlier ones, for a month to be judged
# A limit within the last bits of a whole number is that number.
NEARLY_ALL = 1e-9


class Method(Labelled):
    """How a line is read."""

    JUDGED = "judged", "Judged"
    TOO_EARLY = "too_early", "Too early to tell"
    # Shown to the public where figures behind the reading are withheld or rounded.
    WITHHELD = "withheld", "Not judged"
    # An average has no range by chance: the number of cases doesn't show how much they vary.
    AVERAGE = "average", "Not judged"
    # All there are on a day were counted, so chance plays no part.
    CENSUS = "census", "All are counted"
    # From the rules until November 2026 (reporting.months.older_rules). Only published months have these.
    CHART = "chart", "Control chart"
    RARE = "rare", "Rare events"


OLDER_METHODS = (Method.CHART, Method.RARE)


NO_RANGE = (Method.AVERAGE, Method.CENSUS)


def find_method(entry: Entry, counted: Counted, ratio: Ratio | None = None) -> Method:
    if counted is Counted.CENSUS:
        return Method.CENSUS
    if ratio is not None and not RATIO_KINDS[ratio.kind].shows_chance:
        return Method.AVERAGE
    return Method.TOO_EARLY if entry.is_too_early else Method.JUDGED


def earlier_figures(values: Sequence[int | None]) -> int:
    """Count the figures that the newest month can be compared with."""
    return sum(value is not None for value in values[:-1][-BASE:])


def usual_bounds(lower: float, upper: float) -> tuple[int, int]:
    """Return the least and the greatest whole number within the limits, from 0 up."""
    least, most = max(0, ceil(lower - NEARLY_ALL)), floor(upper + NEARLY_ALL)
    if most < least:  # the limits lie between two whole numbers
        least, most = max(0, floor(lower)), max(0, ceil(upper))
    return least, most


def usual_range(lower: float, upper: float) -> str:
    """Return the same as text for every page: "4 to 16"."""
    least, most = usual_bounds(lower, upper)
    return f"{least:,} to {most:,}"
