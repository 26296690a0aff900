"""Send the id of a request with the task that it queues, so the log of a worker has it too."""

from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun, worker_process_shutdown

from core.context import Trail, make_id, trail
from vvdash.logs import close_log

HEADER = "vvdash_request"


@before_task_publish.connect
def hand_on(headers: dict[str, Any] | None = None, **_: Any) -> None:
    current = trail.get()
    if current is not None and headers is not None:
        headers[HEADER] = current.id


@task_prerun.connect
def begin(task: Any = None, **_: Any) -> None:
    if not task.request.is_eager:  # then the request itself is there
        sent = str(getattr(task.request, HEADER, ""))
        trail.set(Trail(make_id(sent, is_believed=True), task=task.name))


@task_postrun.connect
def end(task: Any = None, **_: Any) -> None:
    if not task.request.is_eager:
        trail.set(None)


@worker_process_shutdown.connect
def write_counts(**_: Any) -> None:
    close_log()
