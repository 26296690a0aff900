"""What a first visit to the dashboard costs: nothing is in the browser's cache yet."""

from playwright.sync_api import Page

from tests.functional.pages import OCTOBER
from tests.functional.site import MEMBER

MOST_BYTES, MOST_REQUESTS = 75_000, 8  # with their headers, as they travel


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

    total, requests = sum(bytes_of.values()), len(bytes_of)
    assert {address.rpartition("/")[2] for address in bytes_of} >= {"", "app.css", "favicon.svg"}
    print(f"First visit to the dashboard: {total:,} bytes in {requests} requests: {bytes_of}")  # noqa: T201
    assert total < MOST_BYTES
    assert requests < MOST_REQUESTS
