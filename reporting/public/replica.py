"""Read from a copy of the database, to spare the primary.

A copy lags, and may be dead or another than we think. So nothing is read there but what can't be wrong: rows that never
change once they are there, by keys that the primary has just given. No router chooses it: whoever reads passes on the
alias that `read` gives (docs/adr/0076).
"""

import logging
from collections.abc import Callable

from django.db import DEFAULT_DB_ALIAS, Error, connections

from core import metrics

ALIAS = "replica"
logger = logging.getLogger(__name__)


def read[T](ask: Callable[[str], T], *, has_all: Callable[[str], bool]) -> T:
    """Return what `ask` finds in the database whose alias it gets. It must have read everything when it returns.

    That is the replica, if there is one and `has_all` says that it has what we ask for. Otherwise it is the primary.
    """
    if ALIAS in connections.databases:
        try:
            if has_all(ALIAS):
                return ask(ALIAS)
            why = "behind"
        except Error as fault:
            logger.warning("The replica doesn't answer, so we ask the primary: %s", fault)
            why = "failed"
        metrics.count("replica_passed_by", why=why)
    return ask(DEFAULT_DB_ALIAS)
