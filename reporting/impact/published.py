"""What is published about an indicator, as one series? It joins published lines, each month in its newest version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from core.months import Month
from indicators.impact.refusals import Refusal
from indicators.impact.spans import find_span
from indicators.judgement.tokens import Counted
from indicators.ratios import Asked, Ratio, RatioKind
from reporting.impact.selectors import Part

NEW_DEFINITION = "a new definition"

type Counts = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class PublishedSeries:
    """An indicator's published months, the oldest first; None for a month without a figure. `starts` are the months
    with a new definition or way of recording, with what is new. `values` are as a line stores them: a ratio's in tenths
    of what is shown, and worked out from `numerators` and `denominators`. A month that is `held` repeats an earlier
    month's figure.
    """

    first: Month
    values: Counts
    starts: dict[Month, str]
    ratio: Ratio | None = None
    numerators: Counts = ()
    denominators: Counts = ()
    held: frozenset[Month] = frozenset()
    provisional: tuple[Month, ...] = ()
    counted: Counted = Counted.FLOW
    asked: Asked = Asked.MONTHLY

    @property
    def last(self) -> Month:
        return self.first + (len(self.values) - 1)

    @property
    def months(self) -> list[Month]:
        return [self.first + place for place in range(len(self.values))]

    @property
    def counts(self) -> Counts:
        """Return what is compared; for a ratio, its cases. A repeated figure counts once."""
        counted = self.numerators if self.ratio else self.values
        months = zip(self.months, self.values, counted, strict=True)
        return tuple(None if value is None or month in self.held else count for month, value, count in months)

    @property
    def exposures(self) -> Counts | None:
        """Return what the counts of a ratio are out of."""
        return self.denominators if self.ratio else None

    @property
    def known(self) -> list[bool]:
        return [count is not None for count in self.counts]

    @property
    def start_places(self) -> tuple[int, ...]:
        return tuple(sorted(month - self.first for month in self.starts))

    def is_like(self, other: "PublishedSeries") -> bool:
        """Return whether both are counts, or the same kind of ratio."""
        return (self.ratio and self.ratio.kind) == (other.ratio and other.ratio.kind)


class Cut(NamedTuple):
    """A comparison series in the compared months, None in all others; `exposures` for a ratio."""

    counts: Counts
    exposures: Counts | None


class _Figure(NamedTuple):
    value: int | None
    numerator: int | None
    denominator: int | None
    is_held: bool
    is_provisional: bool


def join(parts: Sequence[Part]) -> PublishedSeries:
    """Join the parts, the newest first. A month in two of them has the figure of the newer one."""
    figures: dict[Month, _Figure] = {}
    starts: dict[Month, str] = {}
    # The newest part comes last, and wins.
    for part in reversed(parts):
        figures |= _read(part)
        for step in part.line.steps:
            month = part.first + step["at"]
            # The first step of a line usually started before the months that the line shows.
            if step["at"] or date.fromisoformat(step["from"]) == month.first_day:
                starts[month] = step.get("why") or NEW_DEFINITION
    first, last = min(figures), max(figures)
    none = _Figure(None, None, None, is_held=False, is_provisional=False)
    every = [figures.get(first + place, none) for place in range(last - first + 1)]
    # Nothing comes before the first month, so nothing is cut there.
    starts.pop(first, None)
    line = parts[0].line
    return PublishedSeries(
        first,
        tuple(each.value for each in every),
        starts,
        ratio=Ratio(RatioKind(line.ratio), line.per) if line.ratio else None,
        numerators=tuple(each.numerator for each in every) if line.ratio else (),
        denominators=tuple(each.denominator for each in every) if line.ratio else (),
        held=frozenset(month for month, each in figures.items() if each.is_held),
        provisional=tuple(sorted(month for month, each in figures.items() if each.is_provisional)),
        counted=Counted(line.counts_as),
        asked=Asked(line.asked),
    )


def _read(part: Part) -> dict[Month, _Figure]:
    line = part.line
    none: list[int | None] = [None] * len(line.history)
    held = {place for step in line.steps for place in step.get("held", ())}
    provisional = {place for step in line.steps for place in step.get("provisional", ())}
    months = zip(line.history, line.numerators or none, line.denominators or none, strict=True)
    return {
        part.first + place: _Figure(*figures, is_held=place in held, is_provisional=place in provisional)
        for place, figures in enumerate(months)
    }


def cut_to_compared(other: PublishedSeries, own: PublishedSeries, event: Month) -> Cut | None:
    """Return another series in the months that are compared at an event. Returns None if it is a different kind of
    series, lacks a figure in one of the months, or starts to be counted differently in one, or if nothing can be
    compared.
    """
    try:
        span = find_span(own.known, event - own.first, own.start_places)
    except Refusal:
        return None
    months = own.months[span.first : span.end]
    is_one = not any(months[0] < month <= months[-1] for month in other.starts)
    if not is_one or not other.is_like(own):
        return None
    counts = _cut(other, other.counts, own, months)
    exposures = _cut(other, other.exposures, own, months) if other.exposures is not None else None
    is_whole = None not in counts[span.first : span.end]
    return Cut(counts, exposures) if is_whole else None


def _cut(other: PublishedSeries, values: Counts, own: PublishedSeries, months: Sequence[Month]) -> Counts:
    held = dict(zip(other.months, values, strict=True))
    return tuple(held.get(month) if months[0] <= month <= months[-1] else None for month in own.months)
