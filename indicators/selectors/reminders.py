"""Finds the people to remind about returns, the reminders that failed, and how timely returns were."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
from core.mail.daily import Occasion
from core.models import OutboxEntry, User
from core.timetable import for_each
from indicators.models import Correction, Submission
from indicators.selectors.returns import Holder, ReturnStatus, came_in_files, find_turn, owed_in, returns_in
from indicators.workflow import (
    AT_ONCE,
    RECIPIENTS,
    CorrectionState,
    ReminderKind,
    SubmissionState,
    kinds_due,
    reminder_days,
)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reason to e-mail one person about one return. It has an entry if it failed."""

    period: ReportingPeriod
    agency: Agency
    person: User
    kind: ReminderKind
    entry: OutboxEntry | None = None
    day: date | None = None  # on which a coordinator asked for it

    def __str__(self) -> str:
        return f"{self.kind.label}: {self.agency}, {self.period.month.label}"

    @property
    def occasion(self) -> Occasion:
        key = make_key(self.period.pk, self.agency.pk, self.kind)
        if self.day is not None:
            key = f"{key}:{self.day:%Y%m%d}"
        return Occasion(LetterKind.RETURNS, self.period.area, self.person, key, self)


def make_key(period: int, agency: int, kind: ReminderKind) -> str:
    """Return what identifies a reminder for one person."""
    return f"{period}:{agency}:{kind}"


def read_key(entry: OutboxEntry) -> tuple[int, int, ReminderKind]:
    period, agency, kind, *_ = entry.occasion.split(":")
    return int(period), int(agency), ReminderKind(kind)


def get_period(entry: OutboxEntry) -> ReportingPeriod:
    """Return the month of a reminder."""
    return ReportingPeriod.objects.select_related("area").get(pk=read_key(entry)[0])


@dataclass(frozen=True, slots=True)
class _MonthToRemind:
    """What we need to know about a month to remind people: its returns, the people who can be reached, and when people
    were told that a return was given back."""

    returns: Sequence[ReturnStatus]
    reachable: Sequence[Membership]
    told: Mapping[tuple[int, str], datetime]  # by person and key


def reminders_due(today: date, areas: Areas = None) -> Iterator[Reminder]:
    """Yield the reminders of open months to send on a day, whether or not they were sent; of all areas, or of these.
    They go to active people who get reminders, about returns that haven't arrived. Six queries for any number of
    months.

    Raises SomeFailed once the other months are done.
    """
    opened = ReportingPeriod.objects.filter(within(areas), status=MonthStatus.OPEN.value).select_related("area")
    periods = list(opened.order_by("area_id", "starts_on"))
    months = _load(periods)
    # A list: errors are raised while `for_each` waits, which then goes on with the next month.
    for reminders in for_each(periods, lambda period: list(_find_due(period, today, months[period.pk]))):
        yield from reminders


def _load(periods: Sequence[ReportingPeriod]) -> dict[int, _MonthToRemind]:
    """Return this for each month, by its key. Five queries for any number of months, or none."""
    if not periods:
        return {}
    returns, reachable = returns_in(periods), reachable_people({period.area_id for period in periods})
    keys = [
        make_key(period.pk, status.agency.pk, ReminderKind.RETURNED)
        for period in periods
        for status in returns[period.pk]
    ]
    # One that is tried again was not told yet.
    told = OutboxEntry.objects.filter(kind=LetterKind.RETURNS.value, occasion__in=keys)
    told = told.exclude(pk__in=OutboxEntry.objects.waiting().values("pk"))
    at = {(person, key): moment for person, key, moment in told.values_list("person", "occasion", "claimed_at")}
    return {period.pk: _MonthToRemind(returns[period.pk], reachable[period.area_id], at) for period in periods}


