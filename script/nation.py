"""Measures a morning of a nation: its reminders, and a month of every area rolled up. Makes the nation first, in the
empty database that DATABASE_URL names. Prints JSON.
"""

import argparse
import json
import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--areas", type=int, default=400)
    parser.add_argument("--months", type=int, default=36)
    options = parser.parse_args()
    if os.fork() == 0:
        make(options.areas, options.months)  # in a process of its own: it needs more memory than what we measure
        os._exit(0)
    if os.wait()[1] != 0:
        return 1
    print(json.dumps(measure()))
    return 0


def make(areas: int, months: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("make_national", areas=areas, months=months, stdout=sys.stderr)


def measure() -> dict[str, float]:
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from boards.models import ReportingPeriod
    from core.months import Month
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
    begun, clock = time.process_time(), time.perf_counter()
    months = sum(len(report.months) for report in rollup.roll_up_each_area(rollup.stale_periods()))
    return {
        "reminder_queries": len(queries),
        "reminders": reminders,
        "months": months,
        "roll_up": time.process_time() - begun,
        "wall": time.perf_counter() - clock,
        "longest_lock": max(locks),
        "megabytes": most_memory(),
    }


def most_memory() -> float:
    """Return the most memory that this process has held, in MB. `getrusage` also counts that of whoever started it."""
    held = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    return int(held[1]) / 1024 if held else float("nan")


if __name__ == "__main__":
    sys.exit(main())
