"""On which day does the demonstration do a thing?"""

from contextlib import AbstractContextManager
from datetime import date, timedelta

from django.utils import timezone

from reporting.management.demo.returns import clock_at, moment


def on(day: date) -> AbstractContextManager[None]:
    """Inside it, services act on that day at ten in the morning, or now if that is in the future."""
    return clock_at(moment(day))


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)
