"""What happened in the months of an indicator's chart? One list of what was done about it and what changed in it, each
a numbered mark under the axis. A mark says when, never that one thing caused another.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from actions.selectors.events import Happened, Happening
from actions.selectors.marks import ToldHighlight
from core.labels import Labelled
from core.links import link_to
from core.months import Month
from reporting.models.line_fields import Line
from reporting.months.presenters.past_months import Began, begun_in

ABOUT = "#s-passport"  # parts of the indicator's own page: its definitions, its recording and its level


class MarkKind(Labelled):
    HIGHLIGHT = "highlight", "Highlight"
    BEGUN = Happened.BEGUN.value, Happened.BEGUN.label
    FINISHED = Happened.FINISHED.value, Happened.FINISHED.label
    CAMPAIGN = Happened.CAMPAIGN.value, Happened.CAMPAIGN.label
    OPERATION = Happened.OPERATION.value, Happened.OPERATION.label
    OUTSIDE = Happened.OUTSIDE.value, Happened.OUTSIDE.label
    DEFINITION = Began.DEFINITION.value, Began.DEFINITION.label
    RECORDING = Began.RECORDING.value, Began.RECORDING.label
    LEVEL = Began.LEVEL.value, Began.LEVEL.label


class ChartMark(NamedTuple):
    """Something marked under the axis at its month. `words` say what it is, if its kind doesn't. `url` is where the
    reader finds more; empty if there is no more.
    """

    month: Month
    kind: MarkKind
    words: str
    url: str


def make_marks(
    line: Line,
    first: Month,
    last: Month,
    *,
    slug: str,
    happenings: Iterable[Happening] = (),
    highlights: Iterable[ToldHighlight] = (),
    today: date,
    with_levels: bool = True,
) -> tuple[ChartMark, ...]:
    """Return all marks from the first month to the last, the oldest first. What hasn't happened yet, such as a later
    start of an action, has no mark.
    """
    dated = [
        *of_changes(line, first, with_levels=with_levels),
        *of_happenings(happenings, slug, today),
        *of_highlights(highlights, slug),
    ]
    # Only by day, so that marks of one day keep the order above.
    return tuple(mark for _, mark in sorted(dated, key=lambda each: each[0]) if first <= mark.month <= last)


type Dated = tuple[date, ChartMark]


def of_changes(line: Line, first: Month, *, with_levels: bool) -> Iterator[Dated]:
    for place, what, name in begun_in(line):
        if with_levels or what is not Began.LEVEL:
            month = first + place
            yield month.first_day, ChartMark(month, MarkKind(what.value), name, ABOUT)


def of_happenings(happenings: Iterable[Happening], slug: str, today: date) -> Iterator[Dated]:
    """Yield the marks of what was done about one indicator. An action links to its page, an event to its outcome."""
    for each in happenings:
        if each.day <= today:
            if each.is_action:
                url = link_to("actions:action-view", slug, str(each.number))
            else:
                url = link_to("reporting:impact-view", slug, each.reference, each.aims[0].code)
            words = f"{each.label} {each.title}"
            yield each.day, ChartMark(Month.of(each.day), MarkKind(each.kind.value), words, url)


def of_highlights(highlights: Iterable[ToldHighlight], slug: str) -> Iterator[Dated]:
    for told in highlights:
        url = link_to("actions:highlight-view", slug, str(told.pk))
        yield told.starts_on, ChartMark(Month.of(told.starts_on), MarkKind.HIGHLIGHT, told.title, url)


def places_on(marks: Sequence[ChartMark], first: Month) -> list[int]:
    """Return the place of each mark's month, counted from the chart's first."""
    return [mark.month - first for mark in marks]
