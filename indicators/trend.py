"""How a number moved since the month before, and what in its series is more than noise. Pure.

There is an arrow only between two adjacent months that both have a signed-off figure under one definition. It shows how
the number moved, never whether that is good. It never skips a month without a figure to compare with an older one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import fsum

from core.calendar import Month
from core.labels import Labelled


class CellState(Labelled):
    """The state of a month's cell. A figure of 0 is a figure. SHOWN says how each state is shown. A state that
    `is_owed` counts as missing: its agency still has to send the figure."""

    FIGURE = "figure", "Figure"
    AWAITED = "awaited", "Awaited"
    NOT_AVAILABLE = "not_available", "Not available"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    WITHHELD = "withheld", "Not shown"
    LATER = "later", "Not public yet"

    shown: "Shown"
    is_owed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """How a cell's state is shown everywhere.

    `in_files` says what it means in a file of figures. `symbol` is shown instead of a figure, and `means` explains
    it. A missing figure has text instead: `waits` in its own month, with its {owner} and the day it is {due}, and
    `waited` in the month after. `given_as` is its name in a return, if an agency may choose it as the reason for no
    figure. Partners never see one that is `for_public`: they see true figures.
    """

    in_files: str
    symbol: str = ""
    means: str = ""
    waits: str = ""
    waited: str = ""
    given_as: str = ""
    for_public: bool = False


# Why a figure isn't shown to the public. It must not say which of these it is, except of one for agencies only.
NOT_SHOWN = "a small number, one that would give a small number away, or one that only the agencies see"
SHOWN = {
    CellState.FIGURE: Shown("there is a figure"),
    CellState.AWAITED: Shown(
        "awaited: not received yet",
        waits="Awaited from {owner} (due {due})",
        waited="awaited",
        given_as="Comes later",
    ),
    CellState.NOT_AVAILABLE: Shown(
        "there is no figure, and there will be none", "[x]", "not available", given_as="Not available"
    ),
    CellState.NOT_APPLICABLE: Shown(
        "it doesn’t apply to that month", "[z]", "not applicable", given_as="Does not apply"
    ),
    CellState.WITHHELD: Shown(NOT_SHOWN, "[c]", f"not shown: {NOT_SHOWN}", for_public=True),
    CellState.LATER: Shown("it will be public some months later", "[l]", "not public yet", for_public=True),
}
for _state in CellState:  # a state that isn't in the table raises an error here
    _state.shown, _state.is_owed = SHOWN[_state], bool(SHOWN[_state].waits)
# The symbols shown instead of figures, and the states with a missing figure.
SYMBOLS = {state: state.shown.symbol for state in CellState if state.shown.symbol}
# What pages for the public say in place of a symbol, which only their files have.
IN_WORDS = {state.shown.symbol: state.label.lower() for state in CellState if state.shown.for_public}
OWED = tuple(state for state in CellState if state.is_owed)


class Polarity(Labelled):
    """Which way is better. It is set on the indicator with a written reason, never inferred."""

    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"
    NEUTRAL = "neutral", "No judgement"


class Movement(Labelled):
    UP = "up", "Up"
    DOWN = "down", "Down"
    LEVEL = "level", "Level"
    NONE = "none", "No arrow"


class NoArrowReason(Labelled):
    """Why there is no arrow. The month's own cell is checked first, then the month before. Each state without a figure
    has a reason for both."""

    AWAITED = "awaited", "This month's figure is awaited"
    NOT_AVAILABLE = "not_available", "This month's figure is not available"
    NOT_APPLICABLE = "not_applicable", "This month's figure doesn't apply"
    WITHHELD = "withheld", "This month's figure is not shown"
    LATER = "later", "This month's figure is not public yet"
    NO_PREVIOUS_MONTH = "no_previous_month", "There is no earlier month to compare with"
    PREVIOUS_AWAITED = "previous_awaited", "The figure of the month before is awaited"
    PREVIOUS_NOT_AVAILABLE = "previous_not_available", "The figure of the month before is not available"
    PREVIOUS_NOT_APPLICABLE = "previous_not_applicable", "The figure of the month before doesn't apply"
    PREVIOUS_WITHHELD = "previous_withheld", "The figure of the month before is not shown"
    PREVIOUS_LATER = "previous_later", "The figure of the month before is not public yet"
    NEW_DEFINITION = "new_definition", "The definition changed this month"
    NEW_RECORDING = "new_recording", "It is recorded in another way from this month on"
    ROUNDED = "rounded", "Figures are rounded"
    HELD = "held", "It isn't asked for each month"


# In a sentence after "No arrow: ". {before} is the month before, by name.
NO_ARROW = {
    NoArrowReason.AWAITED: "this month’s figure from {owner} is awaited",
    NoArrowReason.NOT_AVAILABLE: "this month’s figure is not available",
    NoArrowReason.NOT_APPLICABLE: "this month’s figure doesn’t apply",
    NoArrowReason.WITHHELD: "this month’s figure is not shown",
    NoArrowReason.LATER: "this month’s figure is not public yet",
    NoArrowReason.NO_PREVIOUS_MONTH: "there are no figures for {before}",
    NoArrowReason.PREVIOUS_AWAITED: "{before}’s figure from {owner} is awaited",
    NoArrowReason.PREVIOUS_NOT_AVAILABLE: "the figure for {before} is not available",
    NoArrowReason.PREVIOUS_NOT_APPLICABLE: "the figure for {before} doesn’t apply",
    NoArrowReason.PREVIOUS_WITHHELD: "the figure for {before} is not shown",
    NoArrowReason.PREVIOUS_LATER: "the figure for {before} is not public yet",
    NoArrowReason.NEW_DEFINITION: "the definition changed this month",
    NoArrowReason.NEW_RECORDING: "it is recorded differently from this month on",
    NoArrowReason.ROUNDED: "figures are rounded",
    NoArrowReason.HELD: "it isn’t asked for each month",
}
# The same in three words, where there is a figure. The month before may be missing for a reason that its page gives.
NO_ARROW_SHORTLY = {
    **dict.fromkeys(NoArrowReason, "No {before} figure"),
    NoArrowReason.PREVIOUS_WITHHELD: "{before} not shown",
    NoArrowReason.NEW_DEFINITION: "Its definition changed",
    NoArrowReason.NEW_RECORDING: "Now recorded differently",
    NoArrowReason.ROUNDED: "Figures are rounded",
    NoArrowReason.HELD: "Not asked monthly",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One month of one line: its state, its value (a count; None unless the state is FIGURE), and the day from which it
    is counted in this way.

    That is the start of its definition or, if `is_recorded_anew`, of a change of recording. It is held if it is the
    figure of an earlier month. Raises ValueError where value and state disagree.
    """

    month: Month
    state: CellState
    value: int | None
    definition_from: date
    is_recorded_anew: bool = False
    is_held: bool = False

    def __post_init__(self) -> None:
        if (self.value is None) == (self.state == CellState.FIGURE):
            raise ValueError("A cell must have a value if it is a figure, and none if it isn’t.")


