"""Finds the people to remind about returns, and the reminders that failed."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict

from django.db.models import Q, QuerySet
from django.utils import timezone

from boards.models import Membership, ReportingPeriod
from boards.workflow import MonthStatus
from core.jobs import for_each
from core.letter_kinds import LetterKind
from core.within import Areas, within
from indicators.models import Reminder
from indicators.schedule import RECIPIENTS, ReminderKind, kinds_due, reminder_days
from indicators.selectors.returns import ReturnStatus, returns_in
from indicators.workflow import SubmissionState

# A worker sends within seconds of its claim. A claim that isn't confirmed after this time was interrupted.
UNKNOWN_AFTER = timedelta(hours=1)


type Key = tuple[int, int, str]  # agency, person, kind
type ClaimKey = tuple[int, int, int, str]  # with the month before them


@dataclass(frozen=True, slots=True)
class _Asked:
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
    asked = _load(periods)
    # A list: errors are raised while `for_each` waits, which then goes on with the next month.
    for found in for_each(periods, lambda period: list(_find_due(period, today, asked[period.pk]))):
        yield from found


def still_due(today: date, unconfirmed: Sequence[Reminder]) -> list[Reminder]:
    """Of reminders that were claimed but not confirmed as sent, return those that would be sent today. If a newer
    reminder replaces one, leave it out. Five queries, or none."""
    keys = {(reminder.period_id, *_key(reminder)): reminder for reminder in unconfirmed}
    periods = list({reminder.period_id: reminder.period for reminder in unconfirmed}.values())
    asked = _load(periods, without=keys)
    due = [(period.pk, *_key(one)) for period in periods for one in _find_due(period, today, asked[period.pk])]
    return [keys[key] for key in due if key in keys]


def _key(reminder: Reminder) -> Key:
    return reminder.agency_id, reminder.person_id, reminder.kind


def _load(periods: Sequence[ReportingPeriod], *, without: Container[ClaimKey] = ()) -> dict[int, _Asked]:
    """Return this for each month, by its key. `without` are claims to ignore, each with its month. Five queries for any
    number of months, or none."""
    if not periods:
        return {}
    returns, reachable = returns_in(periods), reachable_people({period.area_id for period in periods})
    claimed: dict[int, dict[Key, datetime]] = {period.pk: {} for period in periods}
    for claim in Reminder.objects.filter(period__in=periods):
        if (claim.period_id, *_key(claim)) not in without:
            claimed[claim.period_id][_key(claim)] = claim.claimed_at
    return {period.pk: _Asked(returns[period.pk], reachable[period.area_id], claimed[period.pk]) for period in periods}


def _find_due(period: ReportingPeriod, today: date, asked: _Asked) -> Iterator[Reminder]:
    """Leave out what was claimed already."""
    for status in _waiting(asked.returns):
        agency = status.agency
        kinds: dict[date | None, list[ReminderKind]] = {}  # by the day that a lead has to hear of
        for held in asked.reachable:
            if held.agency_id not in (agency.pk, None):
                continue
            dates = _make_dates(status, told_at=asked.claimed.get((agency.pk, held.user_id, ReminderKind.RETURNED)))
            returned_on = dates["returned_on"]
            if returned_on not in kinds:
                kinds[returned_on] = kinds_due(today, starts_on=period.starts_on, **dates)
            for kind in kinds[returned_on]:
                if is_for(kind, agency.pk, held) and (agency.pk, held.user_id, kind) not in asked.claimed:
                    yield Reminder(period=period, agency=agency, person=held.user, kind=kind.value)


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
    held = Membership.objects.filter(
        area__in=areas, role__in=set(RECIPIENTS.values()), user__is_active=True, user__is_reminded=True
    )
    found: dict[int, list[Membership]] = {area: [] for area in areas}
    for each in held.select_related("user").order_by("id"):
        if each.user.wants(LetterKind.RETURNS):
            found[each.area_id].append(each)
    return found


def is_for(kind: ReminderKind, agency_id: int, held: Membership) -> bool:
    """Return whether a reminder of this kind about this agency goes to people with this role."""
    # A coordinator's role belongs to no agency.
    return held.role == RECIPIENTS[kind] and held.agency_id in (agency_id, None)


def failed_reminders(period: ReportingPeriod) -> list[Reminder]:
    """List the month's reminders that failed, or aren't confirmed an hour after their claim, newest first. Reminders
    that no longer apply are left out: nobody would get them, or the return has arrived since."""
    return failed_among([period])


def failed_among(periods: Iterable[ReportingPeriod]) -> list[Reminder]:
    """Return those of several months, month by month."""
    opened = [period for period in periods if period.is_open]
    keys = frozenset(period.pk for period in opened)
    failed = list(_failed_in(keys, timezone.now() - UNKNOWN_AFTER))
    of_month = {
        period.pk: of_period
        for period in opened
        if (of_period := [each for each in failed if each.period_id == period.pk])
    }
    periods = [period for period in opened if period.pk in of_month]
    asked = _load(periods)
    return [each for period in periods for each in _still_wanted(asked[period.pk], of_month[period.pk])]


def _failed_in(periods: frozenset[int], unknown_before: datetime) -> QuerySet[Reminder]:
    has_failed = ~Q(fault="") | Q(claimed_at__lt=unknown_before)
    return Reminder.objects.filter(has_failed, period__in=periods, sent_at=None).select_related("agency", "person")


def _still_wanted(asked: _Asked, failed: Iterable[Reminder]) -> Iterator[Reminder]:
    wanted = {status.agency.pk: set(reminder_days(**_make_dates(status))) for status in _waiting(asked.returns)}
    for reminder in failed:
        if reminder.kind in wanted.get(reminder.agency_id, ()) and any(
            held.user_id == reminder.person_id and is_for(ReminderKind(reminder.kind), reminder.agency_id, held)
            for held in asked.reachable
        ):
            yield reminder
