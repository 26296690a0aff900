"""script/server as a newcomer meets it: a database from nothing, the accounts, every page of four menus, eight packs at
once, a clean end.
"""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Page

from tests.functional.browsing import Visit
from tests.functional.site import COORDINATOR, LEAD, MEMBER, PASSWORD, STRATEGIC, Site
from tests.functional.test_sign_in import come_in

ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN = 180.0  # seconds: other tests use both cores meanwhile
SILENT = 5.0  # seconds at most: it says something every two, and a busy machine may be late
ANSWERED_WITHIN = 60.0  # seconds: a pack takes one, on a quiet machine
TRIED_FOR = 180.0  # seconds: eight ask for two desks, and who comes first is chance
TRIES_AGAIN = 10.0  # seconds later. Each try works out its pack's content anew, and so slows down the packs before it.
# Different packs, so that nothing that was kept of one answers for another.
PACKS = [
    f"/anytown/packs/2026-10/csp/?kind={kind}&scope={scope}&charts={charts}"
    for kind, scope, charts in product(("month", "year"), ("signals", "all"), ("judged", "nhs"))
]


@contextmanager
def started(folder: Path, *, said: Path) -> Iterator[Site]:
    """Start the server, wait until it says that it is ready, and press Ctrl-C at the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    database = folder / "demo.sqlite3"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{database}",
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
            yield Site(address.rstrip("/"), database, {}, said, server.pid)
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


def open_each_of_the_menu(page: Page) -> list[str]:
    """Open every address of somebody's menu and return them. Each one answers with a page."""
    page.goto("/")
    addresses = page.locator(".vv-menu a").evaluate_all("links => links.map(link => link.href)")
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
    return addresses


def open_at_once(page: Page, site: Site, paths: list[str]) -> list[tuple[int, bytes]]:
    """Ask for all of these at the same moment, as whoever is signed in here; return each status and first bytes."""
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(path: str) -> tuple[int, bytes]:
        request = urllib.request.Request(f"{site.url}{path}", headers={"Cookie": cookies})
        deadline = time.monotonic() + TRIED_FOR
        while True:
            try:
                with browser.open(request, timeout=ANSWERED_WITHIN) as answer:
                    return answer.status, answer.read(5)
            except urllib.error.HTTPError as refusal:
                # "Other packs are being made, and they take a long time. Try again in a minute."
                with refusal:
                    if refusal.code != 503 or time.monotonic() > deadline:
                        raise
            time.sleep(TRIES_AGAIN)

    with ThreadPoolExecutor(len(paths)) as askers:
        return list(askers.map(ask, paths))


def test_starts_from_nothing_and_again(tmp_path: Path, visit: Visit):
    first, second = tmp_path / "first", tmp_path / "second"
    with started(tmp_path, said=first) as site:
        for who in (LEAD, STRATEGIC, COORDINATOR, MEMBER):
            page = visit(site)
            come_in(page, who, PASSWORD)
            assert len(open_each_of_the_menu(page)) > 4
        # The server that made the demonstration's packs a minute ago makes more, and goes on answering.
        assert open_at_once(page, site, PACKS) == [(200, b"%PDF-")] * len(PACKS)
        come_in(visit(site), LEAD, PASSWORD)
        visit.close()  # a page that still fetches something when its server ends reports a fault
    with started(tmp_path, said=second) as site:
        assert visit(site).goto("/").status == 200
        visit.close()

    for said in (first, second):
        words = said.read_text(encoding="utf-8")
        assert COORDINATOR in words
        assert "Traceback" not in words
