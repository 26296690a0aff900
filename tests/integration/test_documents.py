"""A document of the year: begun, written, agreed chapter by chapter and by two people, frozen; and next year's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from boards.rules import Role
from boards.services.retention import find_kind
from core.files import objects
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from core.pages import NotHeld
from reporting.documents.catalogue import list_chapters as list_catalogue
from reporting.documents.selectors import find_edition, list_chapters
from reporting.documents.services import (
    ChapterDraft,
    add_chapter,
    add_comment,
    agree_chapter,
    agree_document,
    begin,
    change_chapter,
    freeze,
    move_chapter,
    open_chapter,
    remove_chapter,
    remove_document,
    settle_comment,
    write_chapter,
)
from reporting.models import Document, DocumentChapter, DocumentEdition
from reporting.packs.pdf import typesetting
from reporting.workflow import DocumentKind, DocumentSide
from tests.documents import TEXT, agree, agree_both, begun, chair_of, frozen, take, write, written
from tests.factories import make_member
from tests.integration.at_once import at_once
from tests.pdf import text_of
from tests.pdf_structure import faults_of
from tests.retained import give_notice
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.django_db


def titles(document: Document) -> list[str]:
    return [chapter.title for chapter in list_chapters(document)]


def first(document: Document) -> DocumentChapter:
    return list_chapters(document)[0]


def test_the_first_one_begins_with_the_catalogue(town: Town):
    document = begin(town.area, kind=DocumentKind.NEEDS, year=2026, by=town.coordinator)
    entries = list_catalogue(DocumentKind.NEEDS)
    assert str(document) == "Strategic needs assessment 2026–27"
    assert titles(document) == [entry.title for entry in entries]
    owners = dict(zip([entry.owner for entry in entries], list_chapters(document), strict=True))
    assert owners["police"].owner_title == town.police.name
    with pytest.raises(ValidationError, match="has already been started"):
        begin(town.area, kind=DocumentKind.NEEDS, year=2026, by=town.coordinator)
    with pytest.raises(ValidationError, match="Choose a year from 2000 to 2099"):
        begin(town.area, kind=DocumentKind.NEEDS, year=1999, by=town.coordinator)
    with pytest.raises(PermissionDenied):
        begin(town.area, kind=DocumentKind.REVIEW, year=2026, by=town.lead)


def test_the_next_one_begins_with_last_years_chapters_and_asks_what_changed(town: Town):
    before = written(town, year=2025)
    own = add_chapter(
        before, ChapterDraft(title="The coast", owner=town.lead, owner_title="Harbour"), by=town.coordinator
    )
    move_chapter(own, up=True, by=town.coordinator)
    after = begin(town.area, kind=DocumentKind.NEEDS, year=2026, by=town.coordinator)
    assert after.previous == before
    assert titles(after) == titles(before)
    kept = ("title", "asks", "owner", "owner_title", "text")
    assert list(after.chapters.values_list(*kept)) == list(before.chapters.values_list(*kept))
    assert {chapter.state for chapter in list_chapters(after)} == {"asked"}
    with pytest.raises(ValidationError, match="Say what changed since last year"):
        write(first(after), by=town.coordinator)
    with pytest.raises(TransitionRefused, match="is asked, so it can't become agreed"):
        agree(first(after), by=town.coordinator)
    # Unchanged, and revised all the same.
    assert write(first(after), by=town.coordinator, changes="Nothing.").state == "drafted"
    with pytest.raises(TransitionRefused, match="started from its chapters"):
        remove_document(before, by=town.coordinator)


def test_whoever_was_asked_writes_it_and_nobody_else(town: Town):
    chapter = first(begun(town))
    with pytest.raises(PermissionDenied, match="Only a coordinator, or the person asked by the coordinator"):
        write(chapter, by=town.lead)
    draft = ChapterDraft(title=chapter.title, owner=town.lead)
    change_chapter(chapter, draft, revision=0, by=town.coordinator)
    with pytest.raises(ChangedMeanwhile):
        change_chapter(chapter, ChapterDraft(title="Another"), revision=0, by=town.coordinator)
    assert write(chapter, by=town.lead).state == "drafted"
    with pytest.raises(PermissionDenied):
        agree(chapter, by=town.lead)
    stranger = make_member(town.area, Role.ANALYST)
    stranger.memberships.all().delete()
    with pytest.raises(ValidationError, match="has no role in"):
        change_chapter(chapter, ChapterDraft(title="x", owner=stranger), revision=2, by=town.coordinator)


def test_two_people_who_write_a_chapter_learn_of_each_other(town: Town):
    chapter = first(begun(town))
    write_chapter(chapter, text="The first.", revision=0, by=town.coordinator)
    write_chapter(chapter, text="The first.", revision=0, by=town.coordinator)  # sent twice
    chapter.refresh_from_db()
    assert chapter.revision == 1
    change_chapter(chapter, ChapterDraft(title=chapter.title, owner=town.lead), revision=1, by=town.coordinator)
    with pytest.raises(ChangedMeanwhile, match="The changed text is below"):
        write_chapter(chapter, text="The second.", revision=0, by=town.lead)
    assert DocumentChapter.objects.get(pk=chapter.pk).text == "The first."


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "Enter the text"),
        ("\u200b", "Enter the text"),
        ("***", "Enter the text"),
        ("x" * 10_001, "Shorten the text to 10,000 characters; it has 10,001"),
        ("|a" * 9 + "|\n" + "|-" * 9 + "|\n|b|", "A table has 9 columns: it can have at most 8"),
    ],
)
def test_a_text_that_is_none_or_fits_no_page_is_refused(town: Town, text: str, refusal: str):
    chapter = first(begun(town))
    with pytest.raises(ValidationError, match=refusal):
        write(chapter, by=town.coordinator, text=text)
    assert DocumentChapter.objects.get(pk=chapter.pk).text == ""


def test_an_agreed_chapter_stays_until_it_is_opened_again(town: Town):
    chapter = write(first(begun(town)), by=town.coordinator)
    with pytest.raises(ChangedMeanwhile, match="Read it again"):
        agree_chapter(chapter, revision=0, by=town.coordinator)
    agree(chapter, by=town.coordinator)
    with pytest.raises(TransitionRefused, match=r"is agreed\. The coordinator can open it again"):
        write(chapter, by=town.coordinator, text="Another.")
    assert open_chapter(chapter, by=town.coordinator).state == "drafted"
    assert write(chapter, by=town.coordinator, text="Another.").text == "Another."


def test_a_comment_is_settled_once_by_name(town: Town):
    chapter = write(first(begun(town)), by=town.coordinator)
    member = make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
    comment = add_comment(chapter, text="Which year?", by=member)
    with pytest.raises(
        PermissionDenied, match="Only the chapter’s writer or the comment’s author can settle the comment"
    ):
        settle_comment(comment, answer="2025", by=town.lead)
    with pytest.raises(ValidationError, match="Say how it was settled"):
        settle_comment(comment, answer=" ", by=member)
    settle_comment(comment, answer="2025", by=member)
    settle_comment(comment, answer="2025", by=member)  # sent twice
    with pytest.raises(TransitionRefused, match="has already settled this comment: 2025"):
        settle_comment(comment, answer="2024", by=town.coordinator)


def test_two_people_agree_to_it_and_the_next_change_ends_that(town: Town):
    document, chair = written(town), chair_of(town)
    with pytest.raises(PermissionDenied, match="Only the chair of the strategic group"):
        agree_document(document, side=DocumentSide.CHAIR, revision=document.revision, by=town.people[Role.BOARD_CHAIR])
    with pytest.raises(ChangedMeanwhile):
        agree_document(document, side=DocumentSide.CHAIR, revision=document.revision - 1, by=chair)
    agree_document(document, side=DocumentSide.CHAIR, revision=document.revision, by=chair)
    chair.memberships.create(area=town.area, role=Role.COORDINATOR.value)
    with pytest.raises(PermissionDenied, match="so someone else has to agree for this side"):
        agree_document(document, side=DocumentSide.COORDINATOR, revision=document.revision, by=chair)
    acts = [
        lambda chapter: open_chapter(chapter, by=town.coordinator),
        lambda chapter: move_chapter(chapter, up=False, by=town.coordinator),
        lambda chapter: change_chapter(
            chapter, ChapterDraft(title="Renamed"), revision=chapter.revision, by=town.coordinator
        ),
        lambda chapter: add_chapter(document, ChapterDraft(title="More"), by=town.coordinator),
        lambda chapter: remove_chapter(chapter, by=town.coordinator),
    ]
    for act in acts:
        if not document.agreements.exists():
            document.agreements.create(side="chair", agreed_by=chair, agreed_at=timezone.now())
        act(DocumentChapter.objects.filter(document=document).order_by("position")[0])
        assert not document.agreements.exists()


def test_what_is_missing_is_said_before_it_is_agreed_or_frozen(town: Town):
    document = begun(town)
    one, other = list_chapters(document)

    def refusal(act) -> str:
        document.refresh_from_db()
        with pytest.raises(TransitionRefused) as refused:
            act()
        return str(refused.value)

    def agree_to_it() -> object:
        return agree_document(document, side=DocumentSide.COORDINATOR, revision=document.revision, by=town.coordinator)

    def freeze_it() -> object:
        return freeze(document, revision=document.revision, by=town.coordinator)

    assert refusal(freeze_it) == f"No text yet: “{one}”, “{other}”."
    for chapter in (one, other):
        write(chapter, by=town.coordinator)
    agree(one, by=town.coordinator)
    assert refusal(agree_to_it) == f"Not agreed yet: “{other}”."
    agree(other, by=town.coordinator)
    assert refusal(freeze_it) == "The coordinator has not agreed to the document yet."
    agree_to_it()
    assert refusal(freeze_it) == "The chair of the strategic group has not agreed to the document yet."
    for chapter in (one, other):
        remove_chapter(chapter, by=town.coordinator)
    assert refusal(freeze_it) == "The document has no chapters yet."
    assert not DocumentEdition.objects.exists()


def test_a_frozen_document_is_on_record_and_says_what_its_chapters_say(town: Town):
    document = begun(town)
    chapter = write(first(document), by=town.coordinator, text=f"{TEXT}\n\n<script>x</script> 🔪 漢")
    add_comment(chapter, text="Which year?", by=town.lead)
    take(chapter, by=town.lead)
    take(chapter, by=town.lead, position=1, title="Deaths")
    for other in list_chapters(document):
        if other != chapter:
            write(other, by=town.coordinator)
        agree(other, by=town.coordinator)
    agree_both(town, document)
    edition = freeze(document, revision=document.revision, by=town.coordinator)
    assert freeze(document, revision=document.revision, by=town.coordinator) == edition  # pressed twice
    content = objects.read(edition.pdf)
    assert (edition.reference, edition.sha256) == ("TESTFORD-NEEDS-2026-1", sha256(content).hexdigest())
    assert faults_of(content) == []  # PDF/UA
    told = text_of(content)
    assert "Violence fell. – In the centre – At night <script>x</script> □ □" in told
    assert "By place 41 in the centre Trust, 2025" in told
    assert "1 comment on the chapters, 1 not settled yet." in told
    assert "OFFICIAL-SENSITIVE" in told
    assert "the chair of the strategic group, on " in told
    keys = [
        block["key"] for part in edition.content["chapters"] for block in part["blocks"] if block["kind"] == "heading"
    ]
    assert len(keys) == len(set(keys)) == 4
    event = AuditEvent.objects.get(verb="document.frozen")
    assert event.details["sha256"] == edition.sha256


@pytest.mark.both_databases
def test_the_database_keeps_a_frozen_document_until_it_is_due(town: Town):
    edition = frozen(town)
    with pytest.raises(IntegrityError, match="An edition of a document stays as it was"), transaction.atomic():
        DocumentEdition.objects.update(content={})
    with pytest.raises(TransitionRefused, match="was frozen, so you can’t remove it"):
        remove_document(edition.document, by=town.coordinator)
    tomorrow = timezone.now() + timedelta(days=1)
    give_notice("documents", older_than=tomorrow, area=town.area.slug)
    kind = find_kind(town.area, "documents")
    assert kind
    assert kind.count(town.area.slug, tomorrow) == 1
    assert kind.remove(town.area.slug, tomorrow, 5).count == 1
    assert DocumentEdition.objects.get().sha256 == edition.sha256
    with pytest.raises(NotHeld, match=r"was removed on .* under the retention rule"):
        find_edition(town.area, edition.reference)


def test_a_changed_document_gets_the_next_number(town: Town):
    document = frozen(town).document
    chapter = open_chapter(first(document), by=town.coordinator)
    write(chapter, by=town.coordinator, text="Another.")
    agree(chapter, by=town.coordinator)
    agree_both(town, document)
    assert freeze(document, revision=document.revision, by=town.coordinator).reference == "TESTFORD-NEEDS-2026-2"


def test_what_cannot_be_set_now_is_said_and_takes_no_number(town: Town, monkeypatch):
    document = agree_both(town, written(town))
    monkeypatch.setattr(typesetting, "TYPESETTER", ["/nowhere"])
    with pytest.raises(TransitionRefused, match="may be out of memory or disk space"):
        freeze(document, revision=document.revision, by=town.coordinator)
    assert not DocumentEdition.objects.exists()


def test_a_document_begun_by_mistake_goes_with_all_that_it_has(town: Town):
    document = written(town)
    add_comment(first(document), text="Why?", by=town.lead)
    with pytest.raises(PermissionDenied):
        remove_document(document, by=town.lead)
    remove_document(document, by=town.coordinator)
    assert not Document.objects.exists()
    assert AuditEvent.objects.filter(verb="document.removed").count() == 1


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_of_those_who_write_one_chapter_at_once_one_does(shared_database: str, others: ThreadPoolExecutor):
    town = make_town()
    chapter = first(begun(town))
    acts = [
        lambda number=number: write_chapter(chapter, text=f"Text {number}.", revision=0, by=town.coordinator)
        for number in range(4)
    ]
    told = at_once(others, acts)
    assert told.count("") == 1
    assert sum("after you opened it. The changed text is below." in words for words in told) == 3
    assert DocumentChapter.objects.get(pk=chapter.pk).text == f"Text {told.index('')}."


@pytest.mark.both_databases
def test_two_who_freeze_it_at_once_make_one_edition(shared_database: str, others: ThreadPoolExecutor):
    town = make_town()
    document = agree_both(town, written(town))
    acts = [lambda: freeze(document, revision=document.revision, by=town.coordinator)] * 2
    assert at_once(others, acts) == ["", ""]
    assert DocumentEdition.objects.get().number == 1
