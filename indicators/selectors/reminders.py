"""Who is to be reminded of which return, and which reminders failed?"""

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

# A worker sends within seconds of its claim. One that hasn't said so after this was stopped on the way.
UNKNOWN_AFTER = timedelta(hours=1)


type Key = tuple[int, int, str]  # agency, person, kind


def reminders_due(today: date) -> Iterator[Reminder]:
    """The reminders of open months that are to be sent on a day and that nobody has claimed yet, not saved: to people
    who are active and get reminders, of returns that aren't in. A fixed number of queries a month, each as it is come
    to.

    Raises SomeFailed once the other months are done.
    """
    periods = ReportingPeriod.objects.filter(status=MonthStatus.OPEN.value).select_related("area")
    for found in for_each(periods.order_by("area_id", "starts_on"), lambda period: list(_find_due(period, today))):
        yield from found


def still_due(today: date, unconfirmed: Sequence[Reminder]) -> list[Reminder]:
    """Of reminders of one month that were claimed, and aren't known to be sent, those that would be sent today: not one
    whose day is over, in place of which another goes out."""
    keys = {_key(reminder): reminder for reminder in unconfirmed}
    due = (_key(wanted) for wanted in _find_due(unconfirmed[0].period, today, without=keys))
    return [keys[key] for key in due if key in keys]


def _key(reminder: Reminder) -> Key:
    return reminder.agency_id, reminder.person_id, reminder.kind


def _find_due(period: ReportingPeriod, today: date, *, without: Container[Key] = ()) -> Iterator[Reminder]:
    """`without` are claims that count as none."""
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
    """The returns that somebody may be reminded of."""
    return [status for status in list_returns(period) if not status.is_in and not status.agency.retired]


class _Dates(TypedDict):
    """What the schedule asks about a return."""

    opened_on: date
    due_on: date
    has_come: bool
    returned_on: date | None


def _make_dates(status: ReturnStatus, *, told_at: datetime | None = None) -> _Dates:
    """`told_at` is when its lead was told that it was returned. Each person is told once a month: of a second return
    nobody hears, and it mustn't push another reminder aside."""
    submission, returned_at = status.submission, None
    if submission is not None and submission.state == SubmissionState.RETURNED:
        returned_at = submission.returned_at
    if returned_at is not None and told_at is not None and told_at < returned_at:
        returned_at = None
    return {
        "opened_on": status.period.opened_on,
        "due_on": status.period.due_on,
        # The rule of `turns.is_overdue`: what was handed in once has come, also if it was given back.
        "has_come": submission is not None and submission.handed_in_on is not None,
        "returned_on": timezone.localdate(returned_at) if returned_at else None,
    }


def reachable_people(area: PartnershipArea) -> list[Membership]:
    """The roles that reminders go to, of people who can sign in and haven't switched reminders off."""
    held = Membership.objects.filter(
        area=area, role__in=set(RECIPIENTS.values()), user__is_active=True, user__is_reminded=True
    )
    return [each for each in held.select_related("user").order_by("id") if each.user.wants(LetterKind.RETURNS)]


def is_for(kind: ReminderKind, agency_id: int, held: Membership) -> bool:
    """Whether a reminder of this kind about this agency goes to whoever holds this role."""
    return held.role == RECIPIENTS[kind] and held.agency_id in (agency_id, None)


def failed_reminders(period: ReportingPeriod) -> list[Reminder]:
    """The month's reminders that could not be sent, or aren't known to have been sent an hour after their claim; newest
    first. Those that would be sent to nobody any more, or of a return that is in by now, or not overdue any more
    since it came and was given back, are left out."""
    return failed_among([period])


def failed_among(periods: Iterable[ReportingPeriod]) -> list[Reminder]:
    """Those of several months, month by month. One query where there are none."""
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
