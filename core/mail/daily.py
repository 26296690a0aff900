"""Send each person one e-mail a day, about everything that is due.

The settings name sources (LETTERS). A source finds occasions and writes about them. We claim each occasion in the
outbox (`core.models.OutboxEntry`), with an entry for the e-mail of the day itself. So each person hears of an occasion
once and gets one e-mail a day, and later things wait for the next day. If an e-mail isn't confirmed, we try it again
that day under the same name, with what is still due. After that, the next e-mail includes it.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from core.calendar import is_working_day
from core.database import Areas
from core.letter_kinds import LetterKind, OutboxKind
from core.mail import letters
from core.mail.letters import Part
from core.models import OutboxEntry, User
from core.timetable import JobFailed, OutOfTime, SomeFailed, describe_failed, describe_fault

logger = logging.getLogger(__name__)
CARRIED_FOR = timedelta(days=14)  # after this, nobody gets an old occasion any more
DAY = OutboxKind.DAY.value
type Name = tuple[int, str, str]  # person, kind, occasion


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something to e-mail a person about, in an area or (None) in none. `key` identifies it within its kind; `thing` is
    what the e-mail describes."""

    kind: LetterKind
    area: Any
    person: User
    key: str
    thing: Any

    @property
    def area_slug(self) -> str:
        return self.area.slug if self.area else ""

    @property
    def name(self) -> Name:
        return self.person.pk, self.kind.value, self.key


type Find = Callable[[date, Areas], Iterable[Occasion]]


@dataclass(frozen=True, slots=True)
class Source:
    """A source of what e-mails tell.

    `find` returns what is due on a working day, in all areas or in some, without saving it and whether or not we have
    sent it. `write` makes the text about these occasions of one person. `find_again` returns which unconfirmed entries
    are still due, if that isn't what `find` finds. `check` returns which occasions are still due when we claim them, if
    that has to be looked up.
    """

    find: Find
    write: Callable[[Sequence[Occasion], date], Iterable[Part]]
    find_again: Callable[[Sequence[OutboxEntry], date], Iterable[Occasion]] | None = None
    check: Callable[[Sequence[Occasion], date], Sequence[Occasion]] = lambda occasions, _: occasions
    every_day: bool = False

    def look(self, today: date, areas: Areas, unsent: Sequence[OutboxEntry]) -> Iterator[Occasion]:
        # Nothing is sent on other days. Each `find` must still find it on the next working day.
        if self.every_day or is_working_day(today):
            if self.find_again and unsent:
                yield from self.find_again(unsent, today)
            yield from self.find(today, areas)


@dataclass(slots=True)
class Mention:
    """An occasion that an e-mail mentions. It has no entry before it is claimed."""

    source: Source
    occasion: Occasion
    entry: OutboxEntry | None = None


