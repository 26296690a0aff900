"""A store that does not do what we ask of it loses nothing, and nobody waits for it longer than we say."""

import contextlib
import socketserver
import threading
from datetime import UTC, datetime
from time import monotonic

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from core.files import objects
from vvdash import s3 as client
from vvdash.breaker import Breaker
from vvdash.s3 import S3Storage

OURS, COPY = "https://dashboard.example", "https://copy.example"
IGNORES = "The store doesn’t support conditional writes: it ignores If-None-Match."


def store_of(owner: str, address: str) -> S3Storage:
    return S3Storage(
        address=address, bucket="vvdash-objects", key="AKIATEST", secret="se/cret+1", region="us-east-1", owner=owner
    )


@pytest.fixture
def change_requests(monkeypatch):
    """Let a function change each request to a store, by its name and parameters, or fail instead."""

    def use(change) -> None:
        call = BaseClient._make_api_call
        monkeypatch.setattr(BaseClient, "_make_api_call", lambda client, *asked: call(client, *change(*asked)))

    return use


# --- It ignores conditions ------------------------------------------------------------------------------------------


@pytest.fixture
def ignorant(s3, change_requests):
    """A store that ignores If-None-Match."""
    change_requests(lambda name, asked: (name, {key: asked[key] for key in asked if key != "IfNoneMatch"}))
    return s3


def owner_of(s3) -> bytes:
    return s3.client.get_object(Bucket="vvdash-objects", Key="owner")["Body"].read()


def test_a_store_without_conditional_writes_keeps_its_owner(ignorant):
    address = f"http://127.0.0.1:{ignorant.port}"
    name = objects.name_of(b"%PDF")
    ignorant.write("owner", OURS.encode())
    ignorant.write(name, b"%PDF")
    copy = store_of(COPY, address)
    assert copy.probe() == "The store belongs to another installation."
    with pytest.raises(objects.Unreadable, match="belongs to another installation"):
        copy.delete(name)
    assert owner_of(ignorant) == OURS.encode()
    assert ignorant.names() == {name}


def test_the_check_says_that_a_store_has_no_conditional_writes(ignorant):
    ours = store_of(OURS, f"http://127.0.0.1:{ignorant.port}")
    ignorant.write("old", b"%PDF")
    assert ours.probe() == IGNORES
    # Two that use it first at the same time would both take it for theirs.
    with pytest.raises(objects.Unreadable, match=f"{IGNORES} So we delete nothing there"):
        ours.delete("old")
    assert owner_of(ignorant) == OURS.encode()
    assert ignorant.names() == {"old"}


def test_whoever_claims_a_bucket_second_sees_whose_it_is(s3, change_requests):
    """Both look before anybody has claimed it, and the other claims it first."""

    def overtake(name: str, asked: dict) -> tuple[str, dict]:
        if name == "PutObject" and asked.get("IfNoneMatch") and asked["Body"] == COPY.encode():
            s3.write("owner", OURS.encode())
        return name, asked

    change_requests(overtake)
    assert store_of(COPY, f"http://127.0.0.1:{s3.port}").probe() == "The store belongs to another installation."
    assert owner_of(s3) == OURS.encode()


# --- It fails in the middle of a list -------------------------------------------------------------------------------


def test_a_list_goes_on_after_a_quick_fault(s3, change_requests, monkeypatch):
    faults = iter([False, True, False, False])

    def fail_once(name: str, asked: dict) -> tuple[str, dict]:
        if name == "ListObjectsV2":
            asked = asked | {"MaxKeys": 1}
            if next(faults):
                raise EndpointConnectionError(endpoint_url="http://store")
        return name, asked

    names = {"a", "b", "c & d"}
    for name in names:
        s3.write(name, b"%PDF")
    change_requests(fail_once)
    monkeypatch.setattr("vvdash.s3.BREAKER", Breaker("objects", rest=10))
    ours = store_of(OURS, f"http://127.0.0.1:{s3.port}")
    assert set(ours.list_old(datetime(2100, 1, 1, tzinfo=UTC))) == names


# --- It is slow -----------------------------------------------------------------------------------------------------

NAME = "0" * 64
LIST = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
MISSING = b"<Error><Code>NoSuchKey</Code></Error>"


class SlowStore(socketserver.ThreadingTCPServer):
    """A store that sends `quick` bytes of `answer` together after `pause` seconds, and then one byte after each."""

    daemon_threads = True
    answer, quick, pause = b"", 0, 0.1
    asked = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SlowAnswer)
        self.ended = threading.Event()

    def will_send(self, status: str, body: bytes, *, quick: str) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        self.answer = head + body
        self.quick = {"nothing": 0, "head": len(head), "all": len(self.answer)}[quick]


