"""Loads a page cold and warm in Chromium, and prints what that takes.

Opens each address as a new visitor does (cold), and again with what that browser has kept (warm). Prints medians:
when something was drawn first and when the largest part was drawn, when the last answer was there, how many requests
went over the wire, their bytes with headers, and the server's CPU.

Without an address, serves the product on a free port with the demonstration in a temporary database, and opens the
month of October 2026 as a member of a board, then its public page as anybody. The address can be any other site's.

Needs Chromium or Chrome (on Debian: chromium-headless-shell). The password for --sign-in is in VISIT_PASSWORD.
"""

import argparse
import contextlib
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.command_line import make_parser
from tests.functional import site
from tests.functional.browsing import FLAGS, WIDE
from tests.functional.wire import Wire
from tests.services import ServiceError, find_browser

type Launch = Callable[[], Browser]
MONTH, PUBLIC_MONTH = "/anytown/2026-10/", "/anytown/public/2026-10/"
PATIENCE = 120_000  # milliseconds, for a page of anybody's
# In milliseconds after the visitor asked for the page. The largest part can change as long as the page loads.
DRAWN = """
() => new Promise(resolve => {
  const found = {};
  const watch = (type, name) => new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (entry.name === name || !name) found[type] = entry.startTime;
    if (Object.keys(found).length === 2) resolve(found);
  }).observe({type, buffered: true});
  watch("paint", "first-contentful-paint");
  watch("largest-contentful-paint");
  setTimeout(() => resolve(found), 3000);
})
"""
UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit took, in milliseconds, requests and bytes. A figure that nobody knows is NaN."""

    drawn: float
    largest: float
    last: float
    requests: float
    bytes: float
    cpu: float


def cpu_of(processes: Sequence[int]) -> float:
    """Return the milliseconds of CPU that these processes and those below them have had; NaN without any."""
    if not processes:
        return UNKNOWN
    # Linux's name for the clock of a process, with all its threads (clock_getcpuclockid).
    return sum(time.clock_gettime(~process << 3 | 2) for process in with_children(processes)) * 1000


def with_children(processes: Sequence[int]) -> Iterator[int]:
    for process in processes:
        yield process
        for task in Path(f"/proc/{process}/task").iterdir():
            yield from with_children([int(child) for child in (task / "children").read_text("ascii").split()])


def visit(context: BrowserContext, address: str, processes: Sequence[int]) -> Visit:
    """Open a page in a new tab, until nothing more is asked for."""
    page, wire = context.new_page(), Wire()
    wire.watch(page)
    before = cpu_of(processes)
    answer = page.goto(address, wait_until="networkidle", timeout=PATIENCE)
    cpu = cpu_of(processes) - before
    if answer is None or not answer.ok:
        raise SystemExit(f"{address} answered {answer.status if answer else 'nothing'}.")
    found = page.evaluate(DRAWN)
    page.close()
    drawn, largest = (found.get(kind, UNKNOWN) for kind in ("paint", "largest-contentful-paint"))
    return Visit(drawn, largest, (wire.last - wire.first) * 1000, len(wire.sent), wire.total, cpu)


def compare(
    launch: Launch, address: str, state: Any, *, rounds: int, processes: Sequence[int]
) -> dict[str, list[Visit]]:
    """Open it in a new browser, and again in the same, `rounds` times. The first pair doesn't count: the server loads
    what it needs. A new context isn't enough: it has the icons of the one before."""
    found: dict[str, list[Visit]] = {"cold": [], "warm": []}
    for number in range(rounds + 1):
        with contextlib.closing(launch()) as browser:
            context = browser.new_context(storage_state=state, viewport=WIDE, locale="en-GB")
            for visits in found.values():
                seen = visit(context, address, processes)
                if number:
                    visits.append(seen)
    return found


def show(what: str, found: dict[str, list[Visit]]) -> None:
    rounds = len(found["cold"])
    print(f"{what}, median{'s' if rounds > 1 else ''} of {rounds}:")
    print(f"{'':<6}{'drawn':>10}{'largest':>10}{'last':>10}{'requests':>10}{'bytes':>12}{'server CPU':>13}")
    for kind, visits in found.items():
        middle = {name: median([getattr(each, name) for each in visits]) for name in Visit.__slots__}
        times = "".join(f"{in_ms(middle[name], 0):>10}" for name in ("drawn", "largest", "last"))
        cpu = in_ms(middle["cpu"], 1)
        print(f"{kind:<6}{times}{middle['requests']:>10.0f}{middle['bytes']:>12,.0f}{cpu:>13}", flush=True)


