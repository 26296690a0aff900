"""Note each look at something that not everybody may see, in a log of its own, and read both logs: docs/adr/0020."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import batched
from typing import Any, NamedTuple

from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.models import AuditChain, AuditEvent, ReadEvent, User

logger = logging.getLogger(__name__)
PAGE = "page"
LONGEST_PATH: int = ReadEvent._meta.get_field("target").max_length or 0
LONGEST_KEY: int = ReadEvent._meta.get_field("target_id").max_length or 0


def note_read(verb: str, path: str, *, by: User, area: str = "", **details: Any) -> None:
    """Note that a person opened an address. One query. `verb` is in the past tense: "pack.read".

    If the log can't be written, such as on a full disk, the page is still shown, and the process's own log says who
    read it.
    """
    try:
        # Outside any transaction, so that it is one round trip.
        make_read(verb, path, by=by, area=area, **details)
    except DatabaseError:
        # The log is then the only record of it, so it mustn't count equal ones.
        logger.exception(
            "Person %s read %s (%s), and we could not save that.", by.pk, path, verb, extra={"is_record": True}
        )


def make_read(verb: str, path: str, *, by: User, area: str, **details: Any) -> None:
    """Note it, or raise what the database says. One query."""
    ReadEvent.objects.create(
        happened_at=timezone.now(),
        actor_id=by.pk,
        actor=by.email,
        area=area,
        verb=verb,
        target_type=PAGE,
        target_id=path[-LONGEST_KEY:],
        target=path[:LONGEST_PATH],
        details=details,
    )


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
    for span in regions:
        between = {"happened_at__gte": span.since, "happened_at__lte": span.until}
        wanted |= Q(area="", details__region=span.region, **between)
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
    by_thing: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    wanted = set(targets)
    for keys in batched(sorted({key for _, key in wanted}), AT_ONCE):
        events = AuditEvent.objects.filter(verb__in=list(verbs), target_id__in=keys).order_by("happened_at", "id")
        for values in events.values_list("target_type", "target_id", "verb", "actor", "happened_at"):
            asking = Asked(*values)
            if (asking.target_type, asking.target_id) in wanted:
                by_thing[asking.target_type, asking.target_id].append(asking)
    return by_thing
