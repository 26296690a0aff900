"""Objects in an S3-compatible store: STORAGES["objects"] if OBJECTS_URL is set.

Nothing else imports boto3, which takes a second.

LONGEST seconds after we start to ask, we have sent and received everything, or give up. A page has LONGEST for all its
files together (the first page of a process has it for each). After a vain wait nobody asks for ten seconds.
These seconds don't limit the name server. TLS may add CONNECT, and so may each further address of the store's name.
"""

import base64
import io
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property, partial
from time import monotonic
from typing import Any

import boto3
from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError
from django.core.files.base import ContentFile, File
from django.core.signals import request_finished, request_started
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as PlainReadTimeoutError

from core.files.objects import Store, Unreadable, check, fetch
from vvdash.breaker import Breaker, Resting

CONNECT, SILENCE = 2, 4  # seconds: to connect, and without a byte
LONGEST = 7.0  # seconds to send and to receive everything, and for all files of one page
SOON = 1.0  # seconds: what failed sooner is tried once more, such as on a connection that the store has closed
NO_ANSWER = (ConnectTimeoutError, ReadTimeoutError, PlainReadTimeoutError)
MISSING, IS_THERE = {"404", "NoSuchKey"}, {"412", "PreconditionFailed"}
SERVER = 500  # from this status on, it is the store's own fault
OWNER = "owner"  # the key under which a bucket says whose it is
IGNORES_CONDITIONS = "The store doesn’t support conditional writes: it ignores If-None-Match."
BREAKER = Breaker("objects", rest=10)


