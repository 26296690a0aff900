"""Which months of an area may somebody read, and which stand beside one another? Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

from core.months import Month

DRAFT = "?"


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
