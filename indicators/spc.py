"""What in a series is more than noise? Pure: XmR control charts.

The rules are those of the NHS "Making Data Count" programme as NHSRplotthedots 0.2.2 applies them
(tests/data/spc holds cases recorded from it). A series is cut into groups at its step changes;
each group has limits of its own, and no rule reaches across a step change or a missing month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

from core.labels import Labelled
from indicators.trend import Polarity

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
    known = [value for value in baseline if value is not None]
    if not known:
        return None, None
    mean = fsum(known) / len(known)
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
    found = []
    start = 0
    for index in range(1, len(signs) + 1):
        if index == len(signs) or signs[index] != signs[start]:
            if signs[start] and index - start >= least:
                found.append((start, index))
            start = index
    return found


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
