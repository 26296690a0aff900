"""Write the log: each line has who, where and which request. An error is one line, and then only its count.

An outage would otherwise fill the disk with the same stack trace: docs/adr/0078.
"""

import json
import logging
import os
import re
import sys
import threading
import time
import traceback
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO
from weakref import WeakSet

from core import metrics
from core.context import name_view, trail
from vvdash.errors import Reporter

ROOT = Path(__file__).resolve().parent.parent
MONITORED = frozenset({"healthz-jobs", "readyz"})  # views that say with 503 that something else is wrong
PERIOD = 60.0  # seconds in which an equal line is only counted
MOST_KEYS = 500
# How many lines of one kind may differ in a period: by their place for errors, by their words for the rest.
MOST_PLACES, MOST_WORDS = 3, 20
NUMBER = re.compile(r"\d+")

type Key = tuple[str, ...]


def make_logging(*, level: str, requests_level: str, form: str, reporter: Reporter | None) -> dict[str, Any]:
    """Return Django's LOGGING. `form` is "JSON" or "LINE"."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"faults": {"()": "django.utils.log.CallbackFilter", "callback": is_fault}},
        "formatters": {"ours": {"()": JsonFormatter if form == "JSON" else LineFormatter}},
        "handlers": {"console": {"()": CountingHandler, "formatter": "ours", "reporter": reporter}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # A page refused or not found is an answer, not a fault.
            "django.request": {"level": "ERROR", "filters": ["faults"]},
            "vvdash.requests": {"level": requests_level},
            # Or each of these would get a handler of its own, which neither counts nor knows of requests.
            **{name: {"handlers": ["console"], "propagate": False} for name in ("gunicorn.error", "celery.task")},
            "multiprocessing": {"handlers": ["console"], "propagate": False},
        },
    }


def is_fault(record: logging.LogRecord) -> bool:
    """Return whether an answer of the server's is a fault. A monitor's 503 is what it asked for."""
    is_unavailable = getattr(record, "status_code", None) == HTTPStatus.SERVICE_UNAVAILABLE
    return not (is_unavailable and name_view(record.request) in MONITORED)  # type: ignore[attr-defined]  # Django's


# --- What a line has -----------------------------------------------------------------------------


def find_words(record: logging.LogRecord) -> str:
    """Return a record's message. Django's have the path, which may be a link with a token: say its view instead."""
    request = getattr(record, "request", None)
    path = getattr(request, "path", None)
    if path is None or not isinstance(record.args, tuple):
        return record.getMessage()
    args = tuple(name_view(request) if arg == path else arg for arg in record.args)  # type: ignore[arg-type]
    return str(record.msg) % args if args else str(record.msg)


def find_fault(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def find_place(fault: BaseException) -> str:
    """Return the last line of ours that a fault came through, or the last one of all."""
    ours = last = ""
    trace: TracebackType | None = fault.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        last = f"{file.parent.name}/{file.name}:{trace.tb_lineno}"
        if file.is_relative_to(ROOT) and "site-packages" not in file.parts:
            ours = f"{file.relative_to(ROOT)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return ours or last


def find_fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return what is known of the request or task, and what the line itself adds."""
    current = trail.get()
    return (current.describe() if current is not None else {}) | getattr(record, "fields", {})


