"""Read the record, for the pages about it and for nothing else: docs/adr/0020."""

from collections.abc import Iterable

from django.db.models import QuerySet

from core.models import AuditChain, AuditEvent, ReadEvent

type Event = AuditEvent | ReadEvent
MOST_ROWS = 20_000  # in a file


def list_done(area: str | None) -> QuerySet[AuditEvent]:
    """Return what people did in an area, the newest first; None means everywhere."""
    return AuditEvent.objects.all() if area is None else AuditEvent.objects.filter(area=area)


def list_read(area: str | None) -> QuerySet[ReadEvent]:
    """Return what people read in an area, the newest first; None means everywhere."""
    return ReadEvent.objects.all() if area is None else ReadEvent.objects.filter(area=area)


def list_values(events: QuerySet[Event], name: str) -> Iterable[str]:
    """Return the values of a field that events have, sorted."""
    return events.order_by(name).values_list(name, flat=True).distinct()


def list_chains(area: str | None) -> list[AuditChain]:
    """Return the head of an area's chain, or of every chain."""
    return list(AuditChain.objects.all() if area is None else AuditChain.objects.filter(area=area))
