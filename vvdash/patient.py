"""Gunicorn's threaded worker, but a thread never waits for a client (ADR 0009).

Gunicorn's own reads a request and sends an answer in a thread of its pool. Eight clients that send a byte every few
seconds then stop the site. Here the loop of the process collects a request until it is whole, and only then gives it
to a thread. What a thread answers, the loop sends on. The loop never blocks.

A connection carries one request, and a process whose threads are all busy accepts no other (ADR 0009). So a request
never waits in a busy process while another one has a free thread.
"""

import contextlib
import errno
import re
import resource
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.http import get_parser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from core import metrics

LONGEST_HEAD = 32 * 1024  # bytes
LONGEST_BODY = 34 * 1024 * 1024  # our pages take 32 MB: docs/run/daily.md
MOST_IN = 72 * 1024 * 1024  # of all requests that arrive in one process: two of the longest
MOST_OUT = 128 * 1024 * 1024  # of all answers that wait to be sent
BY_ONE_READ = 256 * 1024
SILENT, WHOLE = 30.0, 300.0  # seconds: without a byte, and until a request is whole
STUCK, SENT = 60.0, 1200.0  # seconds: until a client takes another byte of its answer, and all of it
LINGER = 2.0  # seconds: for a client to read our last words, and for a stopping process to get a last request
OTHER_FILES = 100  # file numbers that aren't connections

