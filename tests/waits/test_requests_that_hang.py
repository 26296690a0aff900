"""A request that hangs is ended with its process, its transaction rolls back, and everybody else goes on."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected

import pytest
from django.db import connection

from core.models import Alarm
from tests.waiting import wait_until
from tests.waits.serving import Server, served

ENDS = 3  # seconds, in place of gunicorn.conf.py's 30
PROCESSES = 4
BUSY_MACHINE = 5.0  # seconds more than on a quiet one


@pytest.fixture
def server(tmp_path, shared_database: str) -> Iterator[Server]:
    hanging = "tests.waits.hanging:application"
    ends = f"--timeout={ENDS}"
    with served(tmp_path, ends, application=hanging, workers=PROCESSES, DATABASE_URL=shared_database) as server:
        yield server


def form(how: str) -> dict[str, str]:
    return {"how": how, "typed": "Typed on a bad day"}


def saved() -> int:
    return Alarm.objects.filter(name="hang").count()


def test_who_waits_reads_why_and_can_send_it_again(server: Server):
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(server.ask, "/hang/", form("in Python"))
        while not hanging.done():
            assert server.ask("/healthz").seconds < 1
            time.sleep(0.1)
    answer = hanging.result()
    assert answer.status == 503
    assert ENDS <= answer.seconds < ENDS + BUSY_MACHINE
    assert "This took longer than 30 seconds" in answer.words
    assert saved() == 0
    # Where it was, and for which request.
    log = server.log.read_text()
    assert re.search(r"TookTooLong.*POST hang|POST hang.*", log)
    assert "tests/waits/hanging.py" in log

    assert server.ask("/hang/", form("not")).words == "saved"
    assert saved() == 1


def test_a_process_that_hears_nothing_is_killed_and_the_log_says_what_it_did(server: Server):
    before = set(server.workers)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        server.ask("/hang/", form("deaf"))
    wait_until(lambda: len(set(server.workers) - before) == 1 and len(server.workers) == PROCESSES, what="a new one")
    assert re.search(
        r"ended while it answered a request: POST hang, [0-9a-f]{16}, for \d+ seconds", server.log.read_text()
    )
    wait_until(lambda: idle_in_transaction() == 0, what="PostgreSQL rolls back")
    assert saved() == 0


def test_all_processes_may_hang_at_once(server: Server):
    with ThreadPoolExecutor(PROCESSES) as pool:
        hanging = [pool.submit(server.ask, "/hang/", form("in Python")) for _ in range(PROCESSES)]
        time.sleep(1)
        assert server.ask("/healthz").seconds < ENDS + BUSY_MACHINE
        assert {each.result().status for each in hanging} == {503}
    assert saved() == 0


def idle_in_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state LIKE 'idle in transaction%'"
        )
        return int(cursor.fetchone()[0])
