"""Remind people of returns by e-mail: claimed in the database first, so that two workers don't send the same, and
confirmed afterwards, so that none is lost."""

from collections.abc import Callable, Iterator
from datetime import date

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.permissions import check_can_coordinate
from boards.workflow import MonthStatus
from core import audit
from core.models import User
from core.services import letters
from core.transitions import TransitionRefused
from indicators.models import Reminder, Submission
from indicators.presenters.reminders import write_letter
from indicators.selectors.markings import get_marking
from indicators.selectors.reminders import failed_reminders, reminders_due, still_due


def claim_reminders(*, today: date) -> Iterator[Reminder]:
    """The reminders that are this worker's to send, each committed just before it is handed out: a worker that is
    killed leaves one that is claimed and not confirmed, not all of them. That one is tried again: see
    `claim_reminders_again`.
    """
    for wanted in reminders_due(today):
        # Durable: in a transaction of a caller's, another worker could not see the claim yet.
        with transaction.atomic(durable=True):
            reminder = letters.claim(
                Reminder, period=wanted.period, agency=wanted.agency, person=wanted.person, kind=wanted.kind
            )
        if reminder:
            yield reminder


def claim_reminders_again(*, today: date) -> Iterator[Reminder]:
    """Those that were claimed, aren't known to be sent, and would be sent today too: each is this worker's to try once
    more. What they say is what is true by now."""
    unsent = Reminder.objects.filter(period__status=MonthStatus.OPEN.value)
    tried = letters.list_unconfirmed(unsent.select_related("period__area", "agency", "person"))
    of_months: dict[int, list[Reminder]] = {}
    for (reminder,) in tried:
        of_months.setdefault(reminder.period_id, []).append(reminder)
    for found in of_months.values():
        yield from (reminder for reminder in still_due(today, found) if letters.claim_again([reminder]))


def send_reminder(reminder: Reminder, *, absolute: Callable[[str], str]) -> Reminder:
    """Send one that was claimed, and note when; or, if that fails, why.

    `absolute` turns a path into an address. Raises nothing that has to do with the mail: one that fails must not stop
    the others.
    """
    letters.deliver([reminder], lambda: _message(reminder, absolute))
    return reminder


def _message(reminder: Reminder, absolute: Callable[[str], str]) -> EmailMultiAlternatives:
    person, agency, period = reminder.person, reminder.agency, reminder.period
    submission = Submission.objects.filter(agency=agency, period=period).select_related("returned_by").first()
    letter = write_letter(reminder, submission, marking=get_marking(period), today=timezone.localdate())
    path = reverse("indicators:return-edit", args=[period.area.slug, period.month, agency.code])
    return letters.compose(letter, to=person, path=path, absolute=absolute)


def send_again(reminder: Reminder, *, absolute: Callable[[str], str], by: User) -> Reminder:
    """Send one that failed, or isn't known to have been sent, once more: the coordinator's act.

    Raises PermissionDenied, or TransitionRefused where it isn't one of those (any more): somebody else has just
    sent it again, the return has come in, the month is closed, the person gets no reminders.
    """
    area = reminder.period.area
    check_can_coordinate(area, by=by)
    with transaction.atomic():
        claimed = (
            Reminder.objects.select_for_update(of=("self",))
            .select_related("period__area", "agency", "person")
            .get(pk=reminder.pk)
        )
        if claimed not in failed_reminders(claimed.period):
            raise TransitionRefused(
                f"This reminder to {claimed.person} isn’t one to send again: it was sent, the return has come, "
                "the month takes no more returns, or they get no reminders."
            )
        claimed.claimed_at, claimed.fault, claimed.tries = timezone.now(), "", 1
        claimed.save(update_fields=["claimed_at", "fault", "tries"])
        audit.record("reminder.sent_again", claimed, by=by, area=area.slug)
    return send_reminder(claimed, absolute=absolute)
