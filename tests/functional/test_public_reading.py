"""What the public reads spells out its abbreviations."""

import re

import pytest

from reporting.public.abbreviations import ABBREVIATION, SPELT_OUT
from tests.functional.pages import FOR_THE_PUBLIC, State

OPEN_ALL = "document.querySelectorAll('main details').forEach(one => one.open = true)"
BLOCKS = "main :is(p, li, dt, dd, h1, h2, h3, figcaption, summary)"
PAGES = [state for state in FOR_THE_PUBLIC if state.status == 200 and not state.act]
OF_THE_INSTALLATION = (
    State("help-resident", "/help/resident/", is_public=True),
    State("privacy", "/privacy/", is_public=True),
    State("accessibility", "/accessibility/", is_public=True),
)


def read(visit, site, state: State) -> list[str]:
    """Open a page with all that folds unfolded, and return its texts, each once."""
    page = visit(site)
    page.goto(state.path)
    page.evaluate(OPEN_ALL)
    blocks = [" ".join(block.split()) for block in page.locator(BLOCKS).all_inner_texts()]
    return list(dict.fromkeys(block for block in blocks if block))


@pytest.mark.parametrize("state", [*PAGES, *OF_THE_INSTALLATION], ids=str)
def test_abbreviations_are_spelt_out_where_they_come_first(visit, site, state):
    text = "\n".join(read(visit, site, state))
    for short in {found[1] for found in ABBREVIATION.finditer(text)} - {"NHS"}:
        first = re.search(rf"(?<![\w-]){re.escape(short)}(?![\w-])", text).start()
        words = SPELT_OUT[short]
        assert words.lower() in text[:first].lower(), f"“{short}” comes before “{words}”"
