"""Who is to be reminded of which return, and which reminders failed?"""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from boards.models import Membership, PartnershipArea, ReportingPeriod
from boards.workflow import MonthStatus
from indicators.models import Reminder
from indicators.schedule import RECIPIENTS, ReminderKind, kinds_due
from indicators.selectors.returns import returns_of

# A worker sends within seconds of its claim. One that hasn't said so after this was stopped on the way.
UNKNOWN_AFTER = timedelta(hours=1)


def reminders_due(today: date) -> list[Reminder]:
    """The reminders of open months that are to be sent on a day and that nobody has claimed yet, not saved:
    to people who are active and get reminders, of returns that aren't in. Five queries for a month that is due."""
    periods = ReportingPeriod.objects.filter(status=MonthStatus.OPEN.value).select_related("area")
    return [reminder for period in periods.order_by("area_id", "starts_on") for reminder in _due_of(period, today)]


def _due_of(period: ReportingPeriod, today: date) -> Iterator[Reminder]:
    # A month opens on its first day: boards.tasks.open_month.
    kinds = kinds_due(today, opened_on=period.starts_on, due_on=period.due_on)
    if not kinds:
        return
    waiting = [status.agency for status in returns_of(period) if not status.is_in]
    reachable = reachable_people(period.area)
    claimed = set(Reminder.objects.filter(period=period).values_list("agency_id", "person_id", "kind"))
    for kind in kinds:
        for agency in waiting:
            for held in reachable:
                if is_for(kind, agency.pk, held) and (agency.pk, held.user_id, kind) not in claimed:
                    yield Reminder(period=period, agency=agency, person=held.user, kind=kind.value)


def reachable_people(area: PartnershipArea) -> list[Membership]:
    """The roles that reminders go to, of people who can sign in and haven't switched reminders off."""
    return list(
        Membership.objects.filter(
            area=area, role__in=set(RECIPIENTS.values()), user__is_active=True, user__is_reminded=True
        )
        .select_related("user")
        .order_by("id")
    )


def is_for(kind: ReminderKind, agency_id: int, held: Membership) -> bool:
    """Whether a reminder of this kind about this agency goes to whoever holds this role."""
    return held.role == RECIPIENTS[kind] and held.agency_id in (agency_id, None)


def failed_reminders(period: ReportingPeriod) -> list[Reminder]:
    """The month's reminders that could not be sent, or aren't known to have been sent an hour after their claim; newest
    first. Those that would be sent to nobody any more, or of a return that is in by now, are left out."""
    if not period.is_open:
        return []
    failed = list(
        Reminder.objects.filter(
            ~Q(fault="") | Q(claimed_at__lt=timezone.now() - UNKNOWN_AFTER), period=period, sent_at=None
        ).select_related("agency", "person")
    )
    if not failed:
        return []
    waiting = {status.agency.pk for status in returns_of(period) if not status.is_in}
    reachable = reachable_people(period.area)
    return [
        reminder
        for reminder in failed
        if reminder.agency_id in waiting
        and any(
            held.user_id == reminder.person_id and is_for(ReminderKind(reminder.kind), reminder.agency_id, held)
            for held in reachable
        )
    ]
