"""The image, built by script/image on a Debian of debootstrap; and what is inside, run against PostgreSQL and Redis.

It takes minutes, needs root and Debian's packages from the network, so script/test runs it with --all only.
"""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlencode

import psycopg2
import pytest
import yaml

from tests import services
from tests.machines.machine import FOLDERS, ROOT, closing_on_failure, wait_until
from tests.services.processes import free_port

HOST = "dashboard.example"
# Nobody's, as .example's are: with one of those, production's checks and so the drill refuse the database.
EMAIL, PASSWORD = "operator@dashboard.test", "a long and quiet river"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


class Image(ExitStack):
    """The image, in a store of its own, with a container of it."""

    def __init__(self) -> None:
        super().__init__()
        with closing_on_failure(self):
            self._build()

    def _build(self) -> None:
        folder = Path(mkdtemp(prefix="vvdash-image-", dir=FOLDERS))
        self.callback(shutil.rmtree, folder, ignore_errors=True)
        self.buildah = ("buildah", "--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver", "vfs")
        # What it leaves behind when it is killed goes with the rest.
        self.environment = {**os.environ, "BUILDAH": " ".join(self.buildah), "TMPDIR": str(folder / "tmp")}
        (folder / "tmp").mkdir(exist_ok=True)
        built = subprocess.run(
            [ROOT / "script" / "image", "--base", "debian", "--tag", "vvdash-test"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert built.returncode == 0, built.stderr
        self.said = built.stdout
        limits = []
        for name in ("nofile", "nproc"):  # which buildah would raise
            soft, hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))
            limits.append(f"--ulimit={name}={soft}:{hard}")
        self.container = self.ask("from", "--isolation=chroot", *limits, "vvdash-test")
        self.root = Path(self.ask("mount", self.container))
        self.config = json.loads(self.ask("inspect", "--type=image", "vvdash-test"))["OCIv1"]["config"]

    def ask(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self.buildah, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout.strip()

    def command(self, *arguments: str, **environment: str) -> list[str]:
        """Return the command that runs another inside, as the image's own user."""
        settings = [f"--env={name}={value}" for name, value in environment.items()]
        return [*self.buildah, "run", "--isolation=chroot", *settings, self.container, "--", *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments, **environment), env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with Image() as image:
        yield image


def test_the_image_says_what_it_is(image: Image):
    assert re.fullmatch(r"localhost/vvdash-test: \d+ MB\n", image.said)
    assert image.config["User"] == "vvdash"
    assert image.config["Cmd"][0] == "gunicorn"
    assert image.run("id", "--user").stdout.strip() != "0"
    declared = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert image.run("python", "--version").stdout.startswith(f"Python {declared}.")


def test_the_image_has_what_runs_and_nothing_else(image: Image):
    inside = {path.name for path in (image.root / "app").iterdir()}

    assert {"manage.py", "vvdash", "templates", "static", "var"} <= inside
    ours = {"tests", "bench", "script", "deploy", "assets", "node_modules", "package.json"}
    assert inside & (ours | {".git", ".github", ".venv", ".cache"}) == set()
    assert [path.name for path in (image.root / "app" / "var").iterdir()] == ["static"]


def test_who_runs_it_can_change_nothing_of_it(image: Image):
    done = image.run(
        *(
            "find",
            "/",
            "-xdev",
            "-writable",
            "-not",
            "-type",
            "l",
            "-not",
            "-path",
            "/proc/*",
            "-not",
            "-path",
            "/dev/*",
        ),
        *("-not", "-path", "/sys/*", "-print"),
    )

    writable = set(done.stdout.split()) - {"/proc", "/dev", "/sys"}
    assert {path for path in writable if not path.startswith(("/tmp", "/var/tmp", "/run/lock", "/backups"))} == set()
    assert "/backups" in writable


class Production(ExitStack):
    """What is inside the image, started by the commands of docker-compose.yml."""

    def __init__(self, image: Image) -> None:
        super().__init__()
        with closing_on_failure(self):
            self._start(image)

    def _start(self, image: Image) -> None:
        self.image = image
        self.port = free_port()
        self.database_url = self.enter_context(services.postgres())
        self.environment = {
            "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz",
            "ALLOWED_HOSTS": HOST,
            "SITE_URL": f"https://{HOST}",
            "PROXIES": "1",
            "EMAIL_URL": "smtp://127.0.0.1:9",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.enter_context(services.redis()),
        }
        migrated = image.run(*COMPOSE["services"]["migrate"]["command"], **self.environment)
        assert migrated.returncode == 0, migrated.stderr
        self.start([part.replace("0.0.0.0:8000", f"127.0.0.1:{self.port}") for part in image.config["Cmd"]])
        for service in ("worker", "worker-slow", "beat"):
            self.start(COMPOSE["services"][service]["command"])

    def start(self, command: list[str]) -> None:
        program = subprocess.Popen(
            self.image.command(*command, **self.environment),
            env=self.image.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

        def end() -> None:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()

        self.callback(end)

    def ask(self, method: str, path: str, *, body: str | None = None, **headers: str) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            ours = {"Host": HOST, "X-Forwarded-Proto": "https", "Referer": f"https://{HOST}/"}
            connection.request(method, path, body=body, headers={**ours, **headers})
            answer = connection.getresponse()
            return answer, answer.read().decode(errors="replace")

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz")[0].status == 200
        except OSError:
            return False

    def count(self, table: str, condition: str) -> int:
        with closing(psycopg2.connect(self.database_url)) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {condition}")
            return cursor.fetchone()[0]


@pytest.fixture(scope="module")
def production(image: Image) -> Iterator[Production]:
    with Production(image) as production:
        wait_until(production.answers, what="the web server answers")
        yield production


def test_an_unsafe_configuration_is_refused(production: Production):
    settings = {**production.environment, "SECRET_KEY": ""}

    done = production.image.run(*COMPOSE["services"]["migrate"]["command"], **settings)

    assert done.returncode != 0
    assert "SECRET_KEY is the default." in done.stderr


def test_somebody_signs_in(production: Production):
    made = production.image.run(
        *("python", "manage.py", "createsuperuser", "--no-input", "--email", EMAIL, "--name", "Operator"),
        **production.environment,
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    assert made.returncode == 0, made.stderr
    page, text = production.ask("GET", "/account/login/")
    assert page.status == 200
    style = re.search(r'href="(/static/[^"]+\.css)"', text)[1]
    assert production.ask("GET", style)[0].status == 200
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[1]
    cookies = "; ".join(each.partition(";")[0] for each in page.headers.get_all("Set-Cookie"))
    fields = {"csrfmiddlewaretoken": token, "login": EMAIL, "password": PASSWORD}

    answer, text = production.ask(
        "POST",
        "/account/login/",
        body=urlencode(fields),
        **{"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.status == 302, text[:2000]
    assert any(each.startswith("__Host-sessionid=") for each in answer.headers.get_all("Set-Cookie"))


def test_the_worker_does_the_jobs_that_beat_wakes_it_for(production: Production):
    wait_until(lambda: production.count("core_job", "succeeded_at IS NOT NULL") > 0, what="a job is done", within=150)


def test_a_backup_from_inside_is_restored_equal(production: Production):
    made = production.image.run(*COMPOSE["services"]["backup"]["command"], **production.environment)
    assert made.returncode == 0, made.stderr

    drill = production.image.run(
        "python", "manage.py", "drill_restore", made.stdout.partition(":")[0], **production.environment
    )

    assert drill.stdout.startswith("Equal to the backup of "), drill.stderr
