"""Several processes of gunicorn count together, and go on counting when one of them is replaced."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.services.processes import read_pss

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
MOST_MEMORY = 60  # MB of each


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("counts")
    (made / "counter_99.db").write_bytes(b"of an earlier server")
    return made


@pytest.fixture(scope="module")
def server(folder, tmp_path_factory) -> Iterator[tuple[str, int]]:
    """Its address, and the process that starts the others."""
    database = tmp_path_factory.mktemp("site") / "site.sqlite3"
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "vvdash.wsgi:application", f"--bind=fd://{listener.fileno()}"),
                *(f"--workers={PROCESSES}", "--no-control-socket", "--log-level=error"),
            ],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": f"sqlite:///{database}",
                "PROMETHEUS_MULTIPROC_DIR": str(folder),
            },
            stdin=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
        )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", process.pid
        finally:
            process.terminate()
            process.wait(30)


def read(address: str, path: str) -> str:
    with urllib.request.urlopen(f"{address}{path}", timeout=60) as answer:
        return answer.read().decode()


def count(address: str) -> int:
    asked = re.search(r'vvdash_requests_total\{.*view="healthz"\} ([0-9.]+)', read(address, "/metrics"))
    return int(float(asked[1])) if asked else 0


def children(process: int) -> set[int]:
    return {int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def test_processes_share_what_was_loaded_before_them(server):
    """Without that, each takes 88 MB before its first page, and 129 after some."""
    _, master = server
    for process in children(master):
        assert read_pss(process) <= MOST_MEMORY


@pytest.mark.release  # test_server.py starts gunicorn, and test_metrics.py counts
def test_nothing_counted_is_lost_with_a_process(server, folder):
    address, master = server
    for _ in range(20):
        read(address, "/healthz")
    assert count(address) == 20

    before = children(master)
    assert len(before) == PROCESSES
    for process in before:
        os.kill(process, signal.SIGKILL)
    end = time.monotonic() + 60
    while children(master) & before or len(children(master)) < PROCESSES:
        assert time.monotonic() < end
        time.sleep(0.05)
    for _ in range(20):
        read(address, "/healthz")

    assert count(address) == 40
    # By slot: however often processes are replaced, there are no more files.
    slots = {file.stem.rpartition("_")[2] for file in folder.glob("*.db")}
    assert slots <= {"main", *(str(slot) for slot in range(PROCESSES))}


@contextmanager
def killed_at_the_end(process: subprocess.Popen[str]) -> Iterator[None]:
    """Otherwise a test that fails hangs: Popen waits for a server that nobody has told to end."""
    try:
        yield
    finally:
        for each in (*children(process.pid), process.pid) if process.poll() is None else ():
            os.kill(each, signal.SIGKILL)


SLOW_TO_END = """
import atexit, time

def application(environ, start):
    start("200 OK", [])
    return [b"here"]

def write_last_lines():
    print("the last lines:", flush=True)
    time.sleep(1)
    print("all is written", flush=True)

atexit.register(write_last_lines)
"""


def test_ctrl_c_lets_a_worker_write_its_last_lines(tmp_path: Path):
    (tmp_path / "slow.py").write_text(SLOW_TO_END, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "slow:application", f"--bind=fd://{listener.fileno()}"),
                *(f"--pythonpath={tmp_path}", "--no-control-socket", "--log-level=error"),
            ],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno()],
            text=True,
        )
        with process, killed_at_the_end(process):
            assert read(f"http://127.0.0.1:{listener.getsockname()[1]}", "/") == "here"
            # The answer may be here while the worker's pool of threads still holds its lock. Gunicorn's handler of the
            # signal needs that lock, and would wait for ever.
            time.sleep(1)
            # At Ctrl-C the terminal tells both, and then the main process tells the worker: here a moment later.
            (worker,) = children(process.pid)
            os.kill(worker, signal.SIGINT)
            assert process.stdout is not None
            assert process.stdout.readline() == "the last lines:\n"
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=30)
    assert said.splitlines()[0] == "all is written"
