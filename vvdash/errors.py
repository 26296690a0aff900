"""Send an error to an error tracker with nothing but what we put together here: docs/adr/0078.

The types of an error, where it went through our code, the view, the status, and the numbers of the request and person.
Never its text, a value, an address or anything that somebody typed.
"""

import logging
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from core.context import trail

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = Path(sysconfig.get_paths()["purelib"])
LONGEST_CHAIN = 5  # errors that led to an error
MOST_FRAMES = 60
MOST_SECONDS_AT_THE_END = 0.5
# All that an event may have. The client adds some more of its own, such as the machine's name.
ALLOWED = frozenset(
    {"event_id", "timestamp", "platform", "level", "logger", "release", "exception", "tags", "transaction"}
)
TAGS = frozenset({"request", "view", "status", "person", "task", "place"})


class Reporter:
    """Sends errors to an error tracker that speaks Sentry's protocol, in a thread of its own. It holds nobody up: what
    doesn't get through is dropped, and is in the log all the same."""

    def __init__(self, url: str, *, release: str) -> None:
        # Loaded only if it is used: it takes a third of a second.
        from sentry_sdk import Client  # noqa: PLC0415

        self.release = release
        self._client = Client(
            url,
            release=release,
            before_send=keep_allowed,  # type: ignore[arg-type]  # an event is a dictionary
            server_name="",
            environment="",
            # No integration: each of them reads what mustn't leave. The log's handler is where we notice errors.
            default_integrations=False,
            auto_enabling_integrations=False,
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            enable_backpressure_handling=False,
            shutdown_timeout=MOST_SECONDS_AT_THE_END,
        )

    def report(self, record: logging.LogRecord) -> None:
        """Send an error, soon. Raises nothing."""
        if record.name.startswith(("sentry_sdk", "urllib3")):  # about itself
            return
        try:
            self._client.capture_event(make_event(record, release=self.release))  # type: ignore[arg-type]
        except Exception:  # noqa: BLE001  # it is in the log, and there is nobody else to tell
            return

    def close(self) -> None:
        self._client.close(timeout=MOST_SECONDS_AT_THE_END)


def make_event(record: logging.LogRecord, *, release: str) -> dict[str, Any]:
    current = trail.get()
    fields: dict[str, Any] = (current.describe() if current is not None else {}) | getattr(record, "fields", {})
    if hasattr(record, "status_code"):
        fields["status"] = record.status_code
    event: dict[str, Any] = {
        "level": record.levelname.lower(),
        "logger": record.name,
        "release": release,
        "transaction": str(fields.get("view") or fields.get("task") or ""),
        "tags": {
            "place": f"{shorten(record.pathname)}:{record.lineno}",
            **{name: str(fields[name]) for name in TAGS if name in fields},
        },
    }
    fault = record.exc_info[1] if record.exc_info else None
    if fault is not None:
        # The oldest first, as the protocol wants it.
        event["exception"] = {"values": [describe(error) for error in reversed(list(walk(fault)))]}
    return event


def walk(fault: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that led to it."""
    seen: set[int] = set()
    error: BaseException | None = fault
    while error is not None and id(error) not in seen and len(seen) < LONGEST_CHAIN:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def describe(fault: BaseException) -> dict[str, Any]:
    """Return an error's type and frames. Its text may have an address, a figure or a row of the database."""
    kind = type(fault)
    frames: list[dict[str, Any]] = []
    trace: TracebackType | None = fault.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        file = Path(code.co_filename)
        frames.append(
            {
                "filename": shorten(code.co_filename),
                "function": code.co_name,
                "lineno": trace.tb_lineno,
                "in_app": file.is_relative_to(ROOT) and not file.is_relative_to(LIBRARIES),
            }
        )
        trace = trace.tb_next
    return {"type": kind.__qualname__, "module": kind.__module__, "stacktrace": {"frames": frames[-MOST_FRAMES:]}}


def shorten(file: str) -> str:
    """Return a file without the folders of this machine."""
    path = Path(file)
    for folder in (LIBRARIES, ROOT):
        if path.is_relative_to(folder):
            return str(path.relative_to(folder))
    return path.name


def keep_allowed(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """Drop whatever the client added, now or in a later release."""
    kept = {name: value for name, value in event.items() if name in ALLOWED}
    kept["tags"] = {name: value for name, value in (event.get("tags") or {}).items() if name in TAGS}
    return kept
