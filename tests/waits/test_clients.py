"""Clients that send or read slowly, or badly, hold up nobody; and whoever is quick loses nothing."""

import contextlib
import hashlib
import inspect
import os
import re
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from gunicorn.http.unreader import SocketUnreader, Unreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from tests.waiting import wait_until
from tests.waits.serving import Server, served

ECHO = "tests.waits.echo:application"
MB = 1024 * 1024
POST = b"POST /digest HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """With the product's own limits."""
    with served(tmp_path_factory.mktemp("echo"), application=ECHO, workers=1) as server:
        yield server


@pytest.fixture(scope="module")
def hasty(tmp_path_factory) -> Iterator[Server]:
    """With limits that a test can wait for."""
    options = ("--config=tests/waits/hasty.py", "--worker-connections=40")
    with served(tmp_path_factory.mktemp("hasty"), *options, application=ECHO, workers=1) as server:
        yield server


@contextlib.contextmanager
def line(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as made:
        yield made


def hear(line: socket.socket) -> bytes:
    """All that is said until the other side hangs up."""
    heard = []
    with contextlib.suppress(ConnectionResetError):
        while data := line.recv(MB):
            heard.append(data)
    return b"".join(heard)


def say(server: Server, *words: bytes) -> bytes:
    with line(server) as made:
        for each in words:
            made.sendall(each)
        return hear(made)


def statuses(heard: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3})", heard)]


@contextlib.contextmanager
def slow_clients(server: Server, beginnings: list[bytes]) -> Iterator[list[socket.socket]]:
    """Clients that send one more byte every half a second."""
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(line(server)) for _ in beginnings]
        for each, beginning in zip(lines, beginnings, strict=True):
            each.sendall(beginning)
        is_over = threading.Event()

        def drip() -> None:
            while not is_over.wait(0.5):
                for each in lines:
                    with contextlib.suppress(OSError):
                        each.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            yield lines
        finally:
            is_over.set()
            dripping.join()


def test_two_hundred_slow_clients_and_slow_readers_hold_up_nobody(server: Server):
    """Eight stopped the site. A reader takes nothing of an answer of 4 MB."""
    heads, bodies = [b"GET /", b"POST /digest HTTP/1.1\r\nHo"] * 50, [POST % 5000 + b"x"] * 100
    readers = [b"GET /big/4000000 HTTP/1.1\r\nHost: here\r\n\r\n"] * 20
    with slow_clients(server, heads + bodies + readers):
        answers = [server.ask("/") for _ in range(40)]
        assert {answer.status for answer in answers} == {200}
        assert max(answer.seconds for answer in answers) <= 2  # measured: 0.02


def test_the_largest_file_arrives_whole(server: Server):
    body = os.urandom(33 * MB)
    for path, sent, answered in (("/digest", body, hashlib.sha256(body).hexdigest()), ("/unread", b"x" * 1000, "ok")):
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as client:
            client.request("POST", path, sent)
            assert client.getresponse().read().decode() == answered
    (worker,) = server.workers
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text())
    assert int(peak[1]) < 200_000


