"""Record who did what, and when, inside the transaction of the act itself.

Services call this. A job chains the events: core.audit_log.sealing.

The audit log is a record. This module writes it, and only the pages about the record read it. No rule and no other page
does.
"""

from typing import Any

from django.db import models
from django.utils import timezone

from core.context import describe_command
from core.models import AuditEvent, User

SYSTEM = "system"


def record(verb: str, target: models.Model, *, by: User | None, area: str = "", **details: Any) -> None:
    """Record one act.

    `verb` has dots and is in the past tense ("submission.accepted"); `by` is None if no person acted (a scheduled job,
    a command); `area` is the area's slug; `details` must be serialisable as JSON. If a command of manage.py runs, the
    details also say which, and which user of the machine ran it.
    """
    AuditEvent.objects.create(
        happened_at=timezone.now(),
        actor_id=by.pk if by else None,
        actor=by.email if by else SYSTEM,
        area=area,
        verb=verb,
        target_type=target._meta.label_lower,
        target_id="" if target.pk is None else str(target.pk),
        target=str(target)[:200],
        details=details | describe_command(),
    )
