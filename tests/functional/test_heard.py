"""What does a screen reader read of a month? By the accessibility tree that Chromium gives it."""

import re
from itertools import pairwise

import pytest

from tests.functional.accessibility import READ_BY_NAME, Heard, hear
from tests.functional.pages import NOVEMBER, OCTOBER
from tests.functional.site import COORDINATOR, LEAD, MEMBER

LANDMARKS = {"banner", "navigation", "search", "main", "contentinfo", "region", "complementary", "form"}
SYMBOL = re.compile(r"[▲▼◀▶▾▴■●◆↑↓=·•]|\[[a-z]\]")
WORDS_A_MINUTE, MINUTES = 180, 3  # an unhurried voice
PAGES = [(OCTOBER, MEMBER), (NOVEMBER, COORDINATOR), (f"{OCTOBER}csp/", MEMBER), (f"{OCTOBER}present/", MEMBER)]


def listen(visit, site, path: str, who: str) -> list[Heard]:
    page = visit(site, who)
    page.goto(path)
    return hear(page)


def headings(heard: list[Heard]) -> list[tuple[int, str]]:
    return [(part.level, part.name) for part in heard if part.role == "heading"]


@pytest.mark.parametrize(("path", "who"), PAGES)
def test_a_month_has_one_heading_of_the_page_and_one_for_each_section(visit, site, path, who):
    heard = listen(visit, site, path, who)
    levels = [level for level, _ in headings(heard)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
    # A landmark is a place to go to; a section has its heading.
    landmarks = [part.role for part in heard if part.role in LANDMARKS]
    assert sorted(set(landmarks) - {"form", "search"}) == ["banner", "contentinfo", "main", "navigation"]
    assert len(landmarks) <= 7


@pytest.mark.parametrize(("path", "who"), PAGES)
def test_no_mark_is_read_as_a_symbol_and_no_small_chart_at_all(visit, site, path, who):
    heard = listen(visit, site, path, who)
    assert [part for part in heard if SYMBOL.search(part.name)] == []
    # The map, whose table is beside it.
    assert all(part.name.startswith("Lines into the town") for part in heard if part.role in ("image", "img"))


def test_each_tile_is_one_sentence(visit, site):
    heard = headings(listen(visit, site, OCTOBER, MEMBER))
    at = [name for _, name in heard].index("Arrests")  # not in capitals, which may be read letter by letter
    assert heard[at + 1 : at + 3] == [
        (3, "Drug arrests, 12, up 3 since September, as usual"),
        (3, "Appropriate adult interviews, 4, down 2 since September, as usual"),
    ]
    said = [name for _, name in heard]
    assert "Cuckooed houses, 34, up 5 since September, last three months: higher than usual" in said
    assert "Lines into the town, 21, up 5 since September: 7 found, 2 closed, as usual" in said
    assert "Closure orders applied for, 2, No September figure, as usual" in said


def test_what_is_done_about_it_is_heard_with_its_stops_and_its_owner(visit, site):
    said = "".join(part.name for part in listen(visit, site, OCTOBER, MEMBER) if part.role == "StaticText")
    assert re.search(r",milestone (was )?due [^.]*\.Owner:Anytown council children lead \(demo\)\.", said)


def test_the_figures_of_a_month_are_heard_in_three_minutes(visit, site):
    """From the page's heading to the commentary, which is somebody's text."""
    heard = listen(visit, site, OCTOBER, MEMBER)
    first = next(place for place, part in enumerate(heard) if part.role == "heading")
    last = next(place for place, part in enumerate(heard) if part.name == "Commentary")
    spoken = [part.name for part in heard[first:last] if part.role in READ_BY_NAME]
    assert 100 < len(" ".join(spoken).split()) <= WORDS_A_MINUTE * MINUTES


def test_the_header_of_a_returns_row_has_no_definition(visit, own_site):
    """It is heard with each cell of the row, so what is counted, folded, isn't in it. Others leave faults there."""
    heard = listen(visit, own_site, "/anytown/returns/2026-11/police/", LEAD)
    headers = [part.name for part in heard if part.role == "rowheader"]
    assert headers[0].startswith("Lines into the town How many lines")
    assert headers[1:3] == ["London", "Birmingham"]
    assert [header for header in headers if "What is counted" in header] == []
    place = next(place for place, part in enumerate(heard) if part.name == "in all")
    number, space = heard[place - 2 : place]
    assert (number.name.isdecimal(), space.role) == (True, "StaticText")  # or it would be heard as “26in all”
