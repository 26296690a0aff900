"""Say who runs the product, and who may sign in with a password alone."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied

from core.models import User


def is_operator(user: Any) -> bool:
    """Return whether somebody is an operator, who runs the product for all areas. An anonymous visitor isn't."""
    return bool(user.is_active and getattr(user, "is_staff", False) and getattr(user, "is_superuser", False))


def check_is_operator(user: Any) -> None:
    """Raise PermissionDenied, with a sentence, for anybody else."""
    if not is_operator(user):
        raise PermissionDenied("Only the operator can open this page.")


def is_let_off(user: Any) -> bool:
    """Return whether somebody never needs a second factor: the demonstration's accounts, while people try the product
    out. No real address ends with .example (RFC 2606)."""
    return not settings.PRODUCTION and bool(user.email.endswith(".example"))


def name_asker(person: User | None, at: datetime | None) -> dict[str, str]:
    """Return the details that name the first person and when they asked."""
    details = {"asked_by": person.email if person is not None else "system"}  # as the record calls the command line
    return details | ({"asked_at": at.isoformat()} if at is not None else {})
