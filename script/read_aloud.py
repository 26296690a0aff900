"""What script/read-aloud runs, on a display and a message bus of its own: see there."""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.functional import site  # noqa: E402  # needs the path above
from tests.functional.browsing import FLAGS  # noqa: E402

OCTOBER = "/anytown/2026-10/"
PAGES = (
    (OCTOBER, site.MEMBER),
    (f"{OCTOBER}csp/", site.MEMBER),
    ("/anytown/indicators/cuckooed/", site.MEMBER),
    ("/anytown/returns/2026-11/police/", site.LEAD),
    ("/anytown/", site.COORDINATOR),
)
SAID = re.compile(r"SPEECH OUTPUT: '(.*?)'(?: \{.*\})?$", re.MULTILINE)
START, QUIET, LONGEST = 6, 5, 240  # seconds: until Orca listens, after which a page is read, and for which we listen


def main(log: Path, pages: list[tuple[str, str]]) -> None:
    orca = subprocess.Popen(["orca", "--debug-file", log], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(START)
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
            demo = site.make_demo(Path(folder) / "demo")
            with (
                site.served(demo, Path(folder)) as served,
                playwright.chromium.launch(
                    headless=False, executable_path="/usr/bin/chromium", args=[*FLAGS, "--force-renderer-accessibility"]
                ) as browser,
            ):
                for path, who in pages:
                    context = browser.new_context(base_url=served.url, no_viewport=True, locale="en-GB")
                    context.add_cookies([{"name": "sessionid", "value": served.sessions[who], "url": served.url}])
                    before = len(said(log))
                    context.new_page().goto(path)
                    print(f"\n== {path}, read to {who}\n")
                    print("\n".join(listen(log, before)), flush=True)
                    context.close()
    finally:
        orca.kill()  # it may take longer to say goodbye than anybody waits
        orca.wait()


def said(log: Path) -> list[str]:
    return SAID.findall(log.read_text(encoding="utf-8", errors="replace"))


def listen(log: Path, before: int) -> list[str]:
    """Return what is said from now on, until nothing was for a while."""
    heard: list[str] = []
    until, changed = time.monotonic() + LONGEST, time.monotonic()
    while time.monotonic() < until and (not heard or time.monotonic() - changed < QUIET):
        time.sleep(1)
        now = said(log)[before:]
        if now != heard:
            heard, changed = now, time.monotonic()
    return heard


if __name__ == "__main__":
    main(Path(sys.argv[1]), [(path, site.MEMBER) for path in sys.argv[2:]] or list(PAGES))
