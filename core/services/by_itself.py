"""Several things are done by one button, each by itself: what goes wrong with one doesn't hold up the others.

Each is a transaction of its own, and waits for no lock for long. Whoever asked is told of each in a sentence.
"""

import logging
from collections.abc import Callable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, transaction

from core.transitions import Refused

logger = logging.getLogger(__name__)
LONGEST_WAIT = 1.0  # seconds for one lock: fourteen areas that are all locked still answer in time
LOCKED = {"55P03", "40P01"}  # PostgreSQL: a lock that wasn't had in time, and two that waited for each other
BUSY = "Somebody else is saving this now, so we didn’t save your change. Try again in a moment."
BROKE = "Something went wrong, so we didn’t save this. We have logged the problem for the operator. Try again."


class NotDone(Refused):
    """One of several could not be done, whatever was typed."""


def by_itself[Done](act: Callable[[], Done], *, name: object) -> Done:
    """Do it, all or nothing. Raises what it refuses; and NotDone, with a sentence, where a lock is held by somebody
    else, or it breaks off: that is logged under its `name`."""
    try:
        with transaction.atomic():
            _wait_no_longer()
            return act()
    except (ValidationError, Refused, PermissionDenied):
        raise
    except Exception as fault:
        if _is_locked(fault):
            raise NotDone(BUSY) from fault
        logger.exception("%s broke off, and the others go on.", name)
        raise NotDone(BROKE) from fault


def _wait_no_longer() -> None:
    """To the end of this transaction. SQLite has one lock for all, and a limit of its own."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {int(LONGEST_WAIT * 1000)}")


def _is_locked(fault: Exception) -> bool:
    if not isinstance(fault, OperationalError):
        return False
    return getattr(fault.__cause__, "pgcode", None) in LOCKED or "database is locked" in str(fault)
