"""The result of an event: how an indicator changed at it. indicators.impact compares its published months."""

from dataclasses import dataclass

from core.calendar import Month
from core.database import keep
from core.labels import Labelled
from indicators.impact.claim import LEAST_AFTER, BeforeAfter, Refusal, compare
from indicators.ratios import RATIO_KINDS, Asked, Ratio
from reporting.impact.selectors import Counts, PublishedSeries

NO_RANGE = "We can’t compare before and after for {}. The totals don’t show how much the cases vary."
STOCK = "We can’t compare before and after here: most of those counted one month are counted again the next."
HELD = "We can’t compare before and after by month. It is collected {}, and each figure counts once."


class Outcome(Labelled):
    """The result for an event and an indicator."""

    FELL = "fell", "Fell"
    ROSE = "rose", "Rose"
    NO_CHANGE = "no-change", "Too close to call"
    TOO_EARLY = "too-early", "Too early"
    REFUSED = "refused", "Can’t be compared"

    @property
    def is_claimed(self) -> bool:
        return self in (Outcome.FELL, Outcome.ROSE)


@dataclass(frozen=True, slots=True)
class Controls:
    """Comparison series as long as the series, None outside the compared months; for a ratio, with what each is out of.
    `open_names` are those of open data. `areas` counts the areas of this installation among them, of which only the
    joint change is ever shown. `left_out` has a sentence for each reason why something is left out.
    """

    series: tuple[Counts, ...] = ()
    exposures: tuple[Counts, ...] = ()
    open_names: tuple[str, ...] = ()
    areas: int = 0
    sources: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return len(self.series)


@dataclass(frozen=True, slots=True)
class Result:
    """`comparison` is None without a result; `why` is then a sentence. `ratio` is the series' ratio, if it is one."""

    outcome: Outcome
    comparison: BeforeAfter | None = None
    why: str = ""
    ratio: Ratio | None = None


def find_why_not(series: PublishedSeries) -> str:
    """Say why such a series can't be compared, whatever its figures; empty if it can."""
    if series.ratio and not RATIO_KINDS[series.ratio.kind].shows_chance:
        return NO_RANGE.format(series.ratio.kind.named)
    if series.counted.is_on_a_day:
        return STOCK
    if series.asked is not Asked.MONTHLY:
        return HELD.format(series.asked.label.partition(":")[0].lower())
    return ""


def work_out(series: PublishedSeries, event: Month, controls: Controls) -> Result:
    """Work out a series and an event once: the cache key has everything that the result depends on."""
    if why := find_why_not(series):
        return Result(Outcome.REFUSED, why=why)
    place = event - series.first
    if place < 0:
        return Result(
            Outcome.REFUSED,
            why=f"The event is before the first published figure, which is for {series.first.label}.",
        )
    if place + LEAST_AFTER > len(series.values):
        ready = event + (LEAST_AFTER - 1)
        return Result(
            Outcome.TOO_EARLY,
            why=f"Too early to say: we need {LEAST_AFTER} months after the event. Look again once {ready.label} is "
            "published.",
        )
    compared = (series.counts, series.exposures, place, series.start_places, controls.series, controls.exposures)
    return keep(("impact", series.ratio, compared), lambda: _compare(series, place, controls))


def _compare(series: PublishedSeries, place: int, controls: Controls) -> Result:
    try:
        comparison = compare(
            series.counts,
            place,
            controls=controls.series,
            exposures=series.exposures,
            control_exposures=controls.exposures or None,
            is_share=series.ratio is not None and RATIO_KINDS[series.ratio.kind].is_part,
            starts=series.start_places,
        )
    except Refusal as refusal:
        return Result(Outcome.REFUSED, why=str(refusal))
    if not comparison.is_claimed:
        return Result(Outcome.NO_CHANGE, comparison, ratio=series.ratio)
    return Result(Outcome.FELL if comparison.told.value < 0 else Outcome.ROSE, comparison, ratio=series.ratio)
