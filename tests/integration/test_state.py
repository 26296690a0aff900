"""What each check finds, and when it is ill."""

import socket
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.utils import timezone
from redis import Redis

from boards.models import ReportingPeriod
from core import metrics
from core.calendar import Month
from core.context import Trail
from core.models import Clock, Job, Limit
from core.requests_in_progress import note
from operations.backups.manifest import BACK_UP, DRILL
from operations.health import checks as state
from operations.health.checks import list_checks
from operations.health.kinds import Check
from operations.health.metrics import Now
from tests import services
from tests.letters import leave_letter
from tests.scenarios import Town, open_month

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOW = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def find(name: str, now: datetime = NOW) -> Check | None:
    return next((check for check in list_checks(now) if check.name == name), None)


@pytest.fixture
def with_worker(settings, monkeypatch):
    """As with Redis: the queue has as many tasks as the test says, or doesn't answer."""
    settings.CELERY_TASK_ALWAYS_EAGER = False

    def wait(tasks: int | None) -> None:
        monkeypatch.setattr(state, "_count_waiting", lambda: tasks)

    wait(0)
    return wait


def test_where_nothing_else_is_installed_only_what_is_there_is_checked():
    assert [check.name for check in list_checks(timezone.now())] == ["database", "cache", "clock", "mail", "disk"]


def test_every_check_is_well_on_a_good_day(with_worker, settings, monkeypatch):
    for check in ("check_broker", "check_objects", "check_backup", "check_requests"):
        monkeypatch.setattr(state, check, lambda now: (True, "It answers."))
    for name in settings.JOBS:
        Job.objects.create(name=name, started_at=NOW - MINUTE, done_for=NOW)
    checks = list_checks(NOW)

    assert [check.name for check in checks] == list(settings.CHECKS)
    assert [check for check in checks if not check.is_well] == []


@pytest.mark.parametrize(
    ("waiting", "ill"), [(0, ["beat"]), (7, ["worker"]), (None, [])], ids=["none waits", "some wait", "redis is gone"]
)
def test_a_stopped_worker_and_a_stopped_beat_are_told_apart(with_worker, waiting, ill):
    Job.objects.create(name="seal-audit", started_at=NOW - 4 * MINUTE)
    with_worker(waiting)

    assert [check.name for check in list_checks(NOW) if check.name in {"worker", "beat"} and not check.is_well] == ill


def test_before_the_first_wake_beat_is_missing(with_worker):
    assert find("beat") is not None
    assert find("beat").sentence.startswith("No job has ever started.")


def test_a_worker_that_runs_jobs_in_doubt_of_the_clock_is_well(with_worker):
    """seen_at stands still for hours then."""
    Clock.objects.create(seen_at=NOW - timedelta(days=9), doubted_at=NOW)
    Job.objects.create(name="seal-audit", started_at=NOW - MINUTE)

    assert find("beat").is_well
    assert not find("clock").is_well


def test_a_month_that_waits_too_long(town: Town, with_worker):
    period = open_month(town, Month(2026, 10))
    ReportingPeriod.objects.filter(pk=period.pk).update(stale_since=NOW - 9 * MINUTE)
    assert find("months").is_well
    ReportingPeriod.objects.filter(pk=period.pk).update(stale_since=NOW - 12 * MINUTE)

    assert find("months").sentence == "One month has been waiting 12 minutes to be updated."
    assert not find("months").is_well
    assert "Anytown" not in find("months").sentence


@pytest.mark.parametrize(
    ("row", "is_well"),
    [
        ({"tries": 1, "claimed_at": NOW - 5 * MINUTE, "fault": "Refused"}, True),
        ({"tries": 4, "claimed_at": NOW - 1 * MINUTE, "fault": "Refused"}, False),
        ({"tries": 1, "claimed_at": NOW - 31 * MINUTE}, False),  # its worker was killed, and no other one came
        ({"tries": 10, "claimed_at": NOW - 31 * MINUTE, "fault": "Unknown user"}, True),  # given up: no alarm for ever
        ({"tries": 4, "claimed_at": NOW - 31 * MINUTE, "sent_at": NOW}, True),
    ],
)
def test_e_mails_that_nobody_gets(town: Town, row, is_well):
    leave_letter(town.lead, NOW.date(), **row)

    assert find("mail").is_well is is_well
    assert "example" not in find("mail").sentence


