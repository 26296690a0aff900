"""Did a series change at an event by more than at other dates? (docs/impact.md)"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import exp, fsum

from indicators.impact.effects import Effects, Model, Series, find_effects
from indicators.impact.refusals import not_estimated, too_few_dates
from indicators.impact.regression import SURE, YEAR, NotEstimated, Season
from indicators.impact.spans import LEAST_DATES, Span, find_span

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
    """As a fraction of what there would have been: −0.24 is a fall of 24 %. With its range of 95 %."""

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
    found: list[Effects] = []
    for model in MODELS:
        if len(span.other_dates(model.before)) >= LEAST_DATES:
            # A richer model may fail where a plainer one doesn't.
            with suppress(NotEstimated):
                found.append(find_effects(series, control, span, model))
    if not found:
        raise not_estimated("the comparison series" if _has_both_sides(series, span) and control else "its figures")
    enough = [effects for effects in found if len(effects.others) >= LEAST_DATES]
    if not enough:
        raise too_few_dates(max(len(effects.others) for effects in found), LEAST_DATES)
    return min(enough, key=lambda effects: effects.swing * (1 if effects.model == MODELS[0] else MUCH))


def _has_both_sides(series: Series, span: Span) -> bool:
    return any(series.counts[span.event - YEAR : span.event]) and any(series.counts[span.event : span.end])


def _describe(series: Series, effects: Effects, span: Span, *, has_controls: bool) -> BeforeAfter:
    event = effects.event
    before = series.cut(span.event - effects.model.before, span.event)
    after = series.cut(span.event, span.end)
    return BeforeAfter(
        before=before.level,
        after=after.level,
        expected=after.level / exp(event.own),
        change=_make_change(event.own, event.own_error, effects.own_swing),
        controls=_make_change(event.control, event.control_error, effects.control_swing)
        if event.control is not None
        else None,
        difference=_make_change(event.difference, event.difference_error, effects.swing) if has_controls else None,
        as_large=effects.count_as_large(),
        other_dates=len(effects.others),
        span=span,
        model=effects.model,
    )


def _make_change(effect: float, error: float, swing: float) -> Change:
    """Return the wider of two ranges: the regression's error, or the series' own ups and downs at other dates."""
    half = SURE * max(error, swing)
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
