"""E-mail a board's members about a pack, in the letter of the day."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from boards.permissions import check_can_coordinate
from core import audit
from core.letter_kinds import LetterKind
from core.models import User
from core.services import letters
from core.services.day_letters import Source
from core.services.letters import Part
from core.transitions import TransitionRefused
from core.within import Areas, within
from reporting.models import PackLetter
from reporting.packs.presenters.letters import write_letter
from reporting.packs.selectors.letters import (
    get_letters,
    is_wanted,
    list_packs_to_announce,
    list_untold,
    people_to_tell,
)


def find_letters(today: date, areas: Areas = None) -> Iterator[PackLetter]:
    """Return letters for recently issued packs that no worker has claimed."""
    for pack in list_packs_to_announce().filter(within(areas, "period__area")):
        yield from (PackLetter(pack=pack, person=person) for person in people_to_tell(pack))


def claim_letters(wanted: Sequence[PackLetter], message_id: str, today: date) -> list[PackLetter]:
    claimed = (letters.claim(PackLetter, message_id=message_id, pack=each.pack, person=each.person) for each in wanted)
    return [letter for letter in claimed if letter is not None]


def find_letters_again(names: Collection[str], today: date) -> Iterator[PackLetter]:
    """Return the letters that people still want."""
    return (letter for letter in list_untold().filter(message_id__in=names) if is_wanted(letter))


def write_letters(found: Sequence[PackLetter], today: date) -> list[Part]:
    return [Part(write_letter(letter.pack), letter.pack.get_absolute_url()) for letter in found]


PACKS = Source(find_letters, claim_letters, find_letters_again, write_letters, lambda letter: LetterKind.PACKS)


def send_letter(letter: PackLetter, *, absolute: Callable[[str], str]) -> PackLetter:
    """Send a claimed letter, and note when; or why it failed. `absolute` turns a path into an address. Mail errors
    aren't raised: one failure must not stop the others.
    """
    pack, person = letter.pack, letter.person
    letters.deliver(
        [letter],
        lambda: letters.compose(write_letter(pack), to=person, path=pack.get_absolute_url(), absolute=absolute),
    )
    return letter


def send_again(letter: PackLetter, *, absolute: Callable[[str], str], by: User) -> PackLetter:
    """Send a letter again that failed or may have failed; only the coordinator can. Raises PermissionDenied, or
    TransitionRefused if it is no longer such a letter: somebody else has just sent it, or the person has left the board
    or switched e-mails off.
    """
    area = letter.pack.period.area
    check_can_coordinate(area, by=by)
    # Commit the claim before the e-mail is sent. If this process dies in between, the row shows it as unconfirmed.
    with transaction.atomic():
        claimed = PackLetter.objects.select_for_update(of=("self",)).select_related("person").get(pk=letter.pk)
        claimed.pack = letter.pack
        if claimed not in get_letters(claimed.pack).failed:
            raise TransitionRefused(
                f"This letter to {claimed.person} can’t be sent again. It was sent, they have left the board, or they "
                "get no e-mails."
            )
        claimed.claimed_at, claimed.fault, claimed.tries = timezone.now(), "", 1
        claimed.save(update_fields=["claimed_at", "fault", "tries"])
        audit.record("pack_letter.sent_again", claimed, by=by, area=area.slug)
    return send_letter(claimed, absolute=absolute)
