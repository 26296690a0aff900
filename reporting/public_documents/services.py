"""Make a document public: a coordinator asks, and an information officer who has read it whole approves.

What anybody can read is frozen. An officer can withdraw it, and it goes by itself once a month that one of its figures
is from is withdrawn (ADR 0053).
"""

from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.db.models import Max
from django.utils import timezone

from boards.permissions import check_can_coordinate, check_second_officer
from boards.services.area import lock_area
from core import audit
from core.database import lock_row
from core.files import objects
from core.forms.pages import check_seen, checked_reason
from core.labels import TransitionRefused
from core.models import User
from indicators.disclosure import Audience
from indicators.permissions import check_can_protect
from reporting.documents.presenters.whole import make_reference
from reporting.documents.selectors import list_chapters
from reporting.documents.services import NOT_SAVED, why_not_frozen
from reporting.models import Document, DocumentEdition
from reporting.packs.pdf.typesetting import PackNotMade, build_pack
from reporting.public_documents.presenters import make_public

NOT_ASKED = "No one has asked to make {document} public."
CHANGED = "The document was changed after you opened it. Read it again."
NO_PAGES = "The public pages of {area} are turned off."


@transaction.atomic
def ask_public(document: Document, *, by: User) -> Document:
    """Ask an information officer to make a document public as it is now. Raises PermissionDenied or
    TransitionRefused."""
    check_can_coordinate(document.area, by=by)
    document = _locked(document)
    if document.public_asked_at is not None:
        return document  # a button that was pressed twice
    if refusal := why_not_public(document):
        raise TransitionRefused(refusal)
    document.public_asked_at, document.public_asked_by = timezone.now(), by
    document.save(update_fields=["public_asked_at", "public_asked_by"])
    audit.record("document.public_asked", document, by=by, area=document.area.slug)
    return document


def why_not_public(document: Document) -> str:
    """Return why nobody can make it public, as a sentence; empty if they can."""
    if not document.area.has_public_pages:
        return NO_PAGES.format(area=document.area)
    return why_not_frozen(document, list_chapters(document), list(document.agreements.all()))


@transaction.atomic
def turn_down(document: Document, *, by: User) -> Document:
    """End a request: the coordinator takes it back, or an officer turns it down."""
    if document.public_asked_by_id != by.pk:
        check_can_protect(document.area, by=by)
    document = _locked(document)
    if document.public_asked_at is None:
        return document  # a button that was pressed twice
    document.public_asked_at = document.public_asked_by = None
    document.save(update_fields=["public_asked_at", "public_asked_by"])
    audit.record("document.public_turned_down", document, by=by, area=document.area.slug)
    return document


def approve_public(document: Document, *, seen: str, by: User) -> DocumentEdition:
    """Let anybody read a document as an officer has read it: its number, its file, and nothing but what they saw.
    `seen` is the fingerprint of that. Raises PermissionDenied, ChangedMeanwhile or TransitionRefused.
    """
    try:
        with transaction.atomic():
            return make_public_edition(document, seen=seen, by=by)
    except (OperationalError, objects.Unreadable) as fault:  # such as a full disk
        raise TransitionRefused(NOT_SAVED.format(words=str(fault).strip().rstrip("."))) from fault
    except PackNotMade as fault:
        raise TransitionRefused(str(fault)) from fault


def make_public_edition(document: Document, *, seen: str, by: User) -> DocumentEdition:
    # With the area locked, no month is withdrawn between the look and the act.
    lock_area(document.area)
    document = _locked(document)
    area, asker = document.area, document.public_asked_by
    if asker is None:
        raise TransitionRefused(NOT_ASKED.format(document=document))
    check_can_approve(document, by=by)
    if refusal := why_not_public(document):
        raise TransitionRefused(refusal)
    number = (document.editions.aggregate(last=Max("number"))["last"] or 0) + 1
    reference = make_reference(document, number)
    public = make_public(document, reference=reference)
    check_seen(seen, public.fingerprint, told=CHANGED)
    file = objects.put(build_pack(public.pack), objects.PDF)
    edition = DocumentEdition.objects.create(
        document=document,
        number=number,
        audience=Audience.PUBLIC.value,
        reference=reference,
        content=public.pack.as_data(),
        rests_on=list(public.rests_on),
        pdf=file,
        sha256=file.pk,
        issued_at=timezone.now(),
        issued_by=asker,
        approved_by=by,
    )
    document.public_asked_at = document.public_asked_by = None
    document.save(update_fields=["public_asked_at", "public_asked_by"])
    audit.record("document.made_public", edition, by=by, area=area.slug, sha256=edition.sha256)
    return edition


def check_can_approve(document: Document, *, by: User) -> None:
    """Let only an information officer approve it, and another person than who asked."""
    # The database refuses this too.
    if document.public_asked_by_id == by.pk:
        raise PermissionDenied("You can’t approve your own request. Another information officer has to approve it.")
    otherwise = f"Only an information officer of {document.area.name} can approve this."
    check_second_officer(document.public_asked_by, document.area, by=by, otherwise=otherwise)


@transaction.atomic
def withdraw_edition(edition: DocumentEdition, *, why: str, by: User) -> DocumentEdition:
    """Take a public edition down: its page and its file. The register keeps it. Raises PermissionDenied or
    ValidationError."""
    check_can_protect(edition.document.area, by=by)
    edition = lock_row(DocumentEdition.objects.select_related("document__area"), edition.pk)
    if edition.withdrawn_at is not None:
        return edition  # a form that was sent twice
    why = checked_reason(why, missing="Say why you are withdrawing it.")
    edition.withdrawn_at, edition.withdrawn_by, edition.withdrawn_why = timezone.now(), by, why
    edition.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    audit.record("document.withdrawn", edition, by=by, area=edition.document.area.slug, why=why)
    return edition


def _locked(document: Document) -> Document:
    return lock_row(Document.objects.select_related("area", "previous", "public_asked_by"), document.pk)
