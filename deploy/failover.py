#!/usr/bin/env python3
"""The witness: of two PostgreSQL hosts, which one accepts writes?

    python3 failover.py --state /var/lib/vvdash-witness/state.json \
        db1="host=10.0.0.21 user=witness dbname=postgres" db2="host=10.0.0.22 user=witness dbname=postgres"

It runs on a third host, and looks at both each second. The standby follows the primary synchronously, so it has
everything that anybody was told is saved. If the primary goes, the witness promotes the standby. If the standby goes,
it lets the primary go on alone. It never promotes a standby that may lack something. docs/run/hosts.md says how to set
it up, and docs/adr/0076 why it is so.

It needs psycopg2 and nothing else of the product.
"""

import argparse
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import extensions

PATIENCE = 10.0  # seconds without an answer, until a host counts as gone
CERTAIN = 3.0  # seconds for which the standby has to say that it hears nothing from the primary either
ANSWER = 2.0  # seconds for one look
NEAR = 16 * 1024 * 1024  # bytes that a standby may be behind before commits wait for it


# --- What we see, and what we decide. Nothing in this part asks anybody.


@dataclass(frozen=True)
class Look:
    """What a host said of itself. `written` and `flushed` are places in the log: its own, and what the other host has
    on its disk, or None if that doesn't follow. `receives` says whether it hears from its primary. Each promotion
    starts a new `timeline`, with the next number."""

    is_standby: bool
    names: str = ""
    is_fenced: bool = False
    written: int = 0
    flushed: int | None = None
    is_sync: bool = False
    receives: bool = False
    timeline: int = 1

    @property
    def accepts_writes(self) -> bool:
        return not self.is_standby and not self.is_fenced


@dataclass(frozen=True)
class Mind:
    """What the witness knows. It writes the first four to the disk before it acts on them: after a restart it must not
    forget that the standby lacks something, or whom it promised to promote."""

    primary: str
    has_all: bool = False  # whether the standby has everything that was acknowledged
    is_promised: bool = False  # whether we promote `primary`, and haven't seen yet that it is done
    timeline: int = 0  # the newest that we know of; 0: we haven't seen both hosts together yet
    primary_gone: float | None = None  # since when
    deaf: float | None = None  # since when the standby hears nothing from it
    standby_gone: float | None = None
    since_names: int | None = None  # where the log was when commits had begun to wait for the standby
    has_names: bool = False

    @property
    def saved(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name in SAVED}


SAVED = ("primary", "has_all", "is_promised", "timeline")


@dataclass(frozen=True)
class Act:
    """Something to do at a host: `alone`, `together`, `promote`, `fence` or `unfence`; and why, for people. `alarm`
    only says why."""

    what: str
    host: str
    why: str


def decide(mind: Mind, looks: Mapping[str, Look | None], now: float) -> tuple[Mind, list[Act]]:
    """Return what to remember and then to do. A host that doesn't answer is None in `looks`.

    The recorded primary is either in office, or we have promised to promote it. The promise ends when we see that it is
    done. Any other change of primary was made by hand: we follow the newest, and promise nothing.
    """
    standby = next(name for name in looks if name != mind.primary)
    look, other = looks[mind.primary], looks[standby]
    if look is not None and other is not None and not mind.timeline:
        # No timeline is news yet. The record counts: it may be an operator's word.
        mind = replace(mind, timeline=max(look.timeline, other.timeline))
    if other is not None and _is_changed_by_hand(mind, look, other):
        why = f"Somebody has made it the primary in place of {mind.primary}, which may lack something."
        return Mind(primary=standby, timeline=max(mind.timeline, other.timeline)), [Act("alarm", standby, why)]
    if look is not None and not look.is_standby:
        mind = replace(mind, is_promised=False, timeline=mind.timeline and max(mind.timeline, look.timeline))
    if mind.is_promised:
        return mind, _keep_promise(mind, standby, look)
    if look is not None and look.is_standby:
        why = f"It should be the primary, but is a standby, and {standby} isn't the primary. I do nothing."
        return mind, [Act("alarm", mind.primary, why)]
    acts = []
    if other is not None and other.accepts_writes:
        acts.append(Act("fence", standby, f"It still accepts writes, but {mind.primary} is the primary."))
    if look is None:
        mind, more = _decide_without(mind, standby, other, now)
    else:
        mind, more = _decide_with(mind, standby, look, now)
    return mind, [*acts, *more]


def _is_changed_by_hand(mind: Mind, look: Look | None, other: Look) -> bool:
    """Whether the other host is now the primary, though we never promoted it. The primary may not even answer."""
    if other.is_standby:
        return False
    if other.timeline > mind.timeline > 0:
        return True
    if look is None or not look.is_standby or not other.accepts_writes:
        return False
    # A former primary still waits for the one that we promised to promote. If not, it acknowledges by itself.
    return not mind.is_promised or other.names != names_of(mind.primary)


