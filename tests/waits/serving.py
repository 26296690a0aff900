"""Gunicorn as production starts it, and a client that notes how long each answer took."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.waiting import SOON, wait_until

ROOT = Path(__file__).resolve().parents[2]
STATIC = "/static/css/app.css"


@dataclass(frozen=True)
class Answer:
    status: int
    words: str
    seconds: float


@dataclass(frozen=True)
class Server:
    port: int
    pid: int
    log: Path
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=SOON)) as server:
            server.request(
                "GET" if form is None else "POST", path, urlencode(form) if form is not None else None, headers
            )
            answer = server.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return Answer(answer.status, answer.read().decode(), time.monotonic() - began)

    def ask_all(self, *paths: str) -> list[Answer]:
        """Ask for all of them at the same time."""
        with ThreadPoolExecutor(len(paths)) as pool:
            return list(pool.map(self.ask, paths))

    @property
    def workers(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def count_threads(self) -> int:
        return sum(len(os.listdir(f"/proc/{pid}/task")) for pid in self.workers)


@contextlib.contextmanager
def served(
    folder: Path, *options: str, application: str = "vvdash.wsgi:application", workers: int = 8, **settings: str
) -> Iterator[Server]:
    """Serve the product, or another application, while the block lasts."""
    log = folder / "gunicorn.log"
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener, log.open("wb") as words:
        port: int = listener.getsockname()[1]
        program = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", application, "--no-control-socket"),
                *(f"--bind=fd://{listener.fileno()}", f"--workers={workers}", *options),
            ],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "SITE_URL": f"http://127.0.0.1:{port}", **settings},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
        server = Server(port, program.pid, log)
        try:
            wait_until(lambda: log.read_text().count("Booting worker") == workers, what="gunicorn is not ready")
            yield server
        finally:
            program.send_signal(signal.SIGTERM)
            try:
                program.wait(SOON)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(program.pid, signal.SIGKILL)
