"""Can we trust the clock of this machine?

A clock that shows March in November would open four months. It would remind everybody of returns that aren't due, and
delete data too early. So each wake compares it with the wake before (core.timetable.has_jumped), and asks an operator.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import Clock, User
from core.timetable import has_jumped


@transaction.atomic
def look_at_clock(now: datetime) -> Clock:
    """Compare the clock with its last time, and save either its new time or the doubt. Once somebody corrects the
    clock, we trust it again automatically."""
    # Locked: without it, this could overwrite what an operator confirms at the same moment.
    clock, is_first = Clock.objects.select_for_update().get_or_create(pk=1, defaults={"seen_at": now})
    if is_first:
        return clock
    if has_jumped(seen=clock.seen_at, now=now):
        # Keep seen_at: the next wake must compare with the last time that was right.
        clock.doubted_at = now
    else:
        clock.seen_at, clock.doubted_at = now, None
    clock.save(update_fields=["seen_at", "doubted_at"])
    return clock


@transaction.atomic
def trust_clock(*, by: User | None) -> Clock:
    """Trust the clock, because an operator confirms it. Jobs then use it, and months open up to its date."""
    now = timezone.now()
    clock, _ = Clock.objects.select_for_update().get_or_create(pk=1, defaults={"seen_at": now})
    before = clock.seen_at
    clock.seen_at = clock.trusted_at = now
    clock.doubted_at = None
    clock.save()
    audit.record("clock.trusted", clock, by=by, before=before.isoformat())
    return clock


def get_trusted_day() -> date | None:
    """Return the day on which an operator last confirmed the clock. One query."""
    trusted_at = Clock.objects.filter(pk=1).values_list("trusted_at", flat=True).first()
    return timezone.localdate(trusted_at) if trusted_at else None
