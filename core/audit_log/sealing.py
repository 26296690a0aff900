"""Chain the events of the record once they are committed, and check the chains.

An act writes its event in its own transaction. A job gives the event its number and its link within a minute, in a
transaction that locks nothing but the head of the area's chain. So two writers can't fork a chain, no act waits for
another one's, and no order of locks can go wrong: docs/adr/0020.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from core.chain import Finding, Head, Link, check_chain, digest_words, make_link
from core.models import AuditChain, AuditCheckpoint, AuditEvent

logger = logging.getLogger(__name__)
ERASED = "person.erased"  # the event that says which words were erased, and what the events say since
REMOVED = "retention.removed"  # the event that says up to which event a chain was removed
IN_A_LINK = (
    *("number", "happened_at", "actor_id", "verb", "target_type", "target_id", "digest", "link", "erasures"),
    *("salt", "actor", "target", "details"),
)
AT_ONCE = 1000  # events: longer transactions would make others wait
# An event is chained within a minute. After this, the worker stands still, or somebody prevents it.
SOON = timedelta(minutes=15)


def seal(area: str) -> int:
    """Chain the area's committed events that have no number yet. Return how many. Safe to run twice, also together."""
    sealed = 0
    # This finds none if another worker was first.
    while AuditEvent.objects.filter(area=area, number=None).exists():
        sealed += _seal_some(area)
    return sealed


@transaction.atomic
def _seal_some(area: str) -> int:
    AuditChain.objects.bulk_create([AuditChain(area=area)], ignore_conflicts=True)
    chain = AuditChain.objects.select_for_update().get(area=area)
    # Read after the lock, or two workers would give an event two numbers.
    events = list(AuditEvent.objects.filter(area=area, number=None).order_by("pk")[:AT_ONCE])
    for event in events:
        chain.number += 1
        event.number = chain.number
        event.digest = digest(event)
        chain.link = event.link = make_link(chain.link, area, as_link(event))
    AuditEvent.objects.bulk_update(events, ["number", "digest", "link"], batch_size=100)
    chain.save(update_fields=["number", "link"])
    return len(events)


def seal_each() -> int:
    """Chain what waits in every area. Return how many events."""
    areas = AuditEvent.objects.filter(number=None).order_by().values_list("area", flat=True).distinct()
    return sum(seal(area) for area in areas)


def get_head(area: str) -> Head:
    """Return the newest event of an area's chain. One query."""
    chain = AuditChain.objects.filter(area=area).first()
    return Head(chain.number, chain.link) if chain else Head()


def list_chains() -> list[str]:
    """Return the areas that have a chain, or events for one."""
    chained = AuditChain.objects.order_by().values_list("area")
    return sorted(area for (area,) in chained.union(AuditEvent.objects.order_by().values_list("area").distinct()))


def verify(area: str, *, kept: Head | None = None) -> Finding:
    """Check an area's chain, from its first event, or from the checkpoint behind which events were removed. `kept` is a
    head that somebody noted earlier. Changes nothing."""
    point, erasures = get_checkpoint(area), _count_erasures(area)
    finding = _verify_from(area, point, kept=kept)
    # The nightly removal may have taken events away while we read, or somebody's name may have been erased.
    if finding.fault and (get_checkpoint(area), _count_erasures(area)) != (point, erasures):
        return verify(area, kept=kept)
    return finding


def _verify_from(area: str, point: Head, *, kept: Head | None) -> Finding:
    # No lock: a long check would keep all acts waiting. So read the newest event first, then the head, and check
    # the events up to that head. Whatever is chained meanwhile is the next check's.
    chained = AuditEvent.objects.filter(area=area, number__isnull=False)
    newest = chained.aggregate(newest=Max("number"))["newest"] or 0
    head = get_head(area)
    if newest > head.number:
        return Finding(head, f"There is an event {newest}, but the chain's stored head names event {head.number}.")
    if point.number > head.number:
        fault = f"A checkpoint says that event {point.number} was removed, but the chain had {head.number} events."
        return Finding(head, fault)
    events = chained.filter(number__lte=head.number).order_by("number")
    links = map(as_link, _read_in_pages(events))
    finding = check_chain(area, links, expected=head, erased=_read_erased(area), kept=kept, start=point)
    if finding.fault:
        return finding
    if point.number and not _says_removed(area, point):
        return Finding(point, f"The events up to {point.number} were removed without a record of it.")
    late = AuditEvent.objects.filter(area=area, number=None, happened_at__lt=timezone.now() - SOON).count()
    if late:
        fault = f"{late} older event{' is' if late == 1 else 's are'} not in the chain."
        return replace(finding, fault=fault)
    return finding


def _read_in_pages(events: QuerySet[AuditEvent]) -> Iterator[Any]:
    """Read chained events by their number, as rows: a chain may have ten million. Behind PgBouncer `iterator` would
    hold them all in memory at once."""
    rows, after = events.values_list(*IN_A_LINK, named=True), 0
    while page := list(rows.filter(number__gt=after)[:AT_ONCE]):
        yield from page
        after = page[-1].number


def check(area: str) -> Finding:
    """Check an area's chain, and save what we found for the pages about the record."""
    finding = verify(area)
    values = {"checked_at": timezone.now(), "checked_number": finding.head.number, "fault": finding.fault[:300]}
    AuditChain.objects.update_or_create(area=area, defaults=values)
    if finding.fault:
        logger.error("The audit log of %s is broken: %s", area or "no area", finding.fault)
    return finding


def as_link(event: Any) -> Link:
    """Return what a chain sees of an event, or of a row with the columns IN_A_LINK."""
    return Link(
        number=event.number or 0,
        happened_at=event.happened_at,
        actor_id=event.actor_id,
        verb=event.verb,
        target_type=event.target_type,
        target_id=event.target_id,
        digest=event.digest,
        words=digest(event),
        link=event.link,
        is_erased=event.erasures > 0,
    )


def digest(event: Any) -> str:
    return digest_words(event.salt, actor=event.actor, target=event.target, details=event.details)


def _count_erasures(area: str) -> int:
    return AuditEvent.objects.filter(area=area, verb=ERASED).count()


def _read_erased(area: str) -> dict[int, str]:
    """Return the digests that events have since a name was erased from them, by number: the newest of each."""
    # Also those that aren't chained yet: the words are erased by then.
    erasures = AuditEvent.objects.filter(area=area, verb=ERASED).order_by("pk")
    return {
        int(number): digest
        for details in erasures.values_list("details", flat=True)
        for number, digest in details.get("events", {}).items()
    }


def get_checkpoint(area: str) -> Head:
    """Return the last event of an area's chain that was removed. One query."""
    point = AuditCheckpoint.objects.filter(area=area).order_by("-number").first()
    return Head(point.number, point.link) if point else Head()


def _says_removed(area: str, point: Head) -> bool:
    # Also one that isn't chained yet: it gets its number just after.
    said = AuditEvent.objects.filter(area=area, verb=REMOVED).order_by("-pk")
    return any(
        (details.get("up_to"), details.get("link")) == (point.number, point.link)
        for details in said.values_list("details", flat=True)
    )
