"""Which request each process of the web server answers, and since when.

A process that hangs can't say so itself. So each writes its request into a file of its slot, beside its counts
(core.metrics): for `/readyz`, `/metrics`, and the line that gunicorn.conf.py logs about a process that had to be ended.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Self

from core import metrics
from core.context import Trail

FILES = "request_*.json"
LATE = 20.0  # seconds: a request that takes so long is a fault. At 30, gunicorn ends its process


class TookTooLong(Exception):
    """A request took so long that gunicorn ends its process. gunicorn.conf.py raises it wherever the request is."""


@dataclass(frozen=True, slots=True)
class RequestInProgress:
    """A request: its id, as in the log, its method and view, and the second in which it began, by this machine's
    monotonic clock, which all processes share."""

    id: str
    method: str
    view: str
    since: float

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return monotonic() - self.since

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Return the request in a slot's file, or None if its process answers none now."""
        with suppress(OSError, ValueError, TypeError):  # another process may be about to write it
            return cls(**json.loads(file.read_bytes()))
        return None


def note(request_trail: Trail | None) -> None:
    """Write down what this process answers, or with None that it answers nothing. Does nothing outside gunicorn, and
    never fails a request."""
    if (file := find_file(metrics.find_slot())) is None:
        return
    words = ""
    if request_trail is not None:
        known = request_trail.describe()
        found = RequestInProgress(request_trail.id, str(known["method"]), str(known["view"]), request_trail.since)
        words = json.dumps(asdict(found))
    with suppress(OSError):
        file.write_text(words, encoding="utf-8")


def find_own() -> RequestInProgress | None:
    """Return what this process answers."""
    file = find_file(metrics.find_slot())
    return None if file is None else RequestInProgress.read(file)


def find_file(slot: str) -> Path | None:
    """Return the file of a slot of this web server, or None outside gunicorn."""
    folder = metrics.find_folder()
    return folder / FILES.replace("*", slot) if folder and slot else None


def list_slots() -> list[RequestInProgress | None]:
    """Return for each process of this web server what it answers now. A process that answers several requests at once
    shows the newest."""
    folder = metrics.find_folder()
    return [RequestInProgress.read(file) for file in sorted(folder.glob(FILES))] if folder else []
