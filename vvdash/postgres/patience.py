"""How long does this process wait for PostgreSQL? It depends on who waits: a page, a worker or a command."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """In seconds; None has no limit. `connect` is for one host, and `answer` for one answer, when we no longer believe
    that the server lives. The server's own limits are shorter, so that a connection survives them."""

    connect: float
    answer: float | None = None
    statement: int | None = None
    lock: int | None = None
    idle_in_transaction: int | None = None
    has_breaker: bool = False


KINDS: Mapping[str, Limits] = {
    "web": Limits(connect=2, answer=6, statement=5, lock=4, idle_in_transaction=20, has_breaker=True),
    # Jobs are tried again each minute, so a worker needs no breaker.
    "worker": Limits(connect=2, answer=120, statement=110, idle_in_transaction=300),
    # A migration or an import by hand takes what it takes, and somebody watches.
    "command": Limits(connect=10),
}


class Patience:
    """The limits of this process."""

    def __init__(self) -> None:
        self.limits = KINDS["command"]

    def become(self, kind: str) -> None:
        """Say who this process is, before it opens a connection. Until then it is a command."""
        self.limits = KINDS[kind]


PATIENCE = Patience()
