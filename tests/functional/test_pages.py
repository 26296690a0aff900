"""Every page in its states: nothing for axe to find, nothing that scrolls sideways, a title and a
heading that tell it from the others, nothing on the console."""

from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.architecture.test_access_matrix import ACCOUNT, ROWS
from tests.functional.accessibility import faults_of
from tests.functional.pages import STATES

NOT_A_PAGE = {
    "healthz": "a word for a load balancer",
    "reporting:board-pack": "a PDF",
}


@pytest.mark.parametrize("state", STATES, ids=str)
def test_page(site, visit, state):
    page = visit(site, state.who)

    answer = page.goto(state.path)
    assert answer.status == state.status
    if state.act:
        state.act(page)

    assert faults_of(page) == []
    assert page.locator("h1").count() == 1
    errors = page.locator(".govuk-error-summary").count()
    assert errors == page.title().startswith("Error: ")
    for link in page.locator(".govuk-error-summary a").all():
        assert page.locator(link.get_attribute("href")).count() == 1
    marking = page.get_by_text("OFFICIAL-SENSITIVE", exact=True)
    assert marking.count() == (2 if state.who else 0)


def test_every_page_is_looked_at():
    pages = {row.name for row in ROWS if row.method == "GET" and 200 in row.statuses.values()} | set(ACCOUNT)
    seen = set()
    for state in STATES:
        try:
            seen.add(resolve(urlsplit(state.path).path).view_name)
        except Resolver404:
            assert state.status == 404

    assert pages - seen == set(NOT_A_PAGE)


def test_states_have_names_of_their_own():
    assert len({state.name for state in STATES}) == len(STATES)
