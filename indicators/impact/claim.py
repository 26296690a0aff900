"""Compares the change of a series at an event with its changes at other dates (docs/impact.md)."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import exp, fsum, hypot, sqrt

from core.labels import Labelled
from core.texts import count_of_noun
from indicators.impact.regression import SURE, YEAR, NotEstimated, Season, fit, make_design
from indicators.ratios import beta_quantile


class Cut(StrEnum):
    """Where the months that can be compared start or end."""

    EDGE = "edge"
    GAP = "gap"
    START = "start"


class Refusal(ValueError):
    """Its text is a sentence for the reader."""


def too_few(side: str, *, months: int, needed: int, cut: Cut) -> Refusal:
    sentence = f"There are too few months {side} the event: {months}, but {needed} are needed."
    return Refusal(f"{sentence}{_CUT[cut][side]}")


_CUT = {
    Cut.EDGE: {"before": "", "after": ""},
    Cut.GAP: {
        "before": " We count only the months after the last one without a figure.",
        "after": " We count only the months before the first one without a figure.",
    },
    Cut.START: {
        "before": " We count only the months since the last change of definition or recording.",
        "after": " We count only the months before the next change of definition or recording.",
    },
}


LEAST_AFTER, MOST_AFTER = 3, 24
LEAST_BEFORE = YEAR
LEAST_DATES, MOST_DATES = 12, 60  # other dates of the same series


@dataclass(frozen=True, slots=True)
class Span:
    """`first` to `end` is the run of months around the event; `after` is how many months after it are looked at."""

    first: int
    event: int
    after: int

    @property
    def end(self) -> int:
        return self.event + self.after

    def other_dates(self, before: int) -> range:
        """Return the latest dates before the event whose months after end by then."""
        last = self.event - self.after
        return range(max(self.first + before, last - MOST_DATES + 1), last + 1)


def find_span(known: Sequence[bool], event: int, starts: Collection[int] = ()) -> Span:
    """Find the span. `known` says which months have a figure. `starts` are the months in which a definition or
    recording starts. Raises Refusal, with a sentence."""
    if not 0 <= event < len(known):
        raise Refusal(f"The event lies outside the series, which has {count_of_noun(len(known), 'month')}.")
    # At place 0 the whole series starts, so too few months before it is the truer refusal.
    if event in starts and event:
        raise Refusal("The definition or recording changed in the month of the event, so nothing can be compared.")
    first, first_cut = _go_back(known, event, starts)
    end, end_cut = _go_on(known, event, starts)
    if end - event < LEAST_AFTER:
        raise too_few("after", months=end - event, needed=LEAST_AFTER, cut=end_cut)
    history = event - first
    spare = history - LEAST_BEFORE - LEAST_DATES + 1
    if spare < LEAST_AFTER:
        raise too_few("before", months=history, needed=LEAST_BEFORE + LEAST_DATES - 1 + LEAST_AFTER, cut=first_cut)
    after = min(end - event, MOST_AFTER)
    if after > spare:
        after = min(after, YEAR, spare)
    return Span(first, event, after)


def _go_back(known: Sequence[bool], event: int, starts: Collection[int]) -> tuple[int, Cut]:
    first = event
    while first > 0:
        if first in starts:
            return first, Cut.START
        if not known[first - 1]:
            return first, Cut.GAP
        first -= 1
    return first, Cut.EDGE


def _go_on(known: Sequence[bool], event: int, starts: Collection[int]) -> tuple[int, Cut]:
    for month in range(event, len(known)):
        if not known[month]:
            return month, Cut.GAP
        if month > event and month in starts:
            return month, Cut.START
    return len(known), Cut.EDGE


@dataclass(frozen=True, slots=True)
class Series:
    """Counts, and what each is out of: residents, cases, people in post. A count by itself is out of nothing. A share
    is out of those who could all be counted, so chance does less to it the nearer it is to all."""

    counts: Sequence[float]
    exposures: Sequence[float] | None = None
    is_share: bool = False

    def cut(self, first: int, end: int) -> "Series":
        exposures = self.exposures[first:end] if self.exposures is not None else None
        return Series(self.counts[first:end], exposures, self.is_share)

    @property
    def level(self) -> float:
        """Return a month's mean; for a share or rate, one sum divided by the other."""
        return fsum(self.counts) / (fsum(self.exposures) if self.exposures is not None else len(self.counts))

    @property
    def chance(self) -> float:
        """Return the dispersion by chance alone, which is 1 for a count."""
        return 1 - self.level if self.is_share else 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """A model: how many months before the event it uses, and the variables that explain them."""

    before: int
    season: Season
    trend: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """Changes on the log scale, each with the regression's standard error."""

    own: float
    own_error: float
    control: float | None = None
    control_error: float = 0.0

    @property
    def difference(self) -> float:
        return self.own - (self.control or 0.0)

    @property
    def difference_error(self) -> float:
        return hypot(self.own_error, self.control_error)


