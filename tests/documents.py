"""How tests begin documents of the year, write and agree their chapters, and freeze them: through the services."""

from hashlib import sha256
from typing import Any

from django.utils import timezone

from boards.rules import Role
from core.files import objects
from core.models import User
from reporting.documents.selectors import list_chapters
from reporting.documents.services import (
    ChapterDraft,
    add_comment,
    agree_chapter,
    agree_document,
    begin,
    change_chapter,
    freeze,
    remove_chapter,
    settle_comment,
    write_chapter,
)
from reporting.models import ChapterFigure, Document, DocumentChapter, DocumentEdition, PublicEdition, Snapshot
from reporting.workflow import DocumentKind, DocumentSide
from tests.factories import make_member
from tests.meeting import strategic_group
from tests.scenarios import Town

TEXT = "Violence **fell**.\n\n- In the centre\n- At night"


def begun(town: Town, kind: DocumentKind = DocumentKind.NEEDS, year: int = 2026, *, chapters: int = 2) -> Document:
    """A document with the first chapters of its kind only."""
    document = begin(town.area, kind=kind, year=year, by=town.coordinator)
    for chapter in list_chapters(document)[chapters:]:
        remove_chapter(chapter, by=town.coordinator)
    document.refresh_from_db()
    return document


def write(chapter: DocumentChapter, *, by: User, text: str = TEXT, changes: str = "") -> DocumentChapter:
    chapter.refresh_from_db()
    return write_chapter(chapter, text=text, changes=changes, revision=chapter.revision, by=by)


def agree(chapter: DocumentChapter, *, by: User) -> DocumentChapter:
    chapter.refresh_from_db()
    return agree_chapter(chapter, revision=chapter.revision, by=by)


def written(town: Town, **options: Any) -> Document:
    """… with a text in each chapter, which the coordinator agreed."""
    document = begun(town, **options)
    for chapter in list_chapters(document):
        write(chapter, by=town.coordinator, changes="Nothing." if document.previous else "")
        agree(chapter, by=town.coordinator)
    document.refresh_from_db()
    return document


def chair_of(town: Town) -> User:
    """Whoever chairs the strategic group."""
    found = strategic_group(town).memberships.filter(role=Role.BOARD_CHAIR.value).first()
    return found.user if found else make_member(town.area, Role.BOARD_CHAIR, board=strategic_group(town))


def agree_both(town: Town, document: Document) -> Document:
    document.refresh_from_db()
    sides = ((DocumentSide.COORDINATOR, town.coordinator), (DocumentSide.CHAIR, chair_of(town)))
    for side, person in sides:
        agree_document(document, side=side, revision=document.revision, by=person)
    return document


def frozen(town: Town, **options: Any) -> DocumentEdition:
    document = agree_both(town, written(town, **options))
    return freeze(document, revision=document.revision, by=town.coordinator)


def take(chapter: DocumentChapter, *, by: User, **options: Any) -> ChapterFigure:
    """A figure with a heading of its own, for partners only."""
    blocks = [
        {"kind": "heading", "text": "By place", "key": "places", "starts_page": False},
        {"kind": "paragraph", "text": "41 in the centre", "look": "plain"},
    ]
    told = {"kind": "typed", "title": "Wounds", "source": "Trust, 2025", "blocks": blocks, "position": 0}
    return ChapterFigure.objects.create(chapter=chapter, taken_at=timezone.now(), taken_by=by, **told | options)


def leave_edition(document: Document, *, number: int = 1, **options: Any) -> DocumentEdition:
    """One that took no time to set."""
    content = b"%PDF-1.7"
    told: dict[str, Any] = {
        "audience": "partners",
        "reference": f"TESTFORD-NEEDS-2026-{number}",
        "content": {"title": str(document), "marking": "", "cover": {}, "chapters": []},
        "pdf": objects.put(content, objects.PDF),
        "sha256": sha256(content).hexdigest(),
        "issued_at": timezone.now(),
        "issued_by": document.begun_by,
    }
    return DocumentEdition.objects.create(document=document, number=number, **told | options)


def leave_documents(town: Town) -> None:
    """Two years' documents of one chapter: that of the second is agreed by the coordinator, with a figure from a
    published month and a settled comment. And a public edition of it."""
    begun(town, year=2025, chapters=1)
    document = begun(town)
    chapter = write(list_chapters(document)[0], by=town.coordinator, changes="Nothing.")
    settle_comment(add_comment(chapter, text="Which year?", by=town.lead), answer="2025", by=town.coordinator)
    months = {"period__area": town.area, "state": "published"}
    snapshot, public = (model.objects.filter(**months).first() for model in (Snapshot, PublicEdition))
    take(chapter, by=town.coordinator, snapshot=snapshot, edition=public)
    agree(chapter, by=town.coordinator)
    document.refresh_from_db()
    agree_document(document, side=DocumentSide.COORDINATOR, revision=document.revision, by=town.coordinator)
    leave_edition(document, audience="public", approved_by=town.lead)


def leave_draft(town: Town, more: int = 0) -> dict[str, Any]:
    """A document whose first chapter the agency's lead has written and said something about; and an edition of it, and
    one that anybody may read. `more` says how many more it has of everything."""
    document = begun(town, chapters=2 + more)
    for number in range(1 + more):
        edition = leave_edition(document, number=number + 1)
    chapter = list_chapters(document)[0]
    change_chapter(chapter, ChapterDraft(title=chapter.title, owner=town.lead), revision=0, by=town.coordinator)
    write(chapter, by=town.lead)
    for _ in range(1 + more):
        taken = take(chapter, by=town.lead)
        comment = add_comment(chapter, text="Which year?", by=town.lead)
        opened = leave_edition(document, number=document.editions.count() + 1, audience="public", approved_by=town.lead)
    keys = {"document": document, "chapter": chapter, "comment": comment, "taken": taken}
    return {name: row.pk for name, row in keys.items()} | {"edition": edition.reference, "opened": opened.reference}
