"""Where the real servers and programs that the tests need come from.

`postgres()` and `redis()` start a server of our own in a temporary folder, on a free port
of the loopback address, and end it again by its process id. They are for fixtures; a script
runs a command against them with

    python -m tests.services postgres redis -- command …

which sets DATABASE_URL and REDIS_URL for the command. `--missing` prints the Debian packages
that this machine lacks for the tests, one a line.
"""

import contextlib
import dataclasses
import functools
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import psycopg2
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

# The majors in production; docker-compose.yml names the same, and a test looks.
# The tests use them where they are installed, otherwise the nearest newer one.
POSTGRES_MAJOR = 15
REDIS_MAJOR = 8

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
READY_WITHIN = 30.0  # seconds
STOPPED_WITHIN = 15.0  # seconds
TRIES = 3  # another process may take the free port before the server does

# Not tempfile's default: a socket's path has at most 107 bytes, and the unprivileged user
# that a server runs as must be able to reach the folder.
TEMPORARY = Path("/tmp")
# Servers see none of our environment, so that no PGDATA or LC_ALL of a developer steers them.
SERVER_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}

USAGE = """Usage: python -m tests.services [postgres] [redis] -- COMMAND…
       python -m tests.services --missing"""


class ServiceError(Exception):
    """A program that the tests need is missing or would not start; the message is a sentence."""


@dataclasses.dataclass(frozen=True)
class Program:
    """An installed server: its path and its version, as `(15, 18)`."""

    path: Path
    version: tuple[int, ...]

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.version))} ({self.path})"


def find_postgres() -> Program:
    """Find PostgreSQL's server.

    Raises ServiceError when none of the declared major or newer is installed.
    """
    kept_by_debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return choose("PostgreSQL", POSTGRES_MAJOR, [*kept_by_debian, *_on_path("postgres")])


def find_redis() -> Program:
    """Find Redis's server.

    Raises ServiceError when none of the declared major or newer is installed.
    """
    return choose("Redis", REDIS_MAJOR, _on_path("redis-server"))


def find_browser() -> Path:
    """Find Chromium, or Chrome in its place.

    Raises ServiceError when neither is installed.
    """
    if found := _on_path(*BROWSERS):
        return found[0]
    raise ServiceError(f"No browser is installed (looked for {', '.join(BROWSERS)}).")


def find_poppler() -> Path:
    """Find the programs that read a PDF back; returns their folder.

    Raises ServiceError when one of them is missing.
    """
    found = [*_on_path("pdftotext"), *_on_path("pdftoppm")]
    if len(found) == 2:
        return found[0].parent
    raise ServiceError("pdftotext and pdftoppm are not both installed.")


def find_font() -> Path:
    """Find a font for the browser: without any, pages come out without letters.

    Raises ServiceError when none is installed.
    """
    for folder in (Path("/usr/share/fonts"), Path("/usr/local/share/fonts")):
        for font in folder.rglob("*.[to]tf"):
            return font
    raise ServiceError("No font is installed.")


