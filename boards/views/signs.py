"""The page where an area edits its public advice about the warning signs."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from boards.forms.area import SignsForm
from boards.models import PartnershipArea, PublicAdvice
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.advice import set_advice
from core.form_pages import ANY_FORM, form_for, is_saved, show_form


@open_to(Role.COORDINATOR)
@require_http_methods(ANY_FORM)
def signs_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Edit the signs, how to report them, and whether the public can read them."""
    advice = PublicAdvice.objects.filter(area=area).first()
    form = form_for(request, lambda typed: SignsForm(typed, advice=advice))

    def save() -> object:
        draft: dict[str, Any] = {name: form.cleaned_data[name] for name in ("signs", "how_to_report", "is_public")}
        return set_advice(area, **draft, revision=form.seen, by=request.user)

    if is_saved(request, form, save):
        messages.success(request, f"Saved. {who_reads(area, is_public=form.cleaned_data['is_public'])}")
        return redirect("boards:signs-edit", area.slug)
    context = {
        "advice": advice,
        "who_reads": who_reads(area, is_public=advice.is_public) if advice else "",
    }
    return show_form(request, "boards/signs_edit.html", form, context)


def who_reads(area: PartnershipArea, *, is_public: bool) -> str:
    if not is_public:
        return "Nobody else can read it yet."
    if not area.has_public_pages:
        return "Anybody can read it once the public pages are on."
    return "Anybody can read it."
