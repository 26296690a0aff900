"""Does the work of script/faults, which says how to use it."""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

KINDS = ("sqlite", "postgres")
DISK, MORE = 320 * 1024 * 1024, 64 * 1024 * 1024  # bytes, and so many more for each hundred faults
MORNING = time(9, 30)  # e-mails are sent by day, and on working days
LONDON = ZoneInfo("Europe/London")


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/faults")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--longest", type=float, default=8.0)
    parser.add_argument("--migrated", type=Path)
    parser.add_argument("--logs", type=Path)
    options = parser.parse_args()
    if options.database == "both":
        # Each in a process of its own: Django has one database for as long as it runs.
        given = [f"--seed={options.seed}", f"--faults={options.faults}", f"--longest={options.longest}"]
        given += [f"--only={kind}" for kind in options.only]
        given += [f"--logs={options.logs}"] if options.logs else []
        ran = [
            subprocess.run([sys.executable, "-m", "bench.faults", *given, f"--database={kind}"], check=False)
            for kind in KINDS
        ]
        return max(each.returncode for each in ran)
    return run(options)


def run(options: argparse.Namespace) -> int:
    from bench.faults.stores import stores
    from tests import databases
    from tests.mail_server import mail_server

    make = {"sqlite": databases.migrated_on_sqlite, "postgres": databases.migrated_dump}[options.database]
    migrated = options.migrated or make()
    with (
        tempfile.TemporaryDirectory() as temporary,
        stores(options.database, migrated=migrated, small=DISK + MORE * (options.faults // 100)) as (database, redis),
        mail_server() as mail,
    ):
        environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "vvdash.settings",
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            "EMAIL_URL": mail.url,
            "ALARMS_TO": "alarms@vvdash.example",
            "SESSION_IDLE_MINUTES": "480",
            "KEY_A_MINUTE": "99999",
            "KEY_AN_HOUR": "999999",
        }
        os.environ.update(environment)
        ahead = use_clock()
        import django

        django.setup()
        from bench.faults.kinds import FAULTS
        from bench.faults.run import run

        if unknown := set(options.only) - FAULTS.keys():
            sys.stderr.write(f"Unknown: {', '.join(unknown)}. There are: {', '.join(FAULTS)}.\n")
            return 2
        folder = options.logs / options.database if options.logs else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        held = run(
            options.seed,
            options.faults,
            database=database,
            redis=redis,
            mail=mail,
            environment=environment,
            ahead=ahead,
            folder=folder,
            only=options.only,
            longest=options.longest,
        )
    return 0 if held else 1


def use_clock() -> timedelta:
    """Let it be the morning of a working day in London, here and in all programs. Return how far that is ahead."""
    from django.utils import timezone

    from core.workdays import this_or_next_working_day

    now = datetime.now(UTC)
    day = this_or_next_working_day(now.astimezone(LONDON).date())
    ahead = datetime.combine(day, MORNING, LONDON) - now
    timezone.now = lambda: datetime.now(UTC) + ahead
    return ahead


if __name__ == "__main__":
    sys.exit(main())
