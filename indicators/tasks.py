"""Tasks about returns. Each fetches, calls a service, and is done."""

from celery import shared_task
from django.utils import timezone

from core.services.links import site_address
from indicators.services.reminders import claim_reminders, send_reminder


@shared_task
def send_reminders() -> int:
    """Send whatever reminder is due today. Beat runs it each morning; a second run finds nothing left to claim."""
    claimed = claim_reminders(today=timezone.localdate())
    return len([send_reminder(reminder, absolute=site_address) for reminder in claimed])
