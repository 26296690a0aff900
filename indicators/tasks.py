"""Tasks about returns. Each fetches, calls a service, and is done."""

from celery import shared_task
from django.utils import timezone

from core.services.letters import deliver_each
from core.services.links import site_address
from indicators.services.reminders import claim_reminders, claim_reminders_again, send_reminder


@shared_task
def send_reminders() -> int:
    """Send whatever reminder is due today. Each morning; a second run finds nothing left to claim."""
    claimed = claim_reminders(today=timezone.localdate())
    return deliver_each(([each] for each in claimed), lambda rows: send_reminder(rows[0], absolute=site_address))


@shared_task
def send_reminders_again() -> int:
    """Try again those that aren't known to be sent."""
    claimed = claim_reminders_again(today=timezone.localdate())
    return deliver_each(([each] for each in claimed), lambda rows: send_reminder(rows[0], absolute=site_address))
