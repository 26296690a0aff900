"""Decide a request, for every kind that another person confirms: it still waits, and who decided what is saved."""

from collections.abc import Sequence

from django.utils import timezone

from boards.models import Request, RequestOutcome
from core.models import User
from core.services.askers import name_asker
from core.transitions import TransitionRefused


def check_waiting(asked: Request, *, ended: str) -> None:
    """Raise TransitionRefused if somebody has decided it, or if nobody did in time: `ended` says so."""
    if asked.outcome:
        raise TransitionRefused(f"Somebody has decided this already: {RequestOutcome(asked.outcome).label.lower()}.")
    if not asked.is_waiting(timezone.localdate()):
        raise TransitionRefused(ended)


def decide(
    asked: Request, outcome: RequestOutcome, *, by: User, why: str = "", also: Sequence[str] = ()
) -> dict[str, str]:
    """Save who decided what, with the fields `also` that changed. Return what the record says: who asked, and why."""
    asked.outcome, asked.decided_why = outcome.value, why
    asked.decided_at, asked.decided_by = timezone.now(), by
    asked.save(update_fields=["outcome", "decided_why", "decided_at", "decided_by", *also])
    return name_asker(asked.asked_by, asked.asked_at) | ({"why": why} if why else {})
