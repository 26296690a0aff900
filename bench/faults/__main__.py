"""Makes things go wrong while people write, and looks whether anything acknowledged is lost.

Runs the site, both workers and beat on servers of its own, and lets people write by HTTP while one thing after
another goes wrong: programs are killed, databases paused, restarted or deaf, disks full, clocks wrong, mail servers
mute. At the end each acknowledged write must be there once and whole, no other one twice, the chains of the record
whole, no month stale, every email sent once by its name, and no file half made.

Prints each fault before it happens, then what came of it, and what is wrong at the end. The seed decides everything:
the same seed makes the same run. Exits 1 if anything is lost, doubled, spoilt or left behind, 2 for wrong arguments.

A full disk is a small one of its own, which only root can mount. For anybody else, no disk is full.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.command_line import forget_settings, make_parser

KINDS = ("sqlite", "postgres")
DISK, MORE = 320 * 1024 * 1024, 64 * 1024 * 1024  # bytes, and so many more for each hundred faults
MORNING = time(9, 30)  # emails are sent by day, and on working days
LONDON = ZoneInfo("Europe/London")


def main() -> int:
    parser = make_parser("faults", __doc__)
    seed = "the run to make (one by chance, which the first line names)"
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), metavar="N", help=seed)
    many = "how many (30, which take about four minutes on each database)"
    parser.add_argument("--faults", type=int, default=30, metavar="N", help=many)
    where = "on one, or on both after each other (both)"
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both", help=where)
    only = "only faults of this kind, as a run prints it; may be repeated"
    parser.add_argument("--only", action="append", default=[], metavar="KIND", help=only)
    longest = "no fault lasts longer (8); a lock always lasts 10"
    parser.add_argument("--longest", type=float, default=8.0, metavar="SECONDS", help=longest)
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep there what each program said")
    parser.add_argument("--migrated", type=Path, help=argparse.SUPPRESS)  # for a test that has such a database
    options = parser.parse_args()
    forget_settings()
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

    from core.calendar import this_or_next_working_day

    now = datetime.now(UTC)
    day = this_or_next_working_day(now.astimezone(LONDON).date())
    ahead = datetime.combine(day, MORNING, LONDON) - now
    timezone.now = lambda: datetime.now(UTC) + ahead
    return ahead


if __name__ == "__main__":
    sys.exit(main())
