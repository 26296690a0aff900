"""The pages of the documents of the year: who sees them, what they say before something ends, and what they keep."""

import pytest
from django.urls import reverse

from reporting.documents import catalogue
from reporting.documents.selectors import list_chapters
from reporting.documents.services import ChapterDraft, add_comment, change_chapter
from reporting.models import Document, DocumentChapter, DocumentEdition
from reporting.workflow import DocumentKind
from tests.documents import agree_both, begun, chair_of, take, write, written
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db


def address(name: str, *args: object) -> str:
    return reverse(f"reporting:{name}", args=["testford", *args])


def page_of(chapter: DocumentChapter, name: str) -> str:
    return address(name, chapter.document_id, chapter.pk)


def asked(town: Town) -> DocumentChapter:
    """A chapter that the agency's lead was asked to write."""
    chapter = list_chapters(begun(town))[0]
    draft = ChapterDraft(title=chapter.title, asks="Where, and when?", owner=town.lead, owner_title="Analyst")
    return change_chapter(chapter, draft, revision=0, by=town.coordinator)


def test_only_the_coordinator_sees_the_way_before_the_first_one_begins(town: Town):
    meetings, way = reverse("actions:meeting-list", args=["testford"]), address("document-list")
    lead, coordinator = signed_in(town.lead), signed_in(town.coordinator)
    assert way in coordinator.get(meetings).text
    assert way not in lead.get(meetings).text
    chosen = {"kind": "strategy", "year": "2026"}
    answer = coordinator.post(address("document-begin"), chosen, follow=True)
    assert "Strategy 2026–27 has been started." in answer.text
    assert "has already been started" in coordinator.post(address("document-begin"), chosen).text
    assert way in lead.get(meetings).text
    assert f"0 of {len(catalogue.list_chapters(DocumentKind.STRATEGY))} chapters agreed." in lead.get(way).text


def test_a_text_can_be_looked_at_first_and_is_kept_when_it_is_refused(town: Town):
    chapter = asked(town)
    client, url = signed_in(town.lead), page_of(chapter, "chapter-write")
    typed = {"text": "## Where\n\nIn the centre.", "revision": "1"}
    page = client.post(url, typed | {"act": "look"}).text
    assert '<h3 class="govuk-heading-m" id="pack-text-1">Where</h3>' in page
    assert "It is not saved yet." in page
    assert DocumentChapter.objects.get(pk=chapter.pk).text == ""
    assert "Ring 07700 900123" in client.post(url, typed | {"text": "Ring 07700 900123"}).text
    page = client.post(url, typed, follow=True).text
    assert "In the centre." in page
    write(chapter, by=town.coordinator, text="From the coordinator.")
    page = client.post(url, typed | {"text": "Mine."}).text
    assert "From the coordinator." in page
    assert "Mine." in page
    # Somebody else was asked meanwhile: what was typed is still there.
    chapter.refresh_from_db()
    change_chapter(chapter, ChapterDraft(title="Other"), revision=chapter.revision, by=town.coordinator)
    answer = client.post(url, typed | {"text": "Mine.", "revision": str(chapter.revision + 1)})
    assert (answer.status_code, "Mine." in answer.text) == (403, True)
    assert client.get(url).status_code == 403


def test_a_chapter_shows_its_figures_and_what_was_said(town: Town):
    chapter = write(asked(town), by=town.lead)
    take(chapter, by=town.lead)
    client, url = signed_in(town.lead), page_of(chapter, "document-chapter")
    client.post(url, {"act": "comment", "text": "Which year?"})
    page = client.get(url).text
    for words in (
        "Where, and when?",
        "Written by Analyst",
        "By place",
        "Trust, 2025 For partners only.",
        "Which year?",
    ):
        assert words in page
    (comment,) = chapter.comments.all()
    settled = client.post(address("comment-settle", chapter.document_id, comment.pk), {"answer": "2025"}, follow=True)
    assert f"Settled by {town.lead}" in settled.text
    assert "Enter the comment" in client.post(url, {"act": "comment", "text": ""}).text


def test_it_is_agreed_and_frozen_where_it_is_read_whole(town: Town):
    document, chair = written(town), chair_of(town)
    add_comment(list_chapters(document)[0], text="Which year?", by=town.lead)
    url = address("document-read", document.pk)
    coordinator, other = signed_in(town.coordinator), signed_in(chair)
    page = coordinator.get(url).text
    assert "Comments are still open on" in page
    assert "The coordinator has not agreed to the document yet." in page
    assert "Nothing was changed. Press one of the buttons below." in coordinator.post(url, follow=True).text
    seen = {"revision": str(document.revision)}
    assert "You have agreed to the document" in coordinator.post(url, seen | {"act": "coordinator"}, follow=True).text
    assert "Only the chair of the strategic group" in coordinator.post(url, seen | {"act": "chair"}, follow=True).text
    other.post(url, seen | {"act": "chair"})
    for _ in range(2):
        coordinator.post(url, seen | {"act": "freeze"})
    edition = DocumentEdition.objects.get()
    assert edition.reference in coordinator.get(url).text
    page = other.get(edition.get_absolute_url()).text
    assert "1 comment on the chapters, 1 not settled yet." in page
    assert edition.sha256 in page
    file = other.get(address("document-pdf", edition.reference))
    assert file.headers["Content-Disposition"] == 'attachment; filename="OFFICIAL-SENSITIVE TESTFORD-NEEDS-2026-1.pdf"'
    assert file.content.startswith(b"%PDF-1.7")


def test_each_page_that_changes_it_says_that_both_have_to_agree_again(town: Town):
    document = agree_both(town, written(town))
    first, second = list_chapters(document)
    client, again = signed_in(town.coordinator), "the coordinator and the chair have to agree"
    pages = [document.get_absolute_url(), address("chapter-add", document.pk)]
    pages += [page_of(first, name) for name in ("document-chapter", "chapter-change", "chapter-remove")]
    for url in pages:
        assert again in client.get(url).text, url
    client.post(page_of(first, "chapter-move"), {"act": "down"})
    assert [chapter.pk for chapter in list_chapters(document)] == [second.pk, first.pk]
    assert not document.agreements.exists()
    client.post(page_of(first, "document-chapter"), {"act": "open"})
    assert client.post(page_of(first, "chapter-remove"), follow=True).redirect_chain
    client.post(address("chapter-add", document.pk), {"title": "Our coast"})
    assert [chapter.title for chapter in list_chapters(document)] == [second.title, "Our coast"]


def test_a_document_is_removed_after_a_page_in_between(town: Town):
    document = begun(town)
    client, url = signed_in(town.coordinator), address("document-remove", document.pk)
    assert "This deletes the document’s 2 chapters" in client.get(url).text
    assert Document.objects.exists()
    client.post(url)
    assert not Document.objects.exists()
    assert client.get(document.get_absolute_url()).status_code == 404
