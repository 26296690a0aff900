"""Tasks about the plan. Each fetches, calls a service, and is done."""

from celery import shared_task
from django.utils import timezone

from actions.services import notices
from core.services.links import site_address


@shared_task
def send_notices() -> int:
    """Tell people of what they owe the plan. Beat runs it every ten minutes of the day; a page that changes whose turn
    it is queues it, so that they hear at once. Returns how many e-mails that were."""
    claimed = notices.claim_notices(today=timezone.localdate())
    return len([notices.send_notices(group, absolute=site_address) for group in claimed])