def _keep_promise(mind: Mind, former: str, look: Look | None) -> list[Act]:
    """Promote it: we ended before we could, or it was too slow.

    The former primary may be back. Don't fence it yet: it acknowledges nothing that this host lacks, and it is the only
    primary until this one is promoted.
    """
    if look is None:
        why = f"I promote it, but it doesn't answer. If it doesn't come back, start me with --primary {former}."
        return [Act("alarm", mind.primary, why)]
    if look.timeline > mind.timeline > 0:
        # It was promoted, and is a standby again. The promise is too old to know what it has.
        return [Act("alarm", mind.primary, f"Somebody has made it a standby of {former}. I do nothing.")]
    return [Act("promote", mind.primary, f"{former} was gone, and this host has everything.")]


def _decide_without(mind: Mind, standby: str, look: Look | None, now: float) -> tuple[Mind, list[Act]]:
    """The primary doesn't answer."""
    is_deaf = look is not None and look.is_standby and not look.receives
    mind = replace(
        mind,
        primary_gone=now if mind.primary_gone is None else mind.primary_gone,
        deaf=(now if mind.deaf is None else mind.deaf) if is_deaf else None,
        standby_gone=None,
    )
    gone_for = now - (mind.primary_gone or 0)
    if not (mind.has_all and mind.deaf is not None and gone_for >= PATIENCE and now - mind.deaf >= CERTAIN):
        return mind, []
    why = f"{mind.primary} has been gone for {gone_for:.0f} seconds, and this host has everything."
    return Mind(primary=standby, is_promised=True, timeline=mind.timeline), [Act("promote", standby, why)]


def _decide_with(mind: Mind, standby: str, look: Look, now: float) -> tuple[Mind, list[Act]]:
    """The primary answers."""
    mind = replace(mind, primary_gone=None, deaf=None)
    acts = [Act("unfence", mind.primary, "It is the primary.")] if look.is_fenced else []
    waits = look.names == names_of(standby)
    if not waits:
        mind = replace(mind, has_all=False, since_names=None, has_names=False)
    if look.flushed is None:
        mind = replace(mind, standby_gone=now if mind.standby_gone is None else mind.standby_gone)
        gone_for = now - (mind.standby_gone or 0)
        if look.names and gone_for >= PATIENCE:
            mind = replace(mind, has_all=False, since_names=None, has_names=False)
            acts.append(Act("alone", mind.primary, f"{standby} has been gone for {gone_for:.0f} seconds."))
        return mind, acts
    mind = replace(mind, standby_gone=None)
    if not waits:
        if look.written - look.flushed <= NEAR:
            acts.append(Act("together", mind.primary, f"{standby} follows it."))
        return mind, acts
    if not mind.has_names:
        # A process of the server that hasn't heard of the change may still acknowledge by itself: count from the next
        # look on. And an act that stopped half-way may have left a file without the names, which a restart would read.
        if not mind.has_all:
            acts.append(Act("together", mind.primary, f"{standby} follows it."))
        return replace(mind, has_names=True), acts
    if mind.since_names is None:
        mind = replace(mind, since_names=look.written)
    if look.is_sync and look.flushed >= (mind.since_names or 0):
        mind = replace(mind, has_all=True)
    return mind, acts


def mistrust(mind: Mind) -> Mind:
    """Return what we still know after an act that failed, perhaps half-way: not what is in a host's file."""
    return replace(mind, since_names=None, has_names=False)


def names_of(standby: str) -> str:
    """Return what `synchronous_standby_names` says while commits wait for this host."""
    return f'FIRST 1 ("{standby}")'


def begin(looks: Mapping[str, Look | None]) -> Mind | None:
    """Return what a witness without a memory may believe. None: nobody answers yet, or both say that they are it."""
    found = [name for name, look in looks.items() if look is not None and not look.is_standby and not look.is_fenced]
    return Mind(primary=found[0]) if len(found) == 1 else None


# --- Asking, and doing

LOOK = """
SELECT pg_is_in_recovery(), current_setting('synchronous_standby_names'),
    current_setting('default_transaction_read_only')::boolean,
    CASE WHEN pg_is_in_recovery() THEN 0 ELSE pg_current_wal_lsn() - '0/0' END::bigint,
    (follower.flush_lsn - '0/0')::bigint, coalesce(follower.sync_state = 'sync', false),
    EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'),
    CASE WHEN pg_is_in_recovery()
        THEN (SELECT greatest(timeline_id, min_recovery_end_timeline)
            FROM pg_control_checkpoint(), pg_control_recovery())
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END
FROM (SELECT) AS one
LEFT JOIN pg_stat_replication follower ON follower.application_name = %s AND follower.state = 'streaming'
"""
RELOAD = "SELECT pg_reload_conf()"


