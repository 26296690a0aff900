"""Tell people by e-mail of what they owe the plan: claimed in the database first, so that nothing is told twice."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from actions.models import Notice
from actions.presenters.notices import list_names, only_answer, write_letter
from actions.selectors.notices import failed_notices, notices_due, still_due
from boards.models import PartnershipArea
from boards.permissions import check_can_coordinate
from core import audit
from core.models import User
from core.services import letters
from core.transitions import TransitionRefused

LONGEST_FAULT: int = Notice._meta.get_field("fault").max_length or 0


def claim_notices(*, today: date, turns_only: bool = False) -> Iterator[list[Notice]]:
    """What is this worker's to tell: all that one person is told in one area at once, which is one e-mail. Each is
    committed just before it is handed out: a worker that is killed leaves one that is claimed and not sent, not all of
    them. It isn't sent by itself again: see `actions.selectors.notices.failed_notices`. `turns_only`: as in
    `notices_due`.
    """
    waiting: dict[tuple[int, int], list[Notice]] = {}
    for notice in notices_due(today, turns_only=turns_only):
        waiting.setdefault((notice.area_id, notice.person_id), []).append(notice)
    # In an order that every worker keeps, so that none waits for another that waits for it.
    for _, found in sorted(waiting.items()):
        # Durable: in a transaction of a caller's, another worker could not see the claim yet. And asked again: while
        # the others' e-mails went out, they may have done it.
        with transaction.atomic(durable=True):
            wanted = still_due(today, found, turns_only=turns_only)
            claimed = [notice for each in wanted for notice in _claim(each)]
        if claimed:
            yield claimed


def _claim(wanted: Notice) -> list[Notice]:
    """Nothing where another worker has it."""
    notice, is_ours = Notice.objects.get_or_create(
        person=wanted.person,
        kind=wanted.kind,
        challenge=wanted.challenge,
        action=wanted.action,
        milestone=wanted.milestone,
        due_on=wanted.due_on,
        turn=wanted.turn,
        defaults={"area": wanted.area, "claimed_at": timezone.now()},
    )
    return [notice] if is_ours else []


def send_notices(notices: Sequence[Notice], *, absolute: Callable[[str], str]) -> list[Notice]:
    """Send one e-mail of all that one person is told in one area, and note when; or, if that fails, why.

    `absolute` turns a path into an address. Raises nothing that has to do with the mail: one that fails must not stop
    the others.
    """
    numbers = [notice.pk for notice in notices]
    fault = letters.send(lambda: _message(notices, absolute), name=f"Notices {numbers}")[:LONGEST_FAULT]
    sent_at = None if fault else timezone.now()
    Notice.objects.filter(pk__in=numbers).update(sent_at=sent_at, fault=fault)
    for notice in notices:
        notice.sent_at, notice.fault = sent_at, fault
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
                f"There is no e-mail to {person} to send again: it was sent, nothing in it waits for them any more, or "
                "they get no e-mails."
            )
        now = timezone.now()
        Notice.objects.filter(pk__in=[notice.pk for notice in failed]).update(claimed_at=now, fault="")
        audit.record("notice.sent_again", person, by=by, area=area.slug, of=list_names(failed))
    return send_notices(failed, absolute=absolute)
