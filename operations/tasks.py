"""The operator's scheduled jobs."""

from celery import shared_task
from django.utils import timezone

from operations.health import alarms
from operations.health.checks import list_checks


@shared_task
def watch() -> int:
    """Note which checks fail, and tell the operator. Return how many e-mails were sent."""
    now = timezone.now()
    return alarms.watch(list_checks(now), now)
