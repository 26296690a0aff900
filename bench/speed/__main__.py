"""Measures the product's speed, and says whether each figure meets its target. Exits 1 if one doesn't.

On a new database with the demonstration: PostgreSQL, of our own in a temporary folder, and then SQLite. Each page
goes through the WSGI handler with all middleware, signed in, on an open connection to PostgreSQL. The floor is a
signed-in view that answers "ok", and is taken before each page. For each page, prints medians: time on the clock; CPU
as a multiple of the floor, beside its target; CPU of ours and of the database's process; and queries.

Then gunicorn answers each of these pages on eight connections: how many a second, and the time within which 99 in
100 answers come. A page made anew isn't among them, since a running server can't be asked for it.

Then what machines ask, packs, imports, the roll-up, the plan and a morning of a hundred areas. Most of these spend
their time in Python, so they run on SQLite only. `python -m bench.visit` has the bytes of a visit.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import ROOT
from bench.command_line import forget_settings, make_parser
from bench.speed import figures, load, machines, nation, packs, pages, work
from bench.speed.floor import add_floor
from bench.speed.making import analyze
from bench.speed.report import Report
from tests.services import postgres

type Part = Callable[[Report, argparse.Namespace], None]
BOTH, POSTGRES, SQLITE = ("PostgreSQL", "SQLite"), ("PostgreSQL",), ("SQLite",)
# In this order: what each leaves in the database comes after what it would slow down. Most parts spend their time in
# Python, so they are measured on one database.
PARTS: dict[str, tuple[tuple[str, ...], Part]] = {
    "pages": (POSTGRES, lambda report, _: pages.pages(report)),
    "load": (BOTH, lambda report, _: load.load(report)),
    "machines": (POSTGRES, lambda report, _: machines.machines(report)),
    "packs": (SQLITE, lambda report, _: packs.bench_packs(report)),
    "figures": (SQLITE, lambda report, given: figures.figures(report, given.folder, given.police)),
    "work": (SQLITE, lambda report, given: work.work(report, given.folder)),
    "plan": (BOTH, lambda report, _: work.bench_plan(report)),
    "nation": (SQLITE, lambda report, given: nation.nation(report, given.folder)),
}


def main() -> int:
    parser = make_parser("speed", __doc__)
    some = f"measure some of {', '.join(PARTS)}"
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=some)
    where = f"measure on {' or '.join(BOTH)} alone"
    parser.add_argument("--on", nargs="+", choices=BOTH, default=list(BOTH), metavar="DATABASE", help=where)
    parser.add_argument("--rounds", type=int, default=100, metavar="N", help="measure each page N times (100)")
    police = "import this street-level CSV of data.police.uk instead of a made-up month of 17,000 rows"
    parser.add_argument("--police", type=Path, metavar="FILE", help=police)
    # For ourselves: in the database of DATABASE_URL, which is empty.
    parser.add_argument("--here", choices=BOTH, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        return measure_on(given.here, given)
    forget_settings()
    asked = [on for on in given.on if any(on in PARTS[part][0] for part in given.only)]
    missed = [database for database in asked if measure_apart(database)]
    return 1 if missed else 0


def measure_apart(database: str) -> int:
    """Measure on one database, in a process of its own: each has its own settings."""
    print(f"On {database}:", flush=True)
    with empty_database(database) as url:
        command = [sys.executable, "-m", "bench.speed", *sys.argv[1:], "--here", database]
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


@contextlib.contextmanager
def empty_database(database: str) -> Iterator[str]:
    if database == "PostgreSQL":
        with postgres() as url:
            yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


def measure_on(database: str, given: argparse.Namespace) -> int:
    fill()
    report = Report(database, rounds=given.rounds)
    with tempfile.TemporaryDirectory() as folder:
        given.folder = Path(folder)
        for part in (part for part in PARTS if part in given.only):
            databases, run = PARTS[part]
            if database in databases:
                run(report, given)
    return report.verdict()


def fill() -> None:
    """Make the demonstration, in a process of its own: it would leave its garbage and its modules in this one."""
    commands = (["migrate", "-v0"], ["load_demo", "-v0"])
    for command in commands:
        told = [sys.executable, str(ROOT / "manage.py"), *command]
        subprocess.run(told, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    import django

    django.setup()
    from django.db import connection

    analyze()
    connection.settings_dict["CONN_MAX_AGE"] = None  # one connection for everything that we compare
    add_floor()


if __name__ == "__main__":
    sys.exit(main())
