"""Which months of an area may somebody read, which stand beside one another, and which are opened together? Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

from core.months import Month, months_between

DRAFT = "?"
LONGEST_AGO = 12  # months that can be opened by hand: what is older is history, taken in from a file


@dataclass(frozen=True)
class ReadableMonths:
    """The months that one person may read.

    `held` is every month of the area as the database says it, a draft with a mark: "2026-10-01,2026-11-01?". It is
    read only where a page needs the months themselves; a page that is kept needs it as it is.
    """

    held: str = ""
    with_drafts: bool = False

    @cached_property
    def published(self) -> frozenset[Month]:
        return frozenset(Month.parse(day[:7]) for day in self.days if not day.endswith(DRAFT))

    @cached_property
    def listed(self) -> tuple[Month, ...]:
        """The newest first."""
        read = {Month.parse(day[:7]) for day in self.days} if self.with_drafts else self.published
        return tuple(sorted(read, reverse=True))

    @property
    def days(self) -> list[str]:
        return self.held.split(",") if self.held else []

    def __contains__(self, month: object) -> bool:
        return month in self.listed

    @property
    def newest(self) -> Month | None:
        """The newest published month; the newest draft where none is published."""
        published = next((month for month in self.listed if month in self.published), None)
        return published or next(iter(self.listed), None)

    def before(self, month: Month) -> Month | None:
        return next((other for other in self.listed if other < month), None)

    def after(self, month: Month) -> Month | None:
        return next((other for other in reversed(self.listed) if other > month), None)

    def by_year(self) -> Iterator[tuple[int, list[Month]]]:
        for year, months in groupby(self.listed, key=lambda month: month.year):
            yield year, list(months)


@lru_cache(maxsize=256)
def read_months(held: str, *, with_drafts: bool) -> ReadableMonths:
    """One and the same for all readers of the same months, so that a decade of them is parsed once."""
    return ReadableMonths(held, with_drafts=with_drafts)


def list_opened_with(month: Month, held: Iterable[Month], *, current: Month) -> list[Month]:
    """What is opened where a month is chosen, so that none is left out: an area's first one with those after it up to
    the current one; any other with those between it and the nearest that is open."""
    months = sorted(held)
    if not months:
        return list(months_between(month, current))
    if month > months[-1]:
        return list(months_between(months[-1].next, month))
    if month < months[0]:
        return list(months_between(month, months[0].previous))
    return [] if month in months else [month]


def list_openable(held: Iterable[Month], *, current: Month, is_published: bool) -> list[Month]:
    """The months that can be opened by hand, the newest first. Once one is published, none before the oldest is: its
    figures would be part of what was published."""
    months = set(held)
    earliest = current + -LONGEST_AGO
    since = min(months) if is_published and months else earliest
    return [month for month in months_between(max(since, earliest), current) if month not in months][::-1]
