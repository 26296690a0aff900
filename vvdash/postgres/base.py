"""Django's PostgreSQL, but no wait is without an end, and several hosts can have the database.

A server that is paused, or behind a dead line, still has its TCP connections, so neither `statement_timeout` nor
keepalives end a wait for it. psycopg2 can ask us to wait in its place (its wait callback), and we have a deadline.
"""

import select
import time
from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any, ClassVar

import psycopg2
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg2 import extensions

from reporting.public import replica
from vvdash.breaker import Breaker, Resting
from vvdash.postgres.patience import PATIENCE, Limits

# For a line that is dead but not deaf: the kernel notices it.
TCP = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
BREAKER = Breaker("database", rest=3)
# The primary answers in its place, so it may rest for longer, even if only one line is dead.
REPLICA_BREAKER = Breaker("replica", rest=30, rest_in_doubt=30)


class NoAnswer(psycopg2.OperationalError):
    """The server didn't answer in time."""


class NoPrimary(psycopg2.OperationalError):
    """Hosts answer, but none accepts writes."""


class PatientConnection(extensions.connection):
    """A connection that waits `patience` seconds for each answer; None: for ever. A wait in vain opens `breaker`."""

    patience: float | None
    breaker: Breaker | None

    def __init__(self, *arguments: Any, patience: float | None, breaker: Breaker | None, **options: Any) -> None:
        self.patience, self.breaker = patience, breaker
        super().__init__(*arguments, **options)


def wait(connection: extensions.connection) -> None:
    """Wait until a connection has what it asked for. Raises NoAnswer; psycopg2 then closes the connection.

    Don't close it here: this thread holds the lock that `close` needs.
    """
    patience = getattr(connection, "patience", None)  # a script's or a test's own connection has none
    end = None if patience is None else time.monotonic() + patience
    while (state := connection.poll()) != extensions.POLL_OK:
        # A new one each time: while libpq connects, it may go to another socket. Not `select`: it knows 1,024 files.
        poller = select.poll()
        poller.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        left = None if end is None else max(0, end - time.monotonic()) * 1000
        if not poller.poll(left):
            breaker = getattr(connection, "breaker", None)
            if breaker is not None and connection.status != extensions.STATUS_SETUP:
                breaker.doubt()
            raise NoAnswer(f"The database didn't answer within {patience:g} seconds.")


class Cursor(CursorWrapper):
    """Django's, but it translates the errors of closing too.

    Django lets psycopg2's own error through when it closes a cursor that reads in chunks, as the lists of forms do. A
    page would then not know that the database is to blame.
    """

    def close(self) -> None:
        with self.db.wrap_database_errors:
            self.cursor.close()


# For every connection in this process. With it, psycopg2 refuses COPY and large objects; we use neither.
extensions.set_wait_callback(wait)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with limits, a breaker and several hosts."""

    # The host that took our last connection, by the database's alias: the next one asks it first.
    last_place: ClassVar[dict[str, Mapping[str, str]]] = {}

    def get_connection_params(self) -> dict[str, Any]:
        params = TCP | super().get_connection_params()
        if not self.is_pooled and (limits := describe_limits(PATIENCE.limits)):
            # What the URL says comes last, and so counts.
            params["options"] = " ".join(filter(None, [limits, params.get("options")]))
        # psycopg2 connects without blocking, and then libpq has no limit of its own.
        patience = float(params.pop("connect_timeout", PATIENCE.limits.connect))
        params["connection_factory"] = partial(PatientConnection, patience=patience, breaker=self.breaker)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect to the host that accepts writes."""
        attempt = self.breaker.attempt(NoAnswer) if self.breaker else nullcontext()
        try:
            with attempt:
                connection = self._connect_somewhere(conn_params)
                if self.is_replica:
                    # A pooler accepts us, even if the server behind it is paused. An answer proves that it isn't.
                    self._is_read_only(connection)
        except Resting as resting:
            raise NoAnswer(f"We didn't ask the database. {resting}") from resting
        connection.patience = self.patience
        return connection

    def make_cursor(self, cursor: Any) -> Cursor:
        return Cursor(cursor, self)

    def _connect_somewhere(self, params: dict[str, Any]) -> Any:
        """Ask one host after the other. libpq would do it too, but give all its time to the first that is deaf.

        Raises NoAnswer if one didn't answer and no other will do.
        """
        places = list_places(params)
        if len(places) == 1:
            return super().get_new_connection(params)
        faults: list[psycopg2.OperationalError] = []
        for place in sorted(places, key=lambda place: place != self.last_place.get(self.alias)):
            try:
                connection = super().get_new_connection(params | place)
                if self._is_read_only(connection):
                    connection.close()
                    raise NoPrimary(f"{place['host']} can only be read, and no other host answers.")
            except psycopg2.OperationalError as fault:
                faults.append(fault)
            else:
                self.last_place[self.alias] = place
                return connection
        raise next((fault for fault in faults if isinstance(fault, NoAnswer)), faults[-1])

    def _is_read_only(self, connection: Any) -> bool:
        """A standby is, and so is a former primary once Patroni has made it one."""
        connection.autocommit = True  # as Django will have it: asking must begin no transaction
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            return bool(cursor.fetchone()[0] == "on")

    def is_usable(self) -> bool:
        """Return whether a connection that was idle still does. Ask at most as long as for a new one."""
        if self.connection is None or (self.breaker and self.breaker.is_open):
            return False
        self.connection.patience = PATIENCE.limits.connect
        try:
            if "," in self.settings_dict["HOST"]:
                # It may have been demoted, or a pooler may have gone on to another host.
                return not self._is_read_only(self.connection)
            return bool(super().is_usable())
        except psycopg2.Error:
            return False
        finally:
            self.connection.patience = self.patience

    @property
    def breaker(self) -> Breaker | None:
        """One for each server: a replica that is gone must not keep anybody from the primary."""
        if not PATIENCE.limits.has_breaker:
            return None
        return REPLICA_BREAKER if self.is_replica else BREAKER

    @property
    def patience(self) -> float | None:
        """How long an answer may take. A replica's no longer than a connection: the primary is asked after it."""
        return PATIENCE.limits.connect if self.is_replica else PATIENCE.limits.answer

    @property
    def is_replica(self) -> bool:
        return self.alias == replica.ALIAS

    @property
    def is_pooled(self) -> bool:
        """Whether PgBouncer is in between, which refuses `options`, and gives each transaction another connection."""
        return bool(self.settings_dict["DISABLE_SERVER_SIDE_CURSORS"])


def describe_limits(limits: Limits) -> str:
    """Return the server's own limits as libpq's `options`."""
    seconds = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction,
    }
    return " ".join(f"-c {name}={value}s" for name, value in seconds.items() if value is not None)


def list_places(params: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return each host with its port. Several are written as libpq has them: `one,two` and `5432,5433`."""
    hosts, ports = str(params.get("host", "")).split(","), str(params.get("port", "")).split(",")
    if len(hosts) == 1:
        return [{}]
    return [{"host": host, "port": port} for host, port in zip(hosts, ports, strict=True)]
