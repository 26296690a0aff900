"""A real worker on a real Redis: killed half-way, robbed of its queue, or not there at all.

The queue is a hint, the database the truth: whatever is lost of the first, the sweep makes good.
"""

import http.client
import io
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis import Redis

from boards.rules import Role
from core.calendar import Month
from core.files import objects
from core.letter_kinds import LetterKind
from core.models import Job
from indicators.models import Submission
from reporting.models import IndicatorLine, PackBundle, Snapshot
from reporting.packs.selectors import LAPSES_AFTER
from reporting.packs.services.issue import ask_bundle
from tests import services
from tests.factories import make_agency, make_board, make_indicator, make_member
from tests.letters import told_of
from tests.mail_server import MailServer, mail_server
from tests.scenarios import Town, accept, give_back, make_town, newest_lines, open_month, stale_months, submit, sweep
from tests.waiting import SOON, wait_until

pytestmark = pytest.mark.both_databases

ROOT = Path(__file__).resolve().parents[2]
SEPTEMBER, OCTOBER = Month(2024, 9), Month(2024, 10)


@dataclass(frozen=True)
class Process:
    """A running program: its id, which is its group's too, and what it has said so far."""

    id: int
    log: Path

    @property
    def words(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def kill(self) -> None:
        """As the machine does when it runs out of memory: at once, with its children."""
        os.killpg(self.id, signal.SIGKILL)


@dataclass(frozen=True)
class Production:
    """The product in processes of its own, on the test's database and a queue."""

    environment: dict[str, str]
    folder: Path
    redis: Redis

    @contextmanager
    def running(self, *command: str, ready: str) -> Iterator[Process]:
        """Run a program of the product while the block lasts, from when it has said `ready`."""
        log = self.folder / f"{command[0]}-{time.monotonic_ns()}"
        with log.open("wb") as words:
            program = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        process = Process(program.pid, log)
        try:
            wait_until(lambda: ready in process.words, what=f"{command[0]} is not ready")
            yield process
        finally:
            if program.poll() is None:
                process.kill()
            program.wait(SOON)

    def worker(self, *, clock: str = "", queue: str = "celery,slow") -> AbstractContextManager[Process]:
        """As docker-compose.yml starts it, but for the second in which it looks for others. `clock` is what its clock
        shows when it starts."""
        words = f"celery --app vvdash worker -Q {queue} --loglevel INFO --concurrency 2"
        words += " --without-mingle --without-gossip"
        by = ["tests.clocked", clock] if clock else []
        return self.running(*by, *words.split(), ready=" ready.")

    def enqueue(self, task: str, *arguments: int) -> None:
        subprocess.run(
            [sys.executable, "-m", "celery", "--app", "vvdash", "call", task, f"--args={list(arguments)}"],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
        )

    @property
    def queued(self) -> int:
        return self.redis.llen("celery")

    @property
    def queued_slow(self) -> int:
        return self.redis.llen("slow")


@pytest.fixture
def town(shared_database: str) -> Town:
    """September and October, accepted and not rolled up."""
    town = make_town()
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    return town


@pytest.fixture
def production(shared_database: str, redis_url: str, tmp_path: Path) -> Iterator[Production]:
    environment = {**os.environ, "DATABASE_URL": shared_database, "REDIS_URL": redis_url}
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
        yield Production(environment, tmp_path, redis)


def is_made_good(town: Town) -> bool:
    return stale_months(town) == []


def check_is_whole(town: Town) -> None:
    """Each month once, with each line once and the right arrow."""
    assert (Snapshot.objects.count(), IndicatorLine.objects.count()) == (2, 4)
    arrests = newest_lines(town, OCTOBER)["arrests"]
    assert (arrests.value, arrests.movement, arrests.change) == (12, "up", 3)


def test_a_queued_roll_up_is_done(town: Town, production: Production):
    with production.worker() as worker:
        production.enqueue("reporting.months.tasks.roll_up_area", town.area.pk)
        wait_until(lambda: is_made_good(town), what="the worker has not rolled the area up")
        check_is_whole(town)
        production.enqueue("reporting.months.tasks.roll_up_area", town.area.pk)
        wait_until(lambda: worker.words.count("succeeded") == 2, what="the second task has not ended")
    assert "ERROR" not in worker.words
    check_is_whole(town)


@contextmanager
def lines_held_up() -> Iterator[Callable[[], bool]]:
    """While the block lasts, whoever writes the lines of a month gets stuck there, with everything
    before that written and not committed; yields whether somebody is."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE reporting_indicatorline IN SHARE MODE")

            def is_stuck() -> bool:
                cursor.execute(
                    "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'reporting_indicatorline'::regclass"
                )
                return cursor.fetchone() is not None

            yield is_stuck
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e12) "
            "SELECT max(i) FROM n"
        )
        cursor.execute(
            "CREATE TRIGGER held_up BEFORE INSERT ON reporting_indicatorline BEGIN SELECT * FROM endless; END"
        )
    yield is_being_written
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER held_up")
        cursor.execute("DROP VIEW endless")


@contextmanager
def bundle_held_up() -> Iterator[Callable[[], bool]]:
    """While the block lasts, whoever tells that a pack of a bundle is done gets stuck there; yields whether somebody
    is."""
    if connection.vendor == "sqlite":
        begin = (
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e12) "
            "SELECT max(i) FROM n",
            "CREATE TRIGGER held_up BEFORE UPDATE ON reporting_packbundle WHEN NEW.made > 0 "
            "BEGIN SELECT * FROM endless; END",
        )
        end: tuple[str, ...] = ("DROP TRIGGER held_up", "DROP VIEW endless")
    else:
        begin = (
            "CREATE FUNCTION held_up() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$",
            "CREATE TRIGGER held_up BEFORE UPDATE ON reporting_packbundle FOR EACH ROW WHEN (NEW.made > 0) "
            "EXECUTE FUNCTION held_up()",
        )
        end = ("DROP FUNCTION held_up() CASCADE",)

    def sleeps() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            return cursor.fetchone() is not None

    with connection.cursor() as cursor:
        for statement in begin:
            cursor.execute(statement)
    yield is_being_written if connection.vendor == "sqlite" else sleeps
    if connection.vendor == "postgresql":  # whose server doesn't notice that the worker is dead
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    with connection.cursor() as cursor:
        for statement in end:
            cursor.execute(statement)


def is_being_written() -> bool:
    """Whether somebody holds SQLite's lock for writing, and so is between a BEGIN and its COMMIT."""
    file = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def is_alone() -> bool:
    """Whether the database has noticed that the others are dead, and undone what they had begun."""
    if connection.vendor == "sqlite":
        return not is_being_written()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone() == (0,)


@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_a_worker_killed_in_the_middle_of_a_roll_up_leaves_nothing_half_done(town: Town, production: Production):
    with production.worker() as worker, lines_held_up() as is_stuck:
        production.enqueue("reporting.months.tasks.roll_up_area", town.area.pk)
        wait_until(is_stuck, what="the worker has not come to the lines")
        worker.kill()
    wait_until(is_alone, what="the database still waits for the dead worker")
    assert "succeeded" not in worker.words
    assert stale_months(town) == ["2024-09", "2024-10"]
    assert (Snapshot.objects.count(), IndicatorLine.objects.count()) == (0, 0)

    with production.worker():
        production.enqueue("reporting.months.tasks.sweep_stale")
        wait_until(lambda: is_made_good(town), what="the sweep has not rolled the months up")
    check_is_whole(town)


@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_a_worker_killed_while_it_writes_a_draft_again_leaves_the_draft_as_it_was(town: Town, production: Production):
    with production.worker() as worker:
        production.enqueue("reporting.months.tasks.sweep_stale")
        wait_until(lambda: is_made_good(town), what="the sweep has not rolled the months up")
        before = list(IndicatorLine.objects.order_by("pk").values())
        give_back(town, Submission.objects.get(period__starts_on=OCTOBER.first_day))
        accept(town, OCTOBER, {"arrests": 20, "charges": 4})
        with lines_held_up() as is_stuck:
            production.enqueue("reporting.months.tasks.sweep_stale")
            wait_until(is_stuck, what="the worker has not come to the lines")
            worker.kill()
    wait_until(is_alone, what="the database still waits for the dead worker")
    assert list(IndicatorLine.objects.order_by("pk").values()) == before
    assert stale_months(town) == ["2024-10"]


@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_an_emptied_redis_loses_nothing(town: Town, production: Production):
    production.enqueue("reporting.months.tasks.roll_up_area", town.area.pk)
    production.enqueue("reporting.months.tasks.roll_up_area", town.area.pk)
    assert production.queued == 2
    production.redis.flushall()
    with production.worker() as worker:
        production.enqueue("reporting.months.tasks.sweep_stale")
        wait_until(lambda: is_made_good(town), what="the sweep has not rolled the months up")
    assert "roll_up_area[" not in worker.words
    check_is_whole(town)


# --- A bundle of packs ----------------------------------------------------------------------------


@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_a_worker_killed_in_the_middle_of_a_bundle_leaves_none_and_another_makes_it(town: Town, production: Production):
    """Three packs: the worker is held up when it tells that the first is done, and killed there."""
    for code in ("sab", "lscb"):
        make_indicator(town.police, f"of-{code}", boards=(make_board(town.area, code),))
    sweep()
    asked = ask_bundle(open_month(town, OCTOBER), by=town.coordinator)
    bundle = PackBundle.objects.filter(pk=asked.pk)
    with production.worker() as worker, bundle_held_up() as is_stuck:
        production.enqueue("reporting.packs.tasks.make_pack_bundle", asked.pk)
        wait_until(is_stuck, what="the worker has not made the first pack")
        worker.kill()
    wait_until(is_alone, what="the database still waits for the dead worker")
    assert (bundle.get().finished_at, bundle.get().file) == (None, None)

    bundle.update(claimed_at=timezone.now() - LAPSES_AFTER)
    with production.worker():
        production.enqueue("reporting.packs.tasks.sweep_pack_bundles")
        wait_until(lambda: bundle.get().finished_at is not None, what="the sweep has not made the bundle")
    made = bundle.get()
    assert (made.made, made.total, made.fault) == (3, 3, "")
    with zipfile.ZipFile(io.BytesIO(objects.read(made.file))) as archive:
        assert (archive.testzip(), len(archive.namelist())) == (None, 4)


@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_a_roll_up_waits_for_no_pack_and_no_letter(town: Town, production: Production):
    """A bundle is asked for, and every slow job is due: it is tomorrow noon. Nobody serves their queue, which is as
    long as a wait can be."""
    asked = ask_bundle(open_month(town, OCTOBER), by=town.coordinator)
    production.enqueue("reporting.packs.tasks.make_pack_bundle", asked.pk)
    noon = f"{timezone.localdate() + timedelta(days=1)}T12:00+00:00"
    with production.worker(queue="celery", clock=noon) as worker:
        production.enqueue("core.tasks.run_due_jobs")
        production.enqueue("reporting.months.tasks.roll_up_area", town.area.pk)
        wait_until(lambda: is_made_good(town), what="the worker has not rolled the area up")
        wait_until(lambda: worker.words.count("succeeded") == 2, what="the jobs have not ended")
    assert production.queued_slow > 5
    assert not PackBundle.objects.exclude(finished_at=None).exists()
    started = set(Job.objects.exclude(started_at=None).values_list("name", flat=True))
    assert {name for name in started if settings.JOBS[name]["is_slow"]} == set()
    assert "sweep-stale-months" in started
    check_is_whole(town)


# --- Scheduled jobs --------------------------------------------------------------------------------

DUE = "2026-11-10"  # of October's returns, a Tuesday


@pytest.fixture
def leads(shared_database: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of five agencies, each of which owes October's return. November is open, which nobody is told of any more."""
    town = make_town()
    for number in range(1, 5):
        agency = make_agency(town.area, f"agency-{number}")
        make_indicator(agency, f"figures-{number}")
        make_member(town.area, Role.AGENCY_LEAD, agency=agency, email=f"lead-{number}@testford.example")
    for month in (10, 11):
        opened_at = datetime(2026, month, 2, 9, tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda at=opened_at: at)
        open_month(town, Month(2026, month))
    monkeypatch.undo()
    return [town.lead.email, *(f"lead-{number}@testford.example" for number in range(1, 5))]


@pytest.fixture
def post(production: Production) -> Iterator[MailServer]:
    with mail_server() as server:
        production.environment["EMAIL_URL"] = server.url
        yield server


def are_letters_sent() -> bool:
    return Job.objects.filter(name="send-letters", done_for__isnull=False).exists()


@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_a_worker_killed_after_the_first_mail_leaves_nobody_untold(
    leads: list[str], production: Production, post: MailServer
):
    """The mail server took the first letter, and the worker never heard so."""
    post.holds.set()
    with production.worker(clock=f"{DUE}T08:00:10+00:00") as worker:
        production.enqueue("core.tasks.run_due_jobs")
        wait_until(lambda: len(post.letters) == 1, what="no letter has come")
        worker.kill()
    post.holds.clear()
    first = post.letters[0]["To"]
    job = Job.objects.get(name="send-letters")
    assert (job.done_for, told_of(LetterKind.RETURNS).get().sent_at) == (None, None)

    # Before that, the job might still be running.
    with production.worker(clock=f"{DUE}T08:11+00:00"):
        production.enqueue("core.tasks.run_due_jobs")
        wait_until(are_letters_sent, what="the letters have not gone")
    assert {address: len(post.names(address)) for address in leads} == {
        address: 2 if address == first else 1 for address in leads
    }
    assert len(set(post.names(first))) == 1
    assert len({name for address in leads for name in post.names(address)}) == 5
    assert all("due today" in letter["Subject"] for letter in post.letters if letter["To"] in leads)
    job.refresh_from_db()
    assert (str(job.done_for), told_of(LetterKind.RETURNS).filter(sent_at=None).count()) == (f"{DUE} 08:10:00+00:00", 0)


@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_a_process_killed_in_the_letters_holds_them_up_until_the_next_wake_only(
    leads: list[str], production: Production, post: MailServer
):
    """As the kernel does when memory is short. The worker itself lives, and tells that the job isn't running."""
    post.holds.set()
    with production.worker(clock=f"{DUE}T08:00:10+00:00") as worker:
        production.enqueue("core.tasks.run_due_jobs")
        wait_until(lambda: len(post.letters) == 1, what="no letter has come")
        for process in Path(f"/proc/{worker.id}/task/{worker.id}/children").read_text().split():
            os.kill(int(process), signal.SIGKILL)
        wait_until(lambda: Job.objects.get(name="send-letters").failed_at is not None, what="no one has told")
        post.holds.clear()
        production.enqueue("core.tasks.run_due_jobs")
        wait_until(are_letters_sent, what="the letters have not gone")
    assert [post.names(address) != [] for address in leads] == [True] * 5
    assert len({name for address in leads for name in post.names(address)}) == 5


@pytest.mark.skipif(connection.vendor == "sqlite", reason="It has no server that could restart")
@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_a_database_that_restarts_after_the_first_mail_leaves_nobody_untold(
    leads: list[str], production: Production, post: MailServer
):
    """The worker loses its connection with the letter on its way, so that it can't confirm it."""
    post.holds.set()
    with production.worker(clock=f"{DUE}T08:00:10+00:00"):
        production.enqueue("core.tasks.run_due_jobs")
        wait_until(lambda: len(post.letters) == 1, what="no letter has come")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        post.holds.clear()
        post.goes_on.set()
        wait_until(lambda: Job.objects.get(name="send-letters").failed_at is not None, what="it has not failed")
        assert Job.objects.get(name="send-letters").done_for is None
        assert "It stopped: " in Job.objects.get(name="send-letters").fault
        production.enqueue("core.tasks.run_due_jobs")
        wait_until(are_letters_sent, what="the letters have not gone")
    assert [post.names(address) != [] for address in leads] == [True] * 5
    assert told_of(LetterKind.RETURNS).filter(sent_at=None).count() == 1  # tried again in five minutes


@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_a_wake_that_redis_lost_is_made_good_by_the_next(leads: list[str], production: Production, post: MailServer):
    """Redis goes away under the worker. The wake at 8:00 is lost, and comes again once Redis is back."""
    with ExitStack() as away:
        url = away.enter_context(services.redis())
        production.environment["REDIS_URL"] = url
        with production.worker(clock=f"{DUE}T08:00+00:00") as worker:
            away.close()
            wait_until(lambda: "Connection to broker lost" in worker.words, what="the worker has not noticed")
            with pytest.raises(subprocess.CalledProcessError):
                production.enqueue("core.tasks.run_due_jobs")
            assert (post.letters, Job.objects.count()) == ([], 0)
            with services.redis(at=url):
                production.enqueue("core.tasks.run_due_jobs")
                wait_until(are_letters_sent, what="the worker has not come back")
                worker.kill()
    assert [post.names(address) != [] for address in leads] == [True] * 5
    assert len([letter for letter in post.letters if letter["To"] in leads]) == 5


# --- No Redis at all ------------------------------------------------------------------------------


@dataclass
class Browser:
    """Somebody who is signed in, at the address of a server."""

    address: str
    cookies: dict[str, str]

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Returns the status, the page, and where to go on."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection(self.address, timeout=SOON)) as server:
            server.request(method, path, urlencode(fields) if fields else None, headers)
            response = server.getresponse()
            for cookie in response.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return response.status, response.read().decode(), response.headers.get("Location", "")


def signed_in(address: str, client: Client) -> Browser:
    return Browser(address, {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value})


@pytest.mark.release  # test_a_queued_roll_up_is_done
def test_without_redis_a_return_is_accepted_all_the_same(town: Town, production: Production, client: Client):
    submit(town, OCTOBER.next, {"arrests": 5, "charges": 4})
    sweep()
    client.force_login(town.coordinator)
    page = reverse("indicators:return-edit", args=[town.area.slug, OCTOBER.next, "police"])
    with socket.socket() as nobody:  # a port that nobody listens at, and that stays so
        nobody.bind(("127.0.0.1", 0))
        production.environment["REDIS_URL"] = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        with production.running(
            "gunicorn", "vvdash.wsgi", "--bind=127.0.0.1:0", "--no-control-socket", ready="Listening at: "
        ) as server:
            (address,) = re.findall(r"Listening at: http://(127\.0\.0\.1:\d+)", server.words)
            browser = signed_in(address, client)
            status, form, _ = browser.send("GET", page)
            assert status == 200
            (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form))
            decide = reverse("reporting:return-decide", args=[town.area.slug, OCTOBER.next, "police"])
            began = time.monotonic()
            status, _, onwards = browser.send(
                "POST", decide, {"csrfmiddlewaretoken": token, "decision": "accept", "revision": "1"}
            )
            assert (status, onwards) == (302, reverse("reporting:return-grid", args=[town.area.slug, OCTOBER.next]))
            assert time.monotonic() - began < 2
            status, grid, _ = browser.send("GET", onwards)
            assert (status, "You accepted Police, November 2024." in grid) == (200, True)
    assert Submission.objects.get(period__starts_on=OCTOBER.next.first_day).state == "accepted"
    assert stale_months(town) == ["2024-11"]
    sweep()
    assert newest_lines(town, OCTOBER.next)["arrests"].change == -7
