"""A KPI's way from baseline to target, what its months so far add up to, and its state in a month. Pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from math import ceil, floor, isfinite
from typing import NamedTuple

from core.calendar import Month
from core.labels import Labelled
from core.texts import count_of_noun
from indicators.judgement.judge import Counted
from indicators.ratios import RATIO_KINDS
from indicators.trend import Polarity

YEAR = 12
A_MONTH, A_YEAR = " a month", " a year"


class Step(NamedTuple):
    """From this month on, this value."""

    month: Month
    value: float


@dataclass(frozen=True, slots=True)
class Aim:
    """A count's values are for one month.

    A share's or rate's are as shown, such as 61 for 61%, or 11.6 for 11.6 per 10,000 a year. `begins` is the first
    month that counts, and `due` is the target's. Without `steps` the trajectory is straight: in the month before
    `begins` it is the baseline, in `due` the target. With steps it is the baseline until the first one.
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
        sentence = (
            "Choose a target month at least two months after the first. A target sooner than that can’t be judged."
        )
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
    months with figures would have by each. All are None without a figure. `known` counts the months with a figure, and
    `since` all months since the KPI started.
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
    since: int = 0


def take_span(figures: Sequence[Figure | None], aim: Aim, *, per: float | None = None, is_stock: bool = False) -> Span:
    """Add up the newest of a KPI's months. The first of `figures` is the month in which it starts.

    `per` is what a share or rate is shown by: 100, or 10,000; None for a count. A month without a figure adds nothing
    to either side.
    """
    newest = aim.begins + (len(figures) - 1)
    since = max(0, len(figures) - YEAR)
    dated = [
        (aim.begins + place, figure)
        for place, figure in enumerate(figures)
        if place >= since and figure is not None and (per is None or figure.of)
    ]
    known = len(dated)
    if is_stock:
        dated = dated[-1:]
    cases = sum(figure.cases for _, figure in dated)
    # A count's months weigh the same. Those of a share or rate weigh by their denominator.
    weights = [1 if per is None else figure.of or 0 for _, figure in dated]
    of = None if per is None else sum(weights)
    value = baseline = trajectory = target = None
    if dated:
        scale = 1 if of is None else 1 / of
        value = (per or 1) * cases * scale
        baseline, target = aim.baseline * sum(weights) * scale, aim.target * sum(weights) * scale
        due = (aim.trajectory_in(month) * weight for (month, _), weight in zip(dated, weights, strict=True))
        trajectory = sum(due) * scale
    return Span(
        months=len(dated) if is_stock else len(figures) - since,
        figures=len(dated),
        cases=cases,
        of=of,
        value=value,
        baseline=baseline,
        trajectory=trajectory,
        target=target,
        is_due=newest >= aim.due,
        known=known,
        of_month=dated[0][0] if is_stock and dated else None,
        since=len(figures),
    )


def mean_figure(figures: Sequence[Figure], *, per: float | None = None) -> float:
    """Return the months' baseline: a count's mean, or the share or rate of all of them. There is at least one, and
    those of a share are of something."""
    cases = sum(figure.cases for figure in figures)
    if per is None:
        return cases / len(figures)
    return per * cases / sum(figure.of or 0 for figure in figures)


@dataclass(frozen=True, slots=True)
class Scale:
    """`per` is what a share or rate is shown by, 100 or 10,000; None for a count. `unit` follows the months' result.
    `aim_unit` follows a baseline, a trajectory or a target, which are for one month. A share `is_part` of a whole."""

    per: float | None = None
    unit: str = ""
    aim_unit: str = ""
    is_stock: bool = False
    is_part: bool = False
    is_told: bool = False  # rare deaths: each is told, and chance isn't spoken of
    is_average: bool = False  # only its own months say how much it varies

    @property
    def is_over_time(self) -> bool:
        """Return whether it is a rate of what happens in a month or a year."""
        return self.unit.endswith((A_MONTH, A_YEAR))


def find_scale(ratio: str, per: float, counts_as: str, *, rate_months: int = YEAR) -> Scale:
    """Return the scale of an indicator; a count's without `ratio`. A count on a day isn't a number a month. A rate is
    one a year, or a month's mean with `rate_months` of 1."""
    is_stock = Counted(counts_as).is_on_a_day
    if not ratio:
        is_told = counts_as == Counted.DEATHS
        return Scale(aim_unit="" if is_stock else A_MONTH, is_stock=is_stock, is_told=is_told)
    kind = RATIO_KINDS[ratio]
    if kind.is_part or not kind.shows_chance:
        return Scale(per, kind.sign, kind.sign, is_stock, kind.is_part, is_average=not kind.shows_chance)
    if is_stock:
        return Scale(per, f" per {per:,.0f}", f" per {per:,.0f}", is_stock)
    # Residents are there all year, so a year's cases are added up and its residents aren't.
    unit = f" per {per:,.0f}{A_YEAR if rate_months == YEAR else A_MONTH}"
    return Scale(per * rate_months, unit, unit)


def count_months(unit: str) -> int:
    """Return for how many months a target with this unit is."""
    return YEAR if unit.endswith(A_YEAR) else 1


