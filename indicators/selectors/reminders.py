"""Finds the people to remind about returns, the reminders that failed, and how timely returns were."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict

from django.db.models import Q
from django.utils import timezone

from boards.models import Agency, Membership, ReportingPeriod
from boards.permissions import Access
from boards.rules import MonthStatus, Role
from core.calendar import Month, months_between
from core.database import Areas, within
from core.labels import Labelled
from core.letter_kinds import LetterKind
from core.timetable import for_each
from indicators.models import Correction, Reminder, Submission
from indicators.selectors.returns import ReturnStatus, came_in_files, owed_in, returns_in
from indicators.workflow import RECIPIENTS, CorrectionState, ReminderKind, SubmissionState, kinds_due, reminder_days

# A worker sends within seconds of its claim. A claim that isn't confirmed after this time was interrupted.
UNKNOWN_AFTER = timedelta(hours=1)


type Key = tuple[int, int, str]  # agency, person, kind
type ClaimKey = tuple[int, int, int, str]  # with the month before them


@dataclass(frozen=True, slots=True)
class _MonthToRemind:
    """What we need to know about a month to remind people: its returns, the people who can be reached, and when each
    reminder was claimed."""

    returns: Sequence[ReturnStatus]
    reachable: Sequence[Membership]
    claimed: Mapping[Key, datetime]


def reminders_due(today: date, areas: Areas = None) -> Iterator[Reminder]:
    """Yield the reminders of open months to send on a day that nobody has claimed yet; of all areas, or of these. They
    aren't saved. They go to active people who get reminders, about returns that haven't arrived. Six queries for any
    number of months.

    Raises SomeFailed once the other months are done.
    """
    opened = ReportingPeriod.objects.filter(within(areas), status=MonthStatus.OPEN.value).select_related("area")
    periods = list(opened.order_by("area_id", "starts_on"))
    months = _load(periods)
    # A list: errors are raised while `for_each` waits, which then goes on with the next month.
    for reminders in for_each(periods, lambda period: list(_find_due(period, today, months[period.pk]))):
        yield from reminders


def still_due(today: date, unconfirmed: Sequence[Reminder]) -> list[Reminder]:
    """Of reminders that were claimed but not confirmed as sent, return those that would be sent today. If a newer
    reminder replaces one, leave it out. Five queries, or none."""
    keys = {(reminder.period_id, *_key(reminder)): reminder for reminder in unconfirmed}
    periods = list({reminder.period_id: reminder.period for reminder in unconfirmed}.values())
    months = _load(periods, without=keys)
    due = [
        (period.pk, *_key(reminder)) for period in periods for reminder in _find_due(period, today, months[period.pk])
    ]
    return [keys[key] for key in due if key in keys]


def _key(reminder: Reminder) -> Key:
    return reminder.agency_id, reminder.person_id, reminder.kind


def _load(periods: Sequence[ReportingPeriod], *, without: Container[ClaimKey] = ()) -> dict[int, _MonthToRemind]:
    """Return this for each month, by its key. `without` are claims to ignore, each with its month. Five queries for any
    number of months, or none."""
    if not periods:
        return {}
    returns, reachable = returns_in(periods), reachable_people({period.area_id for period in periods})
    claimed: dict[int, dict[Key, datetime]] = {period.pk: {} for period in periods}
    for claim in Reminder.objects.filter(period__in=periods):
        if (claim.period_id, *_key(claim)) not in without:
            claimed[claim.period_id][_key(claim)] = claim.claimed_at
    return {
        period.pk: _MonthToRemind(returns[period.pk], reachable[period.area_id], claimed[period.pk])
        for period in periods
    }


def _find_due(period: ReportingPeriod, today: date, month: _MonthToRemind) -> Iterator[Reminder]:
    """Leave out what was claimed already."""
    for status in _waiting(month.returns):
        agency = status.agency
        kinds: dict[date | None, list[ReminderKind]] = {}  # by the day that a lead has to hear of
        for membership in month.reachable:
            if membership.agency_id not in (agency.pk, None):
                continue
            dates = _make_dates(
                status, told_at=month.claimed.get((agency.pk, membership.user_id, ReminderKind.RETURNED))
            )
            returned_on = dates["returned_on"]
            if returned_on not in kinds:
                kinds[returned_on] = kinds_due(today, starts_on=period.starts_on, **dates)
            for kind in kinds[returned_on]:
                if is_for(kind, agency.pk, membership) and (agency.pk, membership.user_id, kind) not in month.claimed:
                    yield Reminder(period=period, agency=agency, person=membership.user, kind=kind.value)


def _waiting(returns: Iterable[ReturnStatus]) -> list[ReturnStatus]:
    """Return the returns that people may be reminded about."""
    return [status for status in returns if not status.is_in and not status.agency.retired]


class _Dates(TypedDict):
    """What the schedule needs to know about a return."""

    opened_on: date
    due_on: date
    has_come: bool
    returned_on: date | None


def _make_dates(status: ReturnStatus, *, told_at: datetime | None = None) -> _Dates:
    """Describe a return for the schedule. `told_at` is when its lead was told that it was returned. Each person is told
    once a month. So there is no letter about a second return, and it must not replace another reminder."""
    submission, returned_at = status.submission, None
    if submission is not None and submission.state == SubmissionState.RETURNED:
        returned_at = submission.returned_at
    if returned_at is not None and told_at is not None and told_at < returned_at:
        returned_at = None
    return {
        "opened_on": status.period.opened_on,
        "due_on": status.period.due_on,
        # As in `turns.is_overdue`, a return that was once handed in has arrived, even if it was given back.
        "has_come": submission is not None and submission.handed_in_on is not None,
        "returned_on": timezone.localdate(returned_at) if returned_at else None,
    }


def reachable_people(areas: Collection[int]) -> dict[int, list[Membership]]:
    """Return the roles that get reminders in each area, by its key, of people who can sign in and haven't switched
    reminders off. One query."""
    memberships = Membership.objects.filter(
        area__in=areas, role__in=set(RECIPIENTS.values()), user__is_active=True, user__is_reminded=True
    )
    reachable: dict[int, list[Membership]] = {area: [] for area in areas}
    for membership in memberships.select_related("user").order_by("id"):
        if membership.user.wants(LetterKind.RETURNS):
            reachable[membership.area_id].append(membership)
    return reachable


def is_for(kind: ReminderKind, agency_id: int, membership: Membership) -> bool:
    """Return whether a reminder of this kind about this agency goes to people with this role."""
    # A coordinator's role belongs to no agency.
    return membership.role == RECIPIENTS[kind] and membership.agency_id in (agency_id, None)


def failed_reminders(*periods: ReportingPeriod) -> list[Reminder]:
    """List the months' reminders that failed, or aren't confirmed an hour after their claim, newest first, month by
    month. Reminders that no longer apply are left out: nobody would get them, or the return has arrived since."""
    opened = [period for period in periods if period.is_open]
    has_failed = ~Q(fault="") | Q(claimed_at__lt=timezone.now() - UNKNOWN_AFTER)
    reminders = Reminder.objects.filter(has_failed, period__in=opened, sent_at=None)
    failed: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in reminders.select_related("agency", "person"):
        failed[reminder.period_id].append(reminder)
    months = _load([period for period in opened if period.pk in failed])
    return [reminder for period, month in months.items() for reminder in _still_wanted(month, failed[period])]


def _still_wanted(month: _MonthToRemind, failed: Iterable[Reminder]) -> Iterator[Reminder]:
    wanted = {status.agency.pk: set(reminder_days(**_make_dates(status))) for status in _waiting(month.returns)}
    for reminder in failed:
        if reminder.kind in wanted.get(reminder.agency_id, ()) and any(
            membership.user_id == reminder.person_id
            and is_for(ReminderKind(reminder.kind), reminder.agency_id, membership)
            for membership in month.reachable
        ):
            yield reminder


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
        return sum(timeliness is kind for timeliness in self.months.values())


def years_to(periods: Collection[ReportingPeriod], *, today: date) -> dict[int, list[AgencyYear]]:
    """Return the year up to each of these months, by the month's key. It has each agency with a return due in it, in
    the area's order. A retired agency's returns were due up to the last one it handed in. Four queries for any number
    of months, areas and agencies."""
    if not periods:
        return {}
    areas = {period.area_id for period in periods}
    first = min(period.month for period in periods) + -(MONTHS - 1)
    last = max(period.month for period in periods)
    in_years = ReportingPeriod.objects.filter(
        area__in=areas, starts_on__gte=first.first_day, starts_on__lte=last.first_day
    )
    period_of = {(period.area_id, period.month): period for period in in_years.order_by()}
    returns = Submission.objects.filter(period__area__in=areas, period__starts_on__gte=first.first_day)
    handed_in: dict[tuple[int, int], date | None] = {}
    last_in: dict[int, date] = {}  # the first day of the last month whose return an agency handed in
    # Oldest first: the last month that was handed in must win in `last_in`.
    for agency, period, starts_on, day in returns.order_by("period__starts_on").values_list(
        "agency", "period", "period__starts_on", "handed_in_on"
    ):
        handed_in[agency, period] = day
        if day is not None:
            last_in[agency] = starts_on
    from_files = came_in_files(period_of.values())
    owed = owed_in(areas)

    def judge_timeliness(agency: Agency, month: Month) -> Timeliness:
        period = period_of.get((agency.area_id, month))
        if period is None or not any(duty.is_live(month) for duty in owed[agency]):
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


def add_up_years(years: Iterable[AgencyYear]) -> dict[str, int]:
    """Add up all agencies: {"on_time": 78, "late": 4, "missing": 2}."""
    rows = list(years)
    return {kind.value: sum(row.count(kind) for row in rows) for kind in COUNTED}


def list_returns_since(access: Access, since: datetime) -> list[Submission]:
    """Return returns that were handed in, released, accepted or given back: those of this person's agencies, or all for
    the coordinator; none for anybody else."""
    acts = ("submitted", "released", "accepted", "returned")
    moments = Q()
    for act in acts:
        moments |= Q(**{f"{act}_at__gt": since})
    returns = Submission.objects.filter(moments, period__area=access.area).select_related("agency", "period")
    returns = returns.only(
        "state",
        "comment",
        *(f"{act}_{part}" for act in acts for part in ("at", "by")),
        "agency__name",
        "agency__code",
        "period__starts_on",
    )
    return list(returns if access.can_coordinate else returns.filter(agency__in=access.agencies))


def list_decided_since(access: Access, since: datetime) -> list[Correction]:
    """Return corrections that others decided: those of this person's agencies, or all for people who read every return;
    none for anybody else."""
    decided = Correction.objects.filter(indicator__area=access.area, decided_at__gt=since)
    decided = decided.exclude(state=CorrectionState.ASKED.value).exclude(decided_by=access.user)
    decided = decided.select_related("indicator", "category", "period")
    reads_all = access.is_any(Role.COORDINATOR, Role.ANALYST, Role.INFORMATION)
    return list(decided if reads_all else decided.filter(indicator__owner__in=access.agencies))
