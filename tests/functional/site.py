"""The product as it is served, with the demo in it: a process of its own, which the tests know only
by its address."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep

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
    process: int = 0  # the server's, once it runs


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
    with _started(demo, folder, "vvdash.wsgi:application", host=host, **settings) as (site, _):
        yield site


@contextmanager
def served_anew(demo: Demo, folder: Path) -> Iterator[Callable[[], Site]]:
    """Serve a copy of the demo while the block lasts. What it yields ends all that the server knows, and serves another
    copy by the same address.

    The server has the product loaded and forks, so that a test waits half a second for its own, and not two.
    """
    with _started(demo, folder, "tests.functional.loaded:application", "--preload") as (site, server):

        def renew() -> Site:
            children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
            old = _wait_for(lambda: children.read_text().split())[0]
            os.kill(int(old), signal.SIGSTOP)  # or it might write to the new copy
            _copy(demo, site)
            os.kill(int(old), signal.SIGKILL)
            _wait_for(lambda: not Path(f"/proc/{old}").exists())
            return site

        yield renew


@contextmanager
def _started(
    demo: Demo, folder: Path, application: str, *options: str, host: str = "127.0.0.1", **settings: str
) -> Iterator[tuple[Site, subprocess.Popen[bytes]]]:
    # We listen before the server is there, so that nobody has to wait for it: a browser that comes
    # too early is kept in the queue.
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        site = Site(
            f"http://{host}:{listener.getsockname()[1]}", folder / "site.sqlite3", demo.sessions, folder / "log"
        )
        _copy(demo, site)
        with site.log.open("ab") as words:
            server = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", application, *options),
                    *(f"--bind=fd://{listener.fileno()}", "--workers=1", "--threads=8", "--no-control-socket"),
                ],
                cwd=ROOT,
                env=environment(site.database, **{"SITE_URL": site.url} | settings),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                pass_fds=[listener.fileno()],
            )
        try:
            yield replace(site, process=server.pid), server
        finally:
            server.terminate()
            server.wait(ENDS_WITHIN)


def _copy(demo: Demo, site: Site) -> None:
    """Put a new copy in the place of whatever is there, and forget what the server said."""
    for old in site.database.parent.glob(f"{site.database.name}*"):  # SQLite keeps two more files beside it
        old.unlink()
    shutil.copyfile(demo.database, site.database)
    site.log.write_bytes(b"")


def _wait_for[Found](look: Callable[[], Found]) -> Found:
    ends = monotonic() + ENDS_WITHIN
    while not (found := look()):
        assert monotonic() < ends
        sleep(0.005)
    return found
