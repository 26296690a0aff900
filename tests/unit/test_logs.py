"""One line an error, and then its count; with who and where, and nothing that somebody typed."""

import io
import json
import logging
import os
import time
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve

from core.context import Trail, make_id, trail
from vvdash import logs
from vvdash.logs import PERIOD, CountingHandler, JsonFormatter, LineFormatter


class Log:
    """A log of its own, with a clock that the test moves."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.now = 0.0
        self.stream = io.StringIO()
        self.handler = CountingHandler(self.stream, clock=lambda: self.now)
        self.handler.setFormatter(formatter)
        self.logger = logging.Logger("ours.test")
        self.logger.addHandler(self.handler)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def log():
    made = Log(JsonFormatter())
    yield made
    made.handler.close()


@pytest.fixture
def text():
    made = Log(LineFormatter())
    yield made
    made.handler.close()


class Down(Exception):
    pass


def fail(log: Log, *, fault: type[Exception] = Down, words: str = "It failed.") -> None:
    try:
        raise fault("could not connect")
    except fault:
        log.logger.exception(words)


def test_an_outage_is_a_few_lines_and_the_counts_add_up(log):
    """An outage of PostgreSQL left 421,842 lines."""
    for number in range(20_000):
        log.now = number * 0.009  # three minutes
        fail(log, words=f"Request {number} failed.")
        log.logger.warning("%s %s was answered with %s.", "GET", "home", 503, extra={"fields": {"status": 503}})
    log.handler.close()

    assert len(log.rows) <= 4 * 3 + 4
    for level in ("ERROR", "WARNING"):
        ours = [row for row in log.rows if row["level"] == level]
        assert sum(row.get("times", 1) for row in ours) == 20_000
    assert log.rows[0]["error"]["type"] == "Down"
    assert log.rows[0]["error"]["place"].startswith("tests/unit/test_logs.py:")
    assert "could not connect" in log.rows[0]["error"]["trace"]


@pytest.mark.parametrize(("failures", "often"), [(2, "once"), (3, "2 times")])
def test_a_count_is_written_when_the_period_is_over_though_nothing_else_happens(monkeypatch, failures: int, often: str):
    monkeypatch.setattr(logs, "PERIOD", 0.05)
    log = Log(JsonFormatter())
    for _ in range(failures):  # however long a busy machine takes: the test's clock stands still
        fail(log)
    log.now = PERIOD
    end = time.monotonic() + 10
    while len(log.lines) < 2:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert log.rows[1]["message"].startswith(f"It failed. Again {often} in ")
    log.handler.close()


def test_an_error_of_the_next_period_is_written_in_full_again(log):
    fail(log)
    log.now = PERIOD + 1
    fail(log)
    assert ["error" in row for row in log.rows] == [True, True]


def test_other_errors_are_seen_beside_a_frequent_one(log):
    for _ in range(1000):
        fail(log)
    fail(log, fault=KeyError)
    log.logger.error("Something else.")
    assert [row["message"] for row in log.rows] == ["It failed.", "It failed.", "Something else."]


def test_lines_that_differ_only_by_a_number_are_one(log):
    for number in range(100):
        log.logger.error("Trying again in %s.00 seconds... (%s/100)", number, number)
    assert len(log.lines) == 1


def test_no_stranger_fills_the_log_with_words_of_their_own(log):
    for number in range(5_000):
        log.logger.warning("Invalid host %s", "x" * (number % 977) + "abcdefgh"[number % 8])
    assert len(log.lines) <= 21
    log.handler.close()
    assert sum(row.get("times", 1) for row in log.rows) == 5_000


def test_memory_is_bounded_and_what_is_dropped_is_counted(log):
    for number in range(600):
        for _ in range(2):
            log.logger.handle(logging.LogRecord(f"logger {number}", logging.ERROR, "x", 1, "Words", None, None))
    assert len(log.handler.book.seen) <= logs.MOST_KEYS
    log.handler.close()
    assert sum(row.get("times", 1) for row in log.rows) == 1_200


def test_what_is_the_only_record_of_an_act_is_never_counted_away(log):
    for number in range(30):
        log.logger.error("Person %s read it.", number, extra={"is_record": True})
    assert len(log.lines) == 30


def test_what_is_no_warning_is_never_counted_away(log):
    log.logger.setLevel(logging.INFO)
    for _ in range(30):
        log.logger.info("The same.")
    assert len(log.lines) == 30


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_does_not_write_the_counts_of_its_parent(log):
    for _ in range(5):
        fail(log)
    child = os.fork()
    if child == 0:
        os._exit(0 if not log.handler.book.seen else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    log.handler.close()
    assert [row.get("times") for row in log.rows] == [None, 4]


# --- What a line has


@pytest.fixture
def asked():
    """A request with secrets wherever a visitor can put some."""
    request: Any = RequestFactory().get(
        "/anytown/2026-10/",
        {"q": "canary-query"},
        HTTP_COOKIE="sessionid=canary-cookie",
        HTTP_AUTHORIZATION="Bearer canary-key",
        HTTP_USER_AGENT="canary-agent",
    )
    request.resolver_match = resolve(request.path)
    request.user = type("Person", (), {"pk": 7, "email": "canary@x.example", "__str__": lambda self: "canary"})()
    token = trail.set(Trail("abcdef12", visitor="192.0.2.1", request=request, person=7))
    yield request
    trail.reset(token)


@pytest.mark.parametrize(
    ("path", "status", "is_said"),
    [("/readyz", 503, False), ("/healthz/jobs", 503, False), ("/readyz", 500, True), ("/anytown/2026-10/", 503, True)],
)
def test_a_monitor_that_is_told_of_something_ill_is_no_fault(path: str, status: int, is_said: bool):
    request: Any = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    record = logging.makeLogRecord({"status_code": status, "request": request})
    assert logging.getLogger("django.request").filter(record) == (record if is_said else False)


def test_a_line_says_who_and_where(log, asked):
    log.logger.error("It failed.", extra={"fields": {"status": 500, "ms": 12.5}})
    row = log.rows[0]
    assert row.pop("time").endswith("+00:00")
    assert row == {
        "level": "ERROR",
        "logger": "ours.test",
        "message": "It failed.",
        "request": "abcdef12",
        "visitor": "192.0.2.1",
        "method": "GET",
        "view": "reporting:month-view",
        "area": "anytown",
        "person": 7,
        "status": 500,
        "ms": 12.5,
    }


@pytest.mark.parametrize("kind", ["log", "text"])
def test_nothing_that_a_visitor_sent_is_in_it(kind, asked, request):
    log = request.getfixturevalue(kind)
    asked.path = "/account/link/canary-token/"
    log.logger.error("%s: %s", "Internal Server Error", asked.path, extra={"request": asked, "status_code": 500})

    assert "canary" not in log.stream.getvalue()
    assert "Internal Server Error: reporting:month-view" in log.stream.getvalue()


@pytest.mark.parametrize("kind", ["log", "text"])
def test_nobody_makes_two_lines_of_one(kind, request):
    log = request.getfixturevalue(kind)
    log.logger.error("Name %s is wrong.", "a\n2026-11-27 ERROR forged: line\r\n")
    assert len(log.lines) == 1


def test_people_read_a_line_with_its_trace_below(text):
    fail(text)
    assert text.lines[0].endswith(" ERROR ours.test: It failed.")
    assert text.lines[1] == "Traceback (most recent call last):"
    assert text.lines[-1].endswith("Down: could not connect")


@pytest.mark.parametrize("sent", ["", "short", "x" * 65, "with space", "new\nline", "a;b=c-drop"])
def test_only_a_plain_id_of_a_proxy_is_taken(sent):
    assert make_id("0123-abcd-EF", is_believed=True) == "0123-abcd-EF"
    assert make_id("0123-abcd-EF", is_believed=False) != "0123-abcd-EF"
    assert len(make_id(sent, is_believed=True)) == 16