@dataclass(frozen=True, slots=True)
class Trend:
    """A movement with its size (`change`: this month minus the month before), or the reason why
    there is none."""

    movement: Movement
    change: int | None
    no_arrow_reason: NoArrowReason | None


def no_arrow(reason: NoArrowReason) -> Trend:
    return Trend(Movement.NONE, None, reason)


MONTH, YEAR = 1, 12  # months apart


def trend(current: Cell, before: Cell | None, *, apart: int = MONTH) -> Trend:
    """Compare a month with the one before it; or, with `apart=YEAR`, with the same one a year before.

    `before` is None where the area doesn't hold that month. Raises ValueError where it is any
    other month: to reach further back would skip a month.
    """
    if before is not None and current.month - before.month != apart:
        wanted = "the month before" if apart == MONTH else f"{apart} months before"
        raise ValueError(f"{before.month} is not {wanted} {current.month}.")
    if current.value is None:
        # Each state without a figure has a reason of the same name.
        return no_arrow(NoArrowReason(current.state.value))
    if current.is_held:
        return no_arrow(NoArrowReason.HELD)
    if before is None:
        return no_arrow(NoArrowReason.NO_PREVIOUS_MONTH)
    if before.value is None:
        return no_arrow(NoArrowReason("previous_" + before.state.value))
    if before.definition_from != current.definition_from:
        return no_arrow(NoArrowReason.NEW_RECORDING if current.is_recorded_anew else NoArrowReason.NEW_DEFINITION)
    change = current.value - before.value
    if change == 0:
        return Trend(Movement.LEVEL, 0, None)
    return Trend(Movement.UP if change > 0 else Movement.DOWN, change, None)


