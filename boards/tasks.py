"""Tasks about months. Each fetches, calls a service, and is done."""

from celery import shared_task
from django.utils import timezone

from boards.services.months import mark_just_due, open_months


@shared_task
def open_month() -> int:
    """Open the current month in every area that hasn't got it."""
    return len(list(open_months()))


@shared_task
def mark_due_months() -> None:
    """Have those months rolled up that were due: whose returns are missing stands on the month's page."""
    mark_just_due(today=timezone.localdate())
