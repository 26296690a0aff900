"""Who did what, and when? Called by services, inside the transaction of the act itself."""

from typing import Any

from django.db import models
from django.utils import timezone

from core.models import AuditEvent, User

SYSTEM = "system"


def record(verb: str, target: models.Model, *, by: User | None, area: str = "", **details: Any) -> AuditEvent:
    """Write down one act.

    `verb` is dotted and in the past tense ("submission.accepted"); `by` is None where no person
    acted (a scheduled job, a command); `area` is the slug of the area; `details` must be
    serialisable as JSON.
    """
    return AuditEvent.objects.create(
        happened_at=timezone.now(),
        actor_id=by.pk if by else None,
        actor=by.email if by else SYSTEM,
        area=area,
        verb=verb,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target=str(target)[:200],
        details=details,
    )


def was_just_done(verb: str, target: models.Model, *, by: User, **details: Any) -> bool:
    """Whether the newest act on `target` is this very one, by the same person with these details (their reason, say): a
    button that was pressed twice. Asked once the target is locked. One query."""
    of_target = AuditEvent.objects.filter(target_type=target._meta.label_lower, target_id=str(target.pk))
    newest = of_target.order_by("-id").first()
    if newest is None or (newest.verb, newest.actor_id) != (verb, by.pk):
        return False
    return all(newest.details.get(name) == value for name, value in details.items())