END_OF_HEAD = b"\r\n\r\n"
REASONS = {
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class Line:
    """A client's socket, for a thread to write to. It takes every byte at once; the loop sends what is `left`."""

    def __init__(self, client: socket.socket) -> None:
        client.setblocking(False)
        self._client = client
        self.left = bytearray()

    def sendall(self, data: bytes) -> None:
        self.left += data
        self.send_on()

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        file.seek(offset)
        return self.send(file.read() if count is None else file.read(count))

    def send_on(self) -> int:
        """Send as much as the client takes now; return how many bytes. Raises OSError if it is gone."""
        sent = 0
        with contextlib.suppress(BlockingIOError, InterruptedError), memoryview(self.left) as left:
            while sent < len(left):
                sent += self._client.send(left[sent : sent + BY_ONE_READ])
        del self.left[:sent]
        return sent

    def setblocking(self, _: bool | int) -> None:
        """Gunicorn asks for it before a thread reads or writes. Neither blocks here."""

    def settimeout(self, _: float | None) -> None:
        """The loop has the deadlines."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class Held(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """Where gunicorn's parser reads from: a request that is whole. It never asks the socket."""

    def hold(self, head: bytes, body: memoryview) -> None:
        self._head, self._body = head, body

    def chunk(self, size_hint: int | None = None) -> bytes:
        if self._head:  # by itself, or the parser would copy the body with it
            head, self._head = self._head, b""
            return head
        size = min(max(size_hint or 0, self.mxchunk), self.max_body_chunk)
        piece, self._body = self._body[:size], self._body[size:]
        return bytes(piece)


class Wait:
    """A connection that waits for its client, with its deadline: for a request, to send, or to end."""

    def __init__(self, conn: Any, *, silent: float, longest: float) -> None:
        self.conn, self.silent = conn, silent
        self.end = time.monotonic() + longest
        self.heard()

    def heard(self) -> None:
        self.deadline = min(time.monotonic() + self.silent, self.end)


class Reading(Wait):
    """A request that arrives."""

    def __init__(self, conn: Any) -> None:
        super().__init__(conn, silent=SILENT, longest=WHOLE)
        self.bytes = bytearray()
        self.body_at = 0  # until the head is whole
        self.needs = 0

    def take(self, data: bytes) -> int | None:
        """Add what arrived. Return the status that refuses the request, if one does."""
        seen = max(0, len(self.bytes) - len(END_OF_HEAD))
        self.bytes += data
        self.heard()
        if not self.has_head:
            at = self.bytes.find(END_OF_HEAD, seen)
            if (at if at >= 0 else len(self.bytes)) > LONGEST_HEAD:
                return 431
            if at >= 0:
                self.body_at = at + len(END_OF_HEAD)
                return self._read_head(bytes(self.bytes[:at]))
        return None

    def _read_head(self, head: bytes) -> int | None:
        fields = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
        named = [(name.strip().lower(), value.strip()) for name, _, value in fields]
        lengths = [value for name, value in named if name == b"content-length"]
        # Browsers send a length, and so does a proxy that buffers.
        if any(name == b"transfer-encoding" for name, _ in named):
            return 411
        # Gunicorn refuses a length that isn't one, or several: it needs only the head for that.
        is_clear = len(lengths) == 1 and re.fullmatch(rb"[0-9]{1,12}", lengths[0])
        length = int(lengths[0]) if is_clear else 0
        self.needs = self.body_at + length
        self.waits_for_word = (b"expect", b"100-continue") in [(name, value.lower()) for name, value in named]
        return 413 if length > LONGEST_BODY else None

    @property
    def has_head(self) -> bool:
        return self.body_at > 0

    @property
    def is_whole(self) -> bool:
        return self.has_head and len(self.bytes) >= self.needs

    def split(self) -> tuple[bytes, memoryview]:
        """Return the head and the body. What followed is nobody's request."""
        # We have said that it may send the rest, so gunicorn needn't.
        head = re.sub(rb"(?i)\r\nexpect:[^\r\n]*", b"", bytes(self.bytes[: self.body_at]))
        return head, memoryview(self.bytes)[self.body_at : self.needs]


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """The worker class in gunicorn.conf.py. `waits` has every connection that isn't with a thread, the oldest first."""

    waits: dict[Any, Wait]
    worker_connections: int

    def init_process(self) -> None:
        if self.cfg.is_ssl:
            raise RuntimeError("This worker doesn't end TLS: a proxy in front does.")
        self.waits = {}
        self.stops_at: float | None = None
        self.answering = 0  # requests that are with a thread, or wait for one
        self.cfg.set("keepalive", 0)  # so answers say that the connection ends
        # Beyond it, accepting another connection would end the process.
        most_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if most_files != resource.RLIM_INFINITY:
            self.worker_connections = max(2, min(self.worker_connections, most_files - OTHER_FILES))
        super().init_process()

    # --- A request arrives

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled and self.answering < self.cfg.threads)

    def enqueue_req(self, conn: Any) -> None:
        self.answering += 1
        super().enqueue_req(conn)
        if self.answering >= self.cfg.threads:
            self.set_accept_enabled(False)

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError as fault:
            if fault.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, Line(client), address, listener.getsockname())
        conn.parser = get_parser(self.cfg, conn.sock, address)
        conn.parser.unreader = Held(conn.sock)
        conn.initialized = conn.data_ready = True
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        reading = Reading(conn)
        self._wait(reading, selectors.EVENT_READ, partial(self._on_bytes, reading))
        self._on_bytes(reading)  # mostly it is here already, and then counts before we accept another

    def _make_room(self) -> None:
        """End the oldest connection that waits, so that slow clients can't take every place."""
        oldest = next(iter(self.waits.values()), None)
        if oldest is not None:
            self._drop(oldest.conn)

    def _on_bytes(self, reading: Reading, _: Any = None) -> None:
        try:
            data = reading.conn.sock.recv(BY_ONE_READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if data:
            self._take(reading, data)
        else:
            self._drop(reading.conn)

    def _take(self, reading: Reading, data: bytes) -> None:
        had_head = reading.has_head
        if status := reading.take(data):
            self._refuse(reading, status)
        elif reading.is_whole:
            self._forget(reading.conn)
            reading.conn.parser.unreader.hold(*reading.split())
            self.enqueue_req(reading.conn)
        else:
            if reading.has_head and not had_head and reading.waits_for_word:
                with contextlib.suppress(OSError):  # it is gone, which its next event says
                    reading.conn.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._keep_within(MOST_IN, lambda each: len(each.bytes) if isinstance(each, Reading) else 0)

    def _keep_within(self, most: int, size: Callable[[Any], int]) -> None:
        """End connections that hold much, the oldest first, until all hold less than `most` bytes."""
        sizes = {wait: size(wait) for wait in self.waits.values()}
        total = sum(sizes.values())
        for wait, held in sizes.items():
            if total <= most:
                return
            if held * 32 > most:  # a small one makes no room
                total -= held
                self._refuse(wait, 503) if isinstance(wait, Reading) else self._give_up(wait)

    def _refuse(self, reading: Reading, status: int) -> None:
        """Answer a request that we don't read."""
        metrics.count("slow_clients", why=str(status))
        reading.bytes = bytearray()
        words = f"{REASONS[status]}\n"
        head = f"HTTP/1.1 {status} {REASONS[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        with contextlib.suppress(OSError):
            reading.conn.sock.sendall(f"{head}Content-Length: {len(words)}\r\n\r\n{words}".encode())
        self._forget(reading.conn)
        self._linger(reading.conn)

    # --- An answer leaves

    def finish_request(self, conn: Any, _: Future[bool]) -> None:
        """Go on after a thread has answered."""
        self.answering -= 1
        if not conn.sock.left or conn.sock.fileno() < 0:  # nothing is left, or gunicorn has closed it after an error
            self._linger(conn)
            return
        sending = Wait(conn, silent=STUCK, longest=SENT)
        self._wait(sending, selectors.EVENT_WRITE, partial(self._on_room, sending))
        self._keep_within(MOST_OUT, lambda each: len(each.conn.sock.left))

    def _on_room(self, sending: Wait, _: Any) -> None:
        try:
            if sending.conn.sock.send_on():
                sending.heard()
        except OSError:
            self._drop(sending.conn)
            return
        if not sending.conn.sock.left:
            self._forget(sending.conn)
            self._linger(sending.conn)

    def _linger(self, conn: Any) -> None:
        """Let the client read our last words. If we closed while it still sends, it might lose them."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:  # it is gone, or a thread has closed it
            self.nr_conns -= 1
            conn.close()
            return
        lingering = Wait(conn, silent=LINGER, longest=LINGER)
        self._wait(lingering, selectors.EVENT_READ, partial(self._on_late_bytes, lingering))

    def _on_late_bytes(self, lingering: Wait, _: Any) -> None:
        with contextlib.suppress(BlockingIOError, InterruptedError):
            try:
                if lingering.conn.sock.recv(BY_ONE_READ):
                    return
            except ConnectionError:
                pass
            self._drop(lingering.conn)

    # --- Connections that wait

    def _wait(self, wait: Wait, event: int, then: Callable[[Any], None]) -> None:
        def unless_over(on: Any) -> None:
            # The poller hands over several events at once, and one of them may end what another is about.
            if self.waits.get(wait.conn) is wait:
                then(on)

        self.waits[wait.conn] = wait
        self.poller.register(wait.conn.sock, event, unless_over)

    def _forget(self, conn: Any) -> None:
        del self.waits[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Any) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _give_up(self, wait: Wait) -> None:
        """End a connection: nothing comes on it, or nobody reads what we send."""
        if wait.conn.sock.left:
            metrics.count("slow_clients", why="unread")
        self._drop(wait.conn)

    def murder_pending(self) -> None:
        """End the connections that are past their deadline. Gunicorn calls this after each turn of the loop."""
        now = time.monotonic()
        if not self.alive and self.stops_at is None:
            self.stops_at = now + LINGER
        for wait in list(self.waits.values()):
            has_begun = isinstance(wait, Reading) and bool(wait.bytes)
            if now >= wait.deadline:
                self._refuse(wait, 408) if isinstance(wait, Reading) and has_begun else self._give_up(wait)
            elif self.stops_at is not None and now >= self.stops_at and isinstance(wait, Reading) and not has_begun:
                self._drop(wait.conn)
