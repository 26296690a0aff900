"""Send each person one e-mail a day, about everything that is due.

The settings name sources (LETTERS). A source finds what is due, claims it, and writes that part of the e-mail.
Everything due for one person shares one claim, `core.models.DayLetter`. So each person gets one e-mail a day, and later
things wait for the next day. If an e-mail isn't confirmed, we try it again that day under the same name, with what is
still due. After that, the next e-mail includes it.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from core.database import Areas
from core.letter_kinds import LetterKind
from core.mail import letters
from core.mail.letters import Part
from core.models import Claim, DayLetter
from core.timetable import MOST_TRIES, JobFailed, OutOfTime, SomeFailed, describe_failed, describe_fault

logger = logging.getLogger(__name__)
CARRIED_FOR = timedelta(days=14)  # after this, nobody gets an old occasion any more


@dataclass(frozen=True, slots=True)
class Source:
    """A source of e-mails. Its claims have a `person`.

    `find` returns what is due on a day and unclaimed, in all areas or in some, without saving it. `claim` claims those
    that are still due, as part of the e-mail with that name. `find_again` returns what was claimed under these names,
    isn't confirmed and is still due. `write` makes the text about these claims of one person.
    """

    find: Callable[[date, Areas], Iterable[Any]]
    claim: Callable[[Sequence[Any], str, date], Sequence[Claim]]
    find_again: Callable[[Collection[str], date], Iterable[Any]]
    write: Callable[[Sequence[Any], date], Iterable[Part]]
    kind: Callable[[Any], LetterKind]

    def is_wanted(self, claim: Any) -> bool:
        return bool(claim.person.wants(self.kind(claim)))


@dataclass(slots=True)
class Due:
    """What was found for each person, by their key or the name of their e-mail, and what failed."""

    of: dict[Any, list[tuple[Source, Any]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def gather(self, source: Source, find: Callable[[], Iterable[Any]], key: str) -> None:
        """Ask every source. If one fails, the others continue, and what it found before still counts."""
        try:
            for claim in find():
                if source.is_wanted(claim):
                    self.of.setdefault(getattr(claim, key), []).append((source, claim))
        except OutOfTime:
            raise
        except JobFailed as fault:
            self.failed.append(str(fault))
        except Exception as fault:
            logger.exception("We could not work out everything that people should get.")
            self.failed.append(describe_fault(fault))


@dataclass(slots=True)
class Envelope:
    """An e-mail for this worker to send: the claim of the day, and its contents."""

    letter: DayLetter
    parts: list[tuple[Source, list[Claim]]]

    @property
    def rows(self) -> list[Claim]:
        return [self.letter, *(row for _, rows in self.parts for row in rows)]


def load_sources() -> list[Source]:
    """Return the sources in the order of an e-mail's parts."""
    return [import_string(name) for name in settings.LETTERS]


def send_letters(sources: Sequence[Source], *, area: int | None = None) -> int:
    """Send each person their daily e-mail, and try unconfirmed ones again. Return how many. With the key of an area,
    send only to the people who are due something there.

    Raises JobFailed, after the others, if the mail server doesn't answer or a source failed.
    """
    today, opened = timezone.localdate(), {}

    def open_next() -> Iterator[list[Claim]]:
        every = chain(claim_again(sources, today=today), claim_letters(sources, today=today))
        for envelope in every if area is None else claim_letters_in(area, sources, today=today):
            # By identity, which is safe: `opened` holds the letter, so no other object gets its id.
            opened[id(envelope.letter)] = envelope
            yield envelope.rows

    def send(rows: Sequence[Claim]) -> None:
        send_letter(opened.pop(id(rows[0])))

    return letters.deliver_each(open_next(), send)


def claim_letters_in(area: int, sources: Sequence[Source], *, today: date) -> Iterator[Envelope]:
    """Yield the e-mails of those people who are due something in an area and had none today. Each has everything that
    is due for its person, in whatever area.
    """
    due = Due()
    for source in sources:
        due.gather(source, partial(source.find, today, {area}), "person_id")
    people = set(due.of) - list_told(due.of, today)
    if people:
        elsewhere: Areas = import_string(settings.LETTERS_AREAS)(people)
        areas = None if elsewhere is None else {area, *elsewhere}
        yield from claim_letters(sources, today=today, people=people, areas=areas)
    if due.failed:
        raise SomeFailed(describe_failed(due.failed))


def list_told(people: Iterable[int], today: date) -> set[int]:
    """Return those of these people whose e-mail of the day was claimed."""
    return set(DayLetter.objects.filter(day=today, person__in=people).values_list("person_id", flat=True))


