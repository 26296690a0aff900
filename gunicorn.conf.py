"""How gunicorn runs the product. It reads this file in the folder that it starts in; its command line comes on top."""

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

from core.metrics import FOLDER, SLOT
from core.requests_in_progress import FILES, RequestInProgress, TookTooLong, find_file, find_own, note
from vvdash.logs import begin_no_threads

# The product is loaded once. A process that follows another is there at once, and all share what none has changed. A
# signal HUP doesn't load a new release then: restart instead.
preload_app = True

# A process answers one request at a time, so a request that hangs is ended with its process, and the others go on. A
# proxy in front reads slow clients' requests and answers (ADR 0009).
timeout = 30  # seconds

# Writing to a mapped file on a full disk would end the process.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

# The product writes a line for each request. Gunicorn's own has addresses with what people searched for. If somebody
# switches it on, it has none of that.
accesslog = None
access_log_format = "%(t)s %(m)s %(s)s %(b)s %(L)s"


def on_starting(server: Any) -> None:
    """Make an empty folder for the counts of all processes, before the first of them starts."""
    server.own_folder = ""
    if FOLDER not in os.environ:
        server.own_folder = os.environ[FOLDER] = tempfile.mkdtemp(prefix="vvdash-metrics-", dir=IN_MEMORY)
    folder = Path(os.environ[FOLDER])
    folder.mkdir(parents=True, exist_ok=True)
    for file in (*folder.glob("*.db"), *folder.glob(FILES)):
        file.unlink(missing_ok=True)
    os.environ[SLOT] = "main"  # it counts the errors in its log
    begin_no_threads()


def pre_fork(server: Any, worker: Any) -> None:
    """Give a process the lowest free slot. It goes on with the counts of the one that had it before."""
    taken = {getattr(each, "slot", None) for each in server.WORKERS.values()}
    worker.slot = next(number for number in range(len(taken) + 1) if number not in taken)


def post_fork(server: Any, worker: Any) -> None:
    os.environ[SLOT] = str(worker.slot)
    note(None)  # so that a process which has answered nothing yet counts too


def worker_abort(worker: Any) -> None:
    """Let a request that takes too long end with a page, and its transaction with it. Gunicorn calls this where the
    request is, and kills the process a second later."""
    if find_own() is not None:
        raise TookTooLong(f"It took longer than {worker.cfg.timeout} seconds.")


def child_exit(server: Any, worker: Any) -> None:
    """Say which request a process was answering when it was killed."""
    file = find_file(str(worker.slot))
    if file and (request := RequestInProgress.read(file)):
        server.log.error(
            "A process ended while it answered a request: %s %s, %s, for %.0f seconds.",
            *(request.method, request.view, request.id, request.seconds),
        )
        file.unlink(missing_ok=True)


def worker_exit(server: Any, worker: Any) -> None:
    """Let a worker that ends write the last lines of its log.

    At Ctrl-C it is told twice, by the terminal and by the main process, and the second would interrupt it at that.
    """
    if worker.pid == os.getpid():  # the main process calls this too, for a worker that has gone
        for told in (signal.SIGINT, signal.SIGQUIT):
            signal.signal(told, signal.SIG_IGN)


def on_exit(server: Any) -> None:
    if server.own_folder:
        shutil.rmtree(server.own_folder, ignore_errors=True)
