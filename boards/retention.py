"""The kinds of records that are deleted one day, and after how long: docs/adr/0061.

Each app names its kinds, and the settings name the apps' lists.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

ACCOUNTS = "accounts"  # the kind of accounts that nobody uses


@dataclass(frozen=True, slots=True)
class Removed:
    """How many records a batch removed. `details` are for the record: a batch of a chain has an event of its own."""

    count: int
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of records with a retention period: the usual number of `months`, and the fewest and the most that an area
    may choose.

    `since` says which day counts. `is_of_areas`: each area has its own; otherwise they belong to no area. The functions
    get the area's slug: how many are older than a moment, when the oldest is from, and remove some of the older ones.
    """

    code: str
    label: str
    months: int
    least: int
    most: int
    since: str
    why: str
    count: Callable[[str, datetime], int]
    find_oldest: Callable[[str], datetime | None]
    remove: Callable[[str, datetime, int], Removed]
    is_of_areas: bool = True
    is_chained: bool = False
    at_once: int = 500


def load_kinds() -> list[Kind]:
    """Return every kind, in the order of the pages about retention."""
    return [kind for name in settings.RETENTION for kind in import_string(name)]


def list_kinds(area: str) -> list[Kind]:
    """Return the kinds of an area, or those of no area if it is empty."""
    return [kind for kind in load_kinds() if kind.is_of_areas == bool(area)]


def find_moment(day: date, months: int) -> datetime:
    """Return the start of the day that is some months before a day. What is older may go on that day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    earlier = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return timezone.make_aware(datetime.combine(earlier, time()))


def describe_months(months: int) -> str:
    """Return "7 years", or "18 months"."""
    if months % 12:
        return f"{months} month{'' if months == 1 else 's'}"
    years = months // 12
    return f"{years} year{'' if years == 1 else 's'}"
