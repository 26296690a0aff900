"""Who read what? Notes each look at something that not everybody may see, in a log of its own: docs/adr/0020."""

import logging
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from core.models import ReadEvent, User

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
