"""What a first visit to the dashboard costs, with nothing in the browser's cache yet, and what the next one costs."""

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.functional.pages import OCTOBER
from tests.functional.site import MEMBER
from tests.functional.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
# With their headers, as they travel.
MOST_BYTES, MOST_REQUESTS, MOST_OF_FONTS, MOST_WITHOUT_FONTS, MOST_WARM = 80_000, 8, 60_000, 25_000, 15_000


def weigh(page: Page, path: str) -> dict[str, int]:
    """Go there; each address that was asked for, and its bytes, of which the browser may have had some."""
    wire = Wire()
    wire.watch(page)
    page.goto(path, wait_until="networkidle")
    if not any("favicon" in address for address in wire.asked.values()):  # only a browser with a window asks for it
        page.evaluate("fetch(document.querySelector('link[rel=icon]').href).then((answer) => answer.blob())")
        page.wait_for_load_state("networkidle")
    for _ in range(100):
        if set(wire.bytes_of) == set(wire.asked):
            break
        page.wait_for_timeout(20)  # the browser tells us after the page
    assert set(wire.bytes_of) == set(wire.asked)
    return {address: wire.bytes_of[key] for key, address in wire.asked.items()}


def test_first_visit_is_light(site, visit):
    page = visit(site, MEMBER)

    bytes_of = weigh(page, OCTOBER)

    fonts = sum(size for address, size in bytes_of.items() if address.endswith(".woff2"))
    total, requests = sum(bytes_of.values()), len(bytes_of)
    names = {address.rpartition("/")[2] for address in bytes_of}
    assert names >= {"", "app.css", "favicon.svg", "vv-sans-regular.woff2", "vv-sans-semibold.woff2"}
    print(f"First visit: {total:,} bytes, {fonts:,} of them fonts, in {requests} requests: {bytes_of}")  # noqa: T201
    assert total <= MOST_BYTES
    assert fonts <= MOST_OF_FONTS
    assert total - fonts <= MOST_WITHOUT_FONTS
    assert requests <= MOST_REQUESTS


def test_the_next_visit_is_lighter(site, visit):
    first = visit(site, MEMBER)
    weigh(first, OCTOBER)

    bytes_of = weigh(first.context.new_page(), OCTOBER)

    print(f"Next visit: {bytes_of}")  # noqa: T201
    assert [address for address, size in bytes_of.items() if size] == [f"{site.url}{OCTOBER}"]
    assert sum(bytes_of.values()) <= MOST_WARM


def test_the_script_measures_any_address(site):
    """As somebody who is signed in, of a server that is on this machine."""
    address = f"{site.url}{OCTOBER}"
    command = [sys.executable, "-m", "bench.visit", "--rounds=1", f"--cookie=sessionid={site.sessions[MEMBER]}"]

    done = subprocess.run(
        [*command, f"--process={site.process}", address], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    head, _, *rows = done.stdout.splitlines()
    assert head == f"{address}, median of 1:"
    cold, warm = (re.split(r"\s{2,}", row) for row in rows)
    assert (cold[0], warm[0], warm[4]) == ("cold", "warm", "1")
    assert all(re.fullmatch(r"[\d.]+ ms", figure) for row in (cold, warm) for figure in (*row[1:4], row[6]))
    assert int(warm[5].replace(",", "")) <= MOST_WARM < int(cold[5].replace(",", "")) <= MOST_BYTES
