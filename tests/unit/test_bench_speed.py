"""bench.speed: what a browser of its own asks a server for, and when it has the answer."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.speed.browser import Browser, Visit
from bench.speed.load import CONNECTIONS, Line, ask_for

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
