"""Watches what the other connections to a PostgreSQL database have locked, until its input ends. Prints JSON.

A row's lock isn't in pg_locks, but whoever has one has a lock on the table too, of another mode than readers.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2

EVERY = 0.005  # seconds
LOCKS = """
    SELECT COALESCE(max(extract(epoch FROM clock_timestamp() - activity.xact_start))
            FILTER (WHERE held.granted AND held.mode <> 'AccessShareLock'), 0),
        COALESCE(max(extract(epoch FROM clock_timestamp() - held.waitstart)), 0)
    FROM pg_locks held JOIN pg_stat_activity activity USING (pid)
    WHERE activity.datname = current_database() AND pid <> pg_backend_pid()
        AND activity.backend_type = 'client backend' AND held.locktype IN ('relation', 'tuple', 'transactionid')
"""


def main() -> int:
    held = waited = 0.0
    samples = 0
    with contextlib.closing(psycopg2.connect(os.environ["DATABASE_URL"])) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        while not select.select([sys.stdin], [], [], EVERY)[0]:
            cursor.execute(LOCKS)
            ((longest, wait),) = cursor.fetchall()
            held, waited, samples = max(held, float(longest)), max(waited, float(wait)), samples + 1
        print(
            json.dumps({"held": held, "waited": waited, "samples": samples, "cpu": cpu_of(connection.info.backend_pid)})
        )
    return 0


@contextlib.contextmanager
def watch() -> Iterator[dict[str, float]]:
    """Watch in a process of its own while the block lasts. What it found is in the dictionary afterwards."""
    found: dict[str, float] = {}
    command = [sys.executable, "-m", "bench.locks"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watcher:
        try:
            yield found
        finally:
            said, _ = watcher.communicate()
    found |= json.loads(said)


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU that a process has used, and its children that have ended."""
    return _times(_read(pid))


def cpu_of_server(backend: int) -> float | None:
    """Return the seconds of CPU of all of a PostgreSQL's processes, by one of them; None if it is elsewhere."""
    try:
        if "postgres" not in Path(f"/proc/{backend}/comm").read_text(encoding="utf-8"):
            return None
        main = _read(backend)[1]  # a connection's process is a child of the server's first one
    except OSError:
        return None
    total = cpu_of(int(main))
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = _read(int(path.parent.name))
            total += _times(fields) if fields[1] == main else 0
    return total


def _read(pid: int) -> list[str]:
    """Return what is known of a process, from its state on: its name may have blanks."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def _times(fields: list[str]) -> float:
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