@dataclass(frozen=True, slots=True)
class Effects:
    """One model's effect at the event, and its effects at other dates, when nothing is known to have happened."""

    model: Model
    event: Effect
    others: Sequence[Effect]

    @property
    def own_swing(self) -> float:
        return _swing([other.own for other in self.others])

    @property
    def control_swing(self) -> float:
        return _swing([other.control or 0.0 for other in self.others])

    @property
    def swing(self) -> float:
        """Return how far the differences at other dates are from none, as a root mean square. Nothing is known to have
        happened then."""
        return _swing([other.difference for other in self.others])

    def count_as_large(self) -> int:
        """Return at how many other dates as large a change appears, up or down."""
        least = abs(self.event.difference)
        return sum(abs(other.difference) >= least for other in self.others)


def find_effects(series: Series, control: Series | None, span: Span, model: Model) -> Effects:
    """Raises NotEstimated where the event's own can't be. Dates without an estimate are left out."""
    event = estimate(series, control, span.event, span.after, model)
    return Effects(model, event, tuple(_find_others(series, control, span, model)))


def estimate(series: Series, control: Series | None, month: int, after: int, model: Model) -> Effect:
    """Raises NotEstimated."""
    own = _estimate(series, month, after, model)
    return Effect(*own) if control is None else Effect(*own, *_estimate(control, month, after, model))


def _find_others(series: Series, control: Series | None, span: Span, model: Model) -> Iterator[Effect]:
    for month in span.other_dates(model.before):
        try:
            yield estimate(series, control, month, span.after, model)
        except NotEstimated:
            continue


def _estimate(series: Series, month: int, after: int, model: Model) -> tuple[float, float]:
    """Return the step and its error: the regression's, but never less than chance alone."""
    part = series.cut(month - model.before, month + after)
    design = make_design(model.before + after, model.before, model.season, trend=model.trend)
    fitted = fit(part.counts, design, part.exposures)
    return fitted.step, fitted.error * sqrt(max(fitted.dispersion, part.chance))


def _swing(changes: Sequence[float]) -> float:
    return sqrt(fsum(change * change for change in changes) / len(changes)) if changes else 0.0


RARE = 0.05  # the most of the other dates that may have as large a change
MUCH = 2  # times as far off as another the plainest model is at other dates, before that one is used
# The plainest first: one year is compared with another.
MODELS = (
    Model(YEAR, Season.NONE, trend=False),
    Model(3 * YEAR, Season.TWO_WAVES, trend=False),
    Model(5 * YEAR, Season.TWO_WAVES, trend=True),
)


