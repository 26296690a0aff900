"""What somebody has to do for the documents of the year: chapters, comments, agreements, and what is to be public."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from django.urls import reverse
from django.utils import timezone

from boards.permissions import Access, list_for_officer
from boards.rules import Role
from boards.todo import Task
from core.calendar import date_label
from core.texts import count_of_noun
from reporting.documents.permissions import list_sides
from reporting.documents.selectors import list_current_chapters
from reporting.models import Document, DocumentAgreement, DocumentChapter
from reporting.workflow import ChapterState


def document_tasks(access: Access) -> list[Task]:
    """Return what waits for this person in the newest document of each kind. One query; more for people who agree to a
    document or make it public, if one waits for that."""
    chapters = list_current_chapters(access.area)
    documents = dict.fromkeys(chapter.document for chapter in chapters)
    return [
        *chapter_tasks(access, chapters),
        *agreement_tasks(access, list_whole(chapters)),
        *public_tasks(access, [document for document in documents if document.public_asked_at is not None]),
    ]


def chapter_tasks(access: Access, chapters: Iterable[DocumentChapter]) -> Iterator[Task]:
    """Yield the chapters that this person was asked to write, and those whose comments they settle: as their writer, or
    as the coordinator where nobody else writes them."""
    for chapter in chapters:
        is_writer = chapter.owner_id == access.user.pk
        if is_writer and chapter.state == ChapterState.ASKED:
            yield Task(
                name=f"Write “{chapter}”",
                url=chapter.get_absolute_url(),
                hint=f"A chapter of {chapter.document}.",
                status="not-started",
                status_label=ChapterState.ASKED.label,
            )
        number = getattr(chapter, "open", 0)
        if number and (is_writer or (access.can_coordinate and not getattr(chapter, "has_role", False))):
            yield Task(
                name=f"Settle {count_of_noun(number, 'comment')} on “{chapter}”",
                url=f"{chapter.get_absolute_url()}#s-comments",
                hint=f"A chapter of {chapter.document}.",
                status="open",
                status_label="To settle",
            )


def list_whole(chapters: Iterable[DocumentChapter]) -> list[Document]:
    """Return the documents of which each chapter is agreed."""
    by_document = groupby(chapters, key=lambda chapter: chapter.document)
    return [document for document, own in by_document if all(one.state == ChapterState.AGREED for one in own)]


def agreement_tasks(access: Access, documents: Sequence[Document]) -> Iterator[Task]:
    """Yield the documents to which this person can agree, for a side that nobody has agreed for."""
    sides = list_sides(access) if documents else []
    agreements = list(DocumentAgreement.objects.filter(document__in=documents)) if sides else []
    for document in documents:
        own = [agreement for agreement in agreements if agreement.document_id == document.pk]
        agreed = {agreement.side for agreement in own}
        # The other side is another person.
        has_agreed = access.user.pk in {agreement.agreed_by_id for agreement in own}
        if not has_agreed and any(side.value not in agreed for side in sides):
            yield Task(
                name=f"Agree to {document}",
                url=reverse("reporting:document-read", args=[access.area.slug, document.pk]),
                hint="Each of its chapters is agreed. Read the whole document.",
                status="submitted",
                status_label="To agree",
            )


def public_tasks(access: Access, documents: Sequence[Document]) -> Iterator[Task]:
    """Yield the documents that this information officer is asked to make public."""
    if not access.is_any(Role.INFORMATION):
        return
    for document in list_for_officer(documents, access, asker=lambda document: document.public_asked_by):
        day = date_label(timezone.localdate(document.public_asked_at))
        yield Task(
            name=f"Make {document} public",
            url=reverse("reporting:document-public", args=[access.area.slug, document.pk]),
            hint=f"{document.public_asked_by} asked on {day}. Read the whole document.",
            status="submitted",
            status_label="To decide",
        )
