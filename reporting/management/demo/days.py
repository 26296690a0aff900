"""On which day does the demonstration do a thing?"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest.mock import patch

from django.utils import timezone

from reporting.management.demo.returns import moment


@contextmanager
def on(day: date) -> Iterator[None]:
    """Inside it, services act on that day at ten in the morning, or now if that is in the future. Entries can't be
    moved afterwards, because triggers forbid it. So the clock is set back. Only for a demonstration.
    """
    at = moment(day)

    def now() -> datetime:
        return at

    with patch.object(timezone, "now", now):
        yield


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)
