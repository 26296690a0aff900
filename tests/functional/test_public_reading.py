"""Can a twelve-year-old read what the public gets?

Two measures, both by textstat, since each misses something: Flesch's reading ease goes by syllables and sentences
(60 and more is plain English, 70 and more fairly easy), the Coleman-Liau index by letters and sentences (a school grade
of the United States: grade 7 is twelve years old). Definitions of indicators name acts and schemes, so the page of
definitions has bounds of its own."""

import re

import pytest
import textstat

from reporting.public.abbreviations import ABBREVIATION, SPELT_OUT
from tests.functional.pages import FOR_THE_PUBLIC, State

OPEN_ALL = "document.querySelectorAll('main details').forEach(one => one.open = true)"
BLOCKS = "main :is(p, li, dt, dd, h1, h2, h3, figcaption, summary)"
PAGES = [state for state in FOR_THE_PUBLIC if state.status == 200 and not state.act]
SENTENCES_AND_NOT_A_TABLE = [state for state in PAGES if state.name != "public-year"]
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


def take_prose(blocks: list[str]) -> str:
    """Leave out headings, names and lone numbers: they are no sentences."""
    return "\n".join(block for block in blocks if re.search(r"[.?!]$", block))


def test_the_measures_tell_hard_from_easy():
    hard = "Notwithstanding jurisdictional considerations, multidisciplinary interventions necessitate authorisation."
    easy = "We hide small numbers. One of them could point to a person."
    assert textstat.flesch_reading_ease(hard) < 30 < 80 < textstat.flesch_reading_ease(easy)
    assert textstat.coleman_liau_index(easy) < 6 < 20 < textstat.coleman_liau_index(hard)


@pytest.mark.parametrize("state", [*SENTENCES_AND_NOT_A_TABLE, *OF_THE_INSTALLATION], ids=str)
def test_a_twelve_year_old_can_read_it(visit, site, state):
    prose = take_prose(read(visit, site, state))
    has_definitions = state.name == "public-about"
    assert textstat.flesch_reading_ease(prose) >= (65 if has_definitions else 70), prose
    assert textstat.coleman_liau_index(prose) <= (10 if has_definitions else 7.5), prose


@pytest.mark.parametrize("state", [*PAGES, *OF_THE_INSTALLATION], ids=str)
def test_abbreviations_are_spelt_out_where_they_come_first(visit, site, state):
    text = "\n".join(read(visit, site, state))
    for short in {found[1] for found in ABBREVIATION.finditer(text)} - {"NHS"}:
        first = re.search(rf"(?<![\w-]){re.escape(short)}(?![\w-])", text).start()
        words = SPELT_OUT[short]
        assert words.lower() in text[:first].lower(), f"“{short}” comes before “{words}”"
