"""How do the tests go about in a browser?"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize

from tests.functional.site import PASSWORD, Site

FLAGS = [
    "--no-sandbox",  # which needs rights that a container lacks; the only site visited is our own
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # No page of ours lives long enough to earn back what these two compilers take.
    "--js-flags=--no-turbofan --no-maglev",
]
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
PATIENCE = 20_000  # milliseconds: a page is quick, a busy machine isn’t


@dataclass
class Watch:
    """Notes what no page may do."""

    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext, site: Site) -> None:
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.faults.append(f"A script failed: {error.error}"))
        context.on("request", lambda request: self._asked(request, site))

    def heard(self) -> list[str]:
        """What there was since the last time of asking."""
        faults = self.faults[:]
        self.faults.clear()
        return faults

    def _heard(self, message: ConsoleMessage) -> None:
        # A page that answers 403 or 404 is reported on the console, by its own address.
        page = message.page
        is_the_page = page is not None and message.location["url"] == page.url
        if message.type in ("error", "warning") and not (is_the_page and "Failed to load resource" in message.text):
            self.faults.append(f"{page.url if page else ''}: {message.text} ({message.location['url']})")

    def _asked(self, request: Request, site: Site) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(f"{site.url}/"):
            self.faults.append(f"A page asked for {request.url}")


@dataclass
class Visit:
    """Opens pages, and closes them all at the end."""

    browser: Browser
    watch: Watch
    opened: list[BrowserContext] = field(default_factory=list)
    kept: dict[str, Page] = field(default_factory=dict)

    def __call__(
        self, site: Site, who: str = "", *, javascript: bool = True, viewport: ViewportSize = WIDE, **options: Any
    ) -> Page:
        """A page of this site, in a browser that nobody else uses; `who` is signed in."""
        context = self.browser.new_context(
            base_url=site.url, java_script_enabled=javascript, viewport=viewport, locale="en-GB", **options
        )
        self.opened.append(context)
        context.set_default_timeout(PATIENCE)
        self.watch.over(context, site)
        if who:
            context.add_cookies([{"name": "sessionid", "value": site.sessions[who], "url": site.url}])
        return context.new_page()

    def page_of(self, site: Site, who: str, *, script: str) -> Page:
        """Somebody's page, the same each time, in which a script has run before the page's own."""
        if who not in self.kept:
            self.kept[who] = self(site, who)
            self.kept[who].context.add_init_script(script)
        return self.kept[who]

    def close(self) -> None:
        while self.opened:
            self.opened.pop().close()
        self.kept.clear()


def sign_in(page: Page, email: str) -> None:
    """Through the real form, from the address that somebody was given."""
    page.goto("/")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_event("load"):
        page.get_by_role("button", name="Sign in").click()
