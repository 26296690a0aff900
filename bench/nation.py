"""Measures a morning of a nation: its reminders, and a month of every area rolled up. Makes the nation first, in the
empty database that DATABASE_URL names. Prints JSON. Exit status: 0 each target is met; 1 it says which one isn't.

On PostgreSQL it also counts the server's CPU, if that is on this machine, and samples pg_locks.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")

from bench.command_line import make_parser
from bench.locks import cpu_of_server, watch

# What each may be at most, and its unit. CPU is Python's and PostgreSQL's, for 400 areas.
TARGETS = {
    "cpu": (30, "s of CPU for a month of each area"),
    "longest_lock": (0.2, "s for the longest lock"),
    "longest_held": (0.2, "s for the longest lock in pg_locks"),
    "megabytes": (250, "MB"),
    "reminder_queries": (6, "queries for the reminders"),
}
LEAST_CPU = 2  # for few areas, where starting takes most of it


def main() -> int:
    parser = make_parser("nation", __doc__)
    parser.add_argument("--areas", type=int, default=400, metavar="N", help="how many (400)")
    parser.add_argument("--months", type=int, default=36, metavar="N", help="of each area (36)")
    options = parser.parse_args()
    if os.fork() == 0:
        make(options.areas, options.months)  # in a process of its own: it needs more memory than what we measure
        os._exit(0)
    if os.wait()[1] != 0:
        return 1
    found = measure()
    print(json.dumps(found))
    missed = list(list_missed(found, areas=options.areas))
    print(*missed, sep="\n", end="\n" if missed else "", file=sys.stderr)
    return 1 if missed else 0


def list_missed(found: Mapping[str, float | None], *, areas: int) -> Iterator[str]:
    """Yield a sentence for each target that was missed. What isn't known misses none."""
    for name, (most, what) in TARGETS.items():
        limit = max(LEAST_CPU, most * areas / 400) if name == "cpu" else most
        value = found[name]
        if value is not None and value > limit:
            yield f"Missed: {value:.2f} {what}, of at most {limit:g}."


def make(areas: int, months: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("make_national", areas=areas, months=months, stdout=sys.stderr)
    with connection.cursor() as cursor:
        # As the server does by itself after some time.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def measure() -> dict[str, float | None]:
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from boards.models import ReportingPeriod
    from core.calendar import Month
    from indicators.selectors.reminders import reminders_due
    from reporting.months import rollup

    today = timezone.localdate()
    with CaptureQueriesContext(connection) as queries:
        begun = time.process_time()
        list(reminders_due(today))
        reminders = time.process_time() - begun
    # The month that everybody has just reported.
    ReportingPeriod.objects.update(stale_since=None)
    ReportingPeriod.objects.filter(starts_on=Month.of(today).previous.first_day).update(stale_since=timezone.now())
    locks: list[float] = []
    save = rollup.save

    def timed(*args: object, **options: object) -> object:
        begun = time.perf_counter()
        try:
            return save(*args, **options)  # type: ignore[arg-type]
        finally:
            locks.append(time.perf_counter() - begun)

    rollup.save = timed  # type: ignore[assignment]
    is_postgresql = connection.vendor == "postgresql"
    backend = connection.connection.info.backend_pid if is_postgresql else 0
    at_server, begun, clock = cpu_of_server(backend), time.process_time(), time.perf_counter()
    watching: AbstractContextManager[dict[str, float]] = watch() if is_postgresql else nullcontext({})
    with watching as seen:
        months = sum(len(report.months) for report in rollup.roll_up_each_area(rollup.stale_periods()))
    python, wall = time.process_time() - begun, time.perf_counter() - clock
    # The watcher's own connection has ended, and its CPU is in the server's.
    server = None if at_server is None else (cpu_of_server(backend) or 0) - at_server - seen["cpu"]
    return {
        "reminder_queries": len(queries),
        "reminders": reminders,
        "months": months,
        "roll_up": python,
        "server": server,
        "cpu": python + (server or 0),
        "wall": wall,
        "longest_lock": max(locks),
        "longest_held": seen.get("held"),
        "longest_wait": seen.get("waited"),
        "samples": seen.get("samples"),
        "megabytes": most_memory(),
    }


def most_memory() -> float:
    """Return the most memory that this process has held, in MB. `getrusage` also counts that of whoever started it."""
    held = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    return int(held[1]) / 1024 if held else float("nan")


if __name__ == "__main__":
    sys.exit(main())
