"""Finds people to e-mail about an issued pack, and those whose e-mail may have failed."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from core.letter_kinds import LetterKind
from core.models import User
from indicators.selectors.reminders import UNKNOWN_AFTER
from reporting.models import IssuedPack, PackLetter
from reporting.packs.selectors.issued import list_recipients

# Nobody gets an automatic e-mail about a pack issued longer ago. After a long stop it would be old news.
TOLD_WITHIN = timedelta(days=3)


def list_packs_to_announce() -> QuerySet[IssuedPack]:
    """Return recently issued packs, the oldest first, without their content."""
    issued = IssuedPack.objects.filter(issued_at__gte=timezone.now() - TOLD_WITHIN).order_by("issued_at", "id")
    return issued.select_related("period__area", "board").defer("content")


def people_to_tell(pack: IssuedPack) -> list[User]:
    """Return the board's members who want such e-mails and whose letter no worker has claimed yet. Two queries."""
    told = set(PackLetter.objects.filter(pack=pack).values_list("person_id", flat=True))
    return [
        person for person in list_recipients(pack.board) if person.wants(LetterKind.PACKS) and person.pk not in told
    ]


def list_untold() -> QuerySet[PackLetter]:
    """Return claimed letters that aren't known to be sent."""
    unsent = PackLetter.objects.filter(sent_at=None).select_related("pack__period__area", "pack__board", "person")
    # A pack's content is large, and no list shows it.
    return unsent.defer("pack__content")


def is_wanted(letter: PackLetter) -> bool:
    """Return whether the person should still get it. Two queries."""
    return letter.person.wants(LetterKind.PACKS) and letter.person in list_recipients(letter.pack.board)


@dataclass(frozen=True, slots=True)
class PackLetters:
    """The state of a pack's letters. `failed` could not be sent, or aren't known to be sent an hour after their claim,
    and their people should still get one. `unwanted` are the members who have switched e-mails off.
    """

    sent: int
    on_their_way: int
    failed: list[PackLetter]
    unwanted: int


def get_letters(pack: IssuedPack) -> PackLetters:
    """Return the letters of a pack, sent and not. Two queries."""
    members = list_recipients(pack.board)
    wanting = {person.pk for person in members if person.wants(LetterKind.PACKS)}
    letters = list(PackLetter.objects.filter(pack=pack).select_related("person"))
    sent = [letter for letter in letters if letter.sent_at]
    given_up = timezone.now() - UNKNOWN_AFTER
    failed = [
        letter
        for letter in letters
        if not letter.sent_at and letter.person_id in wanting and (letter.fault or letter.claimed_at < given_up)
    ]
    done = {letter.person_id for letter in (*sent, *failed)}
    return PackLetters(
        sent=len(sent),
        on_their_way=len(wanting - done),
        failed=failed,
        unwanted=len({person.pk for person in members} - wanting - done),
    )
