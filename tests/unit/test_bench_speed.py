"""bench.speed: what a browser of its own asks a server for, and when it has the answer."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.speed.browser import Browser, Visit
from bench.speed.floor import QUIET_FLOOR, Page, find_spread, judge
from bench.speed.load import CONNECTIONS, Line, ask_for, read_options
from bench.speed.report import Cost, Report

SLOW = 0.2  # seconds
HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


@pytest.fixture
def person() -> Browser:
    browser = Browser()
    browser.cookies = {"sessionid": "a", "csrftoken": "b"}
    return browser


def test_a_person_sends_cookies(person: Browser):
    visit = Visit(person, "/anytown/?all=1")
    assert visit.status == 200
    assert visit.request == (
        b"GET /anytown/?all=1 HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n"
        b"Cookie: sessionid=a; csrftoken=b\r\n\r\n"
    )


def test_a_stranger_sends_none_and_may_have_the_page_already():
    visit = Visit(Browser(), "/anytown/public/", '"tag"')
    assert visit.status == 304
    assert visit.request == (
        b'GET /anytown/public/ HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nIf-None-Match: "tag"\r\n\r\n'
    )


def test_gunicorn_runs_as_the_manual_has_it():
    options = read_options()
    assert options[:2] == ["--workers", "8"]
    assert "--threads" not in options
    assert {"--max-requests", "--max-requests-jitter", "--no-control-socket"} <= set(options)


@pytest.mark.parametrize(
    ("status", "got", "is_answered"),
    [
        (200, b"HTTP/1.1 200 OK\r\nContent-", False),
        (200, HEADERS + b"pag", False),
        (200, HEADERS + b"page", True),
        (304, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", True),
    ],
)
def test_an_answer_is_there_with_its_last_byte(status: int, got: bytes, is_answered: bool):
    with socket.socket() as unused:
        line = Line(unused, status, got=bytearray(got))
        assert line.is_answered() is is_answered


@pytest.mark.parametrize("got", [HEADERS, b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"])
def test_another_answer_ends_the_bench(got: bytes):
    with socket.socket() as unused, pytest.raises(SystemExit):
        Line(unused, 304, got=bytearray(got)).is_answered()


class Slow(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(SLOW)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = CONNECTIONS


@pytest.fixture
def port() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, args=[0.01]).start()
        yield server.server_port
        server.shutdown()


def test_an_answer_that_comes_after_the_end_counts(port: int):
    times = ask_for(Visit(Browser(), "/"), port, seconds=SLOW / 100)
    assert len(times) == CONNECTIONS
    assert min(times) >= SLOW


@pytest.mark.parametrize(
    ("most", "is_missed"), [(7.9, True), (8, False), (30, False), (90, True)], ids=["slow", "just", "usual", "no bite"]
)
def test_a_page_is_judged_by_floors_and_a_target_has_to_bite(monkeypatch, capsys, most: float, is_missed: bool):
    """The clock doesn't count, nor how slow the machine is: here ten times the floor, on one that is half as fast."""
    monkeypatch.setattr("bench.speed.floor.count_queries", lambda act: 3)
    report, floor = Report("PostgreSQL", rounds=1), Cost(wall=9, own=QUIET_FLOOR, database=QUIET_FLOOR)
    cost = Cost(wall=500, own=QUIET_FLOOR * 12, database=QUIET_FLOOR * 8)
    judge(report, Page("home", lambda: None, most), cost, floor)
    assert report.missed == ["home"] * is_missed
    assert "10.0 × ≤" in capsys.readouterr().out


def test_a_machine_is_as_quiet_as_its_floor():
    assert find_spread([1.0] * 20) == 0
    assert find_spread([1.0, 1.1, 0.9] * 20) == pytest.approx(0.2)
    assert find_spread([1.0, 3.0, 1.1, 2.0] * 20) > 0.5
