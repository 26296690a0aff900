"""What is a KPI's state in a month? One table of rules. Pure.

The figures of a span (indicators.kpis.aims) with their 95 % range are compared with the baseline and the trajectory.
docs/kpis.md has the table with an example of each rule.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum, auto
from math import ceil, floor
from typing import NamedTuple

from core.labels import Labelled
from indicators.kpis.aims import YEAR, Span, show_amount
from indicators.kpis.scale import find_sign
from indicators.trend import Polarity

LEAST = 3  # months with a figure that a state needs
TEN = 10
NEARLY = 1e-9  # of a sum's last bits


class KpiState(Labelled):
    TOO_EARLY = "too_early", "Too early to tell"
    MET = "met", "Met"
    WORSE = "worse", "Worse than the baseline"
    ON_COURSE = "on_course", "On course"
    TOO_CLOSE = "too_close", "Too close to call"
    NO_CHANGE = "no_change", "No clear change"
    BEHIND = "behind", "Behind"


class Lies(Enum):
    """Where a range is: wholly on the worse side of a value, around it, or wholly on the better side."""

    WORSE = auto()
    AROUND = auto()
    BETTER = auto()


class Facts(NamedTuple):
    """The facts that decide a state."""

    is_too_early: bool
    is_met: bool  # its month has come, and the figures reach the target
    by_baseline: Lies
    by_trajectory: Lies


class Rule(NamedTuple):
    """A state and the facts that it needs. None means any."""

    state: KpiState
    is_too_early: bool
    is_met: bool | None = None
    by_baseline: Collection[Lies] = tuple(Lies)
    by_trajectory: Collection[Lies] = tuple(Lies)

    def matches(self, facts: Facts) -> bool:
        return (
            facts.is_too_early is self.is_too_early
            and self.is_met in {None, facts.is_met}
            and facts.by_baseline in self.by_baseline
            and facts.by_trajectory in self.by_trajectory
        )


REACHED = (Lies.AROUND, Lies.BETTER)
RULES = (
    Rule(KpiState.TOO_EARLY, True),
    Rule(KpiState.MET, False, True),
    Rule(KpiState.WORSE, False, False, by_baseline=(Lies.WORSE,)),
    Rule(KpiState.ON_COURSE, False, False, by_baseline=(Lies.BETTER,), by_trajectory=REACHED),
    Rule(KpiState.TOO_CLOSE, False, False, by_baseline=(Lies.AROUND,), by_trajectory=REACHED),
    Rule(KpiState.NO_CHANGE, False, False, by_baseline=(Lies.AROUND,), by_trajectory=(Lies.WORSE,)),
    Rule(KpiState.BEHIND, False, False, by_baseline=(Lies.BETTER,), by_trajectory=(Lies.WORSE,)),
)


def find_state(facts: Facts) -> KpiState:
    """Return the state of the one rule that matches."""
    # This raises an error unless exactly one rule matches.
    (state,) = (rule.state for rule in RULES if rule.matches(facts))
    return state


@dataclass(frozen=True, slots=True)
class Standing:
    """A KPI's state in a month, with the facts behind it."""

    state: KpiState
    span: Span
    lower: float | None
    upper: float | None
    facts: Facts


def judge_kpi(span: Span, *, better: Polarity, lower: float | None, upper: float | None) -> Standing:
    """Return a KPI's standing. `lower` and `upper` are the 95 % range of the span's value, None where it has none."""
    if better is Polarity.NEUTRAL:
        raise ValueError("A KPI goes one way.")
    facts = _find_facts(span, better, lower, upper)
    return Standing(find_state(facts), span, lower, upper, facts)


def _find_facts(span: Span, better: Polarity, lower: float | None, upper: float | None) -> Facts:
    if (
        span.known < LEAST
        or span.value is None
        or span.baseline is None
        or span.trajectory is None
        or span.target is None
        or lower is None
        or upper is None
    ):
        return Facts(True, False, Lies.AROUND, Lies.AROUND)
    is_reached = _lies(span.value, span.value, by=span.target, better=better) is not Lies.WORSE
    return Facts(
        is_too_early=False,
        is_met=span.is_due and is_reached,
        by_baseline=_lies(lower, upper, by=span.baseline, better=better),
        by_trajectory=_lies(lower, upper, by=span.trajectory, better=better),
    )


