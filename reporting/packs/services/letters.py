"""Tell a board's members of a pack by e-mail: claimed in the database first, so that two workers don't send the same
letter, and confirmed afterwards, so that none is lost."""

from collections.abc import Callable, Iterable, Iterator

from django.db import transaction
from django.utils import timezone

from boards.permissions import check_can_coordinate
from core import audit
from core.models import User
from core.services import letters
from core.transitions import TransitionRefused
from reporting.models import IssuedPack, PackLetter
from reporting.packs.presenters.letters import write_letter
from reporting.packs.selectors.letters import get_letters, is_wanted, list_untold, people_to_tell


def claim_letters(packs: Iterable[IssuedPack]) -> Iterator[PackLetter]:
    """The letters of these packs that are this worker's to send, each committed just before it is handed out: a
    worker that is killed leaves one that is claimed and not confirmed, not all of them. That one is tried again: see
    `claim_letters_again`."""
    for pack in packs:
        for person in people_to_tell(pack):
            # Durable: in a transaction of a caller's, another worker could not see the claim yet.
            with transaction.atomic(durable=True):
                letter = letters.claim(PackLetter, pack=pack, person=person)
            if letter:
                yield letter


def claim_letters_again() -> Iterator[PackLetter]:
    """Those that were claimed, aren't known to be sent, and are wanted still: each is this worker's to try again."""
    for (letter,) in letters.list_unconfirmed(list_untold()):
        if is_wanted(letter) and letters.claim_again([letter]):
            yield letter


def send_letter(letter: PackLetter, *, absolute: Callable[[str], str]) -> PackLetter:
    """Send one that was claimed, and note when; or, if that fails, why.

    `absolute` turns a path into an address. Raises nothing that has to do with the mail: one that fails must not stop
    the others.
    """
    pack, person = letter.pack, letter.person
    letters.deliver(
        [letter],
        lambda: letters.compose(write_letter(pack), to=person, path=pack.get_absolute_url(), absolute=absolute),
    )
    return letter


def send_again(letter: PackLetter, *, absolute: Callable[[str], str], by: User) -> PackLetter:
    """Send one that failed, or isn't known to have been sent, once more: the coordinator's act.

    Raises PermissionDenied, or TransitionRefused where it isn't one of those (any more): somebody else has just
    sent it again, or the person has left the board or switched e-mails off.
    """
    area = letter.pack.period.area
    check_can_coordinate(area, by=by)
    with transaction.atomic():
        claimed = PackLetter.objects.select_for_update(of=("self",)).select_related("person").get(pk=letter.pk)
        claimed.pack = letter.pack
        if claimed not in get_letters(claimed.pack).failed:
            raise TransitionRefused(
                f"This letter to {claimed.person} isn’t one to send again: it was sent, they have left the board, "
                "or they get no e-mails."
            )
        claimed.claimed_at, claimed.fault, claimed.tries = timezone.now(), "", 1
        claimed.save(update_fields=["claimed_at", "fault", "tries"])
        audit.record("pack_letter.sent_again", claimed, by=by, area=area.slug)
    return send_letter(claimed, absolute=absolute)
