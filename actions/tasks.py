"""Tasks about the plan. Each fetches, calls a service, and is done."""

from itertools import chain

from celery import shared_task
from django.utils import timezone

from actions.services import notices
from core.services.letters import deliver_each
from core.services.links import site_address


@shared_task
def send_notices(*, turns_only: bool = False) -> int:
    """Tell people of what they owe the plan, every ten minutes of the day; and try again what isn't known to be sent.
    Returns how many e-mails that were."""
    today = timezone.localdate()
    claimed = notices.claim_notices(today=today, turns_only=turns_only)
    again = iter(()) if turns_only else notices.claim_notices_again(today=today)
    return deliver_each(chain(claimed, again), lambda rows: notices.send_notices(rows, absolute=site_address))


def tell_whose_turn() -> None:
    """For a page that changes whose turn a challenge is, once that is committed: they hear at once. What is due soon or
    overdue is told by day."""
    send_notices.delay(turns_only=True)
