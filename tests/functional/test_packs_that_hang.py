"""Eight packs that hang at once: the rest of the site goes on, they end with a sentence, and the next one is made."""

import contextlib
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reporting.packs.pdf.typesetting import BUSY, LONGEST, LONGEST_WAIT, TOO_LONG
from tests.functional.site import MEMBER, Site
from tests.functional.test_server import PACKS

BUSY_MACHINE = 6.0  # seconds more than on a quiet one


def children_of(process: int) -> list[int]:
    """The processes below one, at any depth. Those that end meanwhile are left out."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        numbers = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        threads = [path.name for path in Path(f"/proc/{process}/task").iterdir()]
        for thread in threads:
            numbers += Path(f"/proc/{process}/task/{thread}/children").read_text().split()
        return [below for number in set(numbers) for below in (int(number), *children_of(int(number)))]
    return []


def is_typesetter(process: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return b"reporting.packs.pdf.typesetter" in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


@contextlib.contextmanager
def frozen_typesetters(server: int) -> Iterator[set[int]]:
    """Freeze each process that the server starts to set a pack, and yield their numbers: a file system that stops does
    the same."""
    frozen: set[int] = set()
    done = threading.Event()

    def freeze() -> None:
        while not done.wait(0.005):
            for process in filter(is_typesetter, children_of(server)):
                if process not in frozen:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGSTOP)
                    frozen.add(process)

    freezer = threading.Thread(target=freeze)
    freezer.start()
    try:
        yield frozen
    finally:
        done.set()
        freezer.join()


def ask(site: Site, path: str, *, who: str = "") -> tuple[int, str, float]:
    """Return what a page answers: its status, its first words, and after how many seconds."""
    begun = time.monotonic()
    headers = {"Cookie": f"sessionid={site.sessions[who]}"} if who else {}
    request = urllib.request.Request(f"{site.url}{path}", headers=headers)
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with browser.open(request, timeout=60) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    return status, body.decode(errors="replace"), time.monotonic() - begun


@pytest.mark.release  # test_server.py opens packs on every change
def test_the_rest_of_the_site_goes_on(own_site: Site):
    with ThreadPoolExecutor(len(PACKS)) as members, frozen_typesetters(own_site.process) as frozen:
        asked = [members.submit(ask, own_site, path, who=MEMBER) for path in PACKS]
        while len(frozen) < 2:
            time.sleep(0.01)
        for path in ("/account/login/", "/anytown/public/", "/healthz"):
            status, _, seconds = ask(own_site, path)
            assert status in (200, 302)
            assert seconds < LONGEST_WAIT + BUSY_MACHINE
        assert len([pack for pack in asked if not pack.done()]) == 2  # those that hang
        answers = [pack.result() for pack in asked]
    assert {status for status, _, _ in answers} == {503}
    assert max(seconds for _, _, seconds in answers) < LONGEST + BUSY_MACHINE
    assert [(TOO_LONG in words, BUSY in words) for _, words, _ in answers].count((True, False)) == 2
    assert [(TOO_LONG in words, BUSY in words) for _, words, _ in answers].count((False, True)) == 6
    assert not [process for process in frozen if Path(f"/proc/{process}").exists()]

    status, words, _ = ask(own_site, PACKS[0], who=MEMBER)
    assert (status, words[:5]) == (200, "%PDF-")
