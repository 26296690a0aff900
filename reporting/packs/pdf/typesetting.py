"""Puts a pack onto paper. Typst sets a PDF from the templates in reporting/packs/pdf/typst/. They get text and
numbers as JSON, never as markup, and photos as files, and work nothing out. The result is PDF/UA-1 and PDF/A-2a:
readable by a screen reader, and fit for an archive. The same pack gives the same bytes.

Each pack is set in a process of its own (ADR 0016): one that hangs can be ended, and the site goes on.
"""

import fcntl
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from time import sleep, time
from typing import BinaryIO

from core import metrics
from reporting.packs.presenters.shapes import Pack

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
TYPESETTER = [sys.executable, "-m", "reporting.packs.pdf.typesetter"]
# Seconds: a pack takes one or two. An issued pack is set inside a transaction, which PostgreSQL ends when it has heard
# nothing for 20 seconds: both together must stay below that.
LONGEST, LONGEST_WAIT = 14, 4
MOST_AT_ONCE = 2  # a third would only slow these two down
MOST_MEMORY = 1_500_000_000  # bytes of addresses: the demonstration's packs take up to 0.4 GB, and really use 0.2
UNPRINTABLE = 3  # the exit status of a process whose pack Typst can't set, ever
LONGEST_WORDS = 1000  # of what a process says that breaks off
LOOKS_EVERY = 0.05  # seconds: who waits for a desk

TOO_LONG = (
    f"The pack took longer than {LONGEST} seconds, so we stopped. Try again; if it happens again, tell the operator."
)
BROKEN_OFF = (
    "The pack could not be made: the server may be out of memory or disk space. Try again; if it happens again, tell "
    "the operator."
)
BUSY = "Other packs are being made, and they take a long time. Try again in a minute."


class PackNotMade(Exception):
    """A pack that could not be set now, whatever is in it. Its text is a sentence for the user."""


class Unprintable(Exception):
    """A pack that Typst can't set, ever: a fault of ours. Its text is what Typst says."""


@contextmanager
def take_desk() -> Iterator[None]:
    """Hold one of a few desks, at which packs are set, while the block lasts. They are the same for all processes of
    this service: a file for each, locked by who sits there, so a process that is killed leaves its desk.

    Who comes when all are taken waits, unless those who sit there are late: then something is wrong, and waiting would
    only take one more process from the rest of the site. Raises PackNotMade if none gets free.
    """
    with ExitStack() as files:
        desks = [files.enter_context(path.open("ab")) for path in list_desks()]
        while not (taken := next(filter(sits_down, desks), None)):
            if time() - min(os.fstat(desk.fileno()).st_mtime for desk in desks) > LONGEST_WAIT:
                raise PackNotMade(BUSY)
            sleep(LOOKS_EVERY)
        os.utime(taken.fileno())  # since when, for those who wait
        yield


def list_desks() -> list[Path]:
    """Return the files of the desks, of which each user of this machine has others."""
    return [find_room() / f"vvdash-{os.getuid()}-desk-{number}" for number in range(MOST_AT_ONCE)]


def find_room() -> Path:
    """Return the folder of the desks: the web server's are beside its counts, those of others among temporary files."""
    return metrics.find_folder() or Path(gettempdir())


def sits_down(desk: BinaryIO) -> bool:
    """Lock a desk for as long as its file is open. Return False if somebody else has."""
    try:
        fcntl.flock(desk, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def build_pack(pack: Pack) -> bytes:
    """Return the pack as a PDF. Raises PackNotMade if it takes too long, or others do, or the server has no room left;
    Unprintable if it lacks something that a screen reader needs, such as a picture's `alt`.
    """
    try:
        with take_desk(), TemporaryDirectory() as photos:
            for sha256, content in pack.photos().items():
                Path(photos, f"{sha256}.jpg").write_bytes(content)
            done = run_typesetter(
                {"data": pack.as_data(), "taken_at": pack.taken_at, "photos": photos}
                | {"seconds": LONGEST, "memory": MOST_MEMORY, "unprintable": UNPRINTABLE}
            )
    except subprocess.TimeoutExpired:
        logger.error("A pack took longer than %s seconds: %s.", LONGEST, pack.running_head)  # known
        raise PackNotMade(TOO_LONG) from None
    except OSError as fault:
        logger.exception("A pack could not be set: %s.", pack.running_head)
        raise PackNotMade(BROKEN_OFF) from fault
    if done.returncode == UNPRINTABLE:
        raise Unprintable(done.stderr.decode(errors="replace"))
    if done.returncode:  # a signal, or Python's own: there was no memory, or a part of Typst panicked
        words = done.stderr.decode(errors="replace")[-LONGEST_WORDS:]
        logger.error("The process that set a pack ended with %s: %s. %s", done.returncode, pack.running_head, words)
        raise PackNotMade(BROKEN_OFF)
    return done.stdout


def run_typesetter(order: dict[str, object]) -> subprocess.CompletedProcess[bytes]:
    """Start the process and wait for it. Raises TimeoutExpired, after it has killed the process; or OSError."""
    return subprocess.run(  # noqa: S603
        TYPESETTER,
        input=json.dumps(order).encode(),
        cwd=ROOT,
        # It needs none of our settings, and so gets no secret. Typst would begin a thread for each core, and break off
        # where a service may have fewer.
        env={"RAYON_NUM_THREADS": "2"},
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
