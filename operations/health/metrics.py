"""Show Prometheus what the processes counted (core.metrics), and how the product is now."""

from collections.abc import Iterable, Iterator
from typing import Any

from core import metrics
from core.requests_in_progress import list_slots
from operations.health.kinds import Check


def expose(checks: Iterable[Check], done_at: dict[str, float], *, release: str) -> tuple[bytes, str]:
    """Return everything that we count, and its content type. `done_at` is when each job last succeeded, in seconds
    since 1970."""
    registry = metrics.gather()
    registry.register(Now(list(checks), done_at, release))
    client = metrics.load_client()
    return client.generate_latest(registry), client.CONTENT_TYPE_LATEST


class Now:
    """What is true now, from the database: so a worker needs no port of its own."""

    def __init__(self, checks: list[Check], done_at: dict[str, float], release: str) -> None:
        self.checks, self.done_at, self.release = checks, done_at, release

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily  # noqa: PLC0415

        well = GaugeMetricFamily("vvdash_check_well", "1 if a check of /readyz passes", labels=["check"])
        took = GaugeMetricFamily("vvdash_check_seconds", "How long a check took", labels=["check"])
        for check in self.checks:
            well.add_metric([check.name], float(check.is_well))
            took.add_metric([check.name], check.seconds)
        done = GaugeMetricFamily("vvdash_job_success_timestamp_seconds", "When a job last succeeded", labels=["job"])
        for name, moment in self.done_at.items():
            done.add_metric([name], moment)
        answered = [request for request in list_slots() if request is not None]
        busy = GaugeMetricFamily("vvdash_processes_in_use", "Processes of this web server that answer a request")
        busy.add_metric([], len(answered))
        oldest = GaugeMetricFamily("vvdash_oldest_request_seconds", "For how long the oldest request has been answered")
        oldest.add_metric([], max((request.seconds for request in answered), default=0.0))
        release = InfoMetricFamily("vvdash", "The product", value={"release": self.release})
        yield from (well, took, done, busy, oldest, release)

    def describe(self) -> list[Any]:
        return []
