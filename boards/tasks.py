"""Tasks about months. Each fetches, calls a service, and is done."""

from celery import shared_task
from django.utils import timezone

from boards.services.months import mark_just_due, open_months


@shared_task
def open_month() -> int:
    """Open the current month in every area that hasn't got it, and have those rolled up that were due."""
    mark_just_due(today=timezone.localdate())
    return len(open_months())