def say_time(unit: str, *, months: int) -> str:
    """Return the unit of a line, which before 0.3.0 didn't say that a rate of several months was a month's mean."""
    is_bare = unit.startswith(" per ") and not unit.endswith((A_MONTH, A_YEAR))
    return f"{unit}{A_MONTH}" if is_bare and months > 1 else unit


def show_in(value: float, unit: str) -> str:
    """Return "18 a month", "61%" or "11.6 per 10,000 a year"."""
    return show_amount(value) + unit


def find_sign(unit: str) -> str:
    """What follows the further numbers of a sentence, and those of a table: a sign follows each, words the first."""
    return "" if unit.startswith(" ") else unit


# A KPI's state, by one table of rules. The figures of a span with their range are compared with the baseline and
# the trajectory. docs/kpis.md has the table with an example of each rule.

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
    NOT_JUDGED = "not_judged", "Not judged"


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
    is_told: bool = False  # it counts rare deaths, which are told and not judged


class Rule(NamedTuple):
    """A state and the facts that it needs. None means any."""

    state: KpiState
    is_too_early: bool
    is_met: bool | None = None
    is_told: bool | None = False
    by_baseline: Collection[Lies] = tuple(Lies)
    by_trajectory: Collection[Lies] = tuple(Lies)

    def matches(self, facts: Facts) -> bool:
        return (
            facts.is_too_early is self.is_too_early
            and self.is_met in {None, facts.is_met}
            and self.is_told in {None, facts.is_told}
            and facts.by_baseline in self.by_baseline
            and facts.by_trajectory in self.by_trajectory
        )


REACHED = (Lies.AROUND, Lies.BETTER)
RULES = (
    Rule(KpiState.TOO_EARLY, True, is_told=None),
    Rule(KpiState.NOT_JUDGED, False, is_told=True),
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
    """A KPI's state in a month, with the facts behind it. `by_chance` is how likely chance alone is to reach the target
    of one that is due."""

    state: KpiState
    span: Span
    lower: float | None
    upper: float | None
    facts: Facts
    by_chance: float | None = None


def judge_kpi(
    span: Span,
    *,
    better: Polarity,
    lower: float | None,
    upper: float | None,
    by_chance: float | None = None,
    is_told: bool = False,
) -> Standing:
    """Return a KPI's standing. `lower` and `upper` are the range of the span's value, None where it has none.
    Deaths that are told in words get no judgement."""
    if better is Polarity.NEUTRAL:
        raise ValueError("A KPI needs one direction.")
    facts = _find_facts(span, better, lower, upper)._replace(is_told=is_told)
    return Standing(find_state(facts), span, lower, upper, facts, by_chance)


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
    by_baseline = _lies(lower, upper, by=span.baseline, better=better)
    by_trajectory = _lies(lower, upper, by=span.trajectory, better=better)
    if lower == upper and by_baseline is Lies.AROUND and by_trajectory is not Lies.WORSE:
        by_baseline = Lies.BETTER  # what has no range is as planned, never too close to call
    return Facts(
        is_too_early=False, is_met=span.is_due and is_reached, by_baseline=by_baseline, by_trajectory=by_trajectory
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
        sentence = f"Met: {figures}. The target is {target}."
        if standing.by_chance is None or standing.facts.by_baseline is Lies.BETTER:
            return sentence
        return (
            f"{sentence} If nothing had changed, chance alone would meet it {of_100(standing.by_chance)} times in 100."
        )
    if state is KpiState.NOT_JUDGED:
        return f"Not judged: {figures}. The target is {target}. We don’t judge so few deaths."
    if state is KpiState.WORSE:
        return f"Worse than the baseline: {figures}. The baseline is {baseline}."
    if state is KpiState.NO_CHANGE:
        return (
            f"No clear change: {figures}. The baseline is {baseline}. It should be {trajectory} by now, and the range "
            "falls short of that."
        )
    if state is KpiState.BEHIND:
        return (
            f"Behind: {figures}. That is better than the baseline of {baseline}, but it should be {trajectory} by now."
        )
    if state is KpiState.ON_COURSE:
        sentence = f"On course: {figures}. It should be {trajectory} by now."
    else:
        sentence = f"Too close to call: {figures}. It started at {baseline}, and should be {trajectory} by now."
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
    reach = describe_reach(value, standing.lower or 0, standing.upper or 0, is_count=span.of is None, unit=unit)
    return f"{show_amount(value)}{unit} {when}{reach}"


def describe_reach(value: float, lower: float, upper: float, *, is_count: bool, unit: str) -> str:
    """Return " (17 to 38, allowing for chance)", to follow a value; empty where chance plays no part."""
    if lower == upper:
        return ""
    ends = round_range(value, lower, upper, is_count=is_count)
    least, most = (f"{show_amount(end)}{find_sign(unit)}" for end in ends)
    return f" ({least} to {most}, allowing for chance)"


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
    words = count_of_noun(number, "month")
    return words if of_these is None or of_these == number else f"{of_these} of {words}"


def of_100(chance: float) -> str:
    """Return how many of 100. It is never none or all: nothing is that certain."""
    if chance < 0.005:
        return "fewer than 1"
    if chance >= 0.995:
        return "more than 99"
    return str(round(100 * chance))
