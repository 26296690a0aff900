"""The page of a bundle while it is made: it looks again by itself, and stops where there is no more to see."""

from playwright.sync_api import Page, Route, expect

from tests.functional.pages import PACKS
from tests.functional.site import STRATEGIC

WAITING = f"{PACKS}bundles/1/"  # no worker ever makes it


def answer(page: Page, *regions: str) -> list[str]:
    """What the page is told when it looks again, the last of these for ever; returns how often it has looked."""
    looks: list[str] = []

    def tell(route: Route) -> None:
        looks.append(route.request.url)
        body = regions[min(len(looks), len(regions)) - 1]
        route.fulfill(status=200 if body else 500, content_type="text/html", body=body)

    page.clock.install()
    page.goto(WAITING)
    page.route(f"**{WAITING}", tell)
    return looks


def made(number: int) -> str:
    return f'<div id="progress" role="status" data-unfinished><p>{number} of 3 packs made</p></div>'


def test_it_shows_how_far_it_is_until_it_is_finished(site, visit):
    page = visit(site, STRATEGIC)
    looks = answer(page, made(1), made(2), '<div id="progress"><p>The zip is ready.</p></div>')
    status = page.get_by_role("status")
    expect(status).to_contain_text("The packs are waiting for their turn.")
    expect(page.get_by_role("link", name="Look again")).to_be_hidden()
    for words in ("1 of 3 packs made", "2 of 3 packs made", "The zip is ready."):
        page.clock.run_for(2_000)
        expect(status).to_have_text(words)
    expect(page.get_by_text("You can leave this page")).to_be_hidden()
    page.clock.run_for(10_000)
    assert len(looks) == 3


def test_where_it_cannot_look_a_link_does(site, visit):
    page = visit(site, STRATEGIC)
    looks = answer(page, made(1), "")
    for _ in range(3):
        page.clock.run_for(2_000)
        page.wait_for_timeout(100)
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("1 of 3 packs made")
    assert len(looks) == 2


def test_without_scripts_a_link_looks_again(site, visit):
    page = visit(site, STRATEGIC, javascript=False)
    page.goto(WAITING)
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("status")).to_contain_text("The packs are waiting for their turn.")