@dataclass(frozen=True, slots=True)
class Change:
    """As a fraction of what there would have been: −0.24 is a fall of 24%. With its range of 95%."""

    value: float
    lower: float
    upper: float

    @property
    def leaves_out_none(self) -> bool:
        return self.lower > 0 or self.upper < 0


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Levels are the monthly mean of a count, or a count per unit of its denominator. `expected` is what the model
    expects for the months after without the event. `difference` is the change without that of the comparison series: (1
    + change) / (1 + theirs) − 1."""

    before: float
    after: float
    expected: float
    change: Change
    controls: Change | None
    difference: Change | None
    as_large: int
    other_dates: int
    span: Span
    model: Model

    @property
    def told(self) -> Change:
        """Return the change that may be claimed: with comparison series, the difference."""
        return self.difference or self.change

    @property
    def placebo_share(self) -> float:
        return self.as_large / self.other_dates

    @property
    def is_claimed(self) -> bool:
        return self.told.leaves_out_none and self.placebo_share <= RARE


def compare(
    counts: Sequence[float | None],
    event: int,
    *,
    controls: Sequence[Sequence[float | None]] = (),
    exposures: Sequence[float | None] | None = None,
    control_exposures: Sequence[Sequence[float | None]] | None = None,
    is_share: bool = False,
    starts: Collection[int] = (),
) -> BeforeAfter:
    """Compare the months after an event with those before it. Raises Refusal, with a sentence.

    `event` is the place of the first month after, counted from 0; `starts` are the months in which a definition or
    way of recording starts. `exposures` are the denominators of a share or a rate. Comparison series are as long as the
    series. They count as one series: their sum.
    """
    every = [counts, *controls, *([exposures] if exposures is not None else []), *(control_exposures or [])]
    known = [None not in month for month in zip(*every, strict=True)]
    span = find_span(known, event, starts)
    series = Series(_without_gaps(counts), _without_gaps(exposures) if exposures is not None else None, is_share)
    control = _join(controls, control_exposures, is_share=is_share) if controls else None
    return _describe(series, _choose(series, control, span), span, has_controls=control is not None)


def _choose(series: Series, control: Series | None, span: Span) -> Effects:
    """Try each model that has enough months. A richer model is used only where its errors are much smaller."""
    candidates: list[Effects] = []
    for model in MODELS:
        if len(span.other_dates(model.before)) >= LEAST_DATES:
            # A richer model may fail where a plainer one doesn't.
            with suppress(NotEstimated):
                candidates.append(find_effects(series, control, span, model))
    if not candidates:
        whose = "the comparison series" if _has_both_sides(series, span) and control else "its figures"
        raise Refusal(
            f"The change cannot be estimated: {whose} have no counts from before or from after the event, or too few "
            "to compare."
        )
    enough = [effects for effects in candidates if len(effects.others) >= LEAST_DATES]
    if not enough:
        dates = max(len(effects.others) for effects in candidates)
        raise Refusal(
            f"Counts are too small: a change can be estimated at {dates} other dates, but {LEAST_DATES} are needed."
        )
    return min(enough, key=lambda effects: effects.swing * (1 if effects.model == MODELS[0] else MUCH))


def _has_both_sides(series: Series, span: Span) -> bool:
    return any(series.counts[span.event - YEAR : span.event]) and any(series.counts[span.event : span.end])


def _describe(series: Series, effects: Effects, span: Span, *, has_controls: bool) -> BeforeAfter:
    event = effects.event
    before = series.cut(span.event - effects.model.before, span.event)
    after = series.cut(span.event, span.end)
    reach = find_reach(len(effects.others), span.after)
    return BeforeAfter(
        before=before.level,
        after=after.level,
        expected=after.level / exp(event.own),
        change=_make_change(event.own, event.own_error, effects.own_swing, reach),
        controls=_make_change(event.control, event.control_error, effects.control_swing, reach)
        if event.control is not None
        else None,
        difference=_make_change(event.difference, event.difference_error, effects.swing, reach)
        if has_controls
        else None,
        as_large=effects.count_as_large(),
        other_dates=len(effects.others),
        span=span,
        model=effects.model,
    )


@cache
def find_reach(dates: int, after: int) -> float:
    """Return how many swings a range of 95% reaches to each side: Student's t, so further where few are known.

    Other dates share most of their months, so only each half of the months after counts as one that is independent
    (docs/impact.md, R5). Student's t is read off a beta distribution (M. Abramowitz and I. A. Stegun, 1964, 26.5.27).
    """
    free = 1 + 2 * (dates - 1) / after
    # The square of a t lies above t² as often as a beta of (free / 2, 1/2) lies below free / (free + t²).
    share = beta_quantile(free / 2, 0.5, 0.05)
    return sqrt(free * (1 - share) / share)


def _make_change(effect: float, error: float, swing: float, reach: float) -> Change:
    """Return the wider of two ranges: the regression's error, or the series' own ups and downs at other dates."""
    half = max(SURE * error, reach * swing)
    return Change(exp(effect) - 1, exp(effect - half) - 1, exp(effect + half) - 1)


def _without_gaps(values: Sequence[float | None]) -> list[float]:
    """Months without a figure don't get here: find_span leaves them out."""
    return [0.0 if value is None else float(value) for value in values]


def _join(
    controls: Sequence[Sequence[float | None]], exposures: Sequence[Sequence[float | None]] | None, *, is_share: bool
) -> Series:
    if not exposures:
        return Series(_add(controls))
    return Series(_add(controls), _add(exposures), is_share)


def _add(several: Sequence[Sequence[float | None]]) -> list[float]:
    return [fsum(value or 0.0 for value in month) for month in zip(*several, strict=True)]


class Came(Labelled):
    AS_EXPECTED = "as-expected", "As expected"
    LESS = "less", "Less than expected"
    MORE = "more", "More than expected"
    NOT_TOLD = "not-told", "Not clear"
    TOO_EARLY = "too-early", "Too early to check"


def judge_expected(expected: int, change: Change | None, *, is_claimed: bool, is_due: bool) -> Came:
    """`expected` is in per cent: −20 is a fall of 20%. `change` is the estimated change, None without one. It
    `is_claimed` where it is larger than changes at other dates. `is_due` once the expected month has arrived.

    A range between none and the expected change means less than expected, and so does one in the other direction. A
    range with the expected change in it means as expected only if the change is claimed: otherwise none may also be in
    it. Its ends are compared as readers see them, in whole per cent.
    """
    if not is_due:
        return Came.TOO_EARLY
    if change is None:
        return Came.NOT_TOLD
    lower, upper = round(change.lower * 100), round(change.upper * 100)
    # Treat both directions as a rise.
    nearest, farthest = (lower, upper) if expected > 0 else (-upper, -lower)
    if farthest < abs(expected):
        return Came.LESS
    if not is_claimed:
        return Came.NOT_TOLD
    return Came.MORE if nearest > abs(expected) else Came.AS_EXPECTED
