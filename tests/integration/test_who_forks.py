"""What starts processes has one thread and no connection to the database: whatever another thread holds at that moment,
nobody frees in the new process, and whoever waits for it there waits for ever."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
TIMES = 3  # the second equal error of a minute is only counted, which a thread would write


def children(process: int) -> set[int]:
    return {int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def count_threads(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/task"))


def open_files(process: int) -> list[str]:
    return [os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir()]


@contextmanager
def running(folder: Path, *command: str, ready: str, files: tuple[int, ...] = (), **settings: str) -> Iterator[int]:
    """Run a program while the block lasts; yields its process once its log says that it is ready."""
    log = folder / "log"
    with log.open("wb") as words:
        program = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}", **settings},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            pass_fds=files,
        )
    try:
        wait_until(lambda: ready in log.read_text(), what=f"it is not ready: {command}")
        yield program.pid
    finally:
        program.terminate()
        program.wait(30)


def replace_all(program: int) -> None:
    """Kill every process below a program, and wait for others in their place."""
    wait_until(lambda: len(children(program)) == PROCESSES, what="its processes are not there")
    before = children(program)
    for process in before:
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: len(children(program) - before) == PROCESSES, what="no others are in their place")


def assert_may_fork(program: int, folder: Path) -> None:
    for _ in range(TIMES):
        replace_all(program)
        assert count_threads(program) == 1
    assert not [file for file in open_files(program) if file.startswith(str(folder / "site.sqlite3"))]


def test_gunicorn(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = ("gunicorn", "vvdash.wsgi:application", f"--workers={PROCESSES}", "--no-control-socket")
        bound = f"--bind=fd://{listener.fileno()}"
        with running(tmp_path, *serving, bound, ready="Booting worker", files=(listener.fileno(),)) as program:
            assert_may_fork(program, tmp_path)


def test_celery(tmp_path: Path, redis_url: str):
    working = ("celery", "--app", "vvdash", "worker", "--loglevel=INFO", f"--concurrency={PROCESSES}")
    with running(tmp_path, *working, "--without-mingle", ready=" ready.", REDIS_URL=redis_url) as program:
        assert_may_fork(program, tmp_path)
