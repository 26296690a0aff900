"""What does the page about a key's uses say? Each day, with its hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from boards.key_secrets import Scope
from boards.selectors import HourOfUse
from core.months import date_label


@dataclass(frozen=True, slots=True)
class HourRow:
    label: str
    requests: int
    refused: int
    asked: str


@dataclass(frozen=True, slots=True)
class DayRow:
    label: str
    requests: int
    refused: int
    hours: list[HourRow]


def make_days(uses: Iterable[HourOfUse], first: date) -> list[DayRow]:
    """Return each day from `first` on with a request, the newest first, and so its hours."""
    days: dict[date, dict[int, list[HourOfUse]]] = {}
    for use in uses:
        if use.day >= first:
            days.setdefault(use.day, {}).setdefault(use.hour, []).append(use)
    return [
        DayRow(
            label=f"{day:%A} {date_label(day)}",
            requests=sum(use.requests for found in hours.values() for use in found),
            refused=sum(use.refused for found in hours.values() for use in found),
            hours=[make_hour(hour, found) for hour, found in sorted(hours.items(), reverse=True)],
        )
        for day, hours in sorted(days.items(), reverse=True)
    ]


def make_hour(hour: int, found: list[HourOfUse]) -> HourRow:
    """Return one row. When the clocks go back, an hour of that name comes twice."""
    asked = frozenset[Scope]().union(*(use.asked for use in found))
    return HourRow(
        label=f"{hour:02}:00 to {(hour + 1) % 24:02}:00",
        requests=sum(use.requests for use in found),
        refused=sum(use.refused for use in found),
        asked="; ".join(scope.label for scope in Scope if scope in asked) or "Not noted",
    )