def _find_due(period: ReportingPeriod, today: date, month: _MonthToRemind) -> Iterator[Reminder]:
    for status in _waiting(month.returns):
        agency = status.agency
        returned = make_key(period.pk, agency.pk, ReminderKind.RETURNED)
        kinds: dict[date | None, list[ReminderKind]] = {}  # by the day that a lead has to hear of
        for membership in month.reachable:
            if membership.agency_id not in (agency.pk, None):
                continue
            dates = _make_dates(status, told_at=month.told.get((membership.user_id, returned)))
            returned_on = dates["returned_on"]
            if returned_on not in kinds:
                kinds[returned_on] = kinds_due(today, **dates)
            for kind in kinds[returned_on]:
                if is_for(kind, agency.pk, membership):
                    yield Reminder(period, agency, membership.user, kind)


def _waiting(returns: Iterable[ReturnStatus]) -> list[ReturnStatus]:
    """Return the returns that people may be reminded about."""
    return [status for status in returns if not status.is_in and not status.agency.retired]


class _Dates(TypedDict):
    """What the schedule needs to know about a return."""

    starts_on: date
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
        "starts_on": status.period.starts_on,
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
    failed: dict[int, list[OutboxEntry]] = defaultdict(list)
    for entry in OutboxEntry.objects.failed().filter(kind=LetterKind.RETURNS.value) if opened else []:
        failed[read_key(entry)[0]].append(entry)
    affected = [period for period in opened if period.pk in failed]
    months = _load(affected)
    return [
        reminder for period in affected for reminder in _list_still_wanted(period, months[period.pk], failed[period.pk])
    ]


def _list_still_wanted(
    period: ReportingPeriod, month: _MonthToRemind, failed: Iterable[OutboxEntry]
) -> Iterator[Reminder]:
    waiting = {status.agency.pk: status for status in _waiting(month.returns)}
    for entry in failed:
        _, agency, kind = read_key(entry)
        status = waiting.get(agency)
        if status is None or (kind not in AT_ONCE and kind not in reminder_days(**_make_dates(status))):
            continue
        for membership in month.reachable:
            if membership.user_id == entry.person_id and is_for(kind, agency, membership):
                yield Reminder(period, status.agency, membership.user, kind, entry)
                break


@dataclass(frozen=True, slots=True)
class Chase:
    """The people whose turn a return is, the reminders that a coordinator can send them now, and when anybody of the
    agency was last reminded about it."""

    people: Sequence[User]
    reminders: Sequence[Reminder]
    last: datetime | None


def list_chases(period: ReportingPeriod, statuses: Iterable[ReturnStatus], *, today: date) -> dict[int, Chase]:
    """Return those of the returns that are with an agency's people, by the agency's key. Two queries."""
    told = OutboxEntry.objects.filter(kind=LetterKind.RETURNS.value, occasion__startswith=f"{period.pk}:")
    last: dict[int, datetime] = {}
    asked: set[tuple[int | None, str]] = set()
    for entry in told.order_by("claimed_at"):
        _, agency, kind = read_key(entry)
        asked.add((entry.person_id, entry.occasion))
        if kind is not ReminderKind.OVERDUE_COORDINATOR and entry.sent_at is not None:
            last[agency] = entry.sent_at
    memberships = Membership.objects.filter(
        agency__area=period.area_id, role__in=[RECIPIENTS[kind].value for kind in AT_ONCE], user__is_active=True
    )
    held = list(memberships.select_related("user").order_by("user__name", "pk"))
    chases: dict[int, Chase] = {}
    for status in statuses:
        to_remind = KIND_NOW.get(find_turn(status, today=today).holder)
        if to_remind is None or status.agency.retired:
            continue
        submitted_by = status.submission.submitted_by_id if status.submission and status.is_in else None
        people = [
            membership.user
            for membership in held
            # Nobody releases what they submitted.
            if is_for(to_remind, status.agency.pk, membership) and membership.user_id != submitted_by
        ]
        reminders = [
            Reminder(period, status.agency, person, to_remind, day=today)
            for person in people
            if person.wants(LetterKind.RETURNS)
        ]
        reminders = [one for one in reminders if (one.person.pk, one.occasion.key) not in asked]
        chases[status.agency.pk] = Chase(people, reminders, last.get(status.agency.pk))
    return chases


KIND_NOW = {Holder.AGENCY: ReminderKind.NOW, Holder.APPROVER: ReminderKind.NOW_RELEASE}
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
