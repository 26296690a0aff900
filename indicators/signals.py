"""What may be said of a line's newest month? Pure: which method fits the series, and what it finds.

A series runs from the start of its step, the month from which its present definition applies.
Counts that are nearly always nought say nothing on an XmR chart, so they get none: for them it is
told how many there were in twelve months, and how long ago the last one was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from core.labels import Labelled
from indicators.spc import Judgement, Signal, analyse
from indicators.trend import Polarity

LEAST_FIGURES = 12  # for limits to mean anything
BASELINE_FIGURES = 24  # the limits come from the step's first that many, so an old month's don't drift
RARE_WINDOW = 24  # months looked at to see whether an event is rare
YEAR = 12  # months
# Of 1,000 months of counts that really are steady, so many are called a signal all the same. Measured by
# tests/unit/test_signals.py, and stated on the method page.
FALSE_SIGNALS_IN_1000 = 26
RARE_MEAN = 1  # a month
# A limit that is a whole number but for the last bits of its sum is that number.
NEARLY = 1e-9


class Method(Labelled):
    """How a series is read."""

    CHART = "chart", "Control chart"
    TOO_EARLY = "too_early", "Too early to tell"
    RARE = "rare", "Rare events"
    # Said to the public, where figures that the reading rests on are withheld or rounded.
    WITHHELD = "withheld", "Not judged"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a series says of its newest month.

    `signal` and `judgement` are None where nothing is judged: no figure this month, too early, or
    rare events. `running` counts the months in a row, this one included, that show the signal.
    `figures` counts the step's figures. `by_month` has the signal of each month of the step.
    `in_a_year` and `months_since` are for rare events: the sum of the last twelve months, None
    where one of them has no figure; and how many months ago the last event was, None where there
    was none or a month without a figure hides it.
    """

    method: Method
    figures: int
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    signal: Signal | None = None
    judgement: Judgement | None = None
    running: int = 0
    by_month: tuple[Signal, ...] = ()
    in_a_year: int | None = None
    months_since: int | None = None


def read_step(values: Sequence[int | None], *, polarity: Polarity) -> Reading:
    """Read a step of a series: counts, oldest first, None for a month without a figure; the newest
    month is the last."""
    figures = sum(value is not None for value in values)
    if figures < LEAST_FIGURES:
        return Reading(Method.TOO_EARLY, figures)
    if is_rare(values):
        return Reading(Method.RARE, figures, in_a_year=sum_of_year(values), months_since=months_since_last(values))
    chart = analyse(values, polarity=polarity, baseline_points=months_of_baseline(values))
    by_month = tuple(chart.signal)
    if values[-1] is None:
        signal = judgement = None
    else:
        signal, judgement = by_month[-1], chart.judgement[-1]
    return Reading(
        Method.CHART,
        figures,
        mean=chart.mean[-1],
        lower=chart.lower[-1],
        upper=chart.upper[-1],
        signal=signal,
        judgement=judgement,
        running=months_running(by_month) if signal else 0,
        by_month=by_month,
    )


def is_rare(values: Sequence[int | None]) -> bool:
    """Whether most of the last 24 months are nought, or there is less than one a month."""
    recent = [value for value in values[-RARE_WINDOW:] if value is not None]
    return bool(recent) and (recent.count(0) * 2 > len(recent) or sum(recent) < RARE_MEAN * len(recent))


def months_of_baseline(values: Sequence[int | None]) -> int:
    """How many months, from the first, hold the step's first 24 figures; all while there are fewer."""
    figures = 0
    for index, value in enumerate(values, 1):
        figures += value is not None
        if figures == BASELINE_FIGURES:
            return index
    return len(values)


def months_running(signals: Sequence[Signal]) -> int:
    """How many months in a row, counted from the newest, show the newest's signal; 0 without one."""
    if signals[-1] is Signal.NONE:
        return 0
    running = 0
    for signal in reversed(signals):
        if signal is not signals[-1]:
            break
        running += 1
    return running


def sum_of_year(values: Sequence[int | None]) -> int | None:
    year = values[-YEAR:]
    if len(year) < YEAR or None in year:
        return None
    return sum(value or 0 for value in year)


def months_since_last(values: Sequence[int | None]) -> int | None:
    for ago, value in enumerate(reversed(values)):
        if value is None:
            return None
        if value:
            return ago
    return None


def usual_bounds(lower: float, upper: float) -> tuple[int, int]:
    """The least and the greatest whole number within the limits, cut off at 0."""
    least, most = max(0, ceil(lower - NEARLY)), floor(upper + NEARLY)
    if most < least:  # the limits lie between two whole numbers
        least, most = max(0, floor(lower)), max(0, ceil(upper))
    return least, most


def usual_range(lower: float, upper: float) -> str:
    """The same in words, as every page says it: "4 to 16"."""
    least, most = usual_bounds(lower, upper)
    return f"{least:,} to {most:,}"