def missing_packages() -> list[str]:
    """Name the Debian packages that the tests need and this machine lacks."""
    needed: Mapping[str, Callable[[], object]] = {
        "chromium": find_browser,
        "fonts-dejavu-core": find_font,
        "poppler-utils": find_poppler,
        "postgresql": find_postgres,
        "redis-server": find_redis,
    }
    missing = []
    for package, find in needed.items():
        try:
            find()
        except ServiceError:
            missing.append(package)
    return missing


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run PostgreSQL with an empty database while the block lasts; yields its DATABASE_URL.

    Nothing is flushed to disk: fast, and of no use after a crash. The role is a superuser,
    since Django makes its test databases with it.
    Raises ServiceError when PostgreSQL is not installed or does not start.
    """
    program = find_postgres()
    _say(f"PostgreSQL {program}")
    password = secrets.token_urlsafe()

    def is_ready(port: int) -> bool:
        try:
            connection = psycopg2.connect(
                host="127.0.0.1", port=port, user="vvdash", password=password, dbname="postgres"
            )
        except psycopg2.OperationalError:
            return False
        with contextlib.closing(connection):
            connection.autocommit = True
            connection.cursor().execute("CREATE DATABASE vvdash")
        return True

    with _folder() as folder:
        data = folder / "data"
        _run_once(
            [
                program.path.with_name("initdb"),
                f"--pgdata={data}",
                "--username=vvdash",
                f"--pwfile={_write(folder / 'password', password)}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            folder=folder,
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        options = [f"--{key}={value}" for key, value in settings.items()]
        with _served(
            lambda port: [program.path, "-D", data, f"--port={port}", *options],
            is_ready=is_ready,
            stop=signal.SIGINT,  # PostgreSQL's fast shutdown, which does not wait for clients
            folder=folder,
        ) as port:
            yield f"postgres://vvdash:{password}@127.0.0.1:{port}/vvdash"


@contextlib.contextmanager
def redis(*, at: str = "") -> Iterator[str]:
    """Run an empty Redis, kept in memory only, while the block lasts; yields its REDIS_URL. `at`: the URL of one that
    was there before, and comes back.

    Raises ServiceError when Redis is not installed or does not start.
    """
    program = find_redis()
    _say(f"Redis {program}")
    before = urlsplit(at)
    password = before.password or secrets.token_urlsafe()

    def is_ready(port: int) -> bool:
        try:
            with Redis(host="127.0.0.1", port=port, password=password, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except RedisError:
            return False

    with _folder() as folder:
        configuration = _write(
            folder / "redis.conf",
            f'bind 127.0.0.1\nsave ""\nappendonly no\ndir {folder}\nrequirepass {password}\n',
        )
        with _served(
            lambda port: [program.path, configuration, "--port", str(port)],
            is_ready=is_ready,
            stop=signal.SIGTERM,
            folder=folder,
            port=before.port,
        ) as port:
            yield f"redis://default:{password}@127.0.0.1:{port}/0"


SERVICES: Mapping[str, tuple[str, Callable[[], contextlib.AbstractContextManager[str]]]] = {
    "postgres": ("DATABASE_URL", postgres),
    "redis": ("REDIS_URL", redis),
}


def run(command: Sequence[str], *, services: Sequence[str]) -> int:
    """Run a command against the named services; returns its exit status.

    Raises ServiceError when a service does not start.
    """
    environment = dict(os.environ)
    with contextlib.ExitStack() as stack:
        for name in services:
            variable, start = SERVICES[name]
            environment[variable] = stack.enter_context(start())
        child = subprocess.Popen(command, env=environment)
        # Ctrl-C reaches the command by itself; we only stay to stop the servers after it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

        def pass_on(number: int, _frame: FrameType | None) -> None:
            child.send_signal(number)

        signal.signal(signal.SIGTERM, pass_on)
        status = child.wait()
    return status if status >= 0 else 128 - status  # ended by a signal: as a shell says it


def main(arguments: Sequence[str]) -> int:
    """Do what the top of this file says; returns the exit status."""
    if list(arguments) == ["--missing"]:
        sys.stdout.writelines(f"{package}\n" for package in missing_packages())
        return 0
    services = list(arguments)
    command: list[str] = []
    if "--" in services:
        split = services.index("--")
        services, command = services[:split], services[split + 1 :]
    if not command or not set(services) <= SERVICES.keys():
        _say(USAGE)
        return 2
    try:
        return run(command, services=services)
    except ServiceError as error:
        _say(str(error))
        return 1


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def _on_path(*names: str) -> list[Path]:
    return [Path(found) for name in names if (found := shutil.which(name))]


def choose(name: str, major: int, paths: Sequence[Path]) -> Program:
    """Take the declared major, else the nearest newer one."""
    programs = [program for path in paths if (program := _ask_version(path))]
    fitting = [program for program in programs if program.version[0] >= major]
    if fitting:
        return min(fitting, key=lambda program: program.version[0])
    found = ", ".join(map(str, programs)) or "none"
    raise ServiceError(f"{name} {major} or newer is not installed (found: {found}).")


def _ask_version(path: Path) -> Program | None:
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    digits = re.search(r"(?:\bv=|\) )(\d+(?:\.\d+)*)", answer.stdout)
    if answer.returncode or not digits:
        return None
    return Program(path, tuple(map(int, digits[1].split("."))))


def _server_user() -> str | None:
    """Name whom servers run as: PostgreSQL refuses to run as root. None: as we do."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name for user in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in users:
            return name
    raise ServiceError("Servers do not run as root, and there is no user postgres or nobody.")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder that only the servers' user and root can enter, while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="vvdash-", dir=TEMPORARY) as name:
        if user := _server_user():
            shutil.chown(name, user=user, group=pwd.getpwnam(user).pw_gid)
        yield Path(name)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    if user := _server_user():
        shutil.chown(path, user=user)
    path.chmod(0o600)
    return path


def _start(command: Sequence[str | Path], *, folder: Path) -> subprocess.Popen[bytes]:
    """Start a program as the servers' user, its words going to `log` in the folder."""
    user = _server_user()
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


def _run_once(command: Sequence[str | Path], *, folder: Path) -> None:
    if _start(command, folder=folder).wait():
        raise ServiceError(f"{command[0]} failed: {_last_words(folder)}")


def _last_words(folder: Path) -> str:
    lines = (folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return " / ".join(lines[-3:]) or "it said nothing."


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def _served(
    command: Callable[[int], Sequence[str | Path]],
    *,
    is_ready: Callable[[int], bool],
    stop: signal.Signals,
    folder: Path,
    port: int | None = None,
) -> Iterator[int]:
    """Run `command(port)` while the block lasts; yields the port once it answers. Without one, a port that is free.

    `is_ready(port)` says whether it does. Raises ServiceError when it never does.
    """
    wanted = port
    for _ in range(TRIES):
        port = wanted or _free_port()
        process = _start(command(port), folder=folder)
        try:
            if _wait_until_ready(process, functools.partial(is_ready, port)):
                yield port
                return
        finally:
            _end(process, stop)
    raise ServiceError(f"{command(0)[0]} did not start: {_last_words(folder)}")


def _wait_until_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return True
        time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(stop)
        try:
            process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
