"""Tell people once about each occasion. Turns what an app finds into a source of e-mails."""

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
from core.within import Areas
from core.workdays import is_working_day


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something to e-mail a person about. `key` identifies it within its kind; `thing` is what the e-mail describes."""

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
    """Return the row, with its subject loaded."""
    row.person, row.area, row.about = occasion.person, occasion.area, occasion
    return row


type Find = Callable[[date, Areas], Iterable[Occasion]]
type Write = Callable[[Sequence[Occasion], date], Iterable[Part]]


def make_source(kind: LetterKind, find: Find, write: Write) -> Source:
    """Make a source from what `find` finds on a working day, in all areas or in some, whether or not we have sent it.
    `write` makes the e-mail about it for one person."""

    def find_due(today: date, areas: Areas = None) -> list[Wanted]:
        found = find_all(today, areas)
        told = Told.objects.filter(kind=kind.value, person__in={each.person.pk for each in found})
        told = told.filter(occasion__in={each.key for each in found})
        claimed = set(told.values_list("person_id", "occasion")) if found else set()
        return [Wanted(each) for each in found if (each.person.pk, each.key) not in claimed]

    def find_all(today: date, areas: Areas = None) -> list[Occasion]:
        # Nothing is sent on other days. Each `find` must still find it on the next working day.
        return list(find(today, areas)) if is_working_day(today) else []

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
            # None: another worker has claimed it since we looked.
            if row is not None:
                yield remember(row, occasion)

    def find_again(names: Collection[str], today: date) -> Iterator[Told]:
        rows = list(Told.objects.filter(kind=kind.value, message_id__in=names, sent_at=None).order_by("pk"))
        areas = {row.area_id for row in rows}
        waiting = {(each.person.pk, each.key): each for each in find_all(today, areas)} if rows else {}
        for row in rows:
            if occasion := waiting.get((row.person_id, row.occasion)):
                yield remember(row, occasion)

    def write_all(rows: Sequence[Any], today: date) -> Iterable[Part]:
        return write([row.about for row in rows], today)

    return Source(find_due, lambda wanted, name, _: list(claim(wanted, name)), find_again, write_all, lambda _: kind)
