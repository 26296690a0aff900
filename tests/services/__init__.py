"""Where the real servers and programs that the tests need come from.

`postgres()`, `standby()` and `redis()` start a server of our own in a temporary folder, on a free port
of the loopback address, and end it again by its process id. They are for fixtures; a script
runs a command against them with

    python -m tests.services postgres redis -- command …

which sets DATABASE_URL and REDIS_URL for the command. `--missing` prints the Debian packages
that this machine lacks for the tests, one a line; with `--all`, also for tests/machines.
tests/services/stores.py has a store for files, which is no Debian package.
"""

from tests.services.databases import postgres, redis, standby
from tests.services.programs import (
    POSTGRES_MAJOR,
    REDIS_MAJOR,
    Program,
    ServiceError,
    choose,
    find_browser,
    find_poppler,
)

__all__ = [
    "POSTGRES_MAJOR",
    "REDIS_MAJOR",
    "Program",
    "ServiceError",
    "choose",
    "find_browser",
    "find_poppler",
    "postgres",
    "redis",
    "standby",
]