def claim_letters(
    sources: Sequence[Source], *, today: date, people: Collection[int] | None = None, areas: Areas = None
) -> Iterator[Envelope]:
    """Yield the e-mails of the day for this worker, each committed just before; of everybody, or of people to whom only
    these areas write.

    A worker that is killed then leaves only one that is claimed and unconfirmed. It is tried again.
    """
    due, carried, late = Due(), Due(), find_late(today, people)
    for source in sources:
        due.gather(source, partial(source.find, today, areas), "person_id")
        if late:
            carried.gather(source, partial(source.find_again, late, today), "person_id")
    everybody = {*due.of, *carried.of}.intersection(*([] if people is None else [people]))
    # All workers use the same order. Otherwise two could wait for each other.
    for person in sorted(everybody - list_told(everybody, today)):
        waiting, left = due.of.get(person, []), carried.of.get(person, [])
        # Durable: inside a caller's transaction, another worker couldn't see the claim yet.
        with transaction.atomic(durable=True):
            letter = letters.claim(DayLetter, person=(left or waiting)[0][1].person, day=today)
            if letter is None:
                continue
            claimed = [*carry_over(left, letter), *claim_parts(waiting, letter.message_id, today)]
            envelope = Envelope(letter, by_source(claimed))
            if not envelope.parts:
                # Everything was done or claimed since we looked. An empty row would block this person's e-mail all day.
                letter.delete()
        if envelope.parts:
            yield envelope
    if failed := due.failed + carried.failed:
        raise SomeFailed(describe_failed(failed))


def find_late(today: date, people: Collection[int] | None = None) -> set[str]:
    """Return the names of unconfirmed e-mails from earlier days; of everybody, or of these people."""
    late = DayLetter.objects.filter(day__lt=today, day__gte=today - CARRIED_FOR, sent_at=None, tries__lt=MOST_TRIES)
    late = late if people is None else late.filter(person__in=people)
    return set(late.values_list("message_id", flat=True))


def carry_over(left: Sequence[tuple[Source, Any]], letter: DayLetter) -> Iterator[tuple[Source, Claim]]:
    """Take over what an e-mail from an earlier day should have included: this one replaces it."""
    # The operator's page would otherwise count the old e-mail as one that we still try to send.
    DayLetter.objects.filter(message_id__in={row.message_id for _, row in left}).exclude(pk=letter.pk).delete()
    for source, row in left:
        row.message_id, row.claimed_at, row.tries, row.fault = letter.message_id, letter.claimed_at, 1, ""
        row.save(update_fields=["message_id", "claimed_at", "tries", "fault"])
        yield source, row


def claim_parts(waiting: Sequence[tuple[Source, Any]], message_id: str, today: date) -> Iterator[tuple[Source, Claim]]:
    """Claim the parts that are still due and that nobody else has claimed."""
    for source, wanted in by_source(waiting):
        for claimed in source.claim(wanted, message_id, today):
            yield source, claimed


def claim_again(sources: Sequence[Source], *, today: date) -> Iterator[Envelope]:
    """Yield today's unconfirmed e-mails with parts that are still due, each for this worker to try again."""
    of_today = DayLetter.objects.filter(day=today).select_related("person")
    tried = {letter.message_id: letter for (letter,) in letters.list_unconfirmed(of_today)}
    if not tried:
        return
    due = Due()
    for source in sources:
        due.gather(source, partial(source.find_again, set(tried), today), "message_id")
    for name, letter in tried.items():
        if name not in due.of or not letters.claim_again([letter]):
            continue
        envelope = Envelope(letter, by_source(due.of[name]))
        for row in envelope.rows[1:]:
            row.claimed_at, row.tries = letter.claimed_at, letter.tries
            row.save(update_fields=["claimed_at", "tries"])
        yield envelope
    if due.failed:
        raise SomeFailed(describe_failed(due.failed))


def by_source(waiting: Sequence[tuple[Source, Any]]) -> list[tuple[Source, list[Any]]]:
    sources: dict[int, tuple[Source, list[Any]]] = {}
    for source, claim in waiting:
        sources.setdefault(id(source), (source, []))[1].append(claim)
    return list(sources.values())


def send_letter(envelope: Envelope) -> None:
    """Send a claimed e-mail, and save when; or, if that fails, why."""
    today = timezone.localdate()

    def make() -> Any:
        parts = [part for source, rows in envelope.parts for part in source.write(rows, today)]
        return letters.compose_day(parts, to=envelope.letter.person)

    letters.deliver(envelope.rows, make)