def test_a_late_job_is_named_without_its_fault(with_worker, settings):
    for name in settings.JOBS:
        Job.objects.create(name=name, started_at=NOW - MINUTE, done_for=NOW)
    Job.objects.filter(name="seal-audit").update(done_for=NOW - 20 * MINUTE, failed_at=NOW, fault="lead@x.example")

    assert find("jobs").sentence == "Late: Chain the events of the audit log."


@pytest.mark.parametrize(
    ("made", "tried", "sentence"),
    [
        (25, None, "The newest backup is from the last 26 hours."),
        (27, None, "The newest backup is 27 hours old."),
        (1, 39 * 24, "The newest backup is from the last 26 hours."),
        (1, 41 * 24, "The last drill that restored a backup was 41 days ago."),
    ],
)
def test_a_backup_that_stopped(made: int, tried: int | None, sentence: str):
    assert find("backup") is None  # others may make them
    for name, hours in ((BACK_UP, made), (DRILL, tried)):
        if hours is not None:
            Job.objects.create(name=name, succeeded_at=NOW - timedelta(hours=hours))
    check = find("backup")
    assert (check.sentence, check.is_well) == (sentence, "last 26 hours" in sentence)


def test_a_request_that_hangs(monkeypatch, tmp_path):
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path))
    begun = {"0": 1.0, "1": 25.0, "2": None}  # seconds ago, in each process
    for slot, ago in begun.items():
        monkeypatch.setenv(metrics.SLOT, slot)
        note(Trail("0123456789abcdef", since=monotonic() - ago, request=HttpRequest()) if ago else None)
    # Nothing here may count: prometheus-client would keep to this folder for all tests after this.
    assert state.check_requests(NOW) == (False, "2 of 3 processes answer a request. The oldest has taken 25 s.")
    told = {family.name: family.samples for family in Now([], {}, "0").collect()}
    assert [sample.value for sample in told["vvdash_processes_in_use"]] == [2.0]
    assert [round(sample.value) for sample in told["vvdash_oldest_request_seconds"]] == [25]
    monkeypatch.setenv(metrics.SLOT, "1")
    note(None)
    well, _ = state.check_requests(NOW)
    assert well


def test_a_disk_without_room(monkeypatch):
    Disk = namedtuple("Disk", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda place: Disk(100 * 10**9, 0, 900 * 10**6))
    assert "has 900 MB left." in find("disk").sentence
    assert not find("disk").is_well
    monkeypatch.setattr("shutil.disk_usage", lambda place: Disk(256 * 10**6, 0, 200 * 10**6))  # a small one in memory
    assert find("disk").is_well


def test_a_table_that_refuses_a_row_is_ill_and_the_others_are_still_checked(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("core.identity.sessions.LimitsCache.set", refuse)
    assert find("cache").sentence == "It doesn’t answer (OperationalError)."
    assert find("mail").is_well


def test_checks_leave_nothing_behind(db):
    list_checks(NOW)
    assert Limit.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_check_waits_two_seconds_at_most_and_nobody_else_does(monkeypatch):
    """Its limit ends with it."""

    def show() -> str:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout" if connection.vendor == "sqlite" else "SHOW statement_timeout")
            return str(cursor.fetchone()[0])

    before, within = show(), []
    monkeypatch.setattr(state, "check_clock", lambda now: (True, within.append(show()) or ""))
    list_checks(NOW)

    assert within == ["2000" if connection.vendor == "sqlite" else "2s"]
    assert show() == before


def test_redis_is_asked_and_never_waited_for(settings):
    """As if it were paused: it takes connections, and answers nothing."""
    settings.CELERY_TASK_ALWAYS_EAGER = False
    Job.objects.create(name="seal-audit", started_at=NOW - 4 * MINUTE)
    with services.redis() as url:
        settings.REDIS_URL = url
        assert find("broker").is_well
        assert not find("beat").is_well
        with Redis.from_url(url) as client:
            client.lpush("celery", "a task", "another")
        assert find("worker").sentence == "No job has started for 4 minutes. Tasks are waiting: 2."

        with socket.create_server(("127.0.0.1", 0), backlog=8) as mute:
            settings.REDIS_URL = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
            broker = find("broker")
    assert broker.sentence.startswith("It doesn’t answer (TimeoutError")
    assert broker.seconds < 1
    assert find("broker").sentence.startswith("It doesn’t answer (")
    assert (find("worker"), find("beat")) == (None, None)  # one alarm for one fault
