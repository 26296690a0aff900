"""The product on eight hosts: two of each kind, Redis and the witness, as "Set it up" in
docs/run/hosts.md says. bench.hosts runs it, and tests/machines/test_hosts.py kills each in turn."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from tests import databases
from tests.machines.network import Host, Network, Program
from tests.services import processes
from tests.services.programs import find_pgbouncer, find_postgres, find_redis

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PASSWORD = "a-password-of-the-tests"
SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"
HOSTS = ("db1", "db2", "web1", "web2", "work1", "work2", "redis", "witness", "visitors")
OTHER = {"db1": "db2", "db2": "db1", "web1": "web2", "web2": "web1", "work1": "work2", "work2": "work1"}
SOON = 60.0


@dataclass(frozen=True)
class Written:
    """One try to save a text, as whoever wrote it heard of it."""

    who: str
    text: str
    sent: float
    heard: float
    by: str
    why: str

    @property
    def is_acknowledged(self) -> bool:
        return not self.why


class Site:
    """The hosts, what runs on them, and what people were told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.network = Network(folder, HOSTS)
        self.postgres = find_postgres().path.parent
        self.primary = "db1"

    def __getitem__(self, name: str) -> Host:
        return self.network[name]

    @property
    def standby(self) -> str:
        return OTHER[self.primary]

    def database_url(self, name: str = "vvdash") -> str:
        hosts = ",".join(f"{self[host].address}:6432" for host in ("db1", "db2"))
        return f"postgres://vvdash:{PASSWORD}@{hosts}/{name}"

    # --- Setting it up

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        with self.network.standing():
            self._set_up_databases()
            self.made = self._make_town()
            self._set_up_the_others()
            for name in ("redis", "witness", "work1", "work2", "web1", "web2"):
                self[name].boot()
            for name in ("web1", "web2"):
                wait_until(lambda name=name: self.answers(name), what=f"{name} answers")
            self.wait_until_safe()
            yield

    def _set_up_databases(self) -> None:
        for name in ("db1", "db2"):
            self._configure(name)
        initdb = self.postgres / "initdb"
        self["db1"].run(initdb, "-D", self.data("db1"), "--username=postgres", "--locale=C.UTF-8", "--no-sync")
        shutil.copy(self._hba, self.data("db1") / "pg_hba.conf")
        self["db1"].boot()
        wait_until(lambda: self.can_ask("db1"), what="db1 answers")
        for statement in (DEPLOY / "postgresql" / "roles.sql").read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                self.ask("db1", statement)
        for role in ("vvdash", "replicator", "witness"):
            self.ask("db1", f"ALTER ROLE {role} PASSWORD '{PASSWORD}'")
        self["db2"].run(
            *(self.postgres / "pg_basebackup", "-D", self.data("db2"), "--checkpoint=fast", "--no-sync"),
            *("-d", f"host={self['db1'].address} user=replicator passfile={self._passes}"),
        )
        (self.data("db2") / "standby.signal").touch()
        self["db2"].boot()

    def _configure(self, name: str) -> None:
        """Write the files of deploy/ as an operator does, with this host's name, addresses and passwords."""
        host, other = self[name], self[OTHER[name]]
        self._passes = processes.write(self.folder / "pgpass", f"*:*:*:*:{PASSWORD}\n")
        self._hba = processes.write(
            self.folder / "pg_hba.conf",
            "local all all trust\nhost all all samenet scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"
            "host replication replicator samenet scram-sha-256\n",
        )
        text = (DEPLOY / "postgresql" / "vvdash.conf").read_text(encoding="utf-8")
        follows = f"'host={other.address} user=replicator passfile={self._passes}'"
        text = replaced(text, r"^cluster_name = .*", f"cluster_name = '{name}'")
        text = replaced(text, r"^primary_conninfo = .*", f"primary_conninfo = {follows}")
        text += f"listen_addresses = '*'\nhba_file = '{self._hba}'\nunix_socket_directories = '{self.sockets(name)}'\n"
        config = processes.write(self.folder / f"{name}.conf", text)
        self.sockets(name).mkdir()
        self.data(name).mkdir(mode=0o700)
        for each in (self.sockets(name), self.data(name)):
            shutil.chown(each, user=processes.server_user())
        bouncer = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text(encoding="utf-8")
        users = processes.write(self.folder / f"{name}.users", f'"vvdash" "{PASSWORD}"\n')
        bouncer = replaced(bouncer, r"^auth_file = .*", f"auth_file = {users}")
        bouncer = replaced(bouncer, r"^(logfile|pidfile) = .*\n", "", times=2)
        ini = processes.write(self.folder / f"{name}.ini", bouncer)
        command = [str(self.postgres / "postgres"), "-D", str(self.data(name)), "-c", f"config_file={config}"]
        host.programs = [Program(command, stays=False), Program([find_pgbouncer(), "--quiet", ini])]

    def _make_town(self) -> dict[str, str]:
        kept = databases.made_once(databases.KEPT / f"dumped-{databases.code()}.sql", self._migrate)
        processes.write(self.folder / "dump.sql", kept.read_text(encoding="utf-8"))
        self._on_db1("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={self.folder / 'dump.sql'}")
        return json.loads(self._manage("-m", "tests.machines.make_site"))

    def _migrate(self, dump: Path) -> None:
        """It takes a minute, so what it makes is kept for the next time."""
        for old in dump.parent.glob("dumped-*"):
            old.unlink()
        self._manage("manage.py", "migrate", "--verbosity=0")
        self._on_db1("pg_dump", f"--file={self.folder / 'dump'}")
        shutil.copy(self.folder / "dump", dump)
        self.ask("db1", "DROP DATABASE vvdash")
        self.ask("db1", "CREATE DATABASE vvdash OWNER vvdash")

    def _manage(self, *arguments: str) -> str:
        """Run Python through PostgreSQL itself: a pooler's limits are too short to migrate."""
        url = f"postgres://vvdash:{PASSWORD}@{self['db1'].address}:5432/vvdash"
        names = {"DJANGO_SETTINGS_MODULE": "vvdash.settings", "DATABASE_URL": url, "SECRET_KEY": SECRET_KEY}
        done = subprocess.run(
            self["visitors"].wrap([sys.executable, *arguments]),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **names},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _on_db1(self, program: str, *arguments: str) -> None:
        where = (f"--host={self.sockets('db1')}", "--username=postgres", "--dbname=vvdash")
        self["db1"].run(self.postgres / program, *where, *arguments)

    def _set_up_the_others(self) -> None:
        redis = ("--bind", "0.0.0.0", "--save", "", "--requirepass", PASSWORD, "--dir", self.folder)
        self["redis"].programs = [Program([find_redis().path, *redis])]
        python = sys.executable
        common = {
            "DB_POOLED": "1",
            "REDIS_URL": f"redis://default:{PASSWORD}@{self['redis'].address}:6379/0",
            "SECRET_KEY": SECRET_KEY,
            "LOG_LEVEL": "INFO",
        }
        for name in ("web1", "web2"):
            address = f"{self[name].address}:8000"
            settings = {"ALLOWED_HOSTS": "*", "SITE_URL": f"http://{address}", "DATABASE_URL": self.database_url()}
            command = [python, "-m", "gunicorn", "vvdash.wsgi:application", f"--bind={address}", "--workers=8"]
            options = ["--no-control-socket"]
            self[name].programs = [self._ours([*command, *options], common | settings)]
        for name in ("work1", "work2"):
            settings = common | {"DATABASE_URL": self.database_url("vvdash_worker")}
            celery = [python, "-m", "celery", "--app"]
            worker = [*celery, "vvdash", "worker", "--concurrency=1", "--loglevel=INFO", f"--hostname={name}"]
            beat = [*celery, "vvdash.beat", "beat", "--pidfile=", f"--schedule={self.folder / name}"]
            self[name].programs = [self._ours(worker, settings), self._ours(beat, settings)]
        dsns = [f"{name}=host={self[name].address} user=witness dbname=postgres" for name in ("db1", "db2")]
        witness = [python, str(DEPLOY / "failover.py"), f"--state={self.folder / 'witness.json'}", *dsns]
        self["witness"].programs = [Program(witness, {"PGPASSFILE": str(self._passes)}, is_server=False)]

    def _ours(self, command: list[str], settings: dict[str, str]) -> Program:
        """A program of the product. It runs as we do: others may not be able to read the project."""
        return Program(command, settings, is_server=False, folder=ROOT)

    # --- Asking

    def data(self, name: str) -> Path:
        return self.folder / f"{name}-data"

    def sockets(self, name: str) -> Path:
        return self.folder / f"{name}-sockets"

    def ask(self, name: str, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Ask PostgreSQL on a host, by its own socket: that needs no network."""
        where = f"host={self.sockets(name)} user=postgres dbname={database} connect_timeout=5"
        with closing(psycopg2.connect(where)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    def ask_pooler(self, host: str, name: str, **options: str) -> tuple[str, ...] | str:
        """Return the server's limits by the pooler of a host, or why it refuses us."""
        shows = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
        code = (
            "import json, psycopg2, sys; where = json.loads(sys.argv[1]); made = psycopg2.connect(**where)\n"
            "made.autocommit = True; cursor = made.cursor()\n"
            f"for name in {shows}: cursor.execute('SHOW ' + name); print(cursor.fetchone()[0])"
        )
        where = {"host": self[host].address, "port": 6432, "user": "vvdash", "password": PASSWORD, "dbname": name}
        ask = self["visitors"].wrap([sys.executable, "-c", code, json.dumps(where | options)])
        done = subprocess.run(ask, capture_output=True, text=True, check=False, timeout=SOON)
        return done.stderr if done.returncode else tuple(done.stdout.split())

    def can_ask(self, name: str) -> bool:
        try:
            return self.ask(name, "SELECT 1") == [(1,)]
        except psycopg2.Error:
            return False

    def is_primary(self, name: str) -> bool:
        return self.can_ask(name) and self.ask(name, "SELECT pg_is_in_recovery()") == [(False,)]

    def is_shut_out(self, name: str) -> bool:
        """Whether it only reads, without being a standby."""
        return self.is_primary(name) and self.ask(name, "SHOW transaction_read_only") == [("on",)]

    def answers(self, name: str) -> bool:
        ask = ["curl", "--silent", "--fail", "--max-time", "3", f"http://{self[name].address}:8000/healthz"]
        return subprocess.run(self["visitors"].wrap(ask), capture_output=True, check=False).returncode == 0

    def remembers(self) -> dict[str, object]:
        file = self.folder / "witness.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def acknowledges_within(self, seconds: float) -> bool:
        """Whether the primary acknowledges a commit, if the client allows one second for a statement."""
        where = ["-h", str(self.sockets(self.primary)), "-U", "postgres", "-d", "postgres"]
        statements = ["-c", "SET statement_timeout = '1s'", "-c", f"CREATE TABLE waits_{time.time_ns()} ()"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [self.postgres / "psql", *where, *statements], capture_output=True, timeout=seconds, check=False
            )
            return True
        return False

    def wait_until_safe(self) -> None:
        """Until the witness may promote the standby."""
        wanted = {"primary": self.primary, "has_all": True}
        wait_until(lambda: wanted.items() <= self.remembers().items(), what="the standby has everything")

    def seen_at(self) -> object:
        """When a worker last looked for due jobs."""
        rows = self.ask(self.primary, "SELECT seen_at FROM core_clock", "vvdash")
        return rows[0][0] if rows else None

    def wake_a_worker(self) -> None:
        code = "from vvdash.celery import app; app.send_task('core.tasks.run_due_jobs')"
        environment = {**self["work1"].programs[0].environment, "PATH": os.environ["PATH"]}
        subprocess.run(
            self["visitors"].wrap([sys.executable, "-c", code]), cwd=ROOT, env=environment, check=True, timeout=60
        )

    # --- What happens to it

    def rejoin(self, name: str) -> None:
        """Make a former primary a standby, as docs/run/hosts.md says. It catches up by itself."""
        source = f"host={self[self.primary].address} user=replicator dbname=postgres passfile={self._passes}"
        self[name].run(self.postgres / "psql", source, "--command=CHECKPOINT")
        self[name].kill()
        self[name].run(
            *(self.postgres / "pg_rewind", "--target-pgdata", self.data(name), "--source-server", source),
            *("--config-file", self.folder / f"{name}.conf", "--no-sync"),
        )
        (self.data(name) / "standby.signal").touch()
        self[name].boot()

    @contextlib.contextmanager
    def written(self) -> Iterator[Callable[[], list[Written]]]:
        """Let people write while the block lasts; yields what they were told so far."""
        web1, web2 = (f"{self[name].address}:8000" for name in ("web1", "web2"))
        people = [f"anywhere={web1},{web2}", f"first={web1}", f"second={web2}"]
        log = self.folder / "written"
        program = [sys.executable, str(Path(__file__).with_name("writers.py")), self.made["session"], self.made["path"]]
        with log.open("wb") as lines:
            writers = subprocess.Popen(self["visitors"].wrap([*program, *people]), stdout=lines)
        try:
            yield lambda: [Written(**json.loads(line)) for line in log.read_text().splitlines(True) if line[-1] == "\n"]
        finally:
            writers.kill()
            writers.wait()

    def saved(self) -> list[str]:
        return [str(row[0]) for row in self.ask(self.primary, "SELECT text FROM actions_actionupdate", "vvdash")]


def replaced(text: str, pattern: str, by: str, *, times: int = 1) -> str:
    text, found = re.subn(pattern, by, text, flags=re.MULTILINE)
    assert found == times, f"{pattern} is there {found} times."
    return text


def wait_until(happened: Callable[[], bool], *, what: str, within: float = SOON) -> None:
    deadline = time.monotonic() + within
    while not happened():
        assert time.monotonic() < deadline, f"Waited {within} seconds in vain: {what}"
        time.sleep(0.1)


@contextlib.contextmanager
def site() -> Iterator[Site]:
    with processes.make_folder() as folder:
        made = Site(folder)
        with made.running():
            yield made
