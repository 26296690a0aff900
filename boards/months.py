"""Which months of an area may somebody read, which come before and after a month, and which open together? Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

from core.months import Month, months_between

DRAFT = "?"
LONGEST_AGO = 12  # months that people can open by hand: older ones are history, from a file


@dataclass(frozen=True)
class ReadableMonths:
    """The months that one person may read.

    `held` is every month of the area as the database returns it, with a mark on each draft: "2026-10-01,2026-11-01?".
    We parse it only if a page needs the months. A cached page uses the text as its key.
    """

    held: str = ""
    with_drafts: bool = False

    @cached_property
    def published(self) -> frozenset[Month]:
        return frozenset(Month.parse(day[:7]) for day in self.days if not day.endswith(DRAFT))

    @cached_property
    def listed(self) -> tuple[Month, ...]:
        """Return the months, newest first."""
        read = {Month.parse(day[:7]) for day in self.days} if self.with_drafts else self.published
        # The database gives the months in no order.
        return tuple(sorted(read, reverse=True))

    @property
    def days(self) -> list[str]:
        return self.held.split(",") if self.held else []

    def __contains__(self, month: object) -> bool:
        return month in self.listed

    @property
    def newest(self) -> Month | None:
        """Return the newest published month, or the newest draft if no month is published."""
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
    """Return the parsed months. All readers of the same months share them, so a decade of months is parsed once."""
    return ReadableMonths(held, with_drafts=with_drafts)


def list_opened_with(month: Month, held: Iterable[Month], *, current: Month) -> list[Month]:
    """Return the months that open when somebody chooses this one, so that there is no gap.

    For an area's first month, these are all months up to the current one. For any other, these are the months between
    it and the nearest open one.
    """
    months = sorted(held)
    if not months:
        return list(months_between(month, current))
    if month > months[-1]:
        return list(months_between(months[-1].next, month))
    if month < months[0]:
        return list(months_between(month, months[0].previous))
    return [] if month in months else [month]


def list_openable(held: Iterable[Month], *, current: Month, is_published: bool) -> list[Month]:
    """Return the months that people can open by hand, newest first.

    Once a month is published, no month before the oldest one can open: its figures would change what was published.
    """
    months = set(held)
    earliest = current + -LONGEST_AGO
    since = min(months) if is_published and months else earliest
    return [month for month in months_between(max(since, earliest), current) if month not in months][::-1]
