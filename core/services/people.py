"""A person's own settings."""

from collections.abc import Sequence

from django.db import transaction

from core import audit
from core.models import User


@transaction.atomic
def set_reminded(*, is_reminded: bool, unwanted: Sequence[str] | None = None, by: User) -> User:
    """Switch a person's e-mails on or off: all of them, and the kinds that are `unwanted` (core.letter_kinds). None
    leaves the kinds unchanged."""
    # What is stored is what they don't want. So a new kind of e-mail reaches everybody until they switch it off.
    kinds = by.unwanted if unwanted is None else sorted(unwanted)
    if (by.is_reminded, by.unwanted) != (is_reminded, kinds):
        by.is_reminded, by.unwanted = is_reminded, kinds
        by.save(update_fields=["is_reminded", "unwanted"])
        audit.record("user.reminders_switched", by, by=by, is_reminded=is_reminded, unwanted=kinds)
    return by
