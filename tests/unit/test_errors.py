"""What leaves to an error tracker: a server here takes it, and looks for everything that mustn't be in it."""

import gzip
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve

from core.context import Trail, trail
from vvdash import env
from vvdash.errors import ALLOWED, Reporter, keep_allowed
from vvdash.logs import CountingHandler

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def tracker() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Its address, and what it was sent: the headers and the body of each request."""
    taken: list[tuple[str, bytes]] = []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((str(self.headers), gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Take)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://key@127.0.0.1:{server.server_port}/1", taken
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def log(tracker) -> Iterator[logging.Logger]:
    handler = CountingHandler(open(os.devnull, "w"), reporter=Reporter(tracker[0], release="r1"))  # noqa: SIM115
    logger = logging.Logger("ours.test")
    logger.addHandler(handler)
    yield logger
    handler.close()
    handler.stream.close()


def wait(taken: list, number: int = 1) -> list[dict]:
    end = time.monotonic() + 20
    while len(taken) < number:
        assert time.monotonic() < end
        time.sleep(0.01)
    return [json.loads(body.splitlines()[2]) for _, body in taken]


def fail_deep(canary: str = "canary-argument") -> None:
    canary_local = f"canary-local {canary}"
    try:
        raise KeyError(f"canary-cause {canary_local}")
    except KeyError as fault:
        error = ValueError("Key (email)=(canary@agency.example) already exists", {"params": ["canary-parameter"]})
        error.add_note("canary-note")
        raise error from fault


def test_nothing_personal_leaves(tracker, log):
    request: Any = RequestFactory().post(
        "/anytown/2026-10/?q=canary-query",
        {"figure": "canary-body"},
        HTTP_COOKIE="sessionid=canary-cookie",
        HTTP_AUTHORIZATION="Bearer canary-key",
        HTTP_USER_AGENT="canary-agent",
        HTTP_X_CANARY="canary-header",
        REMOTE_ADDR="192.0.2.77",
    )
    request.resolver_match = resolve(request.path)
    request.user = type("Person", (), {"pk": 7, "email": "canary@x.example", "name": "canary-name"})()
    token = trail.set(Trail("abcdef12", visitor="192.0.2.77", request=request, person=7))
    try:
        fail_deep()
    except ValueError:
        extra = {"request": request, "status_code": 500}
        log.exception("%s: %s", "Internal Server Error", "/canary-path/", extra=extra)
    finally:
        trail.reset(token)
    (event,) = wait(tracker[1])
    headers, body = tracker[1][0]

    sent = headers.lower() + body.decode().lower()
    machine = os.uname().nodename.lower()
    assert [each for each in ("canary", "192.0.2.77", "anytown", "2026-10", str(ROOT), machine) if each in sent] == []
    assert set(event) <= ALLOWED
    assert event["tags"] == {
        "request": "abcdef12",
        "view": "reporting:month-view",
        "person": "7",
        "status": "500",
        "place": event["tags"]["place"],
    }
    cause, last = event["exception"]["values"]
    assert (cause["type"], last["type"]) == ("KeyError", "ValueError")
    assert last["stacktrace"]["frames"][-1]["function"] == "fail_deep"
    assert last["stacktrace"]["frames"][-1]["filename"] == "tests/unit/test_errors.py"
    assert event["release"] == "r1"


def test_an_error_without_an_exception_says_only_where(tracker, log):
    log.error("Invalid host canary.example")
    (event,) = wait(tracker[1])
    assert "canary" not in json.dumps(event)
    assert event["tags"]["place"].startswith("tests/unit/test_errors.py:")


def test_equal_errors_leave_once(tracker, log):
    for _ in range(500):
        try:
            fail_deep()
        except ValueError:
            log.exception("It failed.")
    log.warning("No error.")
    wait(tracker[1])
    time.sleep(0.1)
    assert len(tracker[1]) == 1


def test_whatever_a_later_client_adds_is_dropped():
    event = {"level": "error", "user": {"email": "x"}, "server_name": "host", "tags": {"view": "a", "url": "/x"}}
    assert keep_allowed(event, {}) == {"level": "error", "tags": {"view": "a"}}


@pytest.mark.parametrize("port", ["1", "mute"])
def test_a_tracker_that_is_gone_holds_up_nobody(port):
    """Neither the page with the error, nor the end of the process."""
    code = (
        "import logging, time, sys; from vvdash.errors import Reporter; from vvdash.logs import CountingHandler\n"
        "handler = CountingHandler(reporter=Reporter(sys.argv[1], release='r1'))\n"
        "logger = logging.Logger('x'); logger.addHandler(handler)\n"
        "took = []\n"
        "for number in range(30):\n"
        "    try: raise type(f'Fault{number}', (Exception,), {})\n"
        "    except Exception:\n"
        "        began = time.perf_counter(); logger.exception('x'); took.append(time.perf_counter() - began)\n"
        "began = time.perf_counter(); handler.close()\n"
        "print(sorted(took)[15], time.perf_counter() - began)\n"
    )
    with Mute() as mute:
        address = f"http://key@127.0.0.1:{mute if port == 'mute' else port}/1"
        began = time.perf_counter()
        done = subprocess.run(  # noqa: PLW1510
            [sys.executable, "-c", code, address],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "vvdash.settings"},
        )
        total = time.perf_counter() - began
    assert done.returncode == 0, done.stderr
    usual, end = map(float, done.stdout.split())
    assert usual < 0.005
    assert end < 1.0
    assert total < 30


class Mute:
    """A port that takes connections and never answers."""

    def __enter__(self) -> int:
        import socket  # noqa: PLC0415

        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        return int(self.socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.socket.close()


@pytest.mark.parametrize(
    "value", ["errors.example", "https://errors.example/1", "https://key@errors.example", "ftp://k@e/1"]
)
def test_an_address_that_could_take_nothing_is_refused_and_never_shown(monkeypatch, capsys, value):
    monkeypatch.setenv("ERRORS_URL", value)
    with pytest.raises(SystemExit):
        env.tracker("ERRORS_URL")
    assert capsys.readouterr().err == "ERRORS_URL must look like https://KEY@errors.example/1.\n"


def test_an_address_of_a_tracker_is_taken(monkeypatch):
    monkeypatch.setenv("ERRORS_URL", "https://0a1b@errors.example:8443/sub/12")
    assert env.tracker("ERRORS_URL") == "https://0a1b@errors.example:8443/sub/12"