class S3Storage(Store):
    """A bucket, with an object's hash as its key. `owner` is the address of the installation that may delete in it."""

    def __init__(self, *, address: str, bucket: str, key: str, secret: str, region: str, owner: str) -> None:
        self.bucket, self.owner = bucket, owner
        self._login = {"aws_access_key_id": key, "aws_secret_access_key": secret, "region_name": region}
        self._address = address
        self._lock = threading.Lock()

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        """Raises FileNotFoundError or Unreadable."""

        def get() -> bytes:
            content: bytes = self._client.get_object(**self._at(name))["Body"].read()
            return content

        return ContentFile(self._ask(name, get))

    def _save(self, name: str, content: "File[bytes]") -> str:
        """Put an object, unless it is there. Raises Unreadable."""
        data = content.read()
        options = {"ChecksumSHA256": base64.b64encode(bytes.fromhex(name)).decode(), "IfNoneMatch": "*"}
        try:
            self._ask(name, lambda: self._client.put_object(**self._at(name), Body=data, **options))
        except FileExistsError:
            check(name, fetch(self, name))
        return name

    def exists(self, name: str) -> bool:
        try:
            self._ask(name, lambda: self._client.head_object(**self._at(name)))
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        """Raises Unreadable, also if the bucket belongs to another installation, such as the one that we copy, or if
        nobody can be sure whose it is."""
        if wrong := self._obstacle:
            raise Unreadable(f"{wrong} So we delete nothing there.")
        self._ask(name, lambda: self._client.delete_object(**self._at(name)))

    def list_old(self, before: datetime) -> Iterator[str]:
        # Not boto's paginator: after a fault it is at its end, and trying once more would end the list without a word.
        after: dict[str, str] = {}
        while True:
            page = self._ask("", partial(self._client.list_objects_v2, Bucket=self.bucket, **after))
            yield from (item["Key"] for item in page.get("Contents", ()) if item["LastModified"] < before)
            if not page["IsTruncated"]:
                return
            after = {"ContinuationToken": page["NextContinuationToken"]}

    def probe(self) -> str | None:
        self._ask("", lambda: self._client.list_objects_v2(Bucket=self.bucket, MaxKeys=1))
        return self._obstacle

    @cached_property
    def _client(self) -> Any:
        config = Config(
            connect_timeout=CONNECT,
            read_timeout=SILENCE,
            retries={"total_max_attempts": 1},
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            # We check each object's hash, and not every store knows the newer checks.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        with self._lock:  # a session isn't for several threads
            return boto3.session.Session().client("s3", endpoint_url=self._address, config=config, **self._login)

    @cached_property
    def _obstacle(self) -> str:
        """Return why we may not delete in the bucket, in a sentence; empty if we may."""
        if self._whose != self.owner:
            return "The store belongs to another installation."
        # Ours is there, so this writes nothing. A store that ignores the condition writes what it has.
        return IGNORES_CONDITIONS if self._claim() else ""

    @cached_property
    def _whose(self) -> str:
        """Return the address of the installation that the bucket belongs to: ours, if it belonged to none."""
        # Look first: a store that ignores conditions would overwrite another's name.
        try:
            with self.open(OWNER) as file:
                return read_name(file.read())
        except FileNotFoundError:
            self._claim()
        return read_name(fetch(self, OWNER))

    def _claim(self) -> bool:
        """Write that the bucket is ours, unless it says whose it is. Return whether that was written."""
        mine = self.owner.encode()
        try:
            self._ask(OWNER, lambda: self._client.put_object(**self._at(OWNER), Body=mine, IfNoneMatch="*"))
        except FileExistsError:
            return False
        return True

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": name}

    def _ask[Answer](self, name: str, do: Callable[[], Answer]) -> Answer:
        """Ask the store. Raises FileNotFoundError, FileExistsError or Unreadable."""
        try:
            with limited(), BREAKER.attempt(*NO_ANSWER):
                return self._try(do)
        except ClientError as fault:
            code = str(fault.response.get("Error", {}).get("Code", ""))
            if code in MISSING:
                raise FileNotFoundError(name) from fault
            if code in IS_THERE:
                raise FileExistsError(name) from fault
            raise Unreadable(f"The store of files refused the request: {code}.") from fault
        except (Resting, BotoCoreError, HTTPError) as fault:
            raise Unreadable(f"The store of files doesn’t answer ({type(fault).__name__}).") from fault

    def _try[Answer](self, do: Callable[[], Answer]) -> Answer:
        started = monotonic()
        try:
            return do()
        except (BotoCoreError, HTTPError, ClientError) as fault:
            if is_refusal(fault) or monotonic() - started > SOON:
                raise
        return do()


def is_refusal(fault: Exception) -> bool:
    """Return whether the store understood, and says no."""
    return isinstance(fault, ClientError) and fault.response["ResponseMetadata"]["HTTPStatusCode"] < SERVER


def read_name(content: bytes) -> str:
    return content.decode(errors="replace")


# --- How long we wait -------------------------------------------------------------------------------


class Patience(threading.local):
    """How long this thread waits for the store."""

    left: float | None = None  # seconds that the page has left; None outside pages
    until = math.inf  # when the whole answer must be here


PATIENCE = Patience()


@contextmanager
def limited() -> Iterator[None]:
    """Let the answer that is read within the block take LONGEST, or what the page has left. Raises Unreadable."""
    left = LONGEST if PATIENCE.left is None else PATIENCE.left
    if left <= 0:
        raise Unreadable("The store of files is too slow for all the files on this page.")
    started = monotonic()
    PATIENCE.until = started + left
    try:
        yield
    finally:
        PATIENCE.until = math.inf
        if PATIENCE.left is not None:
            PATIENCE.left -= monotonic() - started


def begin_page(**kwargs: object) -> None:
    PATIENCE.left = LONGEST


def end_page(**kwargs: object) -> None:
    PATIENCE.left = None


@contextmanager
def hurried(sock: Any) -> Iterator[None]:
    """Let a socket wait within the block until the deadline of its thread. Raises what boto takes for no answer."""
    usual = sock.gettimeout()
    try:
        if (left := PATIENCE.until - monotonic()) <= 0:
            raise TimeoutError
        sock.settimeout(min(left, SILENCE))
        yield
    except TimeoutError as fault:
        raise PlainReadTimeoutError(None, "", "The answer took too long.") from fault  # type: ignore[arg-type]
    finally:
        sock.settimeout(usual)  # the connection is used again


class HurriedReads(io.RawIOBase):
    """What a socket receives. Its own timeout is for each piece: a store that sends a byte a second would hold us for
    days."""

    def __init__(self, sock: Any) -> None:
        self._socket, self._reads = sock, sock.makefile("rb", 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        with hurried(self._socket):
            count: int | None = self._reads.readinto(buffer)
        return count

    def close(self) -> None:
        self._reads.close()
        super().close()


class HurriedSocket:
    """A connected socket, with or without TLS. It sends and receives until the deadline of the thread that uses it."""

    def __init__(self, sock: Any) -> None:
        self._socket = sock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def sendall(self, data: Any) -> None:
        with hurried(self._socket):
            self._socket.sendall(data)

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> io.IOBase:
        reads = HurriedReads(self._socket)
        return reads if buffering == 0 else io.BufferedReader(reads)


class Hurried:
    """A connection of boto's whose every byte is in time."""

    timeout: Any
    sock: Any

    def connect(self) -> None:
        self.timeout = max(0.01, min(CONNECT, PATIENCE.until - monotonic()))
        super().connect()  # type: ignore[misc]
        self.sock = HurriedSocket(self.sock)


class HurriedConnection(Hurried, AWSHTTPConnection):  # type: ignore[misc]
    pass


class HurriedTLSConnection(Hurried, AWSHTTPSConnection):  # type: ignore[misc]
    pass


# boto has no setting for this. Nothing else in the product uses its connections.
AWSHTTPConnectionPool.ConnectionCls = HurriedConnection
AWSHTTPSConnectionPool.ConnectionCls = HurriedTLSConnection
request_started.connect(begin_page)
request_finished.connect(end_page)
