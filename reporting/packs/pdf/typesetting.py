"""Puts a pack onto paper. Typst sets a PDF from the templates in reporting/packs/pdf/typst/. They get text and
numbers as JSON, never as markup, and photos as files, and work nothing out. The result is PDF/UA-1 and PDF/A-2a:
readable by a screen reader, and fit for an archive. The same pack gives the same bytes.

Each pack is set in a process of its own (ADR 0016): one that hangs can be ended, and the site goes on.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Condition
from time import monotonic

from reporting.packs.presenters.shapes import Pack

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
TYPESETTER = [sys.executable, "-m", "reporting.packs.pdf.typesetter"]
# Seconds: a pack takes one or two. An issued pack is set inside a transaction, which PostgreSQL ends when it has heard
# nothing for 20 seconds: both together must stay below that.
LONGEST, LONGEST_WAIT = 14, 4
MOST_AT_ONCE = 2  # for each process of ours: a third would only slow these two down

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


class Desks:
    """Where packs are set: a few at once. Who comes when all are taken waits, unless those who sit there are late:
    then something is wrong, and waiting would only take one more thread from the rest of the site.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.freed = Condition()
        self.taken_at: list[float] = []  # for each desk that is taken, since when

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a desk while the block lasts. Raises PackNotMade if none gets free."""
        with self.freed:
            while len(self.taken_at) >= self.most:
                patience = min(self.taken_at) + LONGEST_WAIT - monotonic()
                if patience <= 0:
                    raise PackNotMade(BUSY)
                self.freed.wait(patience)
            taken_at = monotonic()
            self.taken_at.append(taken_at)
        try:
            yield
        finally:
            with self.freed:
                self.taken_at.remove(taken_at)
                self.freed.notify()


desks = Desks(MOST_AT_ONCE)


def build_pack(pack: Pack) -> bytes:
    """Return the pack as a PDF. Raises PackNotMade if it takes too long, or others do, or the server has no room left;
    Unprintable if it lacks something that a screen reader needs, such as a picture's `alt`.
    """
    try:
        with desks.take(), TemporaryDirectory() as photos:
            for sha256, content in pack.photos().items():
                Path(photos, f"{sha256}.jpg").write_bytes(content)
            done = run_typesetter(
                {"data": pack.as_data(), "taken_at": pack.taken_at, "photos": photos, "seconds": LONGEST}
            )
    except subprocess.TimeoutExpired:
        logger.error("A pack took longer than %s seconds: %s.", LONGEST, pack.running_head)  # known
        raise PackNotMade(TOO_LONG) from None
    except OSError as fault:
        logger.exception("A pack could not be set: %s.", pack.running_head)
        raise PackNotMade(BROKEN_OFF) from fault
    if done.returncode < 0:
        logger.error("The process that set a pack was ended by signal %s: %s.", -done.returncode, pack.running_head)
        raise PackNotMade(BROKEN_OFF)
    if done.returncode:
        raise Unprintable(done.stderr.decode(errors="replace"))
    return done.stdout


def run_typesetter(order: dict[str, object]) -> subprocess.CompletedProcess[bytes]:
    """Start the process and wait for it. Raises TimeoutExpired, after it has killed the process; or OSError."""
    return subprocess.run(  # noqa: S603
        TYPESETTER,
        input=json.dumps(order).encode(),
        cwd=ROOT,
        env={},  # it needs none of our settings, and so gets no secret
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
