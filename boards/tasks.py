"""Tasks about months. Each loads its data, calls a service, and ends."""

from celery import shared_task
from django.utils import timezone

from boards.services.months import mark_just_due, open_months


@shared_task
def open_month() -> int:
    """Open the current month in every area that doesn't have it yet."""
    return len(list(open_months()))


@shared_task
def mark_due_months() -> None:
    """Mark the months that were due for a roll-up, so that their pages show the missing returns."""
    mark_just_due(today=timezone.localdate())
