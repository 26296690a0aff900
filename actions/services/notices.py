"""E-mail people about their tasks in the plan. We claim each e-mail in the database first, so two workers can't send
the same one. We confirm it afterwards, so nothing is lost."""

from collections.abc import Callable, Sequence

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from actions.models import Notice
from actions.presenters.notices import list_names, only_answer, write_letter
from actions.selectors.notices import failed_notices
from boards.models import PartnershipArea
from boards.permissions import check_can_coordinate
from core import audit
from core.models import User
from core.services import letters
from core.transitions import TransitionRefused


def claim_notice(wanted: Notice, message_id: str) -> list[Notice]:
    """Claim it. Return the claimed row in a list; an empty list if another worker has it."""
    notice = letters.claim(
        Notice,
        message_id=message_id,
        also={"area": wanted.area},
        person=wanted.person,
        kind=wanted.kind,
        challenge=wanted.challenge,
        action=wanted.action,
        milestone=wanted.milestone,
        # Parts of the occasion: without them nobody would hear of another day, or of a second turn.
        due_on=wanted.due_on,
        turn=wanted.turn,
    )
    return [notice] if notice else []


def send_notices(notices: Sequence[Notice], *, absolute: Callable[[str], str]) -> list[Notice]:
    """Send one e-mail about everything for one person in one area, and save when; or, if that fails, why.

    `absolute` turns a path into an address. Raises nothing to do with mail: one that fails must not stop the others.
    """
    letters.deliver(notices, lambda: _message(notices, absolute))
    return list(notices)


def _message(notices: Sequence[Notice], absolute: Callable[[str], str]) -> EmailMultiAlternatives:
    answer = only_answer(notices)
    area, person = notices[0].area, notices[0].person
    path = answer.get_absolute_url() if answer else reverse("reporting:mine", args=[area.slug])
    return letters.compose(write_letter(notices, today=timezone.localdate()), to=person, path=path, absolute=absolute)


def send_notices_again(
    area: PartnershipArea, person: User, *, absolute: Callable[[str], str], by: User
) -> list[Notice]:
    """Send a person's failed or unconfirmed e-mails again, as one e-mail. Only the coordinator can do this.

    Raises PermissionDenied, or TransitionRefused if there are none: somebody else has just sent them, nothing in them
    is due now, or the person gets no e-mails.
    """
    check_can_coordinate(area, by=by)
    with transaction.atomic():
        # Anybody who presses the button at the same time waits here, and then finds them claimed.
        list(Notice.objects.select_for_update().filter(area=area, person=person, sent_at=None).order_by("pk"))
        failed = [notice for notice in failed_notices(area) if notice.person_id == person.pk]
        if not failed:
            raise TransitionRefused(
                f"There is no e-mail to send to {person} again. It was sent or is no longer needed, or they switched "
                f"e-mails off."
            )
        # They may have been several e-mails. Now they are one, with its own name.
        again = {"claimed_at": timezone.now(), "fault": "", "tries": 1, "message_id": letters.make_message_id()}
        Notice.objects.filter(pk__in=[notice.pk for notice in failed]).update(**again)
        for notice in failed:
            notice.message_id, notice.tries = str(again["message_id"]), 1
        audit.record("notice.sent_again", person, by=by, area=area.slug, of=list_names(failed))
    return send_notices(failed, absolute=absolute)