class JsonFormatter(logging.Formatter):
    """A line of JSON for each record, whatever is in it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": find_words(record),
        }
        line |= find_fields(record)
        if (fault := find_fault(record)) is not None:
            trace = "".join(traceback.format_exception(fault))
            line["error"] = {"type": type(fault).__qualname__, "place": find_place(fault), "trace": trace}
        return json.dumps(line, ensure_ascii=False, default=str)


class LineFormatter(logging.Formatter):
    """A line for people, with the stack trace of an error below it."""

    def format(self, record: logging.LogRecord) -> str:
        # No visitor makes two lines out of one.
        words = find_words(record).replace("\r", "\\r").replace("\n", "\\n")
        fields = " ".join(f"{name}={value}" for name, value in find_fields(record).items())
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {words}{f' [{fields}]' if fields else ''}"
        fault = find_fault(record)
        return line if fault is None else f"{line}\n{''.join(traceback.format_exception(fault))}".rstrip()


# --- One line an error ---------------------------------------------------------------------------


def find_key(record: logging.LogRecord) -> tuple[Key, str, int]:
    """Return of which kind a record is, what tells it from others of its kind, and how many of these may differ."""
    fault = find_fault(record)
    if fault is not None:
        return (record.name, record.levelname, type(fault).__qualname__), find_place(fault), MOST_PLACES
    status = getattr(record, "fields", {}).get("status")
    if status is not None:  # a request that failed: the counts of each view are in /metrics
        return (record.name, record.levelname, "status"), str(status), MOST_PLACES
    # Without its numbers: "Trying again in 4.00 seconds" is one line.
    return (record.name, record.levelname, str(record.msg)), NUMBER.sub("#", find_words(record)), MOST_WORDS


@dataclass(slots=True)
class Seen:
    """A line that was written, and how often it came again."""

    record: logging.LogRecord
    since: float
    times: int = 0


@dataclass(slots=True)
class Book:
    """The lines of the last period, oldest first."""

    seen: OrderedDict[Key, Seen] = field(default_factory=OrderedDict)

    def find(self, record: logging.LogRecord) -> Key:
        kind, differs, most = find_key(record)
        key = (*kind, differs)
        if key in self.seen or sum(line[:-1] == kind for line in self.seen) < most:
            return key
        return (*kind, "and others")


_handlers: "WeakSet[CountingHandler]" = WeakSet()
_forks = False


def begin_no_threads() -> None:
    """Begin no thread in this process, which forks others: what a thread holds at that moment, nobody frees in the new
    process. A count then waits for the next line, and no error goes to the tracker from here."""
    global _forks  # noqa: PLW0603
    _forks = True


class CountingHandler(logging.StreamHandler[TextIO]):
    """Writes a warning or an error once in a period, and then how often it came again: at the end of the period and of
    the process. It is the handler that counts, so no logger gets past it.

    What is the only record of an act says so, with `is_record`, and is always written.
    """

    def __init__(
        self, stream: TextIO | None = None, *, reporter: Reporter | None = None, clock: Any = time.monotonic
    ) -> None:
        super().__init__(stream or sys.stderr)
        self.clock = clock
        self.reporter = reporter
        self.forget()
        _handlers.add(self)

    def forget(self) -> None:
        """Forget what was seen: another process writes its counts."""
        self.book = Book()
        self.timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        # The caller has our lock.
        if record.levelno < logging.WARNING or getattr(record, "is_record", False):
            super().emit(record)
            return
        if record.levelno >= logging.ERROR:
            metrics.count("errors", logger=record.name)
        self.tell_old()
        key = self.book.find(record)
        seen = self.book.seen.get(key)
        if seen is not None:
            seen.times += 1
            self._wake_later()
            return
        if len(self.book.seen) >= MOST_KEYS:
            self._tell(self.book.seen.popitem(last=False)[1])
        self.book.seen[key] = Seen(record, self.clock())
        super().emit(record)
        if self.reporter is not None and record.levelno >= logging.ERROR and not _forks:
            self.reporter.report(record)

    def tell_old(self) -> None:
        """Write the counts of lines whose period is over."""
        now = self.clock()
        while self.book.seen:
            key, oldest = next(iter(self.book.seen.items()))
            if now - oldest.since < PERIOD:
                break
            del self.book.seen[key]
            self._tell(oldest)

    def close(self) -> None:
        with self.lock or threading.RLock():
            if self.timer is not None:
                self.timer.cancel()
            while self.book.seen:
                self._tell(self.book.seen.popitem(last=False)[1])
        if self.reporter is not None:
            self.reporter.close()
        super().close()

    def _tell(self, seen: Seen) -> None:
        if not seen.times:
            return
        first = seen.record
        often = "once" if seen.times == 1 else f"{seen.times:,} times"
        words = f"{find_words(first)} Again {often} in {self.clock() - seen.since:.0f} s."
        again = logging.LogRecord(first.name, first.levelno, first.pathname, first.lineno, words, None, None)
        again.fields = {"times": seen.times}
        super().emit(again)

    def _wake_later(self) -> None:
        """Write counts when the period is over, if nothing else does it before."""
        if self.timer is None and not _forks:
            self.timer = threading.Timer(PERIOD, self._wake)
            self.timer.daemon = True
            try:
                self.timer.start()
            except RuntimeError:  # the process is about to end, and writes them then
                self.timer = None

    def _wake(self) -> None:
        with self.lock or threading.RLock():
            self.timer = None
            self.tell_old()
            if any(seen.times for seen in self.book.seen.values()):
                self._wake_later()


def _forget_in_child() -> None:
    global _forks  # noqa: PLW0603
    _forks = False
    for handler in _handlers:
        handler.forget()


os.register_at_fork(after_in_child=_forget_in_child)


def close_log() -> None:
    """Write the counts that are left, at the end of a process that Python doesn't end by itself."""
    for handler in list(_handlers):
        handler.close()
