"""Beat itself, with a real Redis: it wakes a worker, and needs little memory for that."""

import dbm
import json
import os
import shelve
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from redis import Redis

from tests.services.processes import read_pss
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
MOST_MEMORY = 70  # MB


@contextmanager
def running(folder: Path, redis_url: str) -> Iterator[tuple[int, Path]]:
    """Run beat while the block lasts. Yields its process and its log."""
    command = ["celery", "--app", "vvdash.beat", "beat", "--loglevel", "INFO", f"--schedule={folder / 'beat'}"]
    log = folder / "log"
    with log.open("wb") as words:
        beat = subprocess.Popen(
            [sys.executable, "-m", *command, "--pidfile="],
            cwd=ROOT,
            env={**os.environ, "REDIS_URL": redis_url, "LOG_FORMAT": "JSON"},
            stdout=words,
            stderr=words,
        )
    try:
        wait_until(lambda: "beat: Starting" in log.read_text("utf-8"), what="Beat did not start")
        yield beat.pid, log
    finally:
        beat.terminate()
        beat.wait(30)


def saved_entries(folder: Path) -> dict[str, object]:
    """What beat keeps in its own file. Empty while beat makes the file, which it does in several steps."""
    try:
        with shelve.open(str(folder / "beat"), flag="r") as saved:
            return dict(saved.get("entries", {}))
    except dbm.error:
        return {}


def test_beat_wakes_a_worker_and_loads_none_of_its_tasks(redis_url: str, tmp_path: Path):
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
        with running(tmp_path, redis_url):
            wait_until(lambda: "run-due-jobs" in saved_entries(tmp_path), what="Beat did not save when it began")
        with shelve.open(str(tmp_path / "beat"), writeback=True) as saved:
            saved["entries"]["run-due-jobs"].last_run_at -= timedelta(minutes=5)
        with running(tmp_path, redis_url) as (process, log):
            wait_until(lambda: redis.llen("celery") == 1, what="No wake came")
            pss = read_pss(process)
        message = json.loads(redis.lindex("celery", 0))

    assert message["headers"]["task"] == "core.tasks.run_due_jobs"
    assert message["headers"]["expires"]
    (said,) = [line for line in log.read_text("utf-8").splitlines() if "Sending due task" in line]
    assert json.loads(said)["logger"] == "celery.beat"
    assert pss <= MOST_MEMORY
