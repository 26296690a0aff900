"""Which months can be compared with which? A run of months without a gap, and how it is cut for each model."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from indicators.impact.refusals import Cut, event_outside, started_with_event, too_few
from indicators.impact.regression import YEAR

LEAST_AFTER, MOST_AFTER = 3, 24
LEAST_BEFORE = YEAR
LEAST_DATES, MOST_DATES = 12, 60  # other dates of the same series


@dataclass(frozen=True, slots=True)
class Span:
    """`first` to `end` is the run of months around the event; `after` is how many months after it are looked at."""

    first: int
    event: int
    after: int

    @property
    def end(self) -> int:
        return self.event + self.after

    def other_dates(self, before: int) -> range:
        """Return the latest dates before the event whose months after end by then."""
        last = self.event - self.after
        return range(max(self.first + before, last - MOST_DATES + 1), last + 1)


def find_span(known: Sequence[bool], event: int, starts: Collection[int] = ()) -> Span:
    """Find the span. `known` says which months have a figure. `starts` are the months in which a definition or
    recording starts. Raises Refusal, with a sentence."""
    if not 0 <= event < len(known):
        raise event_outside(len(known))
    # At place 0 the whole series starts, so too few months before it is the truer refusal.
    if event in starts and event:
        raise started_with_event()
    first, first_cut = _go_back(known, event, starts)
    end, end_cut = _go_on(known, event, starts)
    if end - event < LEAST_AFTER:
        raise too_few("after", found=end - event, needed=LEAST_AFTER, cut=end_cut)
    history = event - first
    spare = history - LEAST_BEFORE - LEAST_DATES + 1
    if spare < LEAST_AFTER:
        raise too_few("before", found=history, needed=LEAST_BEFORE + LEAST_DATES - 1 + LEAST_AFTER, cut=first_cut)
    after = min(end - event, MOST_AFTER)
    if after > spare:
        after = min(after, YEAR, spare)
    return Span(first, event, after)


def _go_back(known: Sequence[bool], event: int, starts: Collection[int]) -> tuple[int, Cut]:
    first = event
    while first > 0:
        if first in starts:
            return first, Cut.START
        if not known[first - 1]:
            return first, Cut.GAP
        first -= 1
    return first, Cut.EDGE


def _go_on(known: Sequence[bool], event: int, starts: Collection[int]) -> tuple[int, Cut]:
    for month in range(event, len(known)):
        if not known[month]:
            return month, Cut.GAP
        if month > event and month in starts:
            return month, Cut.START
    return len(known), Cut.EDGE
