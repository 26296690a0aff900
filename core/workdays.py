"""Which days are working days, and how many are between two days? Pure.

A working day is a Monday to Friday that is no bank holiday in England (Banking and Financial Dealings Act 1971, with
the days moved or added by proclamation). The `holidays` package knows them from 1872 to 2100. Outside those years we
leave out only weekends.
"""

import sys
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec

from holidays import HolidayBase, country_holidays

# This package imports 250 countries. It is made here without being run, so that we import only one of them: the others
# would take each program 50 ms and 8 MB.
if (countries := find_spec("holidays.countries")) is not None:
    sys.modules.setdefault(countries.name, module_from_spec(countries))
from holidays.countries.united_kingdom import UnitedKingdom

ONE_DAY = timedelta(days=1)


@cache
def _england() -> HolidayBase:
    """Load all years together: a calendar that grows on demand isn't safe with threads."""
    years = range(UnitedKingdom.start_year, UnitedKingdom.end_year + 1)
    return country_holidays("GB", subdiv="ENG", years=years, expand=False)


def is_working_day(day: date) -> bool:
    return _england().is_working_day(day)


@lru_cache(maxsize=4_000)  # a page asks for the same days once for each return
def working_days_between(start: date, end: date) -> int:
    """Return the number of working days after the start, up to and including the end: from a Monday to its Thursday, 3.

    It is negative if the end is before the start: from the Thursday to the Monday, -3.
    """
    if end < start:
        return -working_days_between(end, start)
    return _england().get_working_days_count(start + ONE_DAY, end) if start < end else 0


def add_working_days(day: date, number: int) -> date:
    """Return the working day that is so many working days after a day, or before it for a negative number. For 0 return
    the day itself."""
    return _england().get_nth_working_day(day, number) if number else day


def this_or_next_working_day(day: date) -> date:
    return _england().get_nth_working_day(day, 0)


def this_or_last_working_day(day: date) -> date:
    return day if is_working_day(day) else add_working_days(day, -1)


def working_days_label(number: int) -> str:
    """ "1 working day", "3 working days"."""
    return f"{number} working day{'' if number == 1 else 's'}"


def describe_days_left(today: date, due_on: date) -> str:
    """Describe the days left: "3 working days left", "due today", "2 working days overdue". If only other days are
    between, "no working day left" or "overdue"."""
    if today == due_on:
        return "due today"
    left = working_days_between(today, due_on)
    if left:
        return f"{working_days_label(abs(left))} {'left' if left > 0 else 'overdue'}"
    return "no working day left" if today < due_on else "overdue"
