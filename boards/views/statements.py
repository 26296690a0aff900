"""The privacy notice and the accessibility statement, and the page where an area edits its part."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from boards.forms.area import StatementsForm
from boards.models import PartnershipArea, PublicStatements
from boards.models.statements import split
from boards.permissions import AreaRequest, open_to
from boards.presenters.retention import describe_lives
from boards.roles import Role
from boards.selectors import list_statements
from boards.services.statements import set_statements
from core.form_pages import ANY_FORM, form_for, is_saved, show_form
from core.models import User


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the privacy notice. Somebody who is signed in also reads their areas' own parts."""
    return show(request, "privacy")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement in the same way."""
    return show(request, "accessibility")


def show(request: HttpRequest, part: str) -> HttpResponse:
    held = list_statements(request.user) if isinstance(request.user, User) else []
    parts = [(each.area.name, split(getattr(each, part))) for each in held if getattr(each, part)]
    context = {"parts": parts, "provider": settings.PROVIDER, "contact": settings.CONTACT, **describe_lives()}
    return render(request, f"boards/{part}.html", context)


@open_to(Role.COORDINATOR)
@require_http_methods(ANY_FORM)
def statements_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Edit the area's own part of both."""
    held = PublicStatements.objects.filter(area=area).select_related("changed_by").first()
    form = form_for(request, lambda typed: StatementsForm(typed, held=held))

    def save() -> object:
        draft: dict[str, Any] = {name: form.cleaned_data[name] for name in ("privacy", "accessibility")}
        return set_statements(area, **draft, revision=form.seen, by=request.user)

    if is_saved(request, form, save):
        messages.success(request, f"Saved. {who_reads(area)}")
        return redirect("boards:statements-edit", area.slug)
    return show_form(request, "boards/statements_edit.html", form, {"held": held})


def who_reads(area: PartnershipArea) -> str:
    if area.has_public_pages:
        return "Anybody can read it."
    return f"People with a role in {area.name} can read it. Anybody can once the public pages are on."
