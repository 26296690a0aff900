"""What if the database can't do something now? If others were using it, it works a moment later. If its disk is full,
people can still read."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)

# PostgreSQL's: a lock that took too long, and a deadlock.
LOCKED = {"55P03", "40P01"}
# A statement that took too long.
TOO_LONG = {"57014"}
# Its host only reads: it was the primary until a moment ago. psycopg2 calls that an internal error.
READ_ONLY = "25006"


def is_locked(fault: BaseException | None) -> bool:
    """Return whether somebody else has what we wanted to change."""
    return _code(fault) in LOCKED or (isinstance(fault, OperationalError) and "database is locked" in str(fault))


def is_busy(fault: BaseException | None) -> bool:
    """Return whether something took too long, for whatever reason."""
    return is_locked(fault) or _code(fault) in TOO_LONG


def is_out_of_order(fault: BaseException | None) -> bool:
    """Return whether the database can't work, whatever the page asks of it."""
    is_read_only = getattr(getattr(fault, "__cause__", None), "pgcode", None) == READ_ONLY
    return is_read_only or isinstance(fault, OperationalError | InterfaceError)


@contextmanager
def by_the_way(what: str) -> Iterator[None]:
    """Save something within the block that the page can do without. If the database can't, log it and go on.

    Not in a transaction of the page: on PostgreSQL, a failed statement ends that too.
    """
    try:
        yield
    except OperationalError:
        logger.warning("We could not save %s.", what, exc_info=True)


def _code(fault: BaseException | None) -> str | None:
    if not isinstance(fault, OperationalError):
        return None
    # `pgcode` is psycopg2's. psycopg 3 calls it `sqlstate`: with it, every lock would be logged as a fault of ours.
    code: str | None = getattr(fault.__cause__, "pgcode", None)
    return code
