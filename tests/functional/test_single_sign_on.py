"""Single sign-on in a real browser, with a provider that somebody else wrote: from the sign-in page to the home and
back. Its pages have nothing of ours, so the browser goes where our policy for contents can't follow."""

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.functional import site as sites
from tests.functional.accessibility import faults_of
from tests.functional.browsing import NARROW, Visit
from tests.functional.pages import send
from tests.functional.site import LEAD, Demo, Site
from tests.functional.test_sign_in import letter_to

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # those of its own libraries
    from oidc_provider_mock import User, run_server_in_thread

NAME = "Anytown Police"


@pytest.fixture
def provider() -> Iterator[str]:
    """Return its address."""
    people = [
        User(sub="7f3a", claims={"email": LEAD, "email_verified": True}),
        User(sub="another", claims={"email": LEAD, "email_verified": True}),
        User(sub="stranger", claims={"email": "stranger@anytown.example", "email_verified": True}),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with run_server_in_thread(require_nonce=True, user_claims=people) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def linked_site(demo: Demo, tmp_path: Path, provider: str) -> Iterator[Site]:
    rows = [
        {
            "id": "police",
            "name": NAME,
            "issuer": provider,
            "client_id": "dashboard",
            "client_secret": "a secret",
            "domains": ["anytown.example"],
        }
    ]
    with sites.served(demo, tmp_path, OIDC_PROVIDERS=json.dumps(rows)) as served:
        yield served


def leave(page: Page) -> None:
    """Press our button, and be at the provider."""
    page.goto("/account/login/")
    page.get_by_role("button", name=f"Sign in with {NAME}").click()
    page.wait_for_url(re.compile("/oauth2/authorize"))


def sign_on(page: Page, subject: str) -> None:
    leave(page)
    page.get_by_role("button", name=f"Authorize as {subject}", exact=True).click()


STYLES = "cdn.jsdelivr.net"  # of the provider's pages; nobody asks for it


@pytest.fixture
def visit_both(visit: Visit, provider: str) -> Iterator[Visit]:
    """The provider's pages are another site, and their faults aren't ours."""
    yield visit
    visit.watch.faults[:] = [each for each in visit.watch.faults if provider not in each and STYLES not in each]


def open_page(visit: Visit, site: Site, **options: Any) -> Page:
    page = visit(site, **options)
    page.context.route(f"https://{STYLES}/**", lambda route: route.abort())
    return page


@pytest.mark.parametrize("javascript", [True, False])
def test_there_and_back(linked_site: Site, visit_both: Visit, javascript: bool):
    page = open_page(visit_both, linked_site, viewport=NARROW, javascript=javascript)
    page.goto("/account/reminders/")
    if javascript:
        assert faults_of(page) == []
    page.get_by_role("button", name=f"Sign in with {NAME}").click()
    page.wait_for_url(re.compile("/oauth2/authorize"))
    page.get_by_role("button", name="Authorize as 7f3a", exact=True).click()
    page.wait_for_url("**/account/reminders/")  # the page that they wanted
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert f"You can now sign in with {NAME}" in letter_to(linked_site, LEAD)

    page.goto("/account/logout/")
    expect(page.get_by_text(f"You stay signed in to {NAME}.")).to_be_visible()
    if javascript:
        assert faults_of(page) == []
    send(page, "Sign out")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()

    sign_on(page, "another")
    expect(page.get_by_text(f"says that {LEAD} now belongs to someone else there")).to_be_visible()
    sign_on(page, "stranger")
    expect(page.get_by_text("No one has invited stranger@anytown.example yet.")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_visible()
    if javascript:
        assert faults_of(page) == []


def test_back_from_the_provider_is_the_sign_in_page(linked_site: Site, visit_both: Visit):
    """The page in between must not send somebody there again."""
    page = open_page(visit_both, linked_site)
    leave(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_the_page_in_between_has_a_link(linked_site: Site, visit_both: Visit):
    page = open_page(visit_both, linked_site)
    page.goto("/account/login/")

    def stay(route):
        answer = route.fetch()
        route.fulfill(response=answer, headers={k: v for k, v in answer.headers.items() if k.lower() != "refresh"})

    page.route("**/account/oidc/police/login/", stay)
    send(page, f"Sign in with {NAME}")
    assert faults_of(page) == []
    page.get_by_role("link", name=f"Continue to {NAME}").click()
    page.wait_for_url(re.compile("/oauth2/authorize"))
