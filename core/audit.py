"""Who did what, and when? Called by services, inside the transaction of the act itself."""

from typing import Any

from django.db import models

from core.models import AuditEvent, User

SYSTEM = "system"


def record(verb: str, target: models.Model, *, by: User | None, area: str = "", **details: Any) -> AuditEvent:
    """Write down one act.

    `verb` is dotted and in the past tense ("submission.accepted"); `by` is None where no person
    acted (a scheduled job, a command); `area` is the slug of the area; `details` must be
    serialisable as JSON.
    """
    return AuditEvent.objects.create(
        actor_id=by.pk if by else None,
        actor=by.email if by else SYSTEM,
        area=area,
        verb=verb,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target=str(target)[:200],
        details=details,
    )


def was_just_done(verb: str, target: models.Model, *, by: User, why: str) -> bool:
    """Whether the last thing that was done to it is this very act, by the same person and for the same reason: a button
    that was pressed twice. Asked once the target is locked, of acts whose reason stands in the audit alone."""
    done = AuditEvent.objects.filter(target_type=target._meta.label_lower, target_id=str(target.pk))
    last = done.order_by("-id").first()
    return last is not None and (last.verb, last.actor_id, last.details.get("why")) == (verb, by.pk, why)
