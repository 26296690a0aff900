"""Finds the documents of an area, with their chapters, comments and editions."""

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from actions.selectors.plan import list_members
from boards.models import PartnershipArea
from core.calendar import Month, date_label
from core.pages import NotHeld
from indicators.disclosure import Audience
from indicators.models import Indicator
from reporting.models import ChapterComment, ChapterFigure, Document, DocumentChapter, DocumentEdition
from reporting.months.selectors import newest_versions
from reporting.workflow import ChapterState, DocumentKind

OPEN = Q(comments__isnull=False, comments__settled_at=None)


def list_documents(area: PartnershipArea) -> QuerySet[Document]:
    """Return an area's documents, the newest year first, each with how many chapters it has, and how many of them are
    `agreed`."""
    agreed = Count("chapters", filter=Q(chapters__state=ChapterState.AGREED.value))
    documents = Document.objects.filter(area=area).select_related("area")
    return documents.annotate(total=Count("chapters"), agreed=agreed).order_by("-year", "kind")


def have_begun(area: PartnershipArea) -> bool:
    return Document.objects.filter(area=area).exists()


def find_document(area: PartnershipArea, pk: int) -> Document:
    """Return a document of the area. Raises NotHeld."""
    document = Document.objects.select_related("area", "previous", "begun_by").filter(area=area, pk=pk).first()
    if document is None:
        raise NotHeld(f"{area.name} has no such document, or it was removed.")
    return document


def find_before(area: PartnershipArea, kind: DocumentKind, year: int) -> Document | None:
    """Return the document with whose chapters one of this year begins: the newest before it."""
    return Document.objects.filter(area=area, kind=kind.value, year__lt=year).order_by("-year").first()


def list_chapters(document: Document) -> list[DocumentChapter]:
    """Return its chapters in order, each with its figures, and how many comments are `open` of how many that were
    `said`. Two queries."""
    chapters = document.chapters.select_related("document__area", "owner", "agreed_by", "changed_by")
    counted = chapters.annotate(said=Count("comments"), open=Count("comments", filter=OPEN))
    return list(counted.order_by("position", "pk").prefetch_related("figures"))


def list_current_chapters(area: PartnershipArea) -> list[DocumentChapter]:
    """Return the chapters of the documents that no later one follows, without their texts, each with how many comments
    are `open`, and whether its owner still `has_role` in the area. One query."""
    has_role = Exists(list_members(area).filter(pk=OuterRef("owner")))
    chapters = DocumentChapter.objects.filter(document__area=area, document__followers=None)
    counted = chapters.annotate(open=Count("comments", filter=OPEN), has_role=has_role).defer("asks", "text", "changes")
    return list(counted.select_related("document__area", "document__public_asked_by").order_by("document", "position"))


def find_chapter(area: PartnershipArea, document: int, pk: int) -> DocumentChapter:
    """Return a chapter. Raises NotHeld."""
    chapters = DocumentChapter.objects.filter(document__area=area, document=document, pk=pk)
    chapter = chapters.select_related("document__area", "document__previous", *PEOPLE).first()
    if chapter is None:
        raise NotHeld("This document has no such chapter, or it was removed.")
    return chapter


PEOPLE = ("owner", "changed_by", "agreed_by")


def list_comments(chapter: DocumentChapter) -> list[ChapterComment]:
    """Return what was said about a chapter, the open comments first."""
    comments = chapter.comments.select_related("said_by", "settled_by", "chapter__document__area")
    return list(comments.order_by(F("settled_at").asc(nulls_first=True), "said_at", "pk"))


def find_comment(area: PartnershipArea, document: int, pk: int) -> ChapterComment:
    """Return a comment. Raises NotHeld."""
    comments = ChapterComment.objects.filter(chapter__document__area=area, chapter__document=document, pk=pk)
    comment = comments.select_related("chapter__document__area", "said_by", "settled_by").first()
    if comment is None:
        raise NotHeld("There is no such comment, or its chapter was removed.")
    return comment


def list_editions(document: Document) -> QuerySet[DocumentEdition]:
    """Return what was frozen, the newest first, without its content, each with its file's `size` in bytes."""
    editions = document.editions.select_related("document__area", "issued_by", "approved_by", "withdrawn_by")
    return editions.defer("content").annotate(size=F("pdf__size"))


def find_newest_edition(document: Document) -> DocumentEdition | None:
    """Return the newest edition for partners."""
    return list_editions(document).filter(audience=Audience.PARTNERS.value).first()


def find_edition(area: PartnershipArea, reference: str) -> DocumentEdition:
    """Return an edition with its content. Raises NotHeld, also for one that was removed."""
    editions = DocumentEdition.objects.filter(document__area=area, reference=reference)
    edition = editions.select_related("document__area", "pdf", "issued_by", "approved_by", "withdrawn_by").first()
    if edition is None:
        raise NotHeld("No document has an edition with this number.")
    if edition.removed_on is not None:
        day = date_label(edition.removed_on)
        raise NotHeld(
            f"Edition {reference} was removed on {day} under the retention rule. We keep its number and hash."
        )
    return edition


def find_figure(area: PartnershipArea, document: int, pk: int) -> ChapterFigure:
    """Return a figure in a chapter. Raises NotHeld."""
    figures = ChapterFigure.objects.filter(chapter__document__area=area, chapter__document=document, pk=pk)
    figure = figures.select_related("chapter__document__area", "taken_by").first()
    if figure is None:
        raise NotHeld("There is no such figure, or it was removed.")
    return figure


def list_months(area: PartnershipArea) -> list[Month]:
    """Return the published months, the newest first. One query."""
    versions = newest_versions(area, include_drafts=False)
    return [version.period.month for version in reversed(versions)]


def list_codes_with_places(area: PartnershipArea) -> set[str]:
    """Return the indicators whose categories are places. One query."""
    placed = Indicator.objects.filter(area=area, dimension__categories__longitude__isnull=False)
    return set(placed.values_list("code", flat=True))


def list_codes_broken_down(area: PartnershipArea) -> set[str]:
    """Return the indicators that have a breakdown. One query."""
    return set(
        Indicator.objects.filter(area=area, breaks_down__isnull=False).values_list("breaks_down__code", flat=True)
    )
