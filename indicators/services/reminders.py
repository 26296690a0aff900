"""Remind people of returns by e-mail: claimed in the database first, so that no reminder is sent twice."""

from collections.abc import Callable, Iterator
from datetime import date

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.permissions import check_can_coordinate
from core import audit
from core.models import User
from core.services import letters
from core.transitions import TransitionRefused
from indicators.models import Reminder, Submission
from indicators.presenters.reminders import write_letter
from indicators.selectors.markings import get_marking
from indicators.selectors.reminders import failed_reminders, reminders_due

LONGEST_FAULT: int = Reminder._meta.get_field("fault").max_length or 0


def claim_reminders(*, today: date) -> Iterator[Reminder]:
    """The reminders that are this worker's to send, each committed just before it is handed out: a worker that is
    killed leaves one that is claimed and not sent, not all of them. It isn't sent by itself again: see
    `indicators.selectors.reminders.failed_reminders`.
    """
    for wanted in reminders_due(today):
        # Durable: in a transaction of a caller's, another worker could not see the claim yet.
        with transaction.atomic(durable=True):
            reminder, is_ours = Reminder.objects.get_or_create(
                period=wanted.period,
                agency=wanted.agency,
                person=wanted.person,
                kind=wanted.kind,
                defaults={"claimed_at": timezone.now()},
            )
        if is_ours:
            yield reminder


def send_reminder(reminder: Reminder, *, absolute: Callable[[str], str]) -> Reminder:
    """Send one that was claimed, and note when; or, if that fails, why.

    `absolute` turns a path into an address. Raises nothing that has to do with the mail: one that fails must not stop
    the others.
    """
    fault = letters.send(lambda: _message(reminder, absolute), name=f"Reminder {reminder.pk}")
    if fault:
        reminder.fault = fault[:LONGEST_FAULT]
    else:
        reminder.sent_at = timezone.now()
    reminder.save(update_fields=["sent_at", "fault"])
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
        claimed.claimed_at, claimed.fault = timezone.now(), ""
        claimed.save(update_fields=["claimed_at", "fault"])
        audit.record("reminder.sent_again", claimed, by=by, area=area.slug)
    return send_reminder(claimed, absolute=absolute)
