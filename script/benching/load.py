"""How many pages a second does a real gunicorn answer on this machine, the load generator included?

The generator is one thread in this process: it asks on CONNECTIONS connections, each again as soon as it has its
answer, and reads no page beyond its length. Each connection carries one page, as a proxy's does (docs/adr/0094).
"""

import contextlib
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from script.benching.browser import Browser
from script.benching.making import analyze, make_long_return
from script.benching.report import ROOT, Report
from tests.services.processes import free_port

CONNECTIONS = 8
WARM_UP, SECONDS = 2.0, 5.0
SLOWEST = 150  # ms, of 99 in 100 answers
READY_WITHIN = 30  # seconds
LAST_WORDS = 5_000  # characters of what gunicorn said, if a page fails
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


def load(report: Report) -> None:
    # Made before the server starts, and asked of it with the same sessions.
    lead, boss = make_long_return(), "coordinator@anytown.example"
    analyze()
    asked = (
        ("dashboards", Browser("strategic@anytown.example"), "/anytown/2026-10/", 450),
        ("returns", Browser(lead), "/anytown/returns/2026-11/long/", 100),
        ("coordinator’s homes", Browser(boss), "/anytown/", 100),
    )
    with serve() as port:
        for what, person, url, target in asked:
            ask_for(person, url, port, seconds=WARM_UP)
            times = ask_for(person, url, port, seconds=SECONDS)
            rate = len(times) / SECONDS
            slowest = statistics.quantiles(times, n=100)[98] * 1000
            words = f"{what:<28}{rate:>7.0f} a second ≥ {target}   p99 {slowest:>5.0f} ms ≤ {SLOWEST}"
            report.judge(what, words, is_met=rate >= target and slowest <= SLOWEST)


@contextlib.contextmanager
def serve() -> Iterator[int]:
    """Run gunicorn as in production, but without its settings for safety; yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "vvdash.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--threads", "4", "--no-control-socket"]
    # As in production, each request has its line.
    environment = {**os.environ, "LOG_LEVEL": "INFO", "LOG_FORMAT": "JSON"}
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(port)
            yield port
        except SystemExit:
            log.seek(0)
            sys.stderr.write(log.read().decode()[-LAST_WORDS:])
            raise
        finally:
            server.terminate()
            server.wait()


def wait_for(port: int) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if line.recv(1024).startswith(b"HTTP/1.1 200"):
                return
        time.sleep(0.1)
    raise SystemExit("gunicorn did not start.")


@dataclass
class Line:
    """A connection, and what has arrived of its answer."""

    socket: socket.socket
    began: float = 0.0
    got: bytearray = field(default_factory=bytearray)

    def is_answered(self) -> bool:
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = LENGTH.search(self.got, 0, end)
        if not self.got.startswith(b"HTTP/1.1 200") or length is None:
            raise SystemExit(f"Under load, a page was answered with {bytes(self.got[:80])!r}.")
        return len(self.got) >= end + 4 + int(length[1])


def ask_for(person: Browser, url: str, port: int, *, seconds: float) -> list[float]:
    """Ask for a page on so many connections for so long. Returns how many seconds each answer took."""
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    request = f"GET {url} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    times: list[float] = []
    with selectors.DefaultSelector() as ready:
        for _ in range(CONNECTIONS):
            begin(ready, port, request)
        end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < end:
            for key, _ in ready.select(end - now):
                line = key.data
                if not (arrived := line.socket.recv(1 << 18)):
                    raise SystemExit("Under load, gunicorn closed a connection.")
                line.got += arrived
                if not line.is_answered():
                    continue
                times.append(time.perf_counter() - line.began)
                ready.unregister(line.socket)
                line.socket.close()
                begin(ready, port, request)
        for key in ready.get_map().values():
            key.data.socket.close()
    return times


def begin(ready: selectors.BaseSelector, port: int, request: bytes) -> None:
    """Open a connection and ask for the page. It counts from before the connection."""
    began = time.perf_counter()
    line = Line(socket.create_connection(("127.0.0.1", port)), began)
    line.socket.sendall(request)
    ready.register(line.socket, selectors.EVENT_READ, line)
