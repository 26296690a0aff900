"""Which day did somebody type? Reads days as people in Britain write them, with the day before the month. Pure."""

import re
from collections.abc import Iterator
from datetime import date

from core.months import NAMES, date_label
from core.texts import LONGEST_ENTRY, bounded

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# A year without its century is in the current century.
CENTURY = 2000
FIRST_YEAR, LAST_YEAR = 1000, 2999
NUMBERS = re.compile(r"(\d{1,2}) ?[/. -] ?(\d{1,2})(?: ?[/. -] ?(\d{2}|\d{4}))?", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4}) ?[/.-] ?(\d{1,2}) ?[/.-] ?(\d{1,2})", re.ASCII)
ORDINAL = r"(\d{1,2})(?:st|nd|rd|th)?"
YEAR = r"(?:[ /.,'’-]+(\d{2}|\d{4}))?"
NAMED = re.compile(rf"{ORDINAL}(?: of)?[ /.-]*([a-z]{{3,9}})\.?{YEAR}", re.ASCII)
NAME_FIRST = re.compile(rf"([a-z]{{3,9}})\.? {ORDINAL}{YEAR}", re.ASCII)
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
    found = day_without_year(number, month, today, is_past=is_past) if year is None else make_day(number, month, year)
    name = WEEKDAYS[found.weekday()]
    if weekday and not name.casefold().startswith(weekday[:3]):
        raise NoDay(f"{date_label(found)} is a {name}")
    return found


def read_parts(written: str) -> tuple[int, int, int | None]:
    """Return the day, the month and the year, in whatever order somebody typed them."""
    if match := YEAR_FIRST.fullmatch(written):
        year, month, number = match.groups()
        return int(number), int(month), read_year(year)
    if match := NUMBERS.fullmatch(written):
        number, month, year = match.groups()
        return int(number), int(month), read_year(year)
    if match := NAMED.fullmatch(written):
        number, name, year = match.groups()
        return int(number), read_name(name), read_year(year)
    if match := NAME_FIRST.fullmatch(written):
        name, number, year = match.groups()
        return int(number), read_name(name), read_year(year)
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
    for year in years_around(today, is_past=is_past):
        try:
            found = date(year, month, number)
        except ValueError:
            continue
        if (found <= today) if is_past else (found >= today):
            return found
    raise NoDay(f"there is no {number} {NAMES[month - 1]}")


def years_around(today: date, *, is_past: bool) -> Iterator[int]:
    """Return the years to try: the most that can be between two leap days, and one more."""
    return (today.year - away if is_past else today.year + away for away in range(10))


def describe_day(day: date) -> str:
    """ "Thursday 10 December 2026"."""
    return f"{WEEKDAYS[day.weekday()]} {date_label(day)}"
