"""The guides under /help/: each reader has one, and each page leads to the section about it."""

import re
from fnmatch import fnmatchcase
from typing import Any

import pytest

from boards.guides import (
    OF_A_REGION,
    ORDER,
    PICTURES,
    find_own,
    find_place,
    find_sections,
    list_guides,
    read_guide,
    render,
)
from boards.rules import Role
from tests.architecture.places import names
from tests.architecture.test_access_matrix import ACCOUNT, ROWS
from tests.architecture.test_words import said_by_the_product

LONGEST = 700  # words: two screens
# Addresses that no guide is about.
NO_PLACE = {
    "help",
    "help-guide",
    "healthz",
    "healthz-jobs",
    "readyz",
    "metrics",
    "robots-txt",
    "privacy",
    "accessibility",
}


def plain(**attributes: Any) -> str:
    return render(
        attributes["markdown"], guide_url=lambda slug: f"/help/{slug}/", picture=lambda name: {"src": f"/static/{name}"}
    )


def test_a_guide_is_read_by_its_parts():
    guide = read_guide(
        "lead",
        "# For leads\n<!-- roles: agency-lead agency-contact -->\n\nHello.\n\n"
        "## Enter the month’s figures\n<!-- pages: a:b\n  c:d -->\n\nType **them**.\n\n"
        "## If something goes wrong\n\nCall.\n",
    )
    assert (guide.title, guide.introduction) == ("For leads", "Hello.")
    assert guide.roles == {"agency-lead", "agency-contact"}
    first, last = guide.sections
    assert (first.title, first.anchor, first.pages) == (
        "Enter the month’s figures",
        "enter-the-months-figures",
        {"a:b", "c:d"},
    )
    assert (first.text, last.pages) == ("Type them.", frozenset())
    with pytest.raises(ValueError, match="does not begin with a title"):
        read_guide("none", "Nothing\n")


def test_markdown_becomes_html_of_the_house():
    made = plain(markdown="A [guide](agency-lead.md#x), ![alt](../screenshots/a.png)\n\n- one\n\n<b>two</b>")
    assert '<a href="/help/agency-lead/#x" class="govuk-link">guide</a>' in made
    assert '<img src="/static/a.png" alt="alt" class="vv-guide__picture" />' in made
    assert '<ul class="govuk-list govuk-list--bullet">' in made
    assert "&lt;b&gt;two&lt;/b&gt;" in made  # shown, and not taken


def test_each_role_has_a_guide_and_each_guide_its_file():
    assert tuple(guide.slug for guide in list_guides()) == ORDER
    assert {role.value for role in Role} | OF_A_REGION == set().union(*(guide.roles for guide in list_guides()))


@pytest.mark.parametrize("guide", list_guides(), ids=lambda guide: guide.slug)
def test_a_guide_is_short_and_whole(guide):
    words = " ".join([guide.introduction, *(section.text for section in guide.sections)])
    assert len(words.split()) <= LONGEST
    assert len({section.anchor for section in guide.sections}) == len(guide.sections)
    for section in guide.sections:
        assert {page for page in section.pages if "*" not in page} <= names(), section.title
        assert all(any(fnmatchcase(name, page) for name in names()) for page in section.pages), section.title
        for picture in re.findall(r"\.\./screenshots/([\w.-]+)", section.markdown):
            assert (PICTURES / picture).is_file()
        for other in re.findall(r"\(([\w-]+)\.md", section.markdown):
            assert other in ORDER


def test_a_page_leads_to_the_guide_of_whoever_reads_it():
    assert find_place("reporting:nothing", frozenset()) is None
    place = find_place("indicators:return-edit", frozenset({"agency-lead"}))
    assert place is not None
    assert (place[0].slug, place[1].anchor) == ("agency-lead", "enter-the-months-figures")
    assert find_place("indicators:return-edit", frozenset({"analyst"})) == place  # in whichever guide there is


def test_each_has_one_guide_of_their_own():
    def own(*roles: str) -> str:
        guide = find_own(frozenset(roles))
        return guide.slug if guide else ""

    assert own("agency-contact") == own("board-member", "agency-lead") == "agency-lead"
    assert (own("board-member"), own("coordinator"), own()) == ("board-member", "coordinator", "")
    place = find_place("reporting:area-home", frozenset({"agency-lead"}))
    assert place is not None
    assert place[0].slug == "agency-lead"


@pytest.mark.parametrize("words", ["second contact", "holiday", "hand over", "colleague"])
def test_a_second_contact_finds_what_to_do_while_the_lead_is_away(words):
    found = find_sections(words, frozenset({"agency-contact"}))
    assert (found[0][0].slug, found[0][1].anchor) in {
        ("agency-lead", "if-you-are-away"),
        ("agency-lead", "if-you-are-challenged"),
    }
    assert ("agency-lead", "if-you-are-away") in {(guide.slug, section.anchor) for guide, section in found}


def test_every_page_has_its_place():
    pages = {row.name for row in ROWS if row.method == "GET" and 200 in row.statuses.values()} | set(ACCOUNT)
    assert {page for page in pages - NO_PLACE if find_place(page, frozenset()) is None} == set()


def test_sections_are_found_by_all_their_words_ones_own_first():
    found = find_sections("CORRECTION figure", frozenset({"agency-lead"}))
    assert found[0][0].slug == "agency-lead"
    assert {guide.slug for guide, _ in found} > {"agency-lead"}
    assert find_sections("correction zebra", frozenset()) == find_sections(" ", frozenset()) == []


def test_what_a_guide_names_in_bold_is_what_pages_say():
    said = "\n".join(each.text for each in said_by_the_product())
    named = {
        words.rstrip(".?")
        for guide in list_guides()
        for section in guide.sections
        for words in re.findall(r"\*\*([^*]+)\*\*", section.markdown)
    }
    assert len(named) > 15
    assert {words for words in named if words not in said} == set()