class SlowAnswer(socketserver.StreamRequestHandler):
    server: SlowStore

    def handle(self) -> None:
        while not self.server.ended.is_set() and (line := self.rfile.readline()):
            if line == b"\r\n":
                self.server.asked += 1
                self.send()

    def take(self, greeting: bytes) -> None:
        """Read a file slowly, and answer nothing."""
        self.wfile.write(greeting)
        while not self.server.ended.wait(self.server.pause) and self.rfile.read1(20_000):
            pass

    def send(self) -> None:
        answer, quick = self.server.answer, self.server.quick
        for part in (answer[:quick], *(answer[at : at + 1] for at in range(quick, len(answer)))):
            if self.server.ended.wait(self.server.pause):
                return
            self.wfile.write(part)


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr("vvdash.s3.BREAKER", Breaker("objects", rest=10))
    monkeypatch.setattr("vvdash.s3.LONGEST", 1.0, raising=False)
    monkeypatch.setattr(SlowStore, "handle_error", lambda *asked: None)  # we hang up on it
    with SlowStore() as store:
        thread = threading.Thread(target=store.serve_forever, args=(0.05,))
        thread.start()
        yield store
        store.ended.set()
        store.shutdown()
        thread.join()


def open_store(slow: SlowStore) -> S3Storage:
    store = store_of(OURS, f"http://127.0.0.1:{slow.server_address[1]}")
    assert store._client  # which takes a moment
    return store


@pytest.mark.parametrize("quick", ["nothing", "head"])
@pytest.mark.parametrize("what", ["an object", "an error", "a list"])
def test_an_answer_that_arrives_byte_by_byte_ends_in_time(slow, quick, what):
    status, body = {
        "an object": ("200 OK", b"%PDF" * 9),
        "an error": ("404 Not Found", MISSING),
        "a list": ("200 OK", LIST),
    }[what]
    slow.will_send(status, body, quick=quick)
    store = open_store(slow)
    started = monotonic()
    with pytest.raises(objects.Unreadable, match="ReadTimeoutError"):
        store.probe() if what == "a list" else objects.fetch(store, NAME)
    assert 0.9 < monotonic() - started < 2.5
    # Nobody else waits.
    started = monotonic()
    with pytest.raises(objects.Unreadable, match="Resting"):
        store.exists(NAME)
    assert monotonic() - started < 0.3
    assert slow.asked == 1


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_store_that_takes_a_file_slowly_is_given_up_in_time(slow, greeting, monkeypatch):
    monkeypatch.setattr(SlowAnswer, "handle", lambda answer: answer.take(greeting))
    store = open_store(slow)
    content = b"%PDF" * 10**7
    started = monotonic()
    with pytest.raises(objects.Unreadable, match="ReadTimeoutError"):
        store.save(objects.name_of(content), ContentFile(content))
    assert 0.9 < monotonic() - started < 3.5  # boto waits a second for the greeting
    assert client.BREAKER.is_open


def test_a_store_that_greets_byte_by_byte_is_given_up_in_time(slow):
    """boto reads this in another way than an answer."""
    slow.answer = b"HTTP/1.1 100 Continue\r\n" + b"X-Wait: 1\r\n" * 99
    store = open_store(slow)
    started = monotonic()
    with pytest.raises(objects.Unreadable, match="ReadTimeoutError"):
        store.save(objects.name_of(b"%PDF"), ContentFile(b"%PDF"))
    assert 0.9 < monotonic() - started < 2.5
    assert client.BREAKER.is_open


def test_a_page_waits_once_for_all_its_files(slow):
    """Each file arrives in time, and all of them don't."""
    slow.pause = 0.4
    slow.will_send("200 OK", b"%PDF", quick="all")
    store = open_store(slow)
    for _page in range(2):
        started = monotonic()
        with page():
            answers = [is_read(store) for _ in range(6)]
        assert monotonic() - started < 2
        assert answers[0]
        assert not any(answers[3:])
        client.BREAKER = Breaker("objects", rest=10)
    # A worker's job has time for each.
    assert all(is_read(store) for _ in range(4))


@contextlib.contextmanager
def page():
    """What Django sends around a page, but without its look at the database."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    request_started.send(sender=None)
    try:
        yield
    finally:
        request_finished.send(sender=None)
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def is_read(store: S3Storage) -> bool:
    try:
        return objects.fetch(store, NAME) == b"%PDF"
    except objects.Unreadable:
        return False


def test_the_limit_is_what_the_guide_says():
    assert (client.LONGEST, client.BREAKER.rest) == (7, 10)
