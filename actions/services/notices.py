"""Tell people by e-mail of what they owe the plan: claimed in the database first, so that two workers don't tell
the same, and confirmed afterwards, so that nothing is lost."""

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
    """Nothing where another worker has it."""
    notice = letters.claim(
        Notice,
        message_id=message_id,
        also={"area": wanted.area},
        person=wanted.person,
        kind=wanted.kind,
        challenge=wanted.challenge,
        action=wanted.action,
        milestone=wanted.milestone,
        due_on=wanted.due_on,
        turn=wanted.turn,
    )
    return [notice] if notice else []


def send_notices(notices: Sequence[Notice], *, absolute: Callable[[str], str]) -> list[Notice]:
    """Send one e-mail of all that one person is told in one area, and note when; or, if that fails, why.

    `absolute` turns a path into an address. Raises nothing that has to do with the mail: one that fails must not stop
    the others.
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
    """Tell a person once more, in one e-mail, of all that they could not be told, or aren't known to have been told:
    the coordinator's act.

    Raises PermissionDenied, or TransitionRefused where there is nothing of the kind (any more): somebody else has just
    sent it again, nothing of it waits for them now, or they get no e-mails.
    """
    check_can_coordinate(area, by=by)
    with transaction.atomic():
        # Whoever presses the button at the same time waits here, and finds them claimed.
        list(Notice.objects.select_for_update().filter(area=area, person=person, sent_at=None).order_by("pk"))
        failed = [notice for notice in failed_notices(area) if notice.person_id == person.pk]
        if not failed:
            raise TransitionRefused(
                f"There is no e-mail to send to {person} again. It was sent or is no longer needed, or they switched "
                f"e-mails off."
            )
        # They may have been several e-mails, and are one from now on, with a name of its own.
        again = {"claimed_at": timezone.now(), "fault": "", "tries": 1, "message_id": letters.make_message_id()}
        Notice.objects.filter(pk__in=[notice.pk for notice in failed]).update(**again)
        for notice in failed:
            notice.message_id, notice.tries = str(again["message_id"]), 1
        audit.record("notice.sent_again", person, by=by, area=area.slug, of=list_names(failed))
    return send_notices(failed, absolute=absolute)
