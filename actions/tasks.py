"""Tasks about the plan. Each fetches, calls a service, and is done."""

from celery import shared_task
from django.utils import timezone

from actions.services import notices
from core.services.links import site_address


@shared_task
def send_notices(*, turns_only: bool = False) -> int:
    """Tell people of what they owe the plan. Beat runs it every ten minutes of the day. Returns how many e-mails that
    were."""
    claimed = notices.claim_notices(today=timezone.localdate(), turns_only=turns_only)
    return len([notices.send_notices(group, absolute=site_address) for group in claimed])


def tell_whose_turn() -> None:
    """For a page that changes whose turn a challenge is, once that is committed: they hear at once. What is due soon or
    overdue is told by day."""
    send_notices.delay(turns_only=True)
