"""What travels with a page, and what a browser may do with it."""

from http.cookies import SimpleCookie

import pytest

from tests.functional.site import LEAD, PASSWORD


def test_a_pack_is_guarded(site, visit):
    answer = visit(site, LEAD.replace("police.lead", "csp.member")).context.request.get("/anytown/packs/2026-10/csp/")

    assert answer.headers["content-type"] == "application/pdf"
    assert "no-store" in answer.headers["cache-control"]
    assert "OFFICIAL-SENSITIVE" in answer.headers["content-disposition"]


def test_cookies_are_out_of_reach(own_site, visit):
    """… of scripts and of other sites, from the first page to the last."""
    page = visit(own_site)
    set_cookies = []
    page.context.on("response", lambda response: set_cookies.extend(response.header_values("set-cookie")))

    page.goto("/account/login/?next=/anytown/returns/2026-11/police/")
    page.get_by_label("Email address").fill(LEAD)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Save draft").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()

    cookies = [cookie for text in set_cookies for cookie in SimpleCookie(text).items()]
    assert {"csrftoken", "sessionid"} <= {name for name, _ in cookies}
    for name, morsel in cookies:
        if morsel["max-age"] == "0":
            continue  # taken back
        assert morsel["httponly"], name
        assert morsel["samesite"] in ("Lax", "Strict"), name
    assert page.evaluate("document.cookie") == ""


@pytest.mark.parametrize("next_page", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(own_site, visit, next_page):
    page = visit(own_site)

    page.goto(f"/account/login/?next={next_page}")
    page.get_by_label("Email address").fill(LEAD)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()

    assert page.url == f"{own_site.url}/anytown/"
