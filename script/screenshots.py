"""What script/screenshots runs: see there."""

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.functional import site  # noqa: E402  # needs the path above
from tests.services import ServiceError, find_browser, find_poppler  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
WIDE, NARROW, WALL = 1280, 390, 1920  # px
TALLEST = {WIDE: 1400, NARROW: 1700, WALL: 1080}  # px: what a reader of the README scrolls through
EVERYWHERE = (WIDE, NARROW, WALL)
HEIGHTS = {WIDE: 900, NARROW: 844, WALL: 1080}  # px, of the window
COLOURS = 256  # a palette makes a picture a third as large
MOST_CHANGED = 8  # of 255, in red, green or blue: what nobody sees
LARGEST = 250_000  # bytes
PACK_WIDTH = 900  # px
PACK_PAGES = (1, 3, 5, 7)  # the cover, the month on a page, two years at a glance, six indicators
WAIT = 15_000  # milliseconds, for a page

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
]


@dataclass(frozen=True)
class Shot:
    """A page to take: the file's name, who looks at it, its address, and the widths of the window."""

    name: str
    email: str
    path: str
    widths: tuple[int, ...] = (WIDE, NARROW)


HOMES = {
    "coordinator": "coordinator",
    "lead": "police.lead",
    "approver": "police.approver",
    "contact": "police.contact",
    "member": "csp.member",
    "chair": "csp.chair",
    "analyst": "analyst",
    "information": "information",
}
SHOTS = (
    Shot("dashboard", site.MEMBER, "/anytown/2026-10/", EVERYWHERE),
    Shot("board", site.MEMBER, "/anytown/2026-10/csp/", EVERYWHERE),
    Shot("present", site.MEMBER, "/anytown/2026-10/present/", EVERYWHERE),
    Shot("year", site.MEMBER, "/anytown/2026-10/year/", EVERYWHERE),
    Shot("lines", site.MEMBER, "/anytown/2026-10/lines/", EVERYWHERE),
    Shot("indicator", site.MEMBER, "/anytown/indicators/cuckooed/?month=2026-10"),
    Shot("search", site.MEMBER, "/anytown/search/?q=housing"),
    Shot("return", site.LEAD, "/anytown/returns/2026-11/police/", EVERYWHERE),
    Shot("grid", site.COORDINATOR, "/anytown/returns/2026-11/"),
    Shot("close", site.COORDINATOR, "/anytown/months/2026-11/close/"),
    Shot("kpis", site.MEMBER, "/anytown/kpis/"),
    Shot("public", site.COORDINATOR, "/anytown/public/2026-10/", EVERYWHERE),
    Shot("publishing", site.COORDINATOR, "/anytown/publishing/2026-07/"),
    Shot("packs", site.COORDINATOR, "/anytown/packs/"),
    Shot("plan", site.COORDINATOR, "/anytown/plan/"),
    Shot("timeline", site.COORDINATOR, "/anytown/plan/timeline/", EVERYWHERE),
    Shot("challenge", site.STRATEGIC, "/anytown/challenges/1/", EVERYWHERE),
    Shot("home", site.STRATEGIC, "/anytown/", EVERYWHERE),
    *(Shot(f"home-{role}", f"{who}@anytown.example", "/anytown/") for role, who in HOMES.items()),
    Shot("region", "director@essex.example", "/regions/county/2026-10/"),
    Shot("region-indicator", "director@essex.example", "/regions/county/indicators/drug-arrests/?month=2026-10"),
    Shot("meeting", site.STRATEGIC, "/anytown/meetings/6/"),
)
PACK = "/anytown/packs/2026-10/csp/"


def main() -> int:
    try:
        browser, poppler = find_browser(), find_poppler()
    except ServiceError as missing:
        print(f"{missing} On Debian: sudo apt-get install chromium-headless-shell poppler-utils.", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo = site.make_demo(Path(folder) / "demo")
        with site.served(demo, Path(folder)) as served:
            pdf = Path(folder) / "pack.pdf"
            pdf.write_bytes(take_pages(served.url, browser))
            take_pack(pdf, poppler)
    return 0


def take_pages(url: str, executable: Path) -> bytes:
    """Take every page at its widths; returns a pack, fetched by its button."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_ARGUMENTS)
        try:
            for width in EVERYWHERE:
                for shot, page in signed_in_pages(browser, url, width):
                    save(f"{shot.name}-{width}", picture_of(page, url + shot.path, width))
            page = sign_in(browser, url, site.MEMBER, WIDE)
            answer = page.request.get(url + PACK, timeout=WAIT)
            if answer.status != 200:
                raise SystemExit(f"{PACK} answered {answer.status}.")
            return answer.body()
        finally:
            browser.close()


def signed_in_pages(browser: Browser, url: str, width: int) -> Iterator[tuple[Shot, Page]]:
    """Each shot with a page of the person who looks at it, signed in once."""
    pages: dict[str, Page] = {}
    for shot in (shot for shot in SHOTS if width in shot.widths):
        if shot.email not in pages:
            pages[shot.email] = sign_in(browser, url, shot.email, width)
        yield shot, pages[shot.email]


def sign_in(browser: Browser, url: str, email: str, width: int) -> Page:
    """As a person does: the form, the password, the button."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]}, locale="en-GB", timezone_id="Europe/London"
    )
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"{url}/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(site.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    return page


def picture_of(page: Page, address: str, width: int) -> Image.Image:
    """The top of a page."""
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        raise SystemExit(f"{address} answered {answer and answer.status}.")
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    return picture.crop((0, 0, width, min(picture.height, TALLEST[width])))


def take_pack(pdf: Path, poppler: Path) -> None:
    for number in PACK_PAGES:
        command = [str(poppler / "pdftoppm"), "-png", "-singlefile", "-f", str(number), "-l", str(number)]
        drawn = subprocess.run(
            [*command, "-scale-to-x", str(PACK_WIDTH), "-scale-to-y", "-1", str(pdf)], check=True, capture_output=True
        )
        save(f"pack-{number}", Image.open(io.BytesIO(drawn.stdout)))


def save(name: str, picture: Image.Image) -> None:
    """Write a picture with a palette of its own, and say how large it is.

    The palette is chosen so that each colour of the page has one near it. Chosen by how much of the picture they cover,
    as by median cut, most would be greys of letters, and a green and a blue mark would share one.
    """
    file = FOLDER / f"{name}.png"
    whole = picture.convert("RGB")
    reduced = whole.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    reduced.save(file, optimize=True)
    size = file.stat().st_size
    differences = ImageChops.difference(whole, reduced.convert("RGB")).histogram()  # 256 counts for each of the three
    changed = max(place % 256 for place, count in enumerate(differences) if count)
    print(f"{file.relative_to(ROOT)}: {picture.width} × {picture.height} px, {size:,} bytes")
    if changed > MOST_CHANGED:
        raise SystemExit(f"{file.name} has lost colours: one is off by {changed} of 255.")
    if size > LARGEST:
        raise SystemExit(f"{file.name} has more than {LARGEST:,} bytes.")


if __name__ == "__main__":
    sys.exit(main())
