"""Read the record, for the pages about it and for nothing else: docs/adr/0020."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import batched
from typing import NamedTuple

from django.db.models import Q, QuerySet

from core.models import AuditChain, AuditEvent, ReadEvent

type Event = AuditEvent | ReadEvent
MOST_ROWS = 20_000  # in a file
AT_ONCE = 500  # things in one statement


def list_done(area: str | None) -> QuerySet[AuditEvent]:
    """Return what people did in an area, the newest first; None means everywhere."""
    return AuditEvent.objects.all() if area is None else AuditEvent.objects.filter(area=area)


class ReadIn(NamedTuple):
    """A region, and the span in which its pages also showed an area."""

    region: str
    since: datetime
    until: datetime


def list_read(area: str | None, regions: Iterable[ReadIn] = ()) -> QuerySet[ReadEvent]:
    """Return what people read in an area, and in regions while those showed it, the newest first; None means
    everywhere."""
    if area is None:
        return ReadEvent.objects.all()
    wanted = Q(area=area)
    for each in regions:
        span = {"happened_at__gte": each.since, "happened_at__lte": each.until}
        wanted |= Q(area="", details__region=each.region, **span)
    return ReadEvent.objects.filter(wanted)


def list_values(events: QuerySet[Event], name: str) -> Iterable[str]:
    """Return the values of a field that events have, sorted."""
    return events.order_by(name).values_list(name, flat=True).distinct()


def list_chains(areas: Collection[str] | None) -> list[AuditChain]:
    """Return the head of these areas' chains, or of every chain."""
    return list(AuditChain.objects.all() if areas is None else AuditChain.objects.filter(area__in=areas))


class Asked(NamedTuple):
    """An event of asking for something that another person decides."""

    target_type: str
    target_id: str
    verb: str
    actor: str
    happened_at: datetime


def list_asked(verbs: Iterable[str], targets: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[Asked]]:
    """Return the events with these verbs about these things, the oldest first, by thing. A query for each 500 things,
    and none for none."""
    found: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    wanted = set(targets)
    for keys in batched(sorted({key for _, key in wanted}), AT_ONCE):
        events = AuditEvent.objects.filter(verb__in=list(verbs), target_id__in=keys).order_by("happened_at", "id")
        for values in events.values_list("target_type", "target_id", "verb", "actor", "happened_at"):
            asked = Asked(*values)
            if (asked.target_type, asked.target_id) in wanted:
                found[asked.target_type, asked.target_id].append(asked)
    return found
