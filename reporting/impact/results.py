"""What did an indicator do at an event? Published lines are joined to one series, and compared by indicators.impact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.conf import settings
from django.core.cache import caches

from core.labels import Labelled
from core.months import Month
from indicators.impact.claim import BeforeAfter, compare
from indicators.impact.refusals import Refusal
from indicators.impact.spans import LEAST_AFTER, find_span
from reporting.impact.selectors import Part

NEW_DEFINITION = "a new definition"


class Outcome(Labelled):
    """What can be told of an event and an indicator."""

    FELL = "fell", "Fell"
    ROSE = "rose", "Rose"
    NO_CHANGE = "no-change", "No change that can be told"
    TOO_EARLY = "too-early", "Too early"
    REFUSED = "refused", "Can’t be compared"


@dataclass(frozen=True, slots=True)
class PublishedSeries:
    """An indicator's published months, the oldest first; None for a month without a figure. `starts` are the months
    from which it is defined or recorded otherwise, with what is otherwise."""

    first: Month
    values: tuple[int | None, ...]
    starts: dict[Month, str]

    @property
    def last(self) -> Month:
        return self.first + (len(self.values) - 1)

    @property
    def known(self) -> list[bool]:
        return [value is not None for value in self.values]

    @property
    def start_places(self) -> tuple[int, ...]:
        return tuple(sorted(month - self.first for month in self.starts))

    def value_of(self, month: Month) -> int | None:
        place = month - self.first
        return self.values[place] if 0 <= place < len(self.values) else None


@dataclass(frozen=True, slots=True)
class Controls:
    """Comparison series as long as the series, None outside the months that are compared. `open_names` are those of
    open data; `areas` is how many areas of this installation are among them, of which nothing but the joint change is
    ever shown; `left_out` has a sentence for each reason why something isn't compared with."""

    series: tuple[tuple[int | None, ...], ...] = ()
    open_names: tuple[str, ...] = ()
    areas: int = 0
    sources: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return len(self.series)


@dataclass(frozen=True, slots=True)
class Result:
    """`told` is None where nothing can be told: `why` says so in a sentence."""

    outcome: Outcome
    told: BeforeAfter | None = None
    why: str = ""


def join(parts: Sequence[Part]) -> PublishedSeries:
    """The newest part first. A month in two of them has the figure of the newer one."""
    values: dict[Month, int | None] = {}
    starts: dict[Month, str] = {}
    for part in reversed(parts):
        values |= {part.first + place: value for place, value in enumerate(part.line.history)}
        for step in part.line.steps:
            month = part.first + step["at"]
            if step["at"] or date.fromisoformat(step["from"]) == month.first_day:
                starts[month] = step.get("why") or NEW_DEFINITION
    first, last = min(values), max(values)
    months = [first + place for place in range(last - first + 1)]
    starts.pop(first, None)
    return PublishedSeries(first, tuple(values.get(month) for month in months), starts)


def cut_to_compared(other: PublishedSeries, own: PublishedSeries, event: Month) -> tuple[int | None, ...] | None:
    """Another series in the months of the own one that are compared at an event, None in all others; nothing where it
    has no figure in one of them, or is counted otherwise from one of them on, or where nothing can be compared."""
    try:
        span = find_span(own.known, event - own.first, own.start_places)
    except Refusal:
        return None
    months = [own.first + place for place in range(len(own.values))]
    cut = tuple(other.value_of(month) if span.first <= place < span.end else None for place, month in enumerate(months))
    is_whole = None not in cut[span.first : span.end]
    is_one = not any(own.first + span.first < month < own.first + span.end for month in other.starts)
    return cut if is_whole and is_one else None


def work_out(series: PublishedSeries, event: Month, controls: Controls) -> Result:
    """The same series and event are worked out once: kept under all that the answer depends on."""
    place = event - series.first
    if place < 0:
        return Result(
            Outcome.REFUSED,
            why=f"The event lies outside the series: no figure before {series.first.label} is published.",
        )
    if place + LEAST_AFTER > len(series.values):
        ready = event + (LEAST_AFTER - 1)
        return Result(
            Outcome.TOO_EARLY,
            why=f"Too early to say: {LEAST_AFTER} months after it are needed. Look again once {ready.label} is "
            "published.",
        )
    starts = series.start_places
    key = sha256(repr((settings.RELEASE, series.values, place, starts, controls.series)).encode()).hexdigest()
    cache = caches["pages"]
    result: Result | None = cache.get(f"impact-{key}")
    if result is None:
        result = _compare(series, place, starts, controls)
        cache.set(f"impact-{key}", result)
    return result


def _compare(series: PublishedSeries, place: int, starts: tuple[int, ...], controls: Controls) -> Result:
    try:
        told = compare(series.values, place, controls=controls.series, starts=starts)
    except Refusal as refusal:
        return Result(Outcome.REFUSED, why=str(refusal))
    if not told.is_claimed:
        return Result(Outcome.NO_CHANGE, told)
    return Result(Outcome.FELL if told.told.value < 0 else Outcome.ROSE, told)
