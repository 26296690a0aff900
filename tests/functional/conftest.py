"""A real browser, and the product as it is served."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import services
from tests.functional import site as sites
from tests.functional.browsing import FLAGS, Visit, Watch
from tests.functional.site import Demo, Site

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests come one after another, though in random order: with others between them, each module would start a
    browser and its servers anew."""
    items.sort(key=lambda item: HERE not in item.path.parents)


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Demo:
    """Made once for all workers of this run. Not for the next: sessions end, and the demo has a day."""
    mine = tmp_path_factory.getbasetemp()
    return sites.make_demo((mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "demo")


@pytest.fixture(scope="package")
def site(demo, tmp_path_factory) -> Iterator[Site]:
    """For tests that change nothing."""
    with sites.served(demo, tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest.fixture(scope="package")
def renew_site(demo, tmp_path_factory) -> Iterator[Callable[[], Site]]:
    with sites.served_anew(demo, tmp_path_factory.mktemp("own")) as renew:
        yield renew


@pytest.fixture
def own_site(renew_site) -> Site:
    """For a test that changes something: it has this one to itself."""
    return renew_site()


# Not for the session: while Playwright runs, its event loop keeps Django's database from other tests.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.find_browser(), args=FLAGS)
        with contextlib.closing(browser):
            yield browser


@pytest.fixture
def visit(browser) -> Iterator[Visit]:
    """Opens a site as somebody: visit(site, LEAD, javascript=False) is a page.

    Whatever went wrong on any of a test's pages fails the test: a message on the console, a
    violation of the content security policy, a request that leaves the site.
    """
    watch = Watch()
    visit = Visit(browser, watch)
    yield visit
    visit.close()
    assert watch.heard() == []
