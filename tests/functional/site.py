"""The product as it is served, with the demo in it: a process of its own, which the tests know only
by its address."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import databases

ROOT = Path(__file__).resolve().parents[2]
ENDS_WITHIN = 15  # seconds

COORDINATOR = "coordinator@anytown.example"
STRATEGIC = "strategic@anytown.example"
MEMBER = "csp.member@anytown.example"
LEAD = "police.lead@anytown.example"
COUNTY = "county.lead@county.example"
OPERATOR = "operator@vvdash.example"
SECOND = "second.factor@vvdash.example"  # who has a second factor, and no role
PASSWORD = "anytown-demo-2026"


@dataclass(frozen=True)
class Demo:
    """A database with the demo, to be copied; and the session of each account in it."""

    database: Path
    sessions: Mapping[str, str]


@dataclass(frozen=True)
class Site:
    """A running server: `url` has no slash at its end; `log` is what it said."""

    url: str
    database: Path
    sessions: Mapping[str, str]
    log: Path
    process: int


def make_demo(folder: Path) -> Demo:
    database, sessions = folder / "demo.sqlite3", folder / "sessions.json"

    def make(unfinished: Path) -> None:
        unfinished.mkdir()
        shutil.copyfile(databases.migrated_on_sqlite(), unfinished / database.name)
        made = databases.run("-m", "tests.functional.make_demo", database=f"sqlite:///{unfinished / database.name}")
        (unfinished / sessions.name).write_text(made, encoding="utf-8")

    databases.made_once(folder, make)
    return Demo(database, json.loads(sessions.read_text(encoding="utf-8")))


def environment(database: Path, **settings: str) -> dict[str, str]:
    """Nothing of the developer's own settings."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "vvdash.settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "SESSION_IDLE_MINUTES": "480",  # these tests may take longer than an hour
        **settings,
    }


@contextmanager
def served(demo: Demo, folder: Path, *, host: str = "127.0.0.1", **settings: str) -> Iterator[Site]:
    """Serve a copy of the demo while the block lasts, by the name `host`. `settings` go into its environment."""
    database, log = folder / "site.sqlite3", folder / "log"
    shutil.copyfile(demo.database, database)
    # We listen before the server is there, so that nobody has to wait for it: a browser that comes
    # too early is kept in the queue.
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener, log.open("wb") as words:
        url = f"http://{host}:{listener.getsockname()[1]}"
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "vvdash.wsgi:application"),
                *(f"--bind=fd://{listener.fileno()}", "--workers=1", "--threads=8", "--no-control-socket"),
            ],
            cwd=ROOT,
            env=environment(database, **{"SITE_URL": url} | settings),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            pass_fds=[listener.fileno()],
        )
        try:
            yield Site(url, database, demo.sessions, log, server.pid)
        finally:
            server.terminate()
            server.wait(ENDS_WITHIN)
