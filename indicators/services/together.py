"""Do several things by one button, each separately: a fault in one doesn't stop the others.

Each has its own transaction, and doesn't wait long for a lock. The person gets a sentence about each.
"""

import logging
from collections.abc import Callable

from django.db import connection, transaction

from core.database import is_locked
from core.forms.pages import REFUSALS
from core.labels import Refused

logger = logging.getLogger(__name__)
LONGEST_WAIT = 1.0  # seconds for one lock: the page still answers in time if fourteen areas are locked
BUSY = "Someone else is saving this now, so we didn’t save your change. Try again in a moment."
BROKE = "Something went wrong, so we didn’t save this. We have logged the problem for the operator. Try again."


class NotDone(Refused):
    """One of several could not be done, whatever somebody typed."""


def by_itself[Done](act: Callable[[], Done], *, name: object) -> Done:
    """Do one thing, all or nothing.

    Raises what it refuses. Raises NotDone, with a sentence, if somebody else has a lock or it fails; a failure is
    logged under its `name`.
    """
    try:
        with transaction.atomic():
            _wait_no_longer()
            return act()
    except REFUSALS:
        raise
    except Exception as fault:
        if is_locked(fault):
            raise NotDone(BUSY) from fault
        logger.exception("%s stopped. The others continue.", name)
        raise NotDone(BROKE) from fault


def _wait_no_longer() -> None:
    """Limit the wait to the end of this transaction. SQLite has one lock for everything, with its own limit."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {int(LONGEST_WAIT * 1000)}")
