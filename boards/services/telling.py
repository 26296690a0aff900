"""Tell people once of each occasion: what an app finds becomes a source of letters."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from boards.models import PartnershipArea, Told
from core.letter_kinds import LetterKind
from core.models import User
from core.services import letters
from core.services.day_letters import Source
from core.services.letters import Part
from core.workdays import is_working_day


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that a person is to be told of. `key` names it among those of its kind; `thing` is what the letter is
    written from."""

    area: PartnershipArea
    person: User
    key: str
    thing: Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """An occasion that nobody has claimed yet."""

    occasion: Occasion

    @property
    def person(self) -> User:
        return self.occasion.person

    @property
    def person_id(self) -> int:
        return self.occasion.person.pk


def remember(row: Told, occasion: Occasion) -> Told:
    """The row, with what it is about at hand."""
    row.person, row.area, row.about = occasion.person, occasion.area, occasion
    return row


type Find = Callable[[date], Iterable[Occasion]]
type Write = Callable[[Sequence[Occasion], date], Iterable[Part]]


def make_source(kind: LetterKind, find: Find, write: Write) -> Source:
    """A source of what `find` finds on a working day, whether it was told or not. `write` says what the letter tells
    of it to one person."""

    def find_due(today: date) -> list[Wanted]:
        found = find_all(today)
        told = Told.objects.filter(kind=kind.value, person__in={each.person.pk for each in found})
        told = told.filter(occasion__in={each.key for each in found})
        claimed = set(told.values_list("person_id", "occasion")) if found else set()
        return [Wanted(each) for each in found if (each.person.pk, each.key) not in claimed]

    def find_all(today: date) -> list[Occasion]:
        return list(find(today)) if is_working_day(today) else []

    def claim(wanted: Sequence[Wanted], message_id: str) -> Iterator[Told]:
        for each in wanted:
            occasion = each.occasion
            row = letters.claim(
                Told,
                message_id=message_id,
                also={"area": occasion.area},
                person=occasion.person,
                kind=kind.value,
                occasion=occasion.key,
            )
            if row is not None:
                yield remember(row, occasion)

    def find_again(names: Collection[str], today: date) -> Iterator[Told]:
        rows = list(Told.objects.filter(kind=kind.value, message_id__in=names, sent_at=None).order_by("pk"))
        waiting = {(each.person.pk, each.key): each for each in find_all(today)} if rows else {}
        for row in rows:
            if occasion := waiting.get((row.person_id, row.occasion)):
                yield remember(row, occasion)

    def write_all(rows: Sequence[Any], today: date) -> Iterable[Part]:
        return write([row.about for row in rows], today)

    return Source(find_due, lambda wanted, name, _: list(claim(wanted, name)), find_again, write_all, lambda _: kind)