def median(figures: Sequence[float]) -> float:
    """Return the median of those that are known."""
    known = [figure for figure in figures if not math.isnan(figure)]
    return statistics.median(known) if known else UNKNOWN


def in_ms(figure: float, digits: int) -> str:
    return "unknown" if math.isnan(figure) else f"{figure:.{digits}f} ms"


def sign_in(launch: Launch, address: str, name: str, password: str) -> Any:
    """Fill in the form with a password, as far as forms are alike. Returns the cookies that this leaves."""
    with contextlib.closing(launch()) as browser:
        context = browser.new_context(viewport=WIDE)
        page = context.new_page()
        page.goto(address, wait_until="networkidle", timeout=PATIENCE)
        secret = page.locator("input[type=password]:visible").first
        page.locator("input:visible:is([type=email], [type=text], :not([type]))").first.fill(name)
        secret.fill(password)
        secret.press("Enter")
        page.wait_for_load_state("networkidle")
        if page.locator("input[type=password]:visible").count():
            raise SystemExit(f"{address} still asks for a password.")
        return context.storage_state()


def cookie_state(cookies: Sequence[str], address: str) -> Any:
    """Return cookies, each NAME=VALUE, as the browser keeps them for an address."""
    host = address.partition("://")[2].partition("/")[0].partition(":")[0]
    kept = [
        {"name": name, "value": value, "domain": host, "path": "/", "expires": -1}
        | {"httpOnly": True, "secure": False, "sameSite": "Lax"}
        for name, _, value in (cookie.partition("=") for cookie in cookies)
    ]
    return {"cookies": kept, "origins": []}


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = make_parser("visit", __doc__)
    parser.add_argument("addresses", nargs="*", metavar="ADDRESS")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="open it N times cold and N times warm (5)")
    cookie = "send this cookie; may be repeated"
    parser.add_argument("--cookie", action="append", default=[], metavar="NAME=VALUE", help=cookie)
    parser.add_argument("--sign-in", metavar="ADDRESS", help="sign in there first, by its form, as --as says")
    parser.add_argument("--as", dest="name", metavar="NAME", help="the name or email address for that form")
    process = (
        "a server on this machine: its CPU, and that of the processes it started; may be repeated. Without it, the CPU "
        "is unknown"
    )
    parser.add_argument("--process", action="append", type=int, default=[], metavar="PID", help=process)
    given = parser.parse_args(arguments)
    if given.rounds < 1:
        parser.error("--rounds is at least 1.")
    if bool(given.sign_in) != bool(given.name):
        parser.error("--sign-in and --as go together.")
    if given.sign_in and "VISIT_PASSWORD" not in os.environ:
        parser.error("--sign-in needs VISIT_PASSWORD.")
    if not given.addresses and (given.cookie or given.sign_in or given.process):
        parser.error("These options need an ADDRESS.")
    return given


def main(arguments: Sequence[str] | None = None) -> int:
    given = read_arguments(arguments)
    try:
        executable = find_browser()
    except ServiceError as missing:
        print(f"{missing} On Debian and Ubuntu: sudo apt-get install chromium.", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        launch = partial(playwright.chromium.launch, executable_path=executable, args=FLAGS)
        if given.addresses:
            measure(launch, given)
        else:
            measure_ours(launch, given.rounds)
    return 0


def measure(launch: Launch, given: argparse.Namespace) -> None:
    for address in given.addresses:
        if given.sign_in:
            state = sign_in(launch, given.sign_in, given.name, os.environ["VISIT_PASSWORD"])
        else:
            state = cookie_state(given.cookie, address)
        show(address, compare(launch, address, state, rounds=given.rounds, processes=given.process))


def measure_ours(launch: Launch, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        demo = site.make_demo(Path(folder) / "demo")
        with site.served(demo, Path(folder)) as served:
            member = cookie_state([f"sessionid={served.sessions[site.MEMBER]}"], served.url)
            for what, path, state in (
                ("A month, signed in", MONTH, member),
                ("A public month", PUBLIC_MONTH, cookie_state([], served.url)),
            ):
                found = compare(launch, served.url + path, state, rounds=rounds, processes=[served.process])
                show(f"{what} ({path})", found)


if __name__ == "__main__":
    sys.exit(main())
