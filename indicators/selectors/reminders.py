"""Finds the people to remind about returns, and the reminders that failed."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TypedDict

from django.db.models import Q
from django.utils import timezone

from boards.models import Membership, PartnershipArea, ReportingPeriod
from boards.workflow import MonthStatus
from core.jobs import for_each
from core.letter_kinds import LetterKind
from indicators.models import Reminder
from indicators.schedule import RECIPIENTS, ReminderKind, kinds_due, reminder_days
from indicators.selectors.returns import ReturnStatus, list_returns
from indicators.workflow import SubmissionState

# A worker sends within seconds of its claim. A claim that isn't confirmed after this time was interrupted.
UNKNOWN_AFTER = timedelta(hours=1)


type Key = tuple[int, int, str]  # agency, person, kind


def reminders_due(today: date) -> Iterator[Reminder]:
    """Yield the reminders of open months to send on a day that nobody has claimed yet. They aren't saved. They go to
    active people who get reminders, about returns that haven't arrived. A fixed number of queries for each month, when
    its turn comes.

    Raises SomeFailed once the other months are done.
    """
    periods = ReportingPeriod.objects.filter(status=MonthStatus.OPEN.value).select_related("area")
    # A list: errors are raised while `for_each` waits, which then goes on with the next month.
    for found in for_each(periods.order_by("area_id", "starts_on"), lambda period: list(_find_due(period, today))):
        yield from found


def still_due(today: date, unconfirmed: Sequence[Reminder]) -> list[Reminder]:
    """Of one month's reminders that were claimed but not confirmed as sent, return those that would be sent today. If a
    newer reminder replaces one, leave it out."""
    keys = {_key(reminder): reminder for reminder in unconfirmed}
    due = (_key(wanted) for wanted in _find_due(unconfirmed[0].period, today, without=keys))
    return [keys[key] for key in due if key in keys]


def _key(reminder: Reminder) -> Key:
    return reminder.agency_id, reminder.person_id, reminder.kind


def _find_due(period: ReportingPeriod, today: date, *, without: Container[Key] = ()) -> Iterator[Reminder]:
    """Leave out what was claimed already. `without` are claims to ignore."""
    waiting = _waiting(period)
    if not waiting:
        return
    reachable = reachable_people(period.area)
    claims = Reminder.objects.filter(period=period)
    claimed = {_key(claim): claim.claimed_at for claim in claims if _key(claim) not in without}
    for status in waiting:
        agency = status.agency
        for held in reachable:
            told_at = claimed.get((agency.pk, held.user_id, ReminderKind.RETURNED))
            for kind in kinds_due(today, starts_on=period.starts_on, **_make_dates(status, told_at=told_at)):
                if is_for(kind, agency.pk, held) and (agency.pk, held.user_id, kind) not in claimed:
                    yield Reminder(period=period, agency=agency, person=held.user, kind=kind.value)


def _waiting(period: ReportingPeriod) -> list[ReturnStatus]:
    """Return the returns that people may be reminded about."""
    return [status for status in list_returns(period) if not status.is_in and not status.agency.retired]


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


def reachable_people(area: PartnershipArea) -> list[Membership]:
    """Return the roles that get reminders, of people who can sign in and haven't switched reminders off."""
    held = Membership.objects.filter(
        area=area, role__in=set(RECIPIENTS.values()), user__is_active=True, user__is_reminded=True
    )
    return [each for each in held.select_related("user").order_by("id") if each.user.wants(LetterKind.RETURNS)]


def is_for(kind: ReminderKind, agency_id: int, held: Membership) -> bool:
    """Return whether a reminder of this kind about this agency goes to people with this role."""
    # A coordinator's role belongs to no agency.
    return held.role == RECIPIENTS[kind] and held.agency_id in (agency_id, None)


def failed_reminders(period: ReportingPeriod) -> list[Reminder]:
    """List the month's reminders that failed, or aren't confirmed an hour after their claim, newest first. Reminders
    that no longer apply are left out: nobody would get them, or the return has arrived since."""
    return failed_among([period])


def failed_among(periods: Iterable[ReportingPeriod]) -> list[Reminder]:
    """List those of several months, month by month. One query where there are none."""
    opened = [period for period in periods if period.is_open]
    failed = list(
        Reminder.objects.filter(
            ~Q(fault="") | Q(claimed_at__lt=timezone.now() - UNKNOWN_AFTER), period__in=opened, sent_at=None
        ).select_related("agency", "person")
    )
    of_month = {period.pk: [each for each in failed if each.period_id == period.pk] for period in opened}
    return [each for period in opened if of_month[period.pk] for each in _still_wanted(period, of_month[period.pk])]


def _still_wanted(period: ReportingPeriod, failed: Iterable[Reminder]) -> Iterator[Reminder]:
    wanted = {status.agency.pk: set(reminder_days(**_make_dates(status))) for status in _waiting(period)}
    reachable = reachable_people(period.area)
    for reminder in failed:
        if reminder.kind in wanted.get(reminder.agency_id, ()) and any(
            held.user_id == reminder.person_id and is_for(ReminderKind(reminder.kind), reminder.agency_id, held)
            for held in reachable
        ):
            yield reminder