# Control charts (XmR). The rules are those of the NHS "Making Data Count" programme as NHSRplotthedots 0.2.2 applies
# them (tests/data/spc holds cases recorded from it). A series is cut into groups at its step changes; each group has
# limits of its own, and no rule reaches across a step change or a missing month.

# Natural process limits lie 2.66 mean moving ranges from the mean (3 / d2, d2 = 1.128 for ranges of two).
LIMIT = 2.66
NEAR = 2 * LIMIT / 3  # two thirds of the way there
SCREEN = 3.267  # D4 for ranges of two: a moving range of more than this many means is an outlier
TREND = RUN = 7  # points
LEAST_BASELINE = 12  # points

type Value = int | float | None


class Signal(Labelled):
    """What a point shows; the first that applies, in this order of precedence."""

    ABOVE_LIMIT = "above_limit", "above the usual range"
    BELOW_LIMIT = "below_limit", "below the usual range"
    RISING = "rising", "rising"
    FALLING = "falling", "falling"
    TWO_OF_THREE_HIGH = "two_of_three_high", "close to the top of the usual range"
    TWO_OF_THREE_LOW = "two_of_three_low", "close to the bottom of the usual range"
    RUN_ABOVE = "run_above", "above the average"
    RUN_BELOW = "run_below", "below the average"
    NONE = "none", "within the usual range"


class Judgement(Labelled):
    """A signal under the indicator's polarity."""

    IMPROVEMENT = "improvement", "Better"
    CONCERN = "concern", "Worse"
    HIGH = "high", "Higher, no judgement"
    LOW = "low", "Lower, no judgement"
    COMMON_CAUSE = "common_cause", "Within the usual range"


class Assurance(Labelled):
    """Whether the target will be met if nothing changes."""

    PASS = "pass", "The target will be met"
    FAIL = "fail", "The target will not be met"
    INCONSISTENT = "inconsistent", "The target may or may not be met"


HIGH_SIGNALS = (Signal.ABOVE_LIMIT, Signal.RISING, Signal.TWO_OF_THREE_HIGH, Signal.RUN_ABOVE)
LOW_SIGNALS = (Signal.BELOW_LIMIT, Signal.FALLING, Signal.TWO_OF_THREE_LOW, Signal.RUN_BELOW)


def judgements(high: Judgement, low: Judgement) -> dict[Signal, Judgement]:
    return {
        Signal.NONE: Judgement.COMMON_CAUSE,
        **dict.fromkeys(HIGH_SIGNALS, high),
        **dict.fromkeys(LOW_SIGNALS, low),
    }


JUDGED = {
    Polarity.HIGHER: judgements(Judgement.IMPROVEMENT, Judgement.CONCERN),
    Polarity.LOWER: judgements(Judgement.CONCERN, Judgement.IMPROVEMENT),
    Polarity.NEUTRAL: judgements(Judgement.HIGH, Judgement.LOW),
}


