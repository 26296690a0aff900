"""What is a KPI's way from baseline to target, and what do its months so far add up to? Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

from core.months import Month
from indicators.trend import Polarity

YEAR = 12


class Step(NamedTuple):
    """From this month on, this value."""

    month: Month
    value: float


@dataclass(frozen=True, slots=True)
class Aim:
    """A count's values are for one month.

    A share's or rate's are as shown, such as 61 for 61 %. `begins` is the first month that counts, and `due` is the
    target's. Without `steps` the trajectory is straight: in the month before `begins` it is the baseline, in `due`
    the target. With steps it is the baseline until the first one.
    """

    better: Polarity
    baseline: float
    target: float
    begins: Month
    due: Month
    steps: tuple[Step, ...] = ()

    def trajectory_in(self, month: Month) -> float:
        if month >= self.due:
            return self.target
        if month < self.begins:
            return self.baseline
        if self.steps:
            return next((step.value for step in reversed(self.steps) if step.month <= month), self.baseline)
        way = (month - self.begins + 1) / (self.due - self.begins + 1)
        return self.baseline + way * (self.target - self.baseline)

    def is_better(self, value: float, than: float) -> bool:
        return value < than if self.better is Polarity.LOWER else value > than


class Fault(NamedTuple):
    """A fault of an aim: a sentence for the user, and the part of the aim that it is about."""

    part: str
    sentence: str


def find_faults(aim: Aim, *, now: Month) -> list[Fault]:
    """List the faults of an aim that is set in the month `now`."""
    faults = []
    if aim.better is Polarity.NEUTRAL:
        return [Fault("better", "Choose whether lower or higher is better. A KPI needs one direction.")]
    if not all(isfinite(value) and value >= 0 for value in (aim.baseline, aim.target)):
        return [Fault("target", "Enter numbers that are 0 or more.")]
    if not all(isfinite(value) and value >= 0 for value in _values(aim.steps)):
        return [Fault("steps", "Enter numbers that are 0 or more.")]
    if not aim.is_better(aim.target, aim.baseline):
        which = "below" if aim.better is Polarity.LOWER else "above"
        faults.append(Fault("target", f"Enter a target {which} the baseline: {aim.better.value} is better here."))
    if aim.due <= now:
        sentence = f"Choose a target month in the future: {aim.due.label} isn’t."
        faults.append(Fault("due", sentence))
    if aim.due - aim.begins < 2:
        sentence = "Choose a target month at least two months after the first. Sooner is too early to tell."
        faults.append(Fault("due", sentence))
    return faults + _find_faults_of_steps(aim)


def _find_faults_of_steps(aim: Aim) -> list[Fault]:
    months, values = [step.month for step in aim.steps], [aim.baseline, *_values(aim.steps), aim.target]
    wrong = []
    if months != sorted(set(months)):
        wrong.append("Put the steps in month order, one for each month.")
    if any(not aim.begins <= month < aim.due for month in months):
        wrong.append(f"Choose months for the steps from {aim.begins.label} to the month before {aim.due.label}.")
    goes_back = any(aim.is_better(before, after) for before, after in pairwise(values))
    if aim.steps and goes_back:
        wrong.append("Each step must move from the baseline towards the target, and not past it.")
    return [Fault("steps", sentence) for sentence in wrong]


def _values(steps: Sequence[Step]) -> list[float]:
    return [step.value for step in steps]


def show_amount(value: float) -> str:
    """Return a KPI's number as text: "214", "17.6", "0.083"."""
    return f"{value:.2g}" if 0 < value < 1 else f"{value:,.1f}".removesuffix(".0")


class Figure(NamedTuple):
    """A month's cases and their denominator: staff, residents. A count has no denominator."""

    cases: int
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The last 12 months, or all since the KPI began: so many `months`, of which some have `figures`.

    A stock has only its newest month with a figure, `of_month`: most of a stock was there the month before. `value` is
    the months' result: a count's sum, a share or a rate. `baseline`, `trajectory` and `target` are the results that the
    months with figures would have by each. All are None without a figure. `known` counts the months with a figure since
    the KPI started.
    """

    months: int
    figures: int
    cases: int
    of: int | None
    value: float | None
    baseline: float | None
    trajectory: float | None
    target: float | None
    is_due: bool
    known: int = 0
    of_month: Month | None = None


def take_span(figures: Sequence[Figure | None], aim: Aim, *, per: float | None = None, is_stock: bool = False) -> Span:
    """Add up the newest of a KPI's months. The first of `figures` is the month in which it starts.

    `per` is what a share or rate is shown by: 100, or 10,000; None for a count. A month without a figure adds nothing
    to either side.
    """
    newest = aim.begins + (len(figures) - 1)
    since = max(0, len(figures) - YEAR)
    found = [
        (aim.begins + place, figure)
        for place, figure in enumerate(figures)
        if place >= since and figure is not None and (per is None or figure.of)
    ]
    known = len(found)
    if is_stock:
        found = found[-1:]
    cases = sum(figure.cases for _, figure in found)
    # A count's months weigh the same. Those of a share or rate weigh by their denominator.
    weights = [1 if per is None else figure.of or 0 for _, figure in found]
    of = None if per is None else sum(weights)
    value = baseline = trajectory = target = None
    if found:
        scale = 1 if of is None else 1 / of
        value = (per or 1) * cases * scale
        baseline, target = aim.baseline * sum(weights) * scale, aim.target * sum(weights) * scale
        due = (aim.trajectory_in(month) * weight for (month, _), weight in zip(found, weights, strict=True))
        trajectory = sum(due) * scale
    return Span(
        months=len(found) if is_stock else len(figures) - since,
        figures=len(found),
        cases=cases,
        of=of,
        value=value,
        baseline=baseline,
        trajectory=trajectory,
        target=target,
        is_due=newest >= aim.due,
        known=known,
        of_month=found[0][0] if is_stock and found else None,
    )


def mean_figure(figures: Sequence[Figure], *, per: float | None = None) -> float:
    """Return the months' baseline: a count's mean, or the share or rate of all of them. There is at least one, and
    those of a share are of something."""
    cases = sum(figure.cases for figure in figures)
    if per is None:
        return cases / len(figures)
    return per * cases / sum(figure.of or 0 for figure in figures)
