"""Did each agency's returns arrive on time, over twelve months?"""

from collections.abc import Collection as Several
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from boards.models import Agency, ReportingPeriod
from core.labels import Labelled
from core.months import Month, months_between
from indicators.models import Submission
from indicators.selectors.returns import came_in_files, owed_in

MONTHS = 12


class Timeliness(Labelled):
    """How an agency's return for a month arrived. The first three are counted."""

    ON_TIME = "on_time", "On time"
    LATE = "late", "Late"
    MISSING = "missing", "Missing"
    # The figures came from a file, and no return was started.
    FROM_FILE = "from_file", "From a file"
    NOT_DUE = "not_due", "Not due yet"
    # Before the agency supplied anything by return, or a month that the area doesn't have.
    NOT_OWED = "not_owed", "Nothing owed"


COUNTED = (Timeliness.ON_TIME, Timeliness.LATE, Timeliness.MISSING)


@dataclass(frozen=True, slots=True)
class AgencyYear:
    """How an agency's returns arrived in the twelve months up to one, oldest first."""

    agency: Agency
    months: dict[Month, Timeliness]

    def count(self, kind: Timeliness) -> int:
        return sum(each is kind for each in self.months.values())


def years_to(periods: Several[ReportingPeriod], *, today: date) -> dict[int, list[AgencyYear]]:
    """Return the year up to each of these months, by the month's key. It has each agency with a return due in it, in
    the area's order. A retired agency's returns were due up to the last one it handed in. Four queries for any number
    of months, areas and agencies."""
    if not periods:
        return {}
    areas = frozenset(period.area_id for period in periods)
    first = min(period.month for period in periods) + -(MONTHS - 1)
    last = max(period.month for period in periods)
    held = {(period.area_id, period.month): period for period in _periods(areas, first.first_day, last.first_day)}
    handed_in: dict[tuple[int, int], date | None] = {}
    last_in: dict[int, date] = {}  # the first day of the last month whose return an agency handed in
    # Oldest first: the last month that was handed in must win in `last_in`.
    for agency, period, starts_on, day in _returns_since(areas, first.first_day):
        handed_in[agency, period] = day
        if day is not None:
            last_in[agency] = starts_on
    from_files = came_in_files(held.values())
    owed = owed_in(areas)

    def judge_timeliness(agency: Agency, month: Month) -> Timeliness:
        period = held.get((agency.area_id, month))
        if period is None or not any(each.is_live(month) for each in owed[agency]):
            return Timeliness.NOT_OWED
        if agency.retired and period.starts_on > last_in.get(agency.pk, date.min):
            return Timeliness.NOT_OWED
        key = (agency.pk, period.pk)
        day = handed_in.get(key)
        if day is not None:
            return Timeliness.ON_TIME if day <= period.due_on else Timeliness.LATE
        # A return that was started isn't from a file, even where a file had its figures before.
        if key not in handed_in and key in from_files:
            return Timeliness.FROM_FILE
        return Timeliness.MISSING if period.due_on < today else Timeliness.NOT_DUE

    agencies = sorted(owed, key=lambda agency: (agency.position, agency.name))
    years: dict[int, list[AgencyYear]] = {}
    for wanted in periods:
        year = list(months_between(wanted.month + -(MONTHS - 1), wanted.month))
        rows = [
            AgencyYear(agency, {month: judge_timeliness(agency, month) for month in year})
            for agency in agencies
            if agency.area_id == wanted.area_id
        ]
        years[wanted.pk] = [row for row in rows if row.count(Timeliness.NOT_OWED) < len(year)]
    return years


def _periods(areas: frozenset[int], first: date, last: date) -> QuerySet[ReportingPeriod]:
    return ReportingPeriod.objects.filter(area__in=areas, starts_on__gte=first, starts_on__lte=last).order_by()


def _returns_since(areas: frozenset[int], first: date) -> QuerySet[Submission, tuple[int, int, date, date | None]]:
    returns = Submission.objects.filter(period__area__in=areas, period__starts_on__gte=first)
    return returns.order_by("period__starts_on").values_list("agency", "period", "period__starts_on", "handed_in_on")


def add_up_years(years: Iterable[AgencyYear]) -> dict[str, int]:
    """Add up all agencies: {"on_time": 78, "late": 4, "missing": 2}."""
    rows = list(years)
    return {kind.value: sum(row.count(kind) for row in rows) for kind in COUNTED}
