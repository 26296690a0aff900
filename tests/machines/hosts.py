"""The product on seven hosts: two of each kind, and Redis, as "Set it up" in
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
from tests.services.programs import find_etcd, find_patroni, find_pgbouncer, find_postgres, find_redis

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PASSWORD = "a-password-of-the-tests"
SECRET_KEY = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"
HOSTS = ("db1", "db2", "web1", "web2", "work1", "work2", "redis", "visitors")
ETCD = ("db1", "db2", "redis")
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

    def __init__(self, folder: Path, *, postgres: Path | None = None) -> None:
        self.folder = folder
        self.network = Network(folder, HOSTS)
        self.postgres = postgres or find_postgres().path.parent
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
            for name in ETCD:
                self[name].programs = [self._etcd(name)]
            for name in ("db1", "db2"):
                self[name].programs += self._database(name)
            for name in ETCD:
                self[name].start(self[name].programs[0])  # all three: before that etcd is of no version
            # The first that begins makes the database. The other copies it.
            for program in self["db1"].programs[1:]:
                self["db1"].start(program)
            wait_until(lambda: self.is_primary("db1"), what="db1 makes the database")
            self.ask("db1", f"CREATE ROLE vvdash LOGIN PASSWORD '{PASSWORD}'")
            self.ask("db1", "CREATE DATABASE vvdash OWNER vvdash")
            self.made = self._make_town()
            self._set_up_the_others()
            for name in ("redis", "db2"):
                for program in self[name].programs[1:]:
                    self[name].start(program)
            for name in ("work1", "work2", "web1", "web2"):
                self[name].boot()
            for name in ("web1", "web2"):
                wait_until(lambda name=name: self.answers(name), what=f"{name} answers")
            self.wait_until_safe()
            yield

    def _sample(self, file: str, own: str) -> str:
        """Return a file of deploy/ as an operator writes it for a host. Addresses stand for names: there is no DNS."""
        text = (DEPLOY / file).read_text(encoding="utf-8")
        every, mark, shared = text.partition("# These are the same on all three.")
        if mark:
            text = re.sub(r"\bdb1\b", own, every) + shared
        else:
            text = re.sub(r"^.*# own$", lambda line: re.sub(r"\bdb1\b", own, line[0]), text, flags=re.MULTILINE)
        return re.sub(r"\b(db1|db2|redis):(?=\d{4}\b)", lambda name: f"{self[name[1]].address}:", text)

    def _etcd(self, name: str) -> Program:
        settings = dict(re.findall(r"^(ETCD_\w+)=(.*)$", self._sample("patroni/etcd", name), re.MULTILINE))
        folder = self._folder(f"{name}-etcd")
        return Program([find_etcd()], settings | {"ETCD_DATA_DIR": str(folder), "ETCD_LOG_LEVEL": "warn"})

    def _database(self, name: str) -> list[Program]:
        text = self._sample("patroni/config.yml", name)
        text = replaced(text, r"local all all peer$", "local all all trust")  # we ask as root
        text = replaced(text, r"^  data_dir: .*", f"  data_dir: {self.data(name)}")
        text = replaced(text, r"^  bin_dir: .*", f"  bin_dir: {self.postgres}")
        text = replaced(text, r"^  pgpass: .*", f"  pgpass: {self._folder(f'{name}-home') / 'pgpass'}")
        text = replaced(text, r"unix_socket_directories: .*", f"unix_socket_directories: {self.sockets(name)}")
        self._folder(f"{name}-sockets")
        config = processes.write(self.folder / f"{name}.yml", text)
        bouncer = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text(encoding="utf-8")
        users = processes.write(self.folder / f"{name}.users", f'"vvdash" "{PASSWORD}"\n')
        bouncer = replaced(bouncer, r"^auth_file = .*", f"auth_file = {users}")
        bouncer = replaced(bouncer, r"^(logfile|pidfile) = .*\n", "", times=2)
        ini = processes.write(self.folder / f"{name}.ini", bouncer)
        return [Program([find_patroni(), config]), Program([find_pgbouncer(), "--quiet", ini])]

    def _folder(self, name: str) -> Path:
        made = self.folder / name
        made.mkdir(mode=0o700)
        shutil.chown(made, user=processes.server_user())
        return made

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
        self["redis"].programs.append(Program([find_redis().path, *redis]))
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

    def answers(self, name: str) -> bool:
        ask = ["curl", "--silent", "--fail", "--max-time", "3", f"http://{self[name].address}:8000/healthz"]
        return subprocess.run(self["visitors"].wrap(ask), capture_output=True, check=False).returncode == 0

    def patronis_word(self) -> dict[str, str]:
        """Return each database host's role, as Patroni on the primary has it; empty while it doesn't answer."""
        ask = ["curl", "--silent", "--max-time", "3", f"http://{self[self.primary].address}:8008/cluster"]
        done = subprocess.run(self["visitors"].wrap(ask), capture_output=True, check=False)
        members = json.loads(done.stdout)["members"] if done.returncode == 0 else []
        return {member["name"]: member["role"] for member in members}

    def has_sync_standby(self) -> bool:
        """Whether the standby has everything that was acknowledged, so that Patroni may promote it."""
        return self.patronis_word().get(self.standby) == "sync_standby"

    def wait_until_safe(self) -> None:
        wait_until(self.has_sync_standby, what="the standby has everything")

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

    def switch_over(self) -> None:
        """Make the standby the primary on purpose."""
        leaves, comes = self.primary, self.standby
        command = ["patronictl", "-c", str(self.folder / f"{leaves}.yml"), "switchover", "--force"]
        self[leaves].run(*command, f"--leader={leaves}", f"--candidate={comes}", LC_ALL="C.UTF-8")
        self.primary = comes

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
def site(*, postgres: Path | None = None) -> Iterator[Site]:
    """Run the hosts while the block lasts. `postgres`: the folder of PostgreSQL's programs."""
    with processes.make_folder() as folder:
        made = Site(folder, postgres=postgres)
        with made.running():
            yield made
