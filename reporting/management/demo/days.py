"""On which day does the demonstration do a thing?"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest.mock import patch

from django.utils import timezone

from reporting.management.demo.returns import moment


@contextmanager
def on(day: date) -> Iterator[None]:
    """What services do meanwhile is done on that day at ten in the morning, or now where that is still to come.

    What was said and changed can't be moved afterwards: triggers hold it. So the clock is put back. For a demonstration
    alone.
    """
    at = moment(day)

    def now() -> datetime:
        return at

    with patch.object(timezone, "now", now):
        yield


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)
