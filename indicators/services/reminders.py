"""Sends one reminder about a return again. Otherwise reminders go out with the letter of the day."""

from collections.abc import Callable

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from boards.permissions import check_can_coordinate
from core import audit
from core.models import User
from core.services import letters
from core.transitions import TransitionRefused
from indicators.models import Reminder
from indicators.selectors.reminders import failed_reminders
from indicators.services.letters import write_reminder


def send_reminder(reminder: Reminder, *, absolute: Callable[[str], str]) -> Reminder:
    """Send one that was claimed, and note when; or, if that fails, why.

    `absolute` turns a path into an address. Never raises errors of the mail: one failure must not stop the other
    letters.
    """
    letters.deliver([reminder], lambda: _message(reminder, absolute))
    return reminder


def _message(reminder: Reminder, absolute: Callable[[str], str]) -> EmailMultiAlternatives:
    part = write_reminder(reminder, timezone.localdate())
    return letters.compose(part.letter, to=reminder.person, path=part.path, absolute=absolute)


def send_again(reminder: Reminder, *, absolute: Callable[[str], str], by: User) -> Reminder:
    """Send a reminder again that failed or isn't confirmed, as the coordinator.

    Raises PermissionDenied; or TransitionRefused if it no longer needs sending: somebody else has just sent it again,
    the return has arrived, the month is closed, or the person gets no reminders.
    """
    area = reminder.period.area
    check_can_coordinate(area, by=by)
    # Commit the claim before the e-mail is sent. If this process dies in between, the row shows it as unconfirmed.
    with transaction.atomic():
        claimed = (
            Reminder.objects.select_for_update(of=("self",))
            .select_related("period__area", "agency", "person")
            .get(pk=reminder.pk)
        )
        # Look again under the lock: a job or a colleague may just have sent it.
        if claimed not in failed_reminders(claimed.period):
            raise TransitionRefused(
                f"This reminder to {claimed.person} can’t be sent again. It was sent, the return has arrived, "
                "the month no longer accepts returns, or they get no reminders."
            )
        claimed.claimed_at, claimed.fault, claimed.tries = timezone.now(), "", 1
        claimed.save(update_fields=["claimed_at", "fault", "tries"])
        audit.record("reminder.sent_again", claimed, by=by, area=area.slug)
    return send_reminder(claimed, absolute=absolute)
