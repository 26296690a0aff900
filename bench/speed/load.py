"""How many of each page does a real gunicorn answer a second on this machine, the load generator included? And how long
does the slowest in a hundred take?

The generator is one thread in this process: it asks on CONNECTIONS connections, each again as soon as it has its
answer, and reads no page beyond its length. Each connection carries one page, as a proxy's does (docs/adr/0009).
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

from bench import ROOT
from bench.speed.browser import Visit
from bench.speed.floor import Page
from bench.speed.pages import list_pages
from bench.speed.report import Report
from tests.services.processes import free_port

CONNECTIONS = 8
WARM_UP, SECONDS = 1.0, 2.5
LONGER = 2  # times, if the rate is a target
SLOWEST = 250  # ms, of 99 in 100 answers
READY_WITHIN = 30  # seconds, also to the first page of a process that has loaded nothing
LAST_WORDS = 5_000  # characters of what gunicorn said, if a page fails
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


def load(report: Report) -> None:
    # Made before the server starts, and asked of it with the same sessions.
    pages = list_pages()
    report.say(f"gunicorn on {CONNECTIONS} connections; no pages made anew: a running server can't be asked for those")
    report.say(f"{'':<38}{'a second':>15}{'p99':>15}")
    with serve() as port:
        for page in pages:
            if isinstance(page.act, Visit):
                judge(report, page, page.act, port)


def judge(report: Report, page: Page, visit: Visit, port: int) -> None:
    """Compare how many answers come a second, and how slow the slowest are, with the page's targets."""
    warm_up, seconds = (LONGER * WARM_UP, LONGER * SECONDS) if page.rate else (WARM_UP, SECONDS)
    ask_for(visit, port, seconds=warm_up)
    begun = time.perf_counter()
    times = ask_for(visit, port, seconds=seconds)
    rate, slowest = len(times) / (time.perf_counter() - begun), statistics.quantiles(times, n=100)[98] * 1000
    a_second = f"{rate:.0f}" + (f" ≥ {page.rate}" if page.rate else "")
    p99 = f"{slowest:.0f} ms ≤ {SLOWEST}"
    report.judge(page.what, f"{page.what:<38}{a_second:>15}{p99:>15}", is_met=rate >= page.rate and slowest <= SLOWEST)


def read_options() -> list[str]:
    """Return gunicorn's options as docs/run/install.md has them, but for its address."""
    manual = (ROOT / "docs" / "run" / "install.md").read_text(encoding="utf-8")
    _, _, command = manual.partition("-m gunicorn vvdash.wsgi:application --bind 127.0.0.1:8000 ")
    return command.partition("\n.venv")[0].replace("\\\n", " ").split()


@contextlib.contextmanager
def serve() -> Iterator[int]:
    """Run gunicorn as the manual has it, but without the settings for safety; yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "vvdash.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += read_options()
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
    status: int
    began: float = 0.0
    got: bytearray = field(default_factory=bytearray)

    def is_answered(self) -> bool:
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = self.read_length(end)
        if not self.got.startswith(f"HTTP/1.1 {self.status} ".encode()) or length is None:
            raise SystemExit(f"Under load, a page was answered with {bytes(self.got[:80])!r}.")
        return len(self.got) >= end + 4 + length

    def read_length(self, end: int) -> int | None:
        if self.status == 304:
            return 0  # it has no body, and may still tell the page's length
        found = LENGTH.search(self.got, 0, end)
        return int(found[1]) if found else None


def ask_for(visit: Visit, port: int, *, seconds: float) -> list[float]:
    """Ask for a page on so many connections for so long, and wait for each answer. Returns how many seconds each took.

    The last ones count: an answer that is slower than the rest is the likeliest to be under way at the end.
    """
    times: list[float] = []
    with selectors.DefaultSelector() as ready:
        for _ in range(CONNECTIONS):
            begin(ready, port, visit)
        end = time.perf_counter() + seconds
        while ready.get_map():
            if not (arrived_on := ready.select(READY_WITHIN)):
                raise SystemExit(f"Under load, no page was answered for {READY_WITHIN} seconds.")
            for key, _ in arrived_on:
                line = key.data
                if not (arrived := line.socket.recv(1 << 18)):
                    raise SystemExit("Under load, gunicorn closed a connection.")
                line.got += arrived
                if not line.is_answered():
                    continue
                times.append(time.perf_counter() - line.began)
                ready.unregister(line.socket)
                line.socket.close()
                if time.perf_counter() < end:
                    begin(ready, port, visit)
    return times


def begin(ready: selectors.BaseSelector, port: int, visit: Visit) -> None:
    """Open a connection and ask for the page. It counts from before the connection."""
    began = time.perf_counter()
    line = Line(socket.create_connection(("127.0.0.1", port)), visit.status, began)
    line.socket.sendall(visit.request)
    ready.register(line.socket, selectors.EVENT_READ, line)
