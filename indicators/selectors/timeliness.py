"""Did each agency's returns come on time, over twelve months?"""

from collections import defaultdict
from collections.abc import Collection as Several
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Min

from boards.models import Agency, ReportingPeriod
from core.labels import Labelled
from core.months import Month, months_between
from indicators.models import Collection, Indicator, Observation, Submission

MONTHS = 12


class Timeliness(Labelled):
    """How an agency's return for a month came. The first three are counted."""

    ON_TIME = "on_time", "On time"
    LATE = "late", "Late"
    MISSING = "missing", "Missing"
    # The figures came in a file, and no return was begun.
    FROM_FILE = "from_file", "From a file"
    NOT_DUE = "not_due", "Not due yet"
    # Before the agency supplied anything by return, or a month that the area doesn't hold.
    NOT_OWED = "not_owed", "Nothing owed"


COUNTED = (Timeliness.ON_TIME, Timeliness.LATE, Timeliness.MISSING)


@dataclass(frozen=True, slots=True)
class AgencyYear:
    """How an agency's returns came in the twelve months up to one, oldest first."""

    agency: Agency
    months: dict[Month, Timeliness]

    def count(self, kind: Timeliness) -> int:
        return sum(each is kind for each in self.months.values())


@dataclass(frozen=True, slots=True)
class Owed:
    """From and until when an agency supplies an indicator by return."""

    since: date
    until: date | None  # the first month that it isn't asked for any more

    def is_live(self, month: Month) -> bool:
        return self.since <= month.first_day and (self.until is None or month.first_day < self.until)


def years_to(periods: Several[ReportingPeriod], *, today: date) -> dict[int, list[AgencyYear]]:
    """The year up to each of these months, by the month's key: for each agency, in the area's order,
    that owed something in it. Four queries, however many months, areas and agencies."""
    if not periods:
        return {}
    areas = {period.area_id for period in periods}
    first = min(period.month for period in periods) + -(MONTHS - 1)
    last = max(period.month for period in periods)
    held = {
        (period.area_id, period.month): period
        for period in ReportingPeriod.objects.filter(
            area__in=areas, starts_on__gte=first.first_day, starts_on__lte=last.first_day
        )
    }
    keys = [period.pk for period in held.values()]
    handed_in = {
        (agency, period): day
        for agency, period, day in Submission.objects.filter(period__in=keys).values_list(
            "agency", "period", "handed_in_on"
        )
    }
    from_files = set(
        Observation.objects.filter(
            period__in=keys, submission__isnull=True, indicator__collection=Collection.RETURN.value
        )
        .exclude(imported_from="")
        .order_by()
        .values_list("indicator__owner", "period")
        .distinct()
    )
    owed = _owed(areas)

    def kind_of(agency: Agency, month: Month) -> Timeliness:
        period = held.get((agency.area_id, month))
        if period is None or not any(each.is_live(month) for each in owed[agency]):
            return Timeliness.NOT_OWED
        key = (agency.pk, period.pk)
        day = handed_in.get(key)
        if day is not None:
            return Timeliness.ON_TIME if day <= period.due_on else Timeliness.LATE
        if key not in handed_in and key in from_files:
            return Timeliness.FROM_FILE
        return Timeliness.MISSING if period.due_on < today else Timeliness.NOT_DUE

    agencies = sorted(owed, key=lambda agency: (agency.position, agency.name))
    years: dict[int, list[AgencyYear]] = {}
    for wanted in periods:
        year = list(months_between(wanted.month + -(MONTHS - 1), wanted.month))
        rows = [
            AgencyYear(agency, {month: kind_of(agency, month) for month in year})
            for agency in agencies
            if agency.area_id == wanted.area_id
        ]
        years[wanted.pk] = [row for row in rows if row.count(Timeliness.NOT_OWED) < len(year)]
    return years


def _owed(areas: set[int]) -> dict[Agency, list[Owed]]:
    """What each agency that isn't retired supplies by return."""
    indicators = (
        Indicator.objects.filter(area__in=areas, collection=Collection.RETURN.value, owner__retired=False)
        .annotate(since=Min("definitions__applies_from"))
        .filter(since__isnull=False)
        .select_related("owner")
    )
    owed: dict[Agency, list[Owed]] = defaultdict(list)
    for indicator in indicators:
        owed[indicator.owner].append(Owed(indicator.since, indicator.retired_from))
    return owed


def totals_of(years: Iterable[AgencyYear]) -> dict[str, int]:
    """All agencies together: {"on_time": 78, "late": 4, "missing": 2}."""
    rows = list(years)
    return {kind.value: sum(row.count(kind) for row in rows) for kind in COUNTED}
