"""What is a month? A calendar month as a value. The product counts in months, never in dates."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# Leave out years without a year before or after: for each month, pages look up its neighbours too.
PATTERN = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A month of a year, from January of year 1 to December 9999.

    Raises ValueError for any other.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.year <= 9999 or not 1 <= self.number <= 12:
            raise ValueError(f"There is no month {self.number} of the year {self.year}.")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Parse "2026-10". Raises ValueError, with a sentence, for anything else, and for a year outside 1000 to
        2999."""
        match = PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(f"“{text[:40]}” is not a month: write it as 2026-10.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month of a day."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def name(self) -> str:
        """ "October"."""
        return NAMES[self.number - 1]

    @property
    def label(self) -> str:
        """ "October 2026"."""
        return f"{self.name} {self.year}"

    @property
    def short_label(self) -> str:
        """ "Oct 2026"."""
        return f"{self.name[:3]} {self.year}"

    @property
    def previous(self) -> "Month":
        return self + -1

    @property
    def next(self) -> "Month":
        return self + 1

    def __add__(self, months: int) -> "Month":
        ordinal = self.year * 12 + self.number - 1 + months
        return Month(ordinal // 12, ordinal % 12 + 1)

    def __sub__(self, other: "Month") -> int:
        """Return the number of months between: October minus September is 1."""
        return (self.year - other.year) * 12 + self.number - other.number

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def months_between(first: Month, last: Month) -> Iterator[Month]:
    """Yield each month from the first to the last, including both; nothing if the last is before the first."""
    for offset in range(last - first + 1):
        yield first + offset


def date_label(day: date) -> str:
    """ "5 November 2026"."""
    # Stored changes of an action have this text (ActionChange), and read_date_label reads them: keep the format.
    return f"{day.day} {NAMES[day.month - 1]} {day.year}"


def read_date_label(label: str) -> date:
    """Return the day that `date_label` wrote. Raises ValueError for anything else."""
    day, month, year = label.split()
    return date(int(year), NAMES.index(month) + 1, int(day))


def short_date_label(day: date) -> str:
    """ "5 Nov"."""
    return f"{day.day} {NAMES[day.month - 1][:3]}"