@dataclass(frozen=True, slots=True)
class Band:
    """Limits and near limits, in the unit of the values. They are never cut off at 0: that is for words."""

    lower: float
    upper: float
    near_lower: float
    near_upper: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A series analysed: the first five hold one entry for each of its points."""

    mean: list[float | None]
    lower: list[float | None]
    upper: list[float | None]
    signal: list[Signal]
    judgement: list[Judgement]
    variation: Judgement | None  # the last point's judgement; None for a series without points
    assurance: Assurance | None  # None where there is no target, or no direction that is better


def analyse(
    values: Sequence[Value],
    *,
    polarity: Polarity,
    target: float | None = None,
    step_changes: Sequence[int] = (),
    baseline_points: int | None = None,
    screen_outliers: bool = True,
) -> Chart:
    """Draw the control chart of a series, oldest point first, None for a missing one.

    `step_changes` are the indices at which a new group starts. With `baseline_points`, a group's
    limits come from its first that many points; the points after them are judged by those.
    """
    edges = sorted({0, len(values), *step_changes})
    mean: list[float | None] = []
    lower: list[float | None] = []
    upper: list[float | None] = []
    signals: list[Signal] = []
    for start, end in pairwise(edges):
        group = values[start:end]
        centre, band = compute_limits(group[:baseline_points], screen_outliers=screen_outliers)
        size = end - start
        mean += [centre] * size
        lower += [band.lower if band else None] * size
        upper += [band.upper if band else None] * size
        signals += find_signals(group, centre, band)
    judged = JUDGED[polarity]
    judgement = [judged[signal] for signal in signals]
    last = (lower[-1], upper[-1]) if values else (None, None)
    return Chart(
        mean=mean,
        lower=lower,
        upper=upper,
        signal=signals,
        judgement=judgement,
        variation=judgement[-1] if judgement else None,
        assurance=assure(*last, target=target, polarity=polarity),
    )


def compute_limits(baseline: Sequence[Value], *, screen_outliers: bool = True) -> tuple[float | None, Band | None]:
    """Return a baseline's mean and limits; None for limits that can't be drawn, because there is no moving range or all
    were screened out.

    Sums are correctly rounded (fsum): a mean that is off by one bit would break or make a run.
    """
    figures = [value for value in baseline if value is not None]
    if not figures:
        return None, None
    mean = fsum(figures) / len(figures)
    ranges = [abs(value - before) for before, value in pairwise(baseline) if before is not None and value is not None]
    if screen_outliers and ranges:
        most = SCREEN * (fsum(ranges) / len(ranges))
        ranges = [moving for moving in ranges if moving < most]
    if not ranges:
        return mean, None
    width = fsum(ranges) / len(ranges)
    return mean, Band(mean - LIMIT * width, mean + LIMIT * width, mean - NEAR * width, mean + NEAR * width)


def find_signals(group: Sequence[Value], mean: float | None, band: Band | None) -> list[Signal]:
    """Return one signal for each point: outside the limits, then a trend, then two of three, then a run."""
    signals = [Signal.NONE] * len(group)
    if mean is None:
        return signals
    # From the weakest rule to the strongest, each over the one before.
    sides = [0 if value is None or value == mean else 1 if value > mean else -1 for value in group]
    for start, end in stretches(sides, RUN):
        signals[start:end] = [Signal.RUN_ABOVE if sides[start] > 0 else Signal.RUN_BELOW] * (end - start)
    if band is not None:
        mark_two_of_three(signals, sides, group, band)
    steps = [
        0 if before is None or value is None or value == before else 1 if value > before else -1
        for before, value in pairwise(group)
    ]
    for start, end in stretches(steps, TREND - 1):
        # As many steps as there are points, and one point more.
        signals[start : end + 1] = [Signal.RISING if steps[start] > 0 else Signal.FALLING] * (end + 1 - start)
    if band is not None:
        for index, value in enumerate(group):
            if value is not None and not band.lower <= value <= band.upper:
                signals[index] = Signal.ABOVE_LIMIT if value > band.upper else Signal.BELOW_LIMIT
    return signals


def stretches(signs: Sequence[int], least: int) -> list[tuple[int, int]]:
    """Return (start, end) pairs of runs in which one sign other than 0 occurs at least `least` times in a row."""
    runs = []
    start = 0
    for index in range(1, len(signs) + 1):
        if index == len(signs) or signs[index] != signs[start]:
            if signs[start] and index - start >= least:
                runs.append((start, index))
            start = index
    return runs


def mark_two_of_three(signals: list[Signal], sides: list[int], group: Sequence[Value], band: Band) -> None:
    """Mark points near a limit, but not beyond it, where three in a row are on one side of the mean and at least two of
    them are near."""
    near = [value is not None and is_near(value, band) for value in group]
    for index in range(len(group) - 2):
        side = sides[index]
        if side and sides[index + 1] == side == sides[index + 2] and sum(near[index : index + 3]) >= 2:
            for place in range(index, index + 3):
                if near[place]:
                    signals[place] = Signal.TWO_OF_THREE_HIGH if side > 0 else Signal.TWO_OF_THREE_LOW


def is_near(value: float, band: Band) -> bool:
    return band.near_upper < value <= band.upper or band.lower <= value < band.near_lower


def assure(lower: float | None, upper: float | None, *, target: float | None, polarity: Polarity) -> Assurance | None:
    """Return whether a target is beyond the process's own variation."""
    if target is None or polarity is Polarity.NEUTRAL:
        return None
    if lower is None or upper is None or lower <= target <= upper:
        return Assurance.INCONSISTENT
    is_above = target > upper
    return Assurance.FAIL if is_above == (polarity is Polarity.HIGHER) else Assurance.PASS
