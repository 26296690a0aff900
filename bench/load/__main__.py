"""Lets thousands of people have a working day on the product, and measures how long they wait.

Runs nginx as deploy/nginx has it, the site, both workers and beat on a PostgreSQL and a Redis of its own, with
made-up areas of fifty people each, who are signed in. They read, report, look at the plan and at public pages, sign
in, and fetch files and packs. After a third of the time every area's month is rolled up, and one asks for all its
packs.

Prints how long each kind of page took, in milliseconds, the CPU time of each program, and whatever answer was not the
expected one. Exits 1 if there was any.

The people run in one process on the same machine. If they need most of a core, it is they who are slow.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import ROOT
from bench.command_line import forget_settings, make_parser

PEOPLE_OF_AN_AREA = 50
MOST_AREAS = 40
ERRORS_SHOWN = 20
DONE_WITHIN = 60.0  # seconds after the day: what the workers do


def main() -> int:
    parser = make_parser("load", __doc__)
    parser.add_argument("--people", type=int, default=2_000, metavar="N", help="how many (2,000)")
    minutes = "for how long (5); making the areas and people takes a while before"
    parser.add_argument("--minutes", type=float, default=5.0, metavar="N", help=minutes)
    think = "how long somebody thinks between two pages, on average (40)"
    parser.add_argument("--think", type=float, default=40.0, metavar="SECONDS", help=think)
    parser.add_argument("--months", type=int, default=14, metavar="N", help="of each area (14)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed makes the same figures (1)")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep there what each program said")
    parser.add_argument("--migrated", type=Path, help=argparse.SUPPRESS)  # for a test that has such a database
    options = parser.parse_args()
    forget_settings()
    from bench.faults.stores import Postgres, stores
    from tests import databases
    from tests.install.proxy import HOST
    from tests.mail_server import mail_server

    migrated = options.migrated or databases.migrated_dump()
    with (
        tempfile.TemporaryDirectory() as temporary,
        stores("postgres", migrated=migrated) as (database, redis),
        mail_server() as mail,
    ):
        environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "vvdash.settings",
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            "EMAIL_URL": mail.url,
            "SITE_URL": f"https://{HOST}",
            "ALLOWED_HOSTS": HOST,
            "PROXIES": "1",
        }
        os.environ.update(environment)
        import django

        django.setup()
        assert isinstance(database, Postgres)
        folder = options.logs or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        pids = {"PostgreSQL": database.pid, "Redis": redis.pid}
        return run(options, environment, pids, folder)


def run(options: argparse.Namespace, environment: Mapping[str, str], pids: dict[str, int], folder: Path) -> int:
    from bench.faults.programs import running
    from bench.load.cpu import used
    from bench.load.towns import make_day
    from tests.install.proxy import HOST, nginx

    began = time.monotonic()
    areas = max(2, min(MOST_AREAS, options.people // PEOPLE_OF_AN_AREA))
    plan = make_day(areas=areas, months=options.months, people=options.people, seed=options.seed)
    print(f"{options.people:,} people of {areas} areas with {options.months} months: {time.monotonic() - began:.0f} s")
    with running(folder, environment, ahead=timedelta()) as programs, nginx(programs.port) as proxy:
        pids |= {name: program.pid for name, program in programs.all.items()}
        pids["nginx"] = int((proxy.folder / "pid").read_text(encoding="ascii"))
        plan |= {"port": proxy.port, "trust": str(proxy.trust), "name": HOST}
        plan |= {"think": options.think, "seconds": options.minutes * 60}
        before, began = used(pids), time.monotonic()
        done = live(plan, busy_after=plan["seconds"] / 3)
        seconds, after = time.monotonic() - began, used(pids)
    cpu = {name: after[name] - before[name] for name in pids} | {"the people": done["cpu"]}
    tell(done, cpu, seconds)
    return 1 if done["errors"] else 0


def live(plan: Mapping[str, Any], *, busy_after: float) -> dict[str, Any]:
    """Let the people live their day. Meanwhile all areas are rolled up, and a bundle is made."""
    clients = subprocess.Popen(
        [sys.executable, "-m", "bench.load.clients"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert clients.stdin is not None
    clients.stdin.write(json.dumps(plan))
    clients.stdin.close()
    clients.stdin = None  # communicate() would flush it
    time.sleep(busy_after)
    be_busy()
    said, _ = clients.communicate()
    if clients.returncode:
        raise SystemExit("The clients failed.")
    found: dict[str, Any] = json.loads(said)
    deadline = time.monotonic() + DONE_WITHIN
    while (left := left_undone()) and time.monotonic() < deadline:
        time.sleep(1)
    found["errors"] += left
    return found


def be_busy() -> None:
    """Every area's open month is to be rolled up, and one asks for all its packs."""
    from bench.load.towns import busy_sweep
    from boards.models import ReportingPeriod
    from core.tasks import run_due_jobs
    from reporting.months.tasks import sweep_stale
    from reporting.packs.services.issue import ask_bundle
    from reporting.packs.tasks import make_pack_bundle

    busy_sweep()
    sweep_stale.delay()
    period = ReportingPeriod.objects.filter(status="published").order_by("-starts_on", "pk").select_related("area")[0]
    bundle = ask_bundle(period, by=coordinator_of(period))
    make_pack_bundle.delay(bundle.pk)
    run_due_jobs.delay()


def coordinator_of(period: Any) -> Any:
    from core.models import User

    return User.objects.filter(memberships__area=period.area, memberships__role="coordinator").order_by("pk")[0]


def left_undone() -> list[str]:
    """Say what the workers should have done by the end."""
    from reporting.models import PackBundle
    from reporting.months.rollup import stale_periods

    stale = stale_periods().count()
    waiting = PackBundle.objects.filter(file__isnull=True).count()
    return [
        *([f"{stale} months are still stale."] if stale else []),
        *([f"{waiting} bundle is not finished."] if waiting else []),
    ]


def tell(done: Mapping[str, Any], cpu: Mapping[str, float], seconds: float) -> None:
    every = [each for found in done["seconds"].values() for each in found]
    for error in done["errors"][:ERRORS_SHOWN]:
        print(f"ERROR: {error}")
    print(f"{'page':20} {'times':>7} {'p50':>7} {'p95':>7} {'p99':>7} {'most':>7}  ms")
    for kind, found in [*sorted(done["seconds"].items()), ("all", every)]:
        figures = (*centiles(found), max(found) * 1000)
        print(f"{kind:20} {len(found):7,} {' '.join(f'{figure:7.0f}' for figure in figures)}")
    total = sum(cpu.values())
    print(f"{'CPU of':20} {'s':>7} {'cores':>7}")
    for name, used in [*sorted(cpu.items()), ("all", total)]:
        print(f"{name:20} {used:7.1f} {used / seconds:7.2f}")
    print(f"{len(every) / seconds:.1f} requests a second for {seconds:.0f} s. {len(done['errors'])} errors.")


def centiles(found: Sequence[float]) -> tuple[float, float, float]:
    """Return the 50th, 95th and 99th, in milliseconds."""
    cuts = statistics.quantiles([each * 1000 for each in found], n=100, method="inclusive") if len(found) > 1 else []
    return (cuts[49], cuts[94], cuts[98]) if cuts else (found[0] * 1000,) * 3


if __name__ == "__main__":
    sys.exit(main())
