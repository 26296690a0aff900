"""How do the tests start a server of their own, wait for it, and end it?

Each runs in a temporary folder, as an unprivileged user, on a free port of the loopback address.
"""

import contextlib
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.services.programs import ServiceError

READY_WITHIN = 30.0  # seconds
STOPPED_WITHIN = 15.0  # seconds
TRIES = 3  # another process may take the free port before the server does

# Not tempfile's default: a socket's path has at most 107 bytes, and the unprivileged user
# that a server runs as must be able to reach the folder.
TEMPORARY = Path("/tmp")
# Servers see none of our environment, so that no PGDATA or LC_ALL of a developer steers them.
SERVER_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}


def say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def server_user() -> str | None:
    """Name whom servers run as: PostgreSQL refuses to run as root. None: as we do."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name for user in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in users:
            return name
    raise ServiceError("Servers do not run as root, and there is no user postgres or nobody.")


@contextlib.contextmanager
def make_folder() -> Iterator[Path]:
    """Make a folder that only the servers' user and root can enter, while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="vvdash-", dir=TEMPORARY) as name:
        if user := server_user():
            shutil.chown(name, user=user, group=pwd.getpwnam(user).pw_gid)
        yield Path(name)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    if user := server_user():
        shutil.chown(path, user=user)
    path.chmod(0o600)
    return path


def start(command: Sequence[str | Path], *, folder: Path) -> subprocess.Popen[bytes]:
    """Start a program as the servers' user, its words going to `log` in the folder."""
    user = server_user()
    # Should we be killed, the server is to go too.
    setpriv = shutil.which("setpriv")
    prefix = [setpriv, "--pdeathsig=TERM"] if setpriv else []
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [*prefix, *command],
            cwd=folder,
            env=SERVER_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # so that Ctrl-C at a terminal reaches the tests only
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )


def run_once(command: Sequence[str | Path], *, folder: Path) -> None:
    if start(command, folder=folder).wait():
        raise ServiceError(f"{command[0]} failed: {_last_words(folder)}")


def _last_words(folder: Path) -> str:
    lines = (folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "it said nothing."


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def serve(
    command: Callable[[int], Sequence[str | Path]],
    *,
    is_ready: Callable[[int], bool],
    stop: signal.Signals,
    folder: Path,
    port: int | None = None,
    within: float = READY_WITHIN,
) -> Iterator[int]:
    """Run `command(port)` while the block lasts; yields the port once it answers. Without one, a port that is free.

    `is_ready(port)` says whether it does. Raises ServiceError when it doesn't `within` as many seconds.
    """
    wanted = port
    for _ in range(TRIES):
        port = wanted or free_port()
        process = start(command(port), folder=folder)
        try:
            if wait_until_ready(process, functools.partial(is_ready, port), within):
                yield port
                return
        finally:
            end(process, stop)
    raise ServiceError(f"{command(0)[0]} did not start: {_last_words(folder)}")


def wait_until_ready(
    process: subprocess.Popen[bytes], is_ready: Callable[[], bool], within: float = READY_WITHIN
) -> bool:
    deadline = time.monotonic() + within
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return True
        time.sleep(0.02)
    return False


def end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(stop)
        try:
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def read_pss(process: int) -> float:
    """Return the megabytes of a process, with its share of what it shares with others."""
    rows = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()
    return next(int(row.split()[1]) / 1024 for row in rows if row.startswith("Pss:"))
