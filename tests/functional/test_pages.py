"""Every page in its states: nothing for axe to find, nothing that scrolls sideways, a title and a
heading that tell it from the others, headers that guard it, nothing on the console.

On every change each template is looked at once as it opens, and once with what a form that was sent answers. Its other
states are looked at before a release.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.architecture.test_access_matrix import ACCOUNT, ROWS
from tests.functional.accessibility import AXE, broken_words, faults_of
from tests.functional.browsing import WIDE, Visit, Watch
from tests.functional.guards import unguarded
from tests.functional.pages import STATES, State, press

NOT_A_PAGE = {
    "healthz": "a word for a load balancer",
    "healthz-jobs": "some words for a monitor",
    "readyz": "some lines for a monitor",
    "metrics": "counts for a monitor",
    "api:openapi": "a document for machines",
    "robots-txt": "a few lines for search engines",
    **{
        f"reporting:{name}": "a PDF"
        for name in ("pack-pdf", "public-pack-pdf", "region-pack-pdf", "document-pdf", "public-document-pdf")
    },
    "reporting:bundle-zip": "packs in a zip",
    "mfa_download_recovery_codes": "codes as text",
    "reporting:impact-series": "a file of figures",
    "indicators:catalogue-file": "a set-up as TOML",
    "reporting:history-template": "a file to fill in",
    "reporting:public-feed": "a feed",
    **{
        f"reporting:public-package-{part}": "a data package"
        for part in ("json", "zip", "figures", "years", "indicators", "editions")
    },
    **dict.fromkeys(("actions:highlight-picture", "reporting:public-highlight-picture"), "a picture"),
    **dict.fromkeys(("reporting:pack-photo", "reporting:public-pack-photo"), "a picture"),
    **{
        f"{what}-{kind}": "a file of figures"
        for what in (
            *(f"reporting:{of}" for of in ("month", "indicator", "history", "public", "table", "public-table")),
            *(f"reporting:region-{of}" for of in ("month", "indicator", "lines", "table")),
            *(f"actions:{of}" for of in ("challenge", "support")),
            *("region-public:month", "region-public:indicator"),
            *("audit", "audit-read", "boards:audit", "boards:audit-read"),
        )
        for kind in ("csv", "json", "xlsx", "ods")
    },
}

# All in one question: each costs four processes some milliseconds.
LOOK = """() => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    return {
        height: document.documentElement.scrollHeight,
        headings: all("h1").length,
        errors: all(".govuk-error-summary").length,
        lost: all(".govuk-error-summary a").filter((link) => all(link.getAttribute("href")).length !== 1)
            .map((link) => link.outerHTML),
        markings: all(".vv-marking").map((marking) => marking.innerText),
        strange: all("select, textarea, button, input:not([type=hidden], [type=checkbox], [type=radio])")
            .filter((field) => !field.ariaHidden)
            .filter((field) => getComputedStyle(field).fontFamily !== getComputedStyle(document.body).fontFamily)
            .map((field) => field.outerHTML),
    };
}"""


@pytest.fixture(scope="module")
def visits(browser) -> Iterator[Visit]:
    """Everybody keeps their browser from page to page."""
    visit = Visit(browser, Watch())
    yield visit
    visit.close()


REFUSED = (403, 404, 405)


def view_of(state: State) -> str:
    """The name of the view that answers, or nothing if none does."""
    try:
        return resolve(urlsplit(state.path).path).view_name
    except Resolver404:
        return ""


def look_of(state: State) -> tuple[object, ...]:
    """A view has a template for each status, and all refusals of a kind have one. A button that is pressed there shows
    it with errors, or what was done. Other acts lead anywhere."""
    where = bool(state.who) if state.status in REFUSED else view_of(state)
    presses = state.act is not None and state.act.__qualname__.startswith(press.__qualname__)
    return where, state.status, presses or state.act


EVERY_TIME = {look_of(state): state for state in reversed(STATES)}.values()


@pytest.mark.parametrize(
    "state",
    [state if state in EVERY_TIME else pytest.param(state, marks=pytest.mark.release) for state in STATES],
    ids=str,
)
def test_page(site, visits, state):
    page = visits.page_of(site, state.who, script=AXE)
    page.set_viewport_size(WIDE)

    answer = page.goto(state.path)
    assert answer.status == state.status
    assert unguarded(answer, is_public=state.is_public) == []
    if state.act:
        state.act(page)

    assert faults_of(page) == []
    found = page.evaluate(LOOK)
    assert found["height"] <= state.tallest
    if state.is_public:
        assert broken_words(page) == []
        assert "Violence and Vulnerability" in page.locator("header").inner_text()
        assert re.search("Questions: |whom to ask", page.locator("footer").inner_text())
    assert visits.watch.heard() == []
    assert found["headings"] == 1
    assert found["errors"] == page.title().startswith("Error: ")
    assert found["lost"] == []
    assert found["strange"] == []  # in the browser's own typeface: no style sheet has anything for it
    assert found["markings"] == (["OFFICIAL-SENSITIVE"] * 2 if state.who else [])


def test_every_page_is_looked_at():
    pages = {row.name for row in ROWS if row.method == "GET" and 200 in row.statuses.values()} | set(ACCOUNT)
    assert pages - {view_of(state) for state in STATES} == set(NOT_A_PAGE)
    assert all(state.status == 404 for state in STATES if not view_of(state))
    opened = {view_of(state) for state in STATES if state.status == 200}
    assert {view_of(state) for state in EVERY_TIME if state.status == 200} == opened


def test_states_have_names_of_their_own():
    assert len({state.name for state in STATES}) == len(STATES)
