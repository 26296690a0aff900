"""Count for Prometheus, but never by area or person: a monitor's tables aren't as well guarded as ours.

prometheus-client loads with the first count, not with the product. Gunicorn's processes share a folder, and each slot
of a process has its own files in it: see gunicorn.conf.py.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client's own name
SLOT = "VVDASH_SLOT"
# Each counter with its help and its labels. A label must have few values, whatever a visitor sends.
COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "requests": ("Requests that we answered", ("view", "method", "status")),
    "breaker_opened": ("How often a breaker opened, because something didn't answer", ("what",)),
    "replica_passed_by": ("How often the primary was asked, because the replica failed or was behind", ("why",)),
    "publish_failures": ("Tasks that could not be queued", ("task",)),
    "errors": ("Errors in the log, including those that were only counted", ("logger",)),
}
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_making = Lock()


def count(name: str, **labels: str) -> None:
    """Count one. Raises KeyError for a name that COUNTERS doesn't have, and nothing else: no page fails by counting."""
    with suppress(OSError):  # a full disk
        _make("Counter", name, *COUNTERS[name]).labels(**labels).inc()


def note_request(*, view: str, method: str, status: int, seconds: float) -> None:
    """Count a request and its time, by the class of its status: 2xx."""
    method = method if method in METHODS else "other"  # a visitor may send any word
    count("requests", view=view, method=method, status=f"{status // 100}xx")
    with suppress(OSError):
        histogram = _make("Histogram", "request_seconds", "How long requests took", ("view", "method"), buckets=BUCKETS)
        histogram.labels(view=view, method=method).observe(seconds)


def find_folder() -> Path | None:
    """Return the folder that the processes of this web server share, or None outside gunicorn."""
    folder = os.environ.get(FOLDER)
    return Path(folder) if folder else None


def find_slot() -> str:
    """Return the slot of this process, or "" outside gunicorn."""
    return os.environ.get(SLOT, "")


def gather() -> Any:
    """Return a registry of what we counted: all processes of this web server, where they share a folder."""
    client = load_client()
    registry = client.CollectorRegistry()
    if find_folder():
        from prometheus_client import multiprocess  # noqa: PLC0415

        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(client.REGISTRY)
    return registry


@cache
def load_client() -> Any:
    import prometheus_client  # noqa: PLC0415
    from prometheus_client import values  # noqa: PLC0415

    if find_folder() and find_slot():
        # By slot, not by process: gunicorn replaces processes, and the files of dead ones would never end. It is asked
        # each time, since a process that begins takes over what the main one has loaded.
        values.ValueClass = values.MultiProcessValue(find_slot)  # type: ignore[no-untyped-call]
    return prometheus_client


_made: dict[str, Any] = {}


def _make(kind: str, name: str, words: str, labels: tuple[str, ...], **more: Any) -> Any:
    """Return a metric. Two threads may ask for it for the first time at the same moment."""
    with _making:
        if name not in _made:
            _made[name] = getattr(load_client(), kind)(f"vvdash_{name}", words, labels, **more)
        return _made[name]
