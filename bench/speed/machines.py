"""What does a machine's request cost?"""

import subprocess
import sys

from bench import ROOT
from bench.speed.browser import Browser
from bench.speed.floor import Page, compare
from bench.speed.report import Report

# What the API's libraries add to a process that has every page.
LOADED = """
import time, django
from pathlib import Path
django.setup()
from vvdash import urls
held = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
before, begun = held(), time.perf_counter()
import reporting.api.urls
print(f"{time.perf_counter() - begun:.2f} s, {held() - before:.0f} MB")
"""


def machines(report: Report) -> None:
    """What a machine's request costs, beside the floor: its key, the lines of a month, and that nothing changed."""
    from django.conf import settings
    from django.core.cache import caches

    from boards.key_access import check_key, find_key
    from tests.functional.make_keys import make_keys

    settings.KEY_A_MINUTE = settings.KEY_AN_HOUR = 10**6
    said = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    report.say(f"The API loads with its first request, and no page waits for it: {said.strip()}")
    key = make_keys()["person"]
    system, floor = Browser(), Browser("strategic@anytown.example")
    lines = "/api/v1/areas/anytown/months/2026-10/lines"
    headers = {"Authorization": f"Bearer {key}"}

    def ask(**more: str) -> dict[str, str]:
        status, _, answered = system.ask(system.factory.get(lines, headers=headers | more))
        if status not in (200, 304):
            raise SystemExit(f"{lines} answered {status}.")
        return answered

    def uncached() -> None:
        caches["api"].clear()
        ask()

    tag, request = ask()["ETag"], system.factory.get(lines, headers=headers)
    compare(
        report,
        lambda: floor.get("/floor"),
        [
            Page("the API’s lines of a month (50 lines)", uncached, 12),
            Page("… body cached", ask, 7),
            Page("… not modified", lambda: ask(**{"If-None-Match": tag}), 7),
            Page("a key’s check", lambda: check_key(key), 1.6),
            Page("a key’s check and its count", lambda: find_key(request), 3),
        ],
    )