def _lies(lower: float, upper: float, *, by: float, better: Polarity) -> Lies:
    nearly = NEARLY * max(1.0, abs(by))
    if upper < by - nearly:
        return Lies.BETTER if better is Polarity.LOWER else Lies.WORSE
    if lower > by + nearly:
        return Lies.WORSE if better is Polarity.LOWER else Lies.BETTER
    return Lies.AROUND


# --- Words


def describe_standing(standing: Standing, *, unit: str = "") -> str:
    """Describe the state in a sentence for a councillor. `unit` follows a number that has one: "%", " per 10,000"."""
    state, span = standing.state, standing.span
    if state is KpiState.TOO_EARLY:
        return f"Too early to tell: {name_months(span.known)} with a figure so far, and {LEAST} are needed."
    figures = _describe_figures(standing, unit)
    baseline, trajectory, target = (
        f"{show_amount(value or 0)}{find_sign(unit)}" for value in (span.baseline, span.trajectory, span.target)
    )
    if state is KpiState.MET:
        return f"Met: {figures}. The target is {target}."
    if state is KpiState.WORSE:
        return f"Worse than the baseline: {figures}. The baseline is {baseline}."
    if state is KpiState.NO_CHANGE:
        return f"No clear change: {figures}. The baseline is {baseline}. The plan for now is {trajectory}."
    if state is KpiState.BEHIND:
        return f"Behind: {figures}. That is better than the baseline of {baseline}. The plan for now is {trajectory}."
    if state is KpiState.ON_COURSE:
        sentence = f"On course: {figures}. The plan for now is {trajectory}."
    else:
        sentence = f"Too close to call: {figures}. The baseline is {baseline} and the plan for now is {trajectory}."
    return f"{sentence} The target of {target} hasn’t been reached." if span.is_due else sentence


def _describe_figures(standing: Standing, unit: str) -> str:
    span, value = standing.span, standing.span.value or 0
    if span.of_month is not None:
        when = f"in {span.of_month.label}"
    elif span.figures < span.months:
        when = f"in the last {span.months} months, {span.figures} of them with a figure"
    elif span.months == YEAR:
        when = f"in the last {YEAR} months"
    else:
        when = f"in the {name_months(span.months)} since it started"
    lower, upper = round_range(value, standing.lower or 0, standing.upper or 0, is_count=span.of is None)
    least, most, sign = show_amount(lower), show_amount(upper), find_sign(unit)
    return f"{show_amount(value)}{unit} {when} ({least}{sign} to {most}{sign}, allowing for chance)"


def round_range(value: float, lower: float, upper: float, *, is_count: bool) -> tuple[float, float]:
    """Return the ends of a range as printed. They are rounded inwards, to agree with the state."""
    low, high = (_digits(end) if is_count else 1 for end in (lower, upper))
    return min(_rounded(lower, low, ceil), round(value, low)), max(_rounded(upper, high, floor), round(value, high))


def _digits(end: float) -> int:
    """Return the decimals of a count's end. Whole numbers are too coarse for a small one: 0.03 to 5.6 as "1 to 5" would
    leave out a baseline of 0.5."""
    return 2 if end < 1 else 1 if end < TEN else 0


def _rounded(value: float, digits: int, way: Callable[[float], int]) -> float:
    scale = 10.0**digits
    # A limit that is whole but for its last bits must not be rounded past itself.
    nearly = NEARLY if way is floor else -NEARLY
    return way(value * scale + nearly) / scale


def name_span(months: int, *, of_these: int | None = None) -> str:
    """ "the newest month" for one, and otherwise as `name_months`."""
    return "the newest month" if months == 1 else name_months(months, of_these=of_these)


def name_months(number: int, *, of_these: int | None = None) -> str:
    """ "1 month"; "11 of 12 months" where `of_these` have a figure, and not all."""
    words = "1 month" if number == 1 else f"{number} months"
    return words if of_these is None or of_these == number else f"{of_these} of {words}"