@dataclass(slots=True)
class Due:
    """What was found for each person, by their key and in the order of the sources, and what failed."""

    of: dict[int, list[Mention]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Envelope:
    """An e-mail for this worker to send: the entry of the day, and its contents."""

    letter: OutboxEntry
    mentions: list[Mention]

    @property
    def entries(self) -> list[OutboxEntry]:
        return [self.letter, *(mention.entry for mention in self.mentions if mention.entry)]


def load_sources() -> list[Source]:
    """Return the sources in the order of an e-mail's parts."""
    return [import_string(name) for name in settings.LETTERS]


def send_letters(sources: Sequence[Source], *, area: int | None = None) -> int:
    """Send each person their daily e-mail, and try unconfirmed ones again. Return how many. With the key of an area,
    send only to the people who are due something there.

    Raises JobFailed, after the others, if the mail server doesn't answer or a source failed.
    """
    today = timezone.localdate()
    envelopes = claim_letters(sources, today=today) if area is None else claim_letters_in(area, sources, today=today)
    return letters.deliver_each((envelope.entries, partial(write, envelope.mentions)) for envelope in envelopes)


def claim_letters_in(area: int, sources: Sequence[Source], *, today: date) -> Iterator[Envelope]:
    """Yield the e-mails of those people who are due something in an area and had none today. Each has everything that
    is due for its person, in whatever area.
    """
    due = gather(sources, today, {area})
    people = set(due.of) - set(find_letters(due.of, today))
    if people:
        elsewhere: Areas = import_string(settings.LETTERS_AREAS)(people)
        areas = None if elsewhere is None else {area, *elsewhere}
        yield from claim_letters(sources, today=today, people=people, areas=areas)
    if due.failed:
        raise SomeFailed(describe_failed(due.failed))


def gather(sources: Sequence[Source], today: date, areas: Areas, unsent: Sequence[OutboxEntry] = ()) -> Due:
    """Ask every source what people should get, and leave out what was claimed before, except these unsent entries. If
    a source fails, the others continue, and what it found before still counts."""
    due, found = Due(), dict[Name, Mention]()
    for source in sources:
        try:
            for occasion in source.look(today, areas, unsent):
                if occasion.person.wants(occasion.kind):
                    found.setdefault(occasion.name, Mention(source, occasion))
        except OutOfTime:
            raise
        except JobFailed as fault:
            due.failed.append(str(fault))
        except Exception as fault:
            logger.exception("We could not work out everything that people should get.")
            due.failed.append(describe_fault(fault))
    people, keys = {person for person, _, _ in found}, {key for _, _, key in found}
    claimed = OutboxEntry.objects.filter(person__in=people, occasion__in=keys) if found else OutboxEntry.objects.none()
    names = set(claimed.values_list("person", "kind", "occasion"))
    again = {(entry.person_id, entry.kind, entry.occasion): entry for entry in unsent}
    for name, mention in found.items():
        mention.entry = again.get(name)
        if mention.entry or name not in names:
            due.of.setdefault(mention.occasion.person.pk, []).append(mention)
    return due


def find_letters(people: Iterable[int], today: date) -> dict[int, OutboxEntry]:
    """Return the e-mails of the day that were claimed for these people, by the person's key."""
    of_today = OutboxEntry.objects.filter(kind=DAY, occasion=today.isoformat(), person__in=people)
    return {letter.person_id or 0: letter for letter in of_today}


def claim_letters(
    sources: Sequence[Source], *, today: date, people: Collection[int] | None = None, areas: Areas = None
) -> Iterator[Envelope]:
    """Yield the e-mails of the day for this worker, each committed just before; of everybody, or of people to whom only
    these areas write. First those to try again.

    A worker that is killed then leaves only one that is claimed and unconfirmed. It is tried again.
    """
    due = gather(sources, today, areas, list_unsent(today, people))
    if people is not None:
        due.of = {person: mentions for person, mentions in due.of.items() if person in people}
    told = find_letters(due.of, today)
    for letter in letters.list_to_try(OutboxEntry.objects.waiting().filter(pk__in=[one.pk for one in told.values()])):
        if envelope := open_again(letter, due.of[letter.person_id or 0]):
            yield envelope
    # All workers use the same order. Otherwise two could wait for each other.
    for person in sorted(due.of.keys() - told.keys()):
        if envelope := open_new(due.of[person], today):
            yield envelope
    if due.failed:
        raise SomeFailed(describe_failed(due.failed))


def list_unsent(today: date, people: Collection[int] | None = None) -> list[OutboxEntry]:
    """Return what unconfirmed e-mails of today and of earlier days should have told; everybody, or these people."""
    days = {"occasion__gte": (today - CARRIED_FOR).isoformat(), "occasion__lte": today.isoformat()}
    unsent = OutboxEntry.objects.waiting().filter(kind=DAY, **days)
    unsent = unsent if people is None else unsent.filter(person__in=people)
    names = list(unsent.values_list("message_id", flat=True))
    entries = OutboxEntry.objects.filter(message_id__in=names, sent_at=None).exclude(kind=DAY)
    return list(entries.select_related("person").order_by("pk")) if names else []


def open_again(letter: OutboxEntry, mentions: Sequence[Mention]) -> Envelope | None:
    """Claim an unconfirmed e-mail of today for another try, with what is still due of it. None if nothing is, or if
    another worker has it."""
    of_letter = [mention for mention in mentions if mention.entry and mention.entry.message_id == letter.message_id]
    envelope = Envelope(letter, of_letter)
    return envelope if of_letter and letters.claim_again(envelope.entries) else None


def open_new(mentions: Sequence[Mention], today: date) -> Envelope | None:
    """Claim somebody's e-mail of the day with what is due, and take over what an earlier e-mail should have told. None
    if another worker has claimed it, or everything in it."""
    person, name, now = mentions[0].occasion.person, letters.make_message_id(), timezone.now()

    def make_entry(kind: str, key: str, area: str = "") -> OutboxEntry:
        return OutboxEntry(person=person, kind=kind, occasion=key, area=area, message_id=name, claimed_at=now)

    # Durable: inside a caller's transaction, another worker couldn't see the claim yet.
    with transaction.atomic(durable=True):
        claim([make_entry(DAY, today.isoformat())])
        letter = OutboxEntry.objects.filter(kind=DAY, message_id=name).first()
        if letter is None:
            return None
        late = [mention.entry for mention in mentions if mention.entry]
        take_over(late, letter)
        waiting = [
            occasion
            for source, occasions in by_source([mention for mention in mentions if mention.entry is None])
            for occasion in source.check(occasions, today)
        ]
        claim([make_entry(occasion.kind.value, occasion.key, occasion.area_slug) for occasion in waiting])
        ours = {
            (person.pk, entry.kind, entry.occasion): entry
            for entry in OutboxEntry.objects.filter(message_id=name).exclude(pk=letter.pk)
        }
        for mention in mentions:
            mention.entry = ours.get(mention.occasion.name)
        if not ours:
            # Everything was done or claimed since we looked. An empty entry would block this person's e-mail all day.
            letter.delete()
            return None
    return Envelope(letter, [mention for mention in mentions if mention.entry])


def claim(entries: Sequence[OutboxEntry]) -> None:
    """Save those that nobody has claimed. A constraint makes an occasion unique, against a second worker."""
    OutboxEntry.objects.bulk_create(entries, ignore_conflicts=True)


def take_over(late: Sequence[OutboxEntry], letter: OutboxEntry) -> None:
    """Take over what earlier e-mails should have told: this one replaces them."""
    names = {entry.message_id for entry in late}
    # The operator's page would otherwise count an old e-mail as one that we still try to send.
    OutboxEntry.objects.filter(kind=DAY, message_id__in=names).delete()
    # By their names: a coordinator may have sent one again since we looked, under a name of its own.
    unsent = OutboxEntry.objects.filter(pk__in=[entry.pk for entry in late], message_id__in=names, sent_at=None)
    unsent.update(message_id=letter.message_id, claimed_at=letter.claimed_at, tries=1, fault="")


def write(mentions: Sequence[Mention]) -> EmailMultiAlternatives:
    """Write one e-mail about these things to their person, as they are today."""
    today = timezone.localdate()
    parts = [part for source, occasions in by_source(mentions) for part in source.write(occasions, today)]
    return letters.compose(parts, to=mentions[0].occasion.person)


def by_source(mentions: Iterable[Mention]) -> Iterator[tuple[Source, list[Occasion]]]:
    """Yield each source with its occasions. The mentions are in the sources' order."""
    for source, of_source in groupby(mentions, key=lambda mention: mention.source):
        yield source, [mention.occasion for mention in of_source]
