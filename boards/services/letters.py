"""Turn what an app finds into e-mails, and tell people once about each occasion; and send the heads of the record."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from boards.models import Membership, PartnershipArea, Told
from boards.reads import list_chains
from boards.rules import Role
from core.calendar import is_working_day
from core.database import Areas
from core.letter_kinds import LetterKind
from core.mail import letters
from core.mail.daily import Source
from core.mail.letters import Letter, Part
from core.models import AuditChain, User


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
        occasions = find_all(today, areas)
        claims = Told.objects.filter(kind=kind.value, person__in={occasion.person.pk for occasion in occasions})
        claims = claims.filter(occasion__in={occasion.key for occasion in occasions})
        claimed = set(claims.values_list("person_id", "occasion")) if occasions else set()
        return [Wanted(occasion) for occasion in occasions if (occasion.person.pk, occasion.key) not in claimed]

    def find_all(today: date, areas: Areas = None) -> list[Occasion]:
        # Nothing is sent on other days. Each `find` must still find it on the next working day.
        return list(find(today, areas)) if is_working_day(today) else []

    def claim(wanted: Sequence[Wanted], message_id: str) -> Iterator[Told]:
        for occasion in [due.occasion for due in wanted]:
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
        waiting = {(occasion.person.pk, occasion.key): occasion for occasion in find_all(today, areas)} if rows else {}
        for row in rows:
            if occasion := waiting.get((row.person_id, row.occasion)):
                yield remember(row, occasion)

    def write_all(rows: Sequence[Any], today: date) -> Iterable[Part]:
        return write([row.about for row in rows], today)

    return Source(find_due, lambda wanted, name, _: list(claim(wanted, name)), find_again, write_all, lambda _: kind)


def find_heads(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield each area's head once the chain was checked this week, for each of its information officers, with the head
    of what belongs to no area. Two queries, or three.

    Somebody who owns the database could write the whole record anew. They can't change an e-mail that was sent before:
    `manage.py verify_audit --head` compares it.
    """
    monday = today - timedelta(days=today.weekday())
    chains = {
        chain.area: chain
        for chain in list_chains(_list_slugs(areas))
        if chain.number and _was_checked(chain, since=monday)
    }
    officers = Membership.objects.filter(role=Role.INFORMATION.value, area__slug__in=chains)
    year, week, _ = today.isocalendar()
    for membership in officers.select_related("area", "user").order_by("area", "user"):
        key = f"{membership.area.slug}:{year}-W{week:02}"
        yield Occasion(membership.area, membership.user, key, (chains[membership.area.slug], chains.get("")))


def _list_slugs(areas: Areas) -> list[str] | None:
    """Return the names of these areas' chains, and of the one of no area; None for all."""
    if areas is None:
        return None
    return ["", *PartnershipArea.objects.filter(pk__in=areas).values_list("slug", flat=True)]


def _was_checked(chain: AuditChain, *, since: date) -> bool:
    # A job does it each night. If it didn't run for a week, the operator's page says that it is late.
    return chain.checked_at is not None and timezone.localdate(chain.checked_at) >= since


def write_heads(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        chain, of_no_area = occasion.thing
        sentences = [f"Its newest event's code is {chain.number}:{chain.link}"]
        # Sign-ins, second factors and operators: no area has this chain, so nobody else would get its head.
        if of_no_area:
            sentences.append(
                f"The newest event of accounts and sign-ins has the code {of_no_area.number}:{of_no_area.link}"
            )
        if chain.fault or (of_no_area and of_no_area.fault):
            sentences.append("The last check found the record broken. Tell the operator today.")
        letter = Letter(
            marking="",
            subject=f"The record of {occasion.area.name} this week",
            opening="Keep this e-mail. It proves later that nobody changed the record up to now.",
            sentences=[*sentences, "To compare it, ask the operator to run verify_audit with this code."],
            link_words="Open the record",
            reason=f"You get this because you are an information officer of {occasion.area.name}.",
        )
        yield Part(letter, reverse("boards:audit", args=[occasion.area.slug]))


HEADS = make_source(LetterKind.RECORD, find_heads, write_heads)
