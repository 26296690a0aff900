"""The pages on which someone publishes, agrees, withdraws, removes or sends: what happens is the first thing that they
read, and what can't be undone says so before its button."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.functional.browsing import Visit, Watch
from tests.functional.pages import STATES, State
from tests.tiers import vary_at_release

# A page, and its button where that can't be undone; "" where another page undoes it.
APPROVALS = {
    "act-remove": "Remove it",
    "action-archive": "",
    "action-bring-back": "",
    "action-reopen": "",
    "chapter-remove": "Remove this chapter",
    "consent-given": "",
    "disclosure-request": "Agree",
    "document-public": "",
    "document-withdraw": "Withdraw it",
    "duty-end": "",
    "event-remove": "Remove it",
    "figure-remove": "",
    "highlight-archive": "",
    "highlight-bring-back": "",
    "history-publish": "Publish these months",
    "hold": "",
    "hold-release": "Release the hold",
    "indicator-retire": "",
    "kpi-retire": "Retire it",
    "lost-device-ask": "",
    "lost-device-decide": "Reset the second factor",
    "market-agree": "Agree it",
    "meeting-call-off": "Cancel this meeting",
    "milestone-remove": "Remove it",
    "month-close": "",
    "month-take-away": "",
    "note-delete": "Delete it",
    "operator-import": "",
    "pack-make": "Issue this pack to",
    "person-remove": "",
    "publishing-month": "",
    "publishing-month-published": "",
    "publishing-off": "",
    "publishing-withdraw": "Withdraw it now",
    "recording-decide": "Confirm the change",
    "records-remove": "Remove “Houses”",
    "region-person-remove": "",
    "retention-decide": "Agree",
    "retention-months": "",
    "return-check": "",
    "return-nil": "",
    "return-to-decide": "",
    "return-to-release": "",
    "role-request": "",
    "seat-end": "End the membership",
    "session-archive": "",
    "sub-group-retire": "",
    "together-check": "",
}
IRREVERSIBLE = "you can’t undo"
SHOWS_ITSELF_FIRST = {"pack-make"}  # the pack, and then what is done with it
# Those that can't be undone come first: they are looked at on every change.
PAGES = sorted((state for state in STATES if state.name in APPROVALS), key=lambda state: not APPROVALS[state.name])
FINAL = sum(1 for state in PAGES if APPROVALS[state.name])

# The first text under the heading: whether it is a paragraph, and whether it only leads elsewhere.
FIRST = """() => {
    const main = document.querySelector("main");
    const blocks = [...main.querySelectorAll("p, li, dd, td, label, button, .govuk-inset-text")];
    const first = blocks.find(block => block.innerText.trim()
        && !block.closest(".govuk-error-summary, .vv-message") && !block.querySelector(".vv-status"));
    const text = first.innerText.trim();
    const links = [...first.querySelectorAll("a")].map(link => link.innerText).join("").trim();
    return {text, isSaid: first.tagName === "P", isNavigation: Boolean(first.closest("nav")) || text === links};
}"""
BEFORE = """button => {
    const before = document.createRange();
    before.setStart(document.querySelector("main"), 0);
    before.setEndBefore(button);
    return before.toString();
}"""


@pytest.fixture(scope="module")
def visits(browser) -> Iterator[Visit]:
    """Everyone keeps their browser from page to page."""
    visit = Visit(browser, Watch())
    yield visit
    visit.close()


def open_state(visits: Visit, site, state: State) -> Page:
    page = visits(site, state.who)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(state.path)
    if state.act:
        state.act(page)
    return page


@pytest.mark.parametrize("state", vary_at_release(PAGES, every_time=FINAL), ids=str)
def test_what_happens_is_read_before_the_button(site, visits, state):
    page = open_state(visits, site, state)
    if state.name not in SHOWS_ITSELF_FIRST:
        first = page.evaluate(FIRST)
        assert first["isSaid"], first
        assert not first["isNavigation"], first
        assert "." in first["text"], first
    if button := APPROVALS[state.name]:
        before = page.locator("main").get_by_role("button", name=button).first.evaluate(BEFORE)
        assert IRREVERSIBLE in before.lower(), before


def test_each_page_of_the_table_is_there():
    assert set(APPROVALS) <= {state.name for state in STATES}
