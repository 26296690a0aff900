"""Rows of the documents of the year, and what the database refuses of them."""

from collections.abc import Callable

from django.utils import timezone

from reporting.models import (
    ChapterComment,
    ChapterFigure,
    Document,
    DocumentAgreement,
    DocumentChapter,
    DocumentEdition,
)
from tests.integration.rows import twice
from tests.scenarios import Town

type Violation = tuple[str, Callable[[Town], object]]
NOW = timezone.now()


DOCUMENT, CHAPTER = Document.objects.filter(year=2026), DocumentChapter.objects.filter(document__year=2026)
FIGURE = ChapterFigure.objects.all()
COMMENT, AGREEMENT, EDITION = (
    ChapterComment.objects.all(),
    DocumentAgreement.objects.all(),
    DocumentEdition.objects.all(),
)

DOCUMENT_CASES: list[Violation] = [
    ("one_document_per_kind_and_year", lambda town: twice(DOCUMENT)),
    ("document_is_of_this_century", lambda town: DOCUMENT.update(year=1999)),
    ("document_is_of_this_century", lambda town: DOCUMENT.update(year=2100)),
    ("document_has_its_title", lambda town: DOCUMENT.update(title="")),
    ("public_document_asked_at_by", lambda town: DOCUMENT.update(public_asked_at=NOW)),
    ("public_document_asked_at_by", lambda town: DOCUMENT.update(public_asked_by=town.lead)),
    ("one_chapter_per_key", lambda town: twice(CHAPTER)),
    ("chapter_has_its_title", lambda town: CHAPTER.update(title="")),
    ("chapter_has_its_text", lambda town: CHAPTER.update(text="")),
    ("chapter_changed_at_by", lambda town: CHAPTER.update(changed_at=None)),
    ("chapter_changed_at_by", lambda town: CHAPTER.update(changed_by=None)),
    ("chapter_agreed_at_by", lambda town: CHAPTER.update(agreed_at=None)),
    ("chapter_agreed_at_by", lambda town: CHAPTER.update(agreed_by=None)),
    ("chapter_agreed_at_by", lambda town: CHAPTER.update(state="drafted")),
    ("chapter_figure_has_its_title", lambda town: FIGURE.update(title="")),
    ("chapter_figure_has_its_source", lambda town: FIGURE.update(source="")),
    ("comment_says_something", lambda town: COMMENT.update(text="")),
    ("comment_settled_at_by_answer", lambda town: COMMENT.update(settled_at=None)),
    ("comment_settled_at_by_answer", lambda town: COMMENT.update(settled_by=None)),
    ("comment_settled_at_by_answer", lambda town: COMMENT.update(answer="")),
    ("one_agreement_per_side", lambda town: twice(AGREEMENT, agreed_by=town.lead)),
    ("document_is_agreed_by_two_people", lambda town: twice(AGREEMENT, side="chair")),
    ("one_document_edition_per_number", lambda town: twice(EDITION, reference="TESTFORD-NEEDS-2026-2")),
    ("document_editions_count_from_one", lambda town: EDITION.update(number=0)),
    ("public_document_approved_by_another", lambda town: EDITION.update(approved_by=None)),
    ("public_document_approved_by_another", lambda town: EDITION.update(approved_by=town.coordinator)),
    ("public_document_approved_by_another", lambda town: EDITION.update(audience="partners")),
    ("public_document_withdrawn_at_by_why", lambda town: EDITION.update(withdrawn_at=NOW)),
    ("public_document_withdrawn_at_by_why", lambda town: EDITION.update(withdrawn_by=town.lead, withdrawn_why="Wrong")),
    ("public_document_withdrawn_at_by_why", lambda town: EDITION.update(withdrawn_at=NOW, withdrawn_by=town.lead)),
    (
        "public_document_withdrawn_at_by_why",
        lambda town: EDITION.update(
            audience="partners", approved_by=None, withdrawn_at=NOW, withdrawn_by=town.lead, withdrawn_why="Wrong"
        ),
    ),
    ("document_edition_has_its_file", lambda town: EDITION.update(pdf=None)),
    ("document_edition_has_its_file", lambda town: EDITION.update(sha256="0" * 64)),
    ("document_edition_has_its_file", lambda town: EDITION.update(removed_on=NOW.date())),
]
