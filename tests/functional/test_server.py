"""script/server as a newcomer meets it: a database from nothing, the accounts, a page, a clean end."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN = 180.0  # seconds: other tests use both cores meanwhile
SILENT = 5.0  # seconds at most: it says something every two, and a busy machine may be late


def start_and_stop(folder: Path, *, said: Path) -> str:
    """Start the server, ask for its first page once it says that it is ready, press Ctrl-C; returns what it said."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
    }
    with (
        said.open("w", encoding="utf-8") as words,
        subprocess.Popen(
            [ROOT / "script" / "server"],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        ) as server,
    ):
        try:
            deadline = time.monotonic() + STARTED_WITHIN
            heard, at = "", time.monotonic()
            while address not in (now := said.read_text(encoding="utf-8")):
                heard, at = (heard, at) if now == heard else (now, time.monotonic())
                assert time.monotonic() - at < SILENT, now
                assert server.poll() is None, said.read_text(encoding="utf-8")
                assert time.monotonic() < deadline, said.read_text(encoding="utf-8")
                time.sleep(0.05)
            assert f"Ready: {address}" in said.read_text(encoding="utf-8")
            with browser.open(address, timeout=10) as page:
                assert 'type="password"' in page.read().decode()
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGINT)  # as a terminal does at Ctrl-C
            try:
                ended = server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                # Otherwise Popen waits for it for ever, and the run hangs instead of failing.
                os.killpg(server.pid, signal.SIGKILL)
                raise
        assert ended == 0
    return said.read_text(encoding="utf-8")


@pytest.mark.slow
def test_starts_from_nothing_and_again(tmp_path):
    first = start_and_stop(tmp_path, said=tmp_path / "first")
    second = start_and_stop(tmp_path, said=tmp_path / "second")

    assert "coordinator@anytown.example" in first
    assert "coordinator@anytown.example" in second
    assert "Traceback" not in first + second
