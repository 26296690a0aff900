"""Who may do what with a document: everybody in the area reads and comments, whoever writes a chapter changes its text,
the coordinator does the rest, and the chair of the strategic group agrees."""

from django.core.exceptions import PermissionDenied

from boards.models import Board
from boards.permissions import Access, access_to
from boards.rules import STRATEGIC_GROUP
from core.models import User
from reporting.models import ChapterComment, DocumentChapter
from reporting.workflow import DocumentSide


def can_write(access: Access, chapter: DocumentChapter) -> bool:
    return access.can_coordinate or chapter.owner_id == access.user.pk


def check_can_write(chapter: DocumentChapter, *, by: User) -> None:
    if not can_write(access_to(chapter.document.area, by=by), chapter):
        raise PermissionDenied(f"Only a coordinator, or the person asked by the coordinator, can write “{chapter}”.")


def check_can_comment(chapter: DocumentChapter, *, by: User) -> None:
    if access_to(chapter.document.area, by=by).is_outsider:
        raise PermissionDenied("Only someone with a role in the area can comment on a chapter.")


def can_settle(access: Access, comment: ChapterComment) -> bool:
    """Return whether they write its chapter, or said it themselves."""
    return can_write(access, comment.chapter) or comment.said_by_id == access.user.pk


def check_can_settle(comment: ChapterComment, *, by: User) -> None:
    if not can_settle(access_to(comment.chapter.document.area, by=by), comment):
        raise PermissionDenied("Only the chapter’s writer or the comment’s author can settle the comment.")


def list_sides(access: Access) -> list[DocumentSide]:
    """Return the sides for which this person can agree to a document. One query for a chair."""
    sides = [DocumentSide.COORDINATOR] if access.can_coordinate else []
    if access.chaired and Board.objects.filter(code=STRATEGIC_GROUP, pk__in=access.chaired).exists():
        sides.append(DocumentSide.CHAIR)
    return sides
