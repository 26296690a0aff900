"""Which programs of the product run, and how do they come back? As a service manager does it: whatever ends is started
again, and the address on which the site listens stays."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.faults.stores import children
from tests.waits.serving import ROOT

READY_WITHIN = 60.0  # seconds
ENDS_WITHIN = 20.0  # seconds
WEB = 8  # processes


@dataclass
class Program:
    """One program. `ahead` is how far its clock is ahead of the machine's."""

    name: str
    command: list[str]
    ready: str
    times: int  # how often it says that it is ready
    environment: Mapping[str, str]
    folder: Path
    listener: socket.socket | None = None
    ahead: timedelta = timedelta()
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    log: Path = field(init=False)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        self.starts += 1
        self.log = self.folder / f"{self.name}-{self.starts}.log"
        clock = (datetime.now(UTC) + self.ahead).isoformat()
        files = [self.listener.fileno()] if self.listener else []
        # Should we be killed, the program is to go too.
        setpriv = shutil.which("setpriv")
        prefix = [setpriv, "--pdeathsig=KILL"] if setpriv else []
        with self.log.open("wb") as words:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "tests.clocked", clock, *self.command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                pass_fds=files,
                start_new_session=True,
            )

    @property
    def is_ready(self) -> bool:
        return self.is_running and self.words.count(self.ready) >= self.times

    @property
    def words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def revive(self) -> None:
        """Start it if it has ended, and wait until it is ready."""
        deadline = time.monotonic() + READY_WITHIN
        while not self.is_ready:
            if not self.is_running:
                self.start()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} does not start: {self.words[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """As the machine does when it runs out of memory: all of it, without a word."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def kill_child(self, number: int) -> None:
        """One of its processes. Of none, the program."""
        if not self.signal_child(number, signal.SIGKILL):
            self.kill()

    def signal_child(self, number: int, what: int) -> bool:
        """Send one of its processes a signal. Return whether there was one."""
        found = children(self.process.pid) if self.process is not None else []
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(found[number % len(found)], what)
        return bool(found)

    def end(self) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                self.kill()
        self.kill()  # whoever it leaves


@dataclass
class Programs:
    """All of them, and where the site is."""

    port: int
    all: dict[str, Program]

    def revive(self) -> None:
        """Start what has ended: all of them at the same time."""
        for program in self.all.values():
            if not program.is_running:
                program.start()
        for program in self.all.values():
            program.revive()


@contextlib.contextmanager
def running(folder: Path, environment: Mapping[str, str], *, ahead: timedelta) -> Iterator[Programs]:
    """Run the site, both workers and beat while the block lasts."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        port: int = listener.getsockname()[1]
        told = {"SITE_URL": f"http://127.0.0.1:{port}", **environment}
        web = ["gunicorn", "vvdash.wsgi:application", "--no-control-socket", f"--bind=fd://{listener.fileno()}"]
        worker = ["celery", "--app", "vvdash", "worker", "--loglevel", "INFO", "--without-mingle", "--without-gossip"]
        beat = ["celery", "--app", "vvdash.beat", "beat", "--loglevel", "INFO", "--schedule", str(folder / "beat")]
        made = [
            Program("web", [*web, f"--workers={WEB}"], "Booting worker", WEB, told, folder, listener),
            Program("worker", [*worker, "--concurrency=2", "-Q", "celery"], " ready.", 1, told, folder),
            Program("slow", [*worker, "--concurrency=1", "-Q", "slow", "-n", "slow@%h"], " ready.", 1, told, folder),
            Program("beat", beat, "beat: Starting", 1, told, folder),
        ]
        programs = Programs(port, {program.name: program for program in made})
        for program in made:
            program.ahead = ahead
        try:
            programs.revive()
            yield programs
        finally:
            for program in made:
                program.end()