def list_statements(act: Act, *, other: str) -> list[str]:
    """Return an act as SQL. It may be done twice. It may also stop after any statement, if `mistrust` follows."""
    alone = "ALTER SYSTEM RESET synchronous_standby_names"
    open_again = "ALTER SYSTEM RESET default_transaction_read_only"
    return {
        "alarm": [],
        "alone": [alone, RELOAD],
        "together": [f"ALTER SYSTEM SET synchronous_standby_names = '{names_of(other)}'", RELOAD],
        # What a copy of its primary brought with it must not hold it up.
        "promote": [alone, open_again, RELOAD, "SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(false) END"],
        # The product takes no connection that may only read. It lasts through a restart.
        "fence": ["ALTER SYSTEM SET default_transaction_read_only = on", RELOAD],
        "unfence": [open_again, RELOAD],
    }[act.what]


def ask(dsn: str, *statements: str, values: Sequence[object] | None = None) -> tuple[Any, ...]:
    """Run statements at a host; return the last one's row. Raises psycopg2.Error, also if no answer comes in time."""
    end = time.monotonic() + ANSWER
    with closing(psycopg2.connect(dsn, async_=True)) as connection:
        _wait(connection, end)
        with closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement, values)
                _wait(connection, end)
            return cursor.fetchone() or ()


def _wait(connection: extensions.connection, end: float) -> None:
    while (state := connection.poll()) != extensions.POLL_OK:
        poller = select.poll()
        poller.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if not poller.poll(max(0, end - time.monotonic()) * 1000):
            raise psycopg2.OperationalError("It didn't answer in time.")


def look_at(dsn: str, *, other: str) -> Look | None:
    try:
        return Look(*ask(dsn, LOOK, values=[other]))
    except psycopg2.Error:
        return None


class Witness:
    """Looks, remembers, does, and says what it did."""

    def __init__(self, hosts: Mapping[str, str], file: Path, *, tell: str = "") -> None:
        self.hosts, self.file, self.tell = hosts, file, tell
        self.others = dict(zip(hosts, reversed(list(hosts)), strict=True))
        self.mind = Mind(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None
        self.last = ""

    def run(self) -> None:
        with ThreadPoolExecutor(len(self.hosts)) as pool:
            while True:
                began = time.monotonic()
                found = pool.map(lambda name: look_at(self.hosts[name], other=self.others[name]), self.hosts)
                self.turn(dict(zip(self.hosts, found, strict=True)))
                time.sleep(max(0.0, began + 1 - time.monotonic()))

    def turn(self, looks: Mapping[str, Look | None]) -> None:
        if self.mind is None:
            self.mind = begin(looks)
            if self.mind is None:
                self.say("No host, or more than one, says that it is the primary. Start me with --primary.")
                return
            self.save(self.mind)
        before = self.mind
        self.mind, acts = decide(before, looks, time.monotonic())
        if self.mind.saved != before.saved:
            self.save(self.mind)
            standby = self.others[self.mind.primary]
            self.say(f"{standby} has everything." if self.mind.has_all else f"{standby} may lack something.")
        done = [self.do(act) for act in acts]
        if not all(done):
            self.mind = mistrust(self.mind)

    def do(self, act: Act) -> bool:
        """Return whether it is done."""
        statements = list_statements(act, other=self.others[act.host])
        try:
            if statements:
                ask(self.hosts[act.host], *statements)
        except psycopg2.Error as fault:
            self.say(f"{act.host}: {act.what} failed, so I try it again. {act.why} {fault}", is_alarm=True)
            return False
        self.say(f"{act.host}: {act.what}. {act.why}", is_alarm=True)
        return True

    def save(self, mind: Mind) -> None:
        """Write what mustn't be forgotten. Only then may anybody act on it."""
        new = self.file.with_name(f"{self.file.name}.new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(mind.saved, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.file)
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def say(self, words: str, *, is_alarm: bool = False) -> None:
        """Say it once, until there is something else to say."""
        if words == self.last:
            return
        self.last = words
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()
        if is_alarm and self.tell:
            subprocess.Popen([self.tell, words], stdin=subprocess.DEVNULL)  # noqa: S603  # the operator names it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "hosts", nargs=2, metavar="NAME=DSN", help="a host's name, and how to connect to its PostgreSQL"
    )
    parser.add_argument("--state", type=Path, required=True, help="the file in which it remembers")
    parser.add_argument("--primary", help="who is the primary, if the file is missing or wrong")
    parser.add_argument("--tell", default="", help="a program that it calls with a sentence for an operator")
    options = parser.parse_args()
    hosts = dict(host.partition("=")[::2] for host in options.hosts)
    witness = Witness(hosts, options.state, tell=options.tell)
    if options.primary:
        if options.primary not in hosts:
            parser.error(f"{options.primary} is none of the hosts.")
        witness.mind = Mind(primary=options.primary)
        witness.save(witness.mind)
    witness.run()


if __name__ == "__main__":
    main()
