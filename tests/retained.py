"""Records that are old enough to be deleted, and what was announced about them, for tests of retention."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from core import triggers
from core.audit_log.sealing import seal
from core.freeze import EARLY
from core.models import AuditEvent, ReadEvent, RetentionNotice

AREA = "anytown"
OLD = timedelta(days=8 * 366)


def make_old_chain(*ages: timedelta, area: str = AREA) -> list[AuditEvent]:
    """Chain an event of each age, the oldest first."""
    for age in ages:
        AuditEvent.objects.create(
            happened_at=timezone.now() - age,
            actor="lead@anytown.example",
            area=area,
            verb="thing.changed",
            target_type="boards.agency",
            target_id="1",
            target="A thing",
        )
    seal(area)
    return list(AuditEvent.objects.filter(area=area).order_by("number"))


def make_old_reads(*ages: timedelta, area: str = AREA) -> None:
    for age in ages:
        ReadEvent.objects.create(
            happened_at=timezone.now() - age,
            actor="lead@anytown.example",
            area=area,
            verb="pack.read",
            target_type="page",
            target_id="/x",
            target="/x",
        )


@contextmanager
def in_the_past() -> Iterator[None]:
    """Let the block announce on an earlier day, which the database refuses."""
    table = RetentionNotice._meta.db_table
    name = triggers.trigger_name(table, triggers.KEEP, EARLY)
    (trigger,) = (each for each in triggers.list_triggers(connection) if each.name == name)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else f" ON {table}"))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(trigger.statement)


def give_notice(
    kind: str, *, older_than: datetime, area: str = AREA, deletes_on: date | None = None
) -> RetentionNotice:
    """Announce a deletion that is due today, as somebody did a month ago."""
    today = timezone.localdate()
    with in_the_past():
        return RetentionNotice.objects.create(
            area=area,
            kind=kind,
            older_than=older_than,
            count=1,
            announced_on=today - timedelta(days=31),
            deletes_on=deletes_on or today,
        )
