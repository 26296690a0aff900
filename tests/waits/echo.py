"""An application that says what reached it, for the tests of our worker class."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

PIECE = 64 * 1024
MUCH = 20_000_000  # bytes


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """/digest: the body's hash. /big/N: N bytes. /late/S: after S seconds, the process. /broken: much, and then an
    error. /unread: ok, and the body isn't read."""
    _, path, *more = environ["PATH_INFO"].split("/")
    words = b"ok"
    if path == "digest":
        digest = hashlib.sha256()
        while piece := environ["wsgi.input"].read(PIECE):
            digest.update(piece)
        words = digest.hexdigest().encode()
    elif path == "big":
        words = b"x" * int(more[0])
    elif path == "late":
        time.sleep(float(more[0]))
        words = str(os.getpid()).encode()
    length = MUCH + 1 if path == "broken" else len(words)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(length))])
    return break_off() if path == "broken" else [words]


def break_off() -> Iterator[bytes]:
    yield b"x" * MUCH
    raise ValueError("The rest is lost.")
