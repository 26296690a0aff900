"""The units of deploy/systemd, run by a real systemd on a machine of their own.

It takes minutes and needs root, so script/test runs it with --all only.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psycopg2
import pytest

from tests import services
from tests.machines.machine import ROOT, Machine, closing_on_failure, machine, wait_until
from tests.services.processes import free_port

HOST = "dashboard.example"
UNITS = ("vvdash-web", "vvdash-worker", "vvdash-worker-slow", "vvdash-beat")
BACK_WITHIN = 10.0  # seconds
TASK = "core.tasks.seal_audit"  # reads and writes core_auditevent
# How a worker ends if Redis goes while tasks wait in its memory: kombu restores them without a connection.
LOST = "Connection to broker lost"
DONE = re.compile(rf"Task {TASK}\[[^\]]+\] succeeded")


class Production(ExitStack):
    """The product on a machine, with the servers that it needs."""

    def __init__(self) -> None:
        super().__init__()
        with closing_on_failure(self):
            self._start()

    def _start(self) -> None:
        self.database_url = self.enter_context(services.postgres())
        self.queue = self.enter_context(ExitStack())
        self.redis_url = self.queue.enter_context(services.redis())
        self.port = free_port()
        self.settings = {
            "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz",
            "ALLOWED_HOSTS": HOST,
            "SITE_URL": f"https://{HOST}",
            "PROXIES": "1",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "EMAIL_URL": "smtp://127.0.0.1:9",
        }
        self.machine: Machine = self.enter_context(machine(self.settings))

    def lose_redis(self) -> None:
        self.queue.close()

    def find_redis_again(self) -> None:
        self.queue.enter_context(services.redis(at=self.redis_url))

    def get(self, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection):
            connection.request("GET", path, headers={"Host": HOST, "X-Forwarded-Proto": "https"})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def answers(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    @contextmanager
    def tasks_held_up(self) -> Iterator[None]:
        """While the block lasts, whoever runs the task gets stuck in it."""
        with closing(psycopg2.connect(self.database_url)) as connection:
            connection.cursor().execute("LOCK TABLE core_auditevent IN ACCESS EXCLUSIVE MODE")
            yield

    def count_stuck(self) -> int:
        with closing(psycopg2.connect(self.database_url)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'core_auditevent'::regclass")
            return cursor.fetchone()[0]

    def enqueue(self, times: int) -> None:
        subprocess.run(
            [
                sys.executable,
                "-c",
                f"from vvdash.celery import app\nfor _ in range({times}): app.send_task({TASK!r})",
            ],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url},
            check=True,
            capture_output=True,
        )

    def count_done(self) -> int:
        return len(DONE.findall(self.machine.words))


@pytest.fixture(scope="module")
def production() -> Iterator[Production]:
    """Installed as docs/run/install.md says, and started."""
    with Production() as production:
        made = production.machine
        unit = (ROOT / "deploy" / "systemd" / "vvdash-web.service").read_text(encoding="utf-8")
        command = re.search(r"^ExecStart=(?:.*\\\n)*.*\n", unit, re.MULTILINE)[0]
        made.add(
            "vvdash-web.service.d/port.conf",
            f"[Service]\nExecStart=\n{command.replace('127.0.0.1:8000', f'127.0.0.1:{production.port}')}",
        )
        done = made.run(
            *("env", "--chdir=/opt/vvdash", "PRODUCTION=1", "SECRET_KEY=only-to-collect-static-files"),
            *(".venv/bin/python", "manage.py", "collectstatic", "--no-input", "--verbosity=0"),
        )
        assert done.returncode == 0, done.stderr
        made.control("start", "vvdash-migrate.service")
        made.control("start", "vvdash.target")
        wait_until(production.answers, what="the web server answers")
        yield production


def test_every_program_runs_and_pages_are_answered(production: Production):
    assert [unit for unit in UNITS if not production.machine.is_active(unit)] == []
    status, page = production.get("/account/login/")
    assert status == 200
    style = re.search(rb'href="(/static/[^"]+\.css)"', page)[1].decode()
    assert production.get(style)[0] == 200


@pytest.mark.parametrize("unit", UNITS)
def test_a_program_that_is_killed_is_back(production: Production, unit: str):
    made = production.machine
    before = made.process_of(unit)

    made.run("kill", "-9", str(before))

    wait_until(
        lambda: made.process_of(unit) not in (0, before) and made.is_active(unit),
        what=f"{unit} is back",
        within=BACK_WITHIN,
    )
    wait_until(production.answers, what="the web server answers")


@pytest.mark.parametrize("unit", UNITS)
def test_a_program_can_change_nothing_but_its_state(production: Production, unit: str):
    made = production.machine
    process = str(made.process_of(unit))
    status = made.run("cat", f"/proc/{process}/status").stdout
    facts = dict(re.findall(r"^(\w+):\s*(\S+)", status, re.MULTILINE))

    assert facts["Uid"] != "0"
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"
    assert {int(facts[name], 16) for name in ("CapBnd", "CapEff", "CapPrm", "CapInh", "CapAmb")} == {0}
    inside = ("nsenter", f"--target={process}", "--mount", "setpriv", "--reuid=2244", "--regid=2244", "--clear-groups")
    for path in ("/opt/vvdash/vvdash/x", "/etc/x", "/var/backups/vvdash/x", "/usr/x"):
        assert made.run(*inside, "touch", path).returncode != 0, path
    assert made.run(*inside, "cat", "/etc/vvdash/environment").returncode != 0
    assert made.run(*inside, "ls", "/root").returncode != 0
    assert made.run(*inside, "touch", "/tmp/x").returncode == 0
    assert not Path("/tmp/x").exists()


def test_a_worker_that_loses_redis_works_once_it_is_back(production: Production):
    """It waits for Redis, or ends and is started again: kombu's error decides, and we don't."""
    made, done = production.machine, production.count_done()
    with production.tasks_held_up():
        production.enqueue(8)  # more than run
        wait_until(lambda: production.count_stuck() == 2, what="two tasks run")
        production.lose_redis()
        wait_until(lambda: LOST in made.words, what="the worker notices")
    wait_until(lambda: production.count_done() == done + 2, what="what ran is done")
    assert production.answers()

    production.find_redis_again()
    production.enqueue(1)

    wait_until(lambda: production.count_done() > done + 2, what="a task is done")
    assert [unit for unit in UNITS if not made.is_active(unit)] == []


def test_a_stop_lets_running_tasks_end(production: Production):
    made, done = production.machine, production.count_done()
    with production.tasks_held_up():
        production.enqueue(2)
        wait_until(lambda: production.count_stuck() == 2, what="two tasks run")
        made.control("stop", "--no-block", "vvdash.target")
        wait_until(lambda: not production.answers(), what="the web server has stopped")
        assert made.show("vvdash-worker", "ActiveState") == "deactivating"
    wait_until(lambda: made.show("vvdash-worker", "ActiveState") == "inactive", what="the worker has stopped")

    assert production.count_done() == done + 2
    assert {made.show(unit, "Result") for unit in UNITS} == {"success"}

    made.control("start", "vvdash.target")
    wait_until(production.answers, what="the web server answers")


def test_the_timer_makes_a_backup(production: Production):
    made = production.machine
    assert list(made.backups.iterdir()) == []
    # As the unit says, but soon.
    made.add(
        "vvdash-backup.timer.d/soon.conf",
        "[Timer]\nOnCalendar=\nOnCalendar=*:*:0/2\nRandomizedDelaySec=0\nAccuracySec=1\n",
    )

    made.control("start", "vvdash-backup.timer")

    wait_until(lambda: any(made.backups.glob("*/manifest.json")), what="a backup")
    made.control("stop", "vvdash-backup.timer")
    (backup, *_) = made.backups.glob("vvdash-*Z")
    drill = subprocess.run(
        [ROOT / "script" / "restore-drill", backup],
        env={**os.environ, "DATABASE_URL": production.database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert drill.stdout.startswith("Equal to the backup of "), drill.stderr