def test_a_large_answer_leaves_whole(server: Server):
    with line(server) as reader:
        reader.sendall(b"GET /big/20000000 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        time.sleep(0.3)
        assert hear(reader).partition(b"\r\n\r\n")[2] == b"x" * 20_000_000


def test_a_connection_carries_one_request(server: Server):
    heard = say(server, POST % 3 + b"one" + POST % 3 + b"two")
    assert statuses(heard) == [200]
    assert b"\r\nConnection: close\r\n" in heard
    assert heard.endswith(hashlib.sha256(b"one").hexdigest().encode())


def test_no_request_waits_in_a_process_while_another_has_a_free_thread(tmp_path: Path):
    """Two processes with four threads each answer eight at a time, and say which of them did."""
    with served(tmp_path, application=ECHO, workers=2) as server, ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            asked = []
            for _ in range(8):
                asked.append(pool.submit(server.ask, "/late/1"))
                time.sleep(0.02)
            answered = Counter(each.result().words for each in asked)
            assert sorted(answered.values()) == [4, 4]


def test_whoever_asks_is_told_once_to_send_the_rest(server: Server):
    with line(server) as made:
        made.sendall(POST.replace(b"Host", b"Connection: close\r\nExpect: 100-continue\r\nHost") % 4)
        assert made.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        made.sendall(b"body")
        heard = hear(made)
    assert statuses(heard) == [200]
    assert hashlib.sha256(b"body").hexdigest().encode() in heard


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: here\r\nX: " + b"x" * 40_000, 431),
        (b"GET / HTTP/1.1\r\nHost: here\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", 431),
        (POST % (35 * MB) + b"x" * 200_000, 413),
        (b"POST /digest HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 411),
        (b"POST /digest HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST /digest HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
        (b"POST /digest HTTP/1.1\r\nContent-Length: +1\r\n\r\nx", 400),
        (b"POST /digest HTTP/1.1\r\nContent-Length : 1\r\n\r\nx", 400),
        (b"POST /digest HTTP/1.1\r\nContent-Length: 1\r\n 2\r\n\r\nxx", 400),
        (b"GET /\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_after_it_is_read(server: Server, words: bytes, status: int):
    """What follows must never count as a request of its own."""
    assert statuses(say(server, words + b"GET /smuggled HTTP/1.1\r\nHost: here\r\n\r\n")) == [status]
    assert server.ask("/").status == 200


def test_who_falls_silent_is_told(hasty: Server):
    for words in (b"GET / HT", POST % 10 + b"x"):
        began = time.monotonic()
        assert statuses(say(hasty, words)) == [408]
        assert 1 <= time.monotonic() - began < 6
    assert say(hasty) == b"", "whoever said nothing hears nothing"


def test_who_is_slow_for_too_long_is_told(hasty: Server):
    began = time.monotonic()
    with slow_clients(hasty, [b"GET /", POST % 5000]) as lines:
        assert [statuses(hear(each)) for each in lines] == [[408], [408]]
    assert 3 <= time.monotonic() - began < 10


def test_who_reads_nothing_is_dropped(hasty: Server):
    with line(hasty) as reader:
        reader.sendall(b"GET /big/20000000 HTTP/1.1\r\nHost: here\r\n\r\n")
        assert reader.recv(8) == b"HTTP/1.1"
        ends = f":{hasty.port:04X} 0100007F:{reader.getsockname()[1]:04X} "

        def is_held() -> bool:
            rows = Path("/proc/net/tcp").read_text().splitlines()
            return any(ends in row and row.split()[9] != "0" for row in rows)  # 0: no process has it any more

        assert is_held()
        wait_until(lambda: not is_held(), what="it is still connected")


def test_there_is_always_room_for_one_more(hasty: Server):
    """Of forty connections at most, the oldest goes."""
    with slow_clients(hasty, [b"GET /"] * 120):
        assert {hasty.ask("/").status for _ in range(20)} == {200}


def test_all_together_hold_only_so_much(hasty: Server):
    with line(hasty) as first, line(hasty) as second:
        for each in (first, second):
            each.sendall(POST % (6 * MB) + b"x" * (5 * MB))
        assert statuses(hear(first)) == [503]
        second.sendall(b"x" * MB)
        assert statuses(second.recv(1000)) == [200]


def test_a_stopping_process_loses_no_request(tmp_path: Path):
    with served(tmp_path, application=ECHO, workers=1) as server, line(server) as late, line(server) as half:
        late.sendall(b"GET /late/1 HTTP/1.1\r\nHost: here\r\n\r\n")
        half.sendall(POST % 4 + b"bo")
        assert server.ask("/").status == 200  # both have arrived before
        os.kill(server.pid, signal.SIGTERM)
        wait_until(lambda: "Handling signal: term" in server.log.read_text(), what="it doesn't stop")
        half.sendall(b"dy")
        assert statuses(hear(late)) == [200]
        assert hashlib.sha256(b"body").hexdigest().encode() in hear(half)


# --- What happens while the process is busy with something else


@contextlib.contextmanager
def busy(server: Server) -> Iterator[None]:
    """Let everything within the block happen for the process at once, and let it live on."""
    (process,) = server.workers
    os.kill(process, signal.SIGSTOP)
    try:
        yield
        time.sleep(0.2)
    finally:
        os.kill(process, signal.SIGCONT)
    assert server.ask("/").status == 200
    assert server.workers == [process]


def vanish(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_whoever_asks_to_send_the_rest_may_vanish(server: Server):
    with busy(server), line(server) as made:
        made.sendall(POST.replace(b"Host", b"Expect: 100-continue\r\nHost") % 4)
        time.sleep(0.1)
        vanish(made)


def test_whoever_has_to_make_room_may_go_on_at_the_same_moment(hasty: Server):
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(line(hasty)) for _ in range(39)]
        for each in lines:
            each.sendall(b"GET / HT")
        time.sleep(0.3)
        with busy(hasty):
            lines += [stack.enter_context(line(hasty)) for _ in range(3)]
            for each in lines:
                each.sendall(b"TP/1.1\r\n")


def test_an_answer_that_breaks_off_breaks_nothing_else(server: Server):
    processes = server.workers
    with line(server) as reader:
        reader.sendall(b"GET /broken HTTP/1.1\r\nHost: here\r\n\r\n")
        wait_until(lambda: "The rest is lost." in server.log.read_text(), what="it doesn't break off")
        assert server.ask("/").status == 200
        assert server.workers == processes


def test_gunicorn_is_the_one_that_we_built_on():
    """These methods are replaced, or called in another way than gunicorn does. Look at each before you change this."""
    used = [
        *(ThreadWorker.accept, ThreadWorker.enqueue_req, ThreadWorker.finish_request, ThreadWorker.murder_pending),
        *(ThreadWorker.handle, ThreadWorker.handle_request, ThreadWorker.run, ThreadWorker.init_process),
        ThreadWorker.set_accept_enabled,
        *(TConn.__init__, TConn.init, TConn.close, Unreader.read, SocketUnreader.chunk),
    ]
    source = "".join(map(inspect.getsource, used))
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == "f077121ba5d0622a"
