"""The public edition of a document: what it would say, the steps to it, and its page for anybody."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.rules import Role
from core.calendar import date_label
from core.files import objects
from core.forms.pages import describe_refusal, form_for, is_done, is_saved, pressed, show_form, try_to
from indicators.disclosure import USUAL_MARKING, Audience
from reporting.documents.presenters.whole import make_file_name
from reporting.documents.selectors import find_document, find_edition
from reporting.open_editions import Withdrawn
from reporting.public.answers import Page, anybody, list_area_facts
from reporting.public.selectors import public_months
from reporting.public.services import WithdrawalForm
from reporting.public_documents import services
from reporting.public_documents.presenters import make_public
from reporting.public_documents.selectors import PublicDocumentEdition, find_public_document, list_open, list_standing

WHO = "Only a coordinator or an information officer can decide what is made public."
WHO_WITHDRAWS = "Only an information officer can withdraw what is public."


@open_to(Role.COORDINATOR, Role.INFORMATION, because=WHO)
def document_public(request: AreaRequest, area: PartnershipArea, document: int) -> HttpResponse:
    """Show what anybody would read of a document, whole, and whose turn it is."""
    shown = find_document(area, document)
    if request.method == "POST":
        return decide(request, area, document)
    public = make_public(shown)
    refusal = try_to(lambda: services.check_can_approve(shown, by=request.user))
    context = {
        "document": shown,
        "public": public,
        "pack": public.pack.as_data(),
        "obstacle": services.why_not_public(shown),
        "why_not": describe_refusal(refusal) if refusal else "",
        "is_officer": request.access.is_any(Role.INFORMATION),
        "is_asker": shown.public_asked_by_id == request.user.pk,
    }
    return render(request, "reporting/document_public.html", context)


def decide(request: AreaRequest, area: PartnershipArea, document: int) -> HttpResponse:
    """Do what the button says, about the document as the page showed it."""
    shown, by = find_document(area, document), request.user
    match pressed(request):
        case "ask":
            done = "You asked the information officer to make the document public."
            is_done(request, lambda: services.ask_public(shown, by=by), done=done)
        case "approve":
            seen = pressed(request, "seen")
            done = "The document is public: anyone can read it now."
            if is_done(request, lambda: services.approve_public(shown, seen=seen, by=by), done=done):
                return redirect(shown)
        case "turn-down":
            is_done(request, lambda: services.turn_down(shown, by=by), done="The request has ended.")
    return redirect("reporting:document-public", area.slug, document)


@open_to(Role.INFORMATION, because=WHO_WITHDRAWS)
def document_withdraw(request: AreaRequest, area: PartnershipArea, edition: str) -> HttpResponse:
    shown = find_edition(area, edition)
    form = form_for(request, WithdrawalForm)
    if is_saved(request, form, lambda: services.withdraw_edition(shown, **form.cleaned_data, by=request.user)):
        messages.success(request, f"{shown} is no longer on the public pages.")
        return redirect(shown)
    return show_form(request, "reporting/document_withdraw.html", form, {"edition": shown, "document": shown.document})


# --- For anybody ----------------------------------------------------------------------------------


@anybody
def public_document_list(request: HttpRequest, town: str) -> Page:
    """List the public documents, the newest year first. Raises NotHeld if nothing in the area is public."""
    editions = list_open(town)
    area = editions[0].document.area if editions else public_months(town)[0].area
    listed = [(one.reference, str(one.document), date_label(one.issued_at.date()), one.size) for one in editions]

    def make() -> str:
        context = {"area": area, "home_url": reverse("reporting:public-list", args=[town]), "documents": listed}
        return render_to_string("reporting/public_documents.html", context)

    return Page((*list_area_facts(area), listed), make)


@anybody
def public_document(request: HttpRequest, town: str, opened: str) -> Page:
    """Show a document as a page. Raises Withdrawn, or another NotHeld."""
    edition = find(town, opened)

    def make() -> str:
        context = {
            "area": edition.document.area,
            "home_url": reverse("reporting:public-list", args=[town]),
            "edition": edition,
            "pack": edition.content,
        }
        return render_to_string("reporting/public_document.html", context)

    return Page((*list_area_facts(edition.document.area), edition.reference, edition.sha256), make)


@anybody
def public_document_pdf(request: HttpRequest, town: str, opened: str) -> Page:
    """Return the exact file that was frozen."""
    edition = find(town, opened)
    name = make_file_name(USUAL_MARKING[Audience.PUBLIC].value, edition.reference)
    headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
    # Not cached: a PDF is large, and it is stored already.
    facts = town, edition.reference, edition.sha256
    return Page(facts, lambda: objects.read(edition.pdf), objects.PDF, headers, is_kept=False)


def find(town: str, reference: str) -> PublicDocumentEdition:
    edition = find_public_document(town, reference)
    if edition.withdrawn_at is not None:
        raise Withdrawn("This document was public, and has been withdrawn.")
    if not list_standing(edition.rests_on).issuperset(edition.rests_on):
        raise Withdrawn("This document was public. We took it down because a figure in it has been withdrawn.")
    if edition.removed_on is not None:
        raise Withdrawn(
            f"This document was public. We removed it on {date_label(edition.removed_on)}, as we do with old documents."
        )
    return edition
