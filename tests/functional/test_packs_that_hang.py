"""Eight packs that hang at once: the rest of the site goes on, they end with a sentence, and the next one is made."""

import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reporting.packs.pdf.typesetting import BUSY, LONGEST, LONGEST_WAIT, TOO_LONG
from tests.functional.site import MEMBER, Site
from tests.functional.test_server import PACKS
from tests.typesetters import each_typesetter_gets

BUSY_MACHINE = 6.0  # seconds more than on a quiet one


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
    with ThreadPoolExecutor(len(PACKS)) as members, each_typesetter_gets(signal.SIGSTOP, own_site.process) as frozen:
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
