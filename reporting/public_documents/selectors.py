"""Finds the public editions of documents, and whether what their figures are from is still public."""

from collections.abc import Collection
from typing import TYPE_CHECKING, TypedDict

from django.db.models import F, QuerySet

from core.pages import NotHeld
from indicators.disclosure import Audience
from reporting.models import DocumentEdition
from reporting.open_editions import NO_PAGE, all_editions, find_withdrawal, is_for_the_public, pick_newest

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Read(TypedDict):
    """Read with an edition: its file's size in bytes."""

    size: int


type PublicDocumentEdition = WithAnnotations[DocumentEdition, Read]


def list_standing(keys: Collection[int]) -> frozenset[int]:
    """Return which of these editions of months anybody may still read. One query; none for no keys."""
    if not keys:
        return frozenset()
    editions = all_editions().filter(pk__in=keys)
    return frozenset(
        edition.pk for edition in editions if find_withdrawal(edition) is None and is_for_the_public(edition.marked)
    )


def public_editions(slug: str) -> QuerySet[PublicDocumentEdition]:
    """Return the public editions of an area's documents, the newest first, without their content."""
    editions = DocumentEdition.objects.filter(
        audience=Audience.PUBLIC.value, document__area__slug=slug, document__area__has_public_pages=True
    )
    named = editions.select_related("document__area", "approved_by").defer("content").annotate(size=F("pdf__size"))
    return named.order_by("-document__year", "document__kind", "-number")


def list_open(slug: str) -> list[PublicDocumentEdition]:
    """Return each document in its newest edition, if anybody may read that. Two queries."""
    newest = pick_newest(public_editions(slug), lambda edition: edition.document_id)
    editions = [edition for edition in newest if edition.withdrawn_at is None and edition.removed_on is None]
    standing = list_standing({key for edition in editions for key in edition.rests_on})
    return [edition for edition in editions if standing.issuperset(edition.rests_on)]


def find_public_document(slug: str, reference: str) -> PublicDocumentEdition:
    """Return a public edition with its content, also one that is down. Raises NotHeld."""
    edition = public_editions(slug).defer(None).filter(reference=reference).first()
    if edition is None:
        raise NotHeld(NO_PAGE)
    return edition
