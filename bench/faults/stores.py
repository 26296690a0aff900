"""Where does the product keep things during a run? A PostgreSQL or SQLite and a Redis that can be paused, killed and
started again, and a small disk that can be filled."""

import contextlib
import errno
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.services import programs
from tests.services.processes import STOPPED_WITHIN, free_port, make_folder, run_once, server_user, start, write

READY_WITHIN = 60.0  # seconds: PostgreSQL recovers before it answers
WAL_IS = 64  # MB, most of the time


class Disk:
    """A folder on a small disk of its own: a tmpfs of so many bytes, which only root can mount. Without one, or without
    a size, it is on the disk that is there."""

    def __init__(self, folder: Path, *, size: int) -> None:
        self.folder, self.size = folder, size
        self.is_small = False

    def mount(self) -> None:
        self.folder.mkdir()
        if self.size and os.geteuid() == 0:
            options = f"size={self.size},mode=0700"
            done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "vvdash-faults", self.folder], check=False)
            self.is_small = done.returncode == 0
        if user := server_user():
            shutil.chown(self.folder, user=user)

    def unmount(self) -> None:
        if self.is_small:
            subprocess.run(["umount", "--lazy", self.folder], check=True)

    def fill(self) -> None:
        """Leave no byte."""
        with (self.folder / "ballast").open("ab") as ballast, contextlib.suppress(OSError):
            while True:
                _write_all_or_less(ballast.fileno())

    def clear(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)


def _write_all_or_less(file: int) -> None:
    """Write a megabyte, or what there is room for. Raises OSError without room for a byte."""
    size = 1024 * 1024
    while size:
        try:
            os.write(file, b"\0" * size)
        except OSError as full:
            if full.errno != errno.ENOSPC or size == 1:
                raise
            size //= 16
        else:
            return


class Server:
    """A server that may be killed, and comes back on the same port with what it had."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str | Path]:
        raise NotImplementedError

    def is_ready(self) -> bool:
        raise NotImplementedError

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it unless it runs, and wait until it answers."""
        deadline = time.monotonic() + READY_WITHIN
        while True:
            if not self.is_running:
                self.process = start(self.command(), folder=self.folder)
            if self.is_ready():
                return
            if time.monotonic() > deadline:
                words = (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
                raise programs.ServiceError(f"{self.command()[0]} does not answer: {words}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(how)
            try:
                self.process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def pause(self) -> None:
        for pid in self.all_processes():
            send(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self.all_processes():
            send(pid, signal.SIGCONT)

    def all_processes(self) -> list[int]:
        """The server first, so that it makes no more while the others are paused."""
        return [self.process.pid, *children(self.process.pid)] if self.process and self.is_running else []


def send(pid: int, what: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


class RedisServer(Server):
    """In memory only: whatever ends it, its queues are lost."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.password = secrets.token_urlsafe()
        self.file = write(
            folder / "redis.conf",
            f'bind 127.0.0.1\nsave ""\nappendonly no\ndir {folder}\nrequirepass {self.password}\n',
        )

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def command(self) -> list[str | Path]:
        return [programs.find_redis().path, self.file, "--port", str(self.port)]

    def client(self) -> Redis:
        return Redis.from_url(self.url, socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def is_ready(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False


class Postgres(Server):
    """It flushes nothing to disk, but it writes each commit before it says so: no killed process takes one along."""

    kind = "postgres"

    def __init__(self, folder: Path, disk: Disk) -> None:
        super().__init__(folder)
        self.disk, self.data = disk, disk.folder / "data"
        self.password = secrets.token_urlsafe()
        self.program = programs.find_postgres().path

    def make(self, migrated: Path) -> None:
        """Make the cluster, start it, and fill its database with what pg_dump wrote."""
        run_once(
            [
                *(self.program.with_name("initdb"), f"--pgdata={self.data}", "--username=vvdash"),
                f"--pwfile={write(self.folder / 'password', self.password)}",
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            folder=self.folder,
        )
        self.start()
        with contextlib.closing(self.connect("postgres")) as connection:
            connection.cursor().execute("CREATE DATABASE vvdash")
        subprocess.run(
            [self.program.with_name("psql"), "--quiet", "--set=ON_ERROR_STOP=1", f"--file={migrated}", self.url],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @property
    def url(self) -> str:
        return self.url_at(self.port)

    def url_at(self, port: int) -> str:
        return f"postgres://vvdash:{self.password}@127.0.0.1:{port}/vvdash"

    def connect(self, database: str = "vvdash") -> psycopg2.extensions.connection:
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            user="vvdash",
            password=self.password,
            dbname=database,
            application_name="faults",
        )
        connection.autocommit = True
        return connection

    def command(self) -> list[str | Path]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "synchronous_commit": "on",
            "full_page_writes": "off",
            "min_wal_size": "32MB",
            "max_wal_size": f"{WAL_IS}MB",
            "max_connections": "60",
        }
        return [
            self.program,
            "-D",
            self.data,
            f"--port={self.port}",
            *(f"--{key}={value}" for key, value in settings.items()),
        ]

    def is_ready(self) -> bool:
        try:
            with contextlib.closing(self.connect("postgres")) as connection:
                connection.cursor().execute("SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True

    def end_connections(self) -> None:
        with contextlib.closing(self.connect()) as connection:
            connection.cursor().execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = 'vvdash' AND application_name <> 'faults'"
            )

    @contextlib.contextmanager
    def lock(self, table: str) -> Iterator[None]:
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
            cursor.execute("ROLLBACK")


class Sqlite:
    kind = "sqlite"

    def __init__(self, disk: Disk) -> None:
        self.disk, self.file = disk, disk.folder / "vvdash.sqlite3"

    def make(self, migrated: Path) -> None:
        shutil.copyfile(migrated, self.file)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    @contextlib.contextmanager
    def lock(self, _: str) -> Iterator[None]:
        """Of a SQLite database there is one lock only."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")


@contextlib.contextmanager
def stores(kind: str, *, migrated: Path, small: int = 0) -> Iterator[tuple[Postgres | Sqlite, RedisServer]]:
    """Run a database that starts with what was migrated, and a Redis, while the block lasts. With `small`, the database
    is on a disk of so many bytes."""
    with make_folder() as folder, contextlib.ExitStack() as ends:
        disk = Disk(folder / "disk", size=small)
        disk.mount()
        ends.callback(disk.unmount)
        redis = RedisServer(folder)
        ends.callback(redis.stop, signal.SIGKILL)
        redis.start()
        database: Postgres | Sqlite
        if kind == "sqlite":
            database = Sqlite(disk)
        else:
            database = Postgres(folder, disk)
            ends.callback(database.stop, signal.SIGQUIT)
        database.make(migrated)
        yield database, redis
