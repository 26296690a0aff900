"""A PostgreSQL and a Redis of the tests' own."""

import contextlib
import secrets
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.services import programs
from tests.services.processes import make_folder, run_once, say, serve, write


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run PostgreSQL with an empty database while the block lasts; yields its DATABASE_URL.

    Nothing is flushed to disk: fast, and of no use after a crash. The role is a superuser,
    since Django makes its test databases with it.
    Raises ServiceError when PostgreSQL is not installed or does not start.
    """
    # To plan a query over a few rows takes longer than to run it. These make a third less of it, and change no answer.
    quick_plans = {"join_collapse_limit": "4", "from_collapse_limit": "4", "jit": "off"}
    with make_folder() as folder, make_cluster(folder).running(**quick_plans) as url:
        yield url


@dataclass(frozen=True)
class Cluster:
    """PostgreSQL's files, and the password to them. It can run, end and run again."""

    folder: Path
    password: str

    @contextlib.contextmanager
    def running(self, *, at: str = "", **settings: str) -> Iterator[str]:
        """Run it while the block lasts; yields its DATABASE_URL. `at`: the URL that it had before."""
        usual = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        options = [f"--{key}={value}" for key, value in (usual | settings).items()]
        with serve(
            lambda port: [programs.find_postgres().path, "-D", self.folder / "data", f"--port={port}", *options],
            is_ready=self._has_database,
            stop=signal.SIGINT,  # PostgreSQL's fast shutdown, which does not wait for clients
            folder=self.folder,
            port=urlsplit(at).port,
        ) as port:
            yield f"postgres://vvdash:{self.password}@127.0.0.1:{port}/vvdash"

    def _has_database(self, port: int) -> bool:
        """Return whether it answers. Make its database, unless it is there."""
        try:
            connection = psycopg2.connect(
                host="127.0.0.1", port=port, user="vvdash", password=self.password, dbname="postgres"
            )
        except psycopg2.OperationalError:
            return False
        with contextlib.closing(connection), contextlib.suppress(psycopg2.errors.DuplicateDatabase):
            connection.autocommit = True
            connection.cursor().execute("CREATE DATABASE vvdash")
        return True


def make_cluster(folder: Path, *options: str) -> Cluster:
    """Make PostgreSQL's files in a folder that the servers' user can write. `options` are initdb's."""
    program = programs.find_postgres()
    say(f"PostgreSQL {program}")
    password = secrets.token_urlsafe()
    run_once(
        [
            program.path.with_name("initdb"),
            f"--pgdata={folder / 'data'}",
            "--username=vvdash",
            f"--pwfile={write(folder / 'password', password)}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            *options,
        ],
        folder=folder,
    )
    return Cluster(folder, password)


# Seconds. A standby takes no connection while the primary has an open transaction of more than 64 savepoints, and a
# module of tests that another process runs may be one.
STANDBY_WITHIN = 240.0


@contextlib.contextmanager
def standby(url: str) -> Iterator[str]:
    """Run a standby that follows the PostgreSQL of `postgres()` at this URL; yields its own URL.

    Raises ServiceError when it does not start.
    """
    program, primary = programs.find_postgres(), urlsplit(url)

    def is_ready(port: int) -> bool:
        try:
            psycopg2.connect(_at(url, port)).close()
        except psycopg2.OperationalError:
            return False
        return True

    with make_folder() as folder:
        data = folder / "data"
        passes = write(folder / "pgpass", f"*:*:*:*:{primary.password}\n")
        source = f"host=127.0.0.1 port={primary.port} user={primary.username} passfile={passes}"
        copy = [f"--pgdata={data}", "--dbname", source, "--checkpoint=fast", "--no-sync", "--write-recovery-conf"]
        run_once([program.path.with_name("pg_basebackup"), *copy], folder=folder)
        options = ["--listen_addresses=127.0.0.1", f"--unix_socket_directories={folder}", "--fsync=off"]
        with serve(
            lambda port: [program.path, "-D", data, f"--port={port}", *options],
            is_ready=is_ready,
            stop=signal.SIGINT,
            folder=folder,
            within=STANDBY_WITHIN,
        ) as port:
            yield _at(url, port)


def _at(url: str, port: int) -> str:
    return url.replace(f":{urlsplit(url).port}/", f":{port}/")


@contextlib.contextmanager
def redis(*, at: str = "") -> Iterator[str]:
    """Run an empty Redis, kept in memory only, while the block lasts; yields its REDIS_URL. `at`: the URL of one that
    was there before, and comes back.

    Raises ServiceError when Redis is not installed or does not start.
    """
    program = programs.find_redis()
    say(f"Redis {program}")
    before = urlsplit(at)
    password = before.password or secrets.token_urlsafe()

    def is_ready(port: int) -> bool:
        try:
            with Redis(host="127.0.0.1", port=port, password=password, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except RedisError:
            return False

    with make_folder() as folder:
        configuration = write(
            folder / "redis.conf",
            f'bind 127.0.0.1\nsave ""\nappendonly no\ndir {folder}\nrequirepass {password}\n',
        )
        with serve(
            lambda port: [program.path, configuration, "--port", str(port)],
            is_ready=is_ready,
            stop=signal.SIGTERM,
            folder=folder,
            port=before.port,
        ) as port:
            yield f"redis://default:{password}@127.0.0.1:{port}/0"
