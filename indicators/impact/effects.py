"""What did a series do at one date, compared with its comparison series? And at other dates?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum, hypot, sqrt

from indicators.impact.regression import NotEstimated, Season, fit, make_design
from indicators.impact.spans import Span


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
    found = fit(part.counts, design, part.exposures)
    return found.step, found.error * sqrt(max(found.dispersion, part.chance))


def _swing(changes: Sequence[float]) -> float:
    return sqrt(fsum(change * change for change in changes) / len(changes)) if changes else 0.0
