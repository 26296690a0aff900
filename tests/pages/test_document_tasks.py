"""What waits for somebody in the documents of the year, on their home and among their tasks."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.models import User
from reporting.documents.selectors import list_chapters
from reporting.documents.services import ChapterDraft, add_comment, agree_document, change_chapter, settle_comment
from reporting.models import DocumentChapter
from reporting.public_documents.services import ask_public, turn_down
from reporting.workflow import DocumentKind, DocumentSide
from tests.documents import agree_both, begun, chair_of, write, written
from tests.factories import make_member
from tests.publishing import publish_months
from tests.scenarios import Town, publish_openly
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2026, 9)


def tasks(user: User, page: str = "mine/") -> list[str]:
    """The names of their tasks, by the page's links."""
    html = signed_in(user).get(f"/testford/{page}").text
    return [unescape(name) for name in re.findall(r'govuk-task-list__link" [^>]+>([^<]+)</a>', html)]


def ask_to_write(chapter: DocumentChapter, writer: User, *, by: User) -> DocumentChapter:
    draft = ChapterDraft(title=chapter.title, owner=writer, owner_title="Analyst")
    return change_chapter(chapter, draft, revision=chapter.revision, by=by)


@pytest.mark.parametrize("page", ["", "mine/"], ids=["home", "tasks"])
def test_whoever_is_asked_for_a_chapter_has_the_task_until_it_is_written(town: Town, page: str):
    chapter = ask_to_write(list_chapters(begun(town))[0], town.lead, by=town.coordinator)
    assert tasks(town.lead, page) == [f"Write “{chapter}”"]
    assert tasks(town.people[Role.ANALYST], page) == []
    write(chapter, by=town.lead)
    assert tasks(town.lead, page) == []


def test_its_writer_settles_what_is_said_of_a_chapter_and_otherwise_the_coordinator(town: Town):
    first, second = list_chapters(begun(town))
    first = write(ask_to_write(first, town.lead, by=town.coordinator), by=town.lead)
    said = [add_comment(chapter, text="Which year?", by=town.coordinator) for chapter in (first, first, second)]
    assert tasks(town.lead) == [f"Settle 2 comments on “{first}”"]
    assert tasks(town.coordinator) == [f"Settle 1 comment on “{second}”"]
    settle_comment(said[0], answer="2025", by=town.lead)
    assert tasks(town.lead) == [f"Settle 1 comment on “{first}”"]
    Membership.objects.filter(user=town.lead).delete()
    assert f"Settle 1 comment on “{first}”" in tasks(town.coordinator)


def test_both_sides_are_asked_to_agree_and_nobody_twice(town: Town):
    document, chair = written(town), chair_of(town)
    name = f"Agree to {document}"
    assert (tasks(town.coordinator), tasks(chair), tasks(town.people[Role.ANALYST])) == ([name], [name], [])
    agree_document(document, side=DocumentSide.COORDINATOR, revision=document.revision, by=town.coordinator)
    assert (tasks(town.coordinator), tasks(chair)) == ([], [name])
    agree_document(document, side=DocumentSide.CHAIR, revision=document.revision, by=chair)
    assert tasks(chair) == []


def test_a_document_of_an_earlier_year_asks_for_nothing(town: Town):
    written(town, year=2025)
    begun(town, year=2026)
    assert tasks(town.coordinator) == []


def test_the_officer_is_asked_to_make_it_public_until_that_is_decided(town: Town):
    publish_months(town, Month(2026, 8), {"arrests": [10, 11], "charges": [9, 9]})
    publish_openly(town, SEPTEMBER)
    officer = town.people[Role.INFORMATION]
    document = ask_public(agree_both(town, written(town)), by=town.coordinator)
    name = f"Make {document} public"
    people = (officer, town.coordinator, town.people[Role.ANALYST])
    assert [name in tasks(person) for person in people] == [True, False, False]
    turn_down(document, by=officer)
    assert name not in tasks(officer)


def test_nobody_is_asked_as_long_as_no_account_writes_a_chapter(town: Town):
    chapter = list_chapters(begun(town, DocumentKind.REVIEW))[0]
    pages = (chapter.document.get_absolute_url(), chapter.get_absolute_url())
    for url in pages:
        coordinator, lead = (signed_in(user).get(url).text for user in (town.coordinator, town.lead))
        assert ">To be written</strong>" in coordinator
        assert ">Asked</strong>" not in coordinator
        assert "No one has been asked." in lead
        assert "Choose who writes it" in coordinator
        assert "Choose who writes it" not in lead
    ask_to_write(chapter, town.lead, by=town.coordinator)
    page = signed_in(town.coordinator).get(chapter.get_absolute_url()).text
    assert ">Asked</strong>" in page
    assert f"To be written by Analyst, {town.lead}." in page
    assert "No one has been asked." not in page


def test_an_area_without_documents_is_not_asked_about_their_chapters(town: Town):
    client = signed_in(make_member(town.area, Role.STRATEGIC))
    with CaptureQueriesContext(connection) as queries:
        client.get("/testford/")
    assert not [query for query in queries if 'FROM "reporting_documentchapter"' in query["sql"]]
