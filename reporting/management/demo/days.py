"""On which day does the demonstration do a thing?"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest.mock import patch

from django.db.models import Max
from django.utils import timezone

from core.models import AuditEvent
from reporting.management.demo.returns import moment


@contextmanager
def on(day: date) -> Iterator[None]:
    """What services do meanwhile is done on that day at ten in the morning, or now where that is still to come.

    What was said and changed can't be moved afterwards: triggers hold it. So the clock is put back, and the audit with
    it. For a demonstration alone.
    """
    at = moment(day)
    last: int = AuditEvent.objects.aggregate(last=Max("pk"))["last"] or 0

    def now() -> datetime:
        return at

    with patch.object(timezone, "now", now):
        yield
    AuditEvent.objects.filter(pk__gt=last).update(happened_at=at)


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)
