"""What a first visit to the dashboard costs: nothing is in the browser's cache yet."""

from playwright.sync_api import Page

from tests.functional.pages import OCTOBER
from tests.functional.site import MEMBER

# With their headers, as they travel.
MOST_BYTES, MOST_REQUESTS, MOST_OF_FONTS, MOST_WITHOUT_FONTS = 130_000, 8, 60_000, 55_000


def weigh(page: Page, path: str) -> dict[str, int]:
    """Go there; each address that was asked for, and its bytes."""
    asked: dict[str, str] = {}
    bytes_of: dict[str, int] = {}
    devtools = page.context.new_cdp_session(page)
    devtools.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    devtools.on(
        "Network.loadingFinished",
        lambda event: bytes_of.update({asked[event["requestId"]]: int(event["encodedDataLength"])}),
    )
    devtools.send("Network.enable")
    page.goto(path, wait_until="networkidle")
    assert set(bytes_of) == set(asked.values())
    return bytes_of


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
