"""What a person chooses for themselves."""

from django.db import transaction

from core import audit
from core.models import User


@transaction.atomic
def set_reminded(*, is_reminded: bool, by: User) -> User:
    """Switch a person's own reminders by e-mail on or off."""
    if by.is_reminded != is_reminded:
        by.is_reminded = is_reminded
        by.save(update_fields=["is_reminded"])
        audit.record("user.reminders_switched", by, by=by, is_reminded=is_reminded)
    return by
