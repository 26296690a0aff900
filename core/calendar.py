"""Months as values, days as people write them, and working days. The product counts in months, never in dates. Pure."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from core.bank_holidays import read_bank_holidays
from core.texts import LONGEST_ENTRY, bounded, count_of_noun

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
            raise ValueError(f"There is no month {self.number} in the year {self.year}.")

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


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# A year without its century is in the current century.
CENTURY = 2000
FIRST_YEAR, LAST_YEAR = 1000, 2999
DAY, MONTH, NAME = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<month>[a-z]{3,9})\.?"
ORDINAL = rf"{DAY}(?:st|nd|rd|th)?"
YEAR = r"(?:[ /.,'’-]+(?P<year>\d{2}|\d{4}))?"
ORDERS = tuple(
    re.compile(order, re.ASCII)
    for order in (
        rf"(?P<year>\d{{4}}) ?[/.-] ?{MONTH} ?[/.-] ?{DAY}",
        rf"{DAY} ?[/. -] ?{MONTH}(?: ?[/. -] ?(?P<year>\d{{2}}|\d{{4}}))?",
        rf"{ORDINAL}(?: of)?[ /.-]*{NAME}{YEAR}",
        rf"{NAME} {ORDINAL}{YEAR}",
    )
)
WEEKDAY = re.compile(r"(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? (.+)", re.ASCII)


class NoDay(ValueError):
    """The reason why a text isn't a day, as the end of a sentence: "there is no 31 November". Empty if we can't read it
    at all."""


def read_day(text: str, *, today: date, is_past: bool = False) -> date:
    """Return the day. Without a year, it is the next such day from today, or with `is_past` the last one up to today.

    Raises NoDay.
    """
    written = " ".join(bounded(text, LONGEST_ENTRY).split()).casefold().rstrip(".")
    weekday = ""
    if match := WEEKDAY.fullmatch(written):
        weekday, written = match.groups()
    number, month, year = read_parts(written)
    if not 1 <= month <= 12:
        raise NoDay(f"there is no month {month}; the day comes before the month")
    day = day_without_year(number, month, today, is_past=is_past) if year is None else make_day(number, month, year)
    name = WEEKDAYS[day.weekday()]
    if weekday and not name.casefold().startswith(weekday[:3]):
        raise NoDay(f"{date_label(day)} is a {name}")
    return day


def read_parts(written: str) -> tuple[int, int, int | None]:
    """Return the day, the month and the year, in whatever order somebody typed them."""
    for order in ORDERS:
        if match := order.fullmatch(written):
            month = match["month"]
            return int(match["day"]), int(month) if month.isdigit() else read_name(month), read_year(match["year"])
    raise NoDay


def read_name(name: str) -> int:
    """Return a month from the start of its name: "dec", "sept", "december"."""
    for number, month in enumerate(NAMES, start=1):
        if month.casefold().startswith(name):
            return number
    raise NoDay


def read_year(text: str | None) -> int | None:
    if text is None:
        return None
    year = int(text) if len(text) == 4 else CENTURY + int(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NoDay(f"the year {text} is too far away")
    return year


def make_day(number: int, month: int, year: int) -> date:
    try:
        return date(year, month, number)
    except ValueError:
        raise NoDay(f"there is no {number} {NAMES[month - 1]} {year}") from None


def day_without_year(number: int, month: int, today: date, *, is_past: bool) -> date:
    """Return the day without a given year. It may be some years away: 29 February."""
    for away in range(10):  # the most that can be between two leap days, and one more
        year = today.year - away if is_past else today.year + away
        try:
            day = date(year, month, number)
        except ValueError:
            continue
        if (day <= today) if is_past else (day >= today):
            return day
    raise NoDay(f"there is no {number} {NAMES[month - 1]}")


def describe_day(day: date) -> str:
    """ "Thursday 10 December 2026"."""
    return f"{WEEKDAYS[day.weekday()]} {date_label(day)}"


ONE_DAY = timedelta(days=1)


def is_working_day(day: date) -> bool:
    return read_bank_holidays().is_working_day(day)


@lru_cache(maxsize=4_000)  # a page asks for the same days once for each return
def working_days_between(start: date, end: date) -> int:
    """Return the number of working days after the start, up to and including the end: from a Monday to its Thursday, 3.

    It is negative if the end is before the start: from the Thursday to the Monday, -3.
    """
    if end < start:
        return -working_days_between(end, start)
    return read_bank_holidays().get_working_days_count(start + ONE_DAY, end) if start < end else 0


def add_working_days(day: date, number: int) -> date:
    """Return the working day that is so many working days after a day, or before it for a negative number. For 0 return
    the day itself."""
    return read_bank_holidays().get_nth_working_day(day, number) if number else day


def this_or_next_working_day(day: date) -> date:
    return read_bank_holidays().get_nth_working_day(day, 0)


def this_or_last_working_day(day: date) -> date:
    return day if is_working_day(day) else add_working_days(day, -1)


def describe_days_left(today: date, due_on: date) -> str:
    """Describe the days left: "3 working days left", "due today", "2 working days overdue". If only other days are
    between, "no working day left" or "overdue"."""
    if today == due_on:
        return "due today"
    left = working_days_between(today, due_on)
    if left:
        return f"{count_of_noun(abs(left), 'working day')} {'left' if left > 0 else 'overdue'}"
    return "no working day left" if today < due_on else "overdue"
