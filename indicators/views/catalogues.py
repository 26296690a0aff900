"""An area's set-up as a catalogue: download it, compare it with a newer one, and make the changes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import form_for, is_filled_in, is_saved, pressed, show_form, typed_into
from core.services.sent_once import taken_once
from indicators.catalogues.comparing import Act
from indicators.catalogues.entries import Catalogue
from indicators.catalogues.reading import CatalogueRefused, read_catalogue
from indicators.catalogues.writing import write_catalogue
from indicators.forms.catalogues import CatalogueForm, TakeForm
from indicators.selectors.catalogues import get_catalogue
from indicators.services.catalogues import find_differences, take_catalogue

TAKE = "take"


@open_to(Role.COORDINATOR, Role.OPERATOR)
@require_safe
def catalogue_file(request: HttpRequest, area: PartnershipArea) -> HttpResponse:
    disposition = content_disposition_header(True, f"{area.slug}-catalogue.toml")
    return HttpResponse(
        write_catalogue(get_catalogue(area)),
        content_type="application/toml; charset=utf-8",
        headers={"Content-Disposition": disposition or ""},
    )


@open_to(Role.COORDINATOR)
@taken_once
def catalogue_take(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Choose a catalogue, see what it would change, and make the ticked changes. The page carries the catalogue in
    between, so it isn't stored."""
    newer = find_sent(request) if pressed(request) == TAKE else None
    if newer is not None:
        return take(request, area, newer)
    form = form_for(request, lambda typed: CatalogueForm(typed, request.FILES or None))
    if is_filled_in(request, form):
        return show_differences(request, area, make_take_form(request, area, form.catalogue, is_sent=False))
    return show_form(request, "indicators/catalogue.html", form)


def find_sent(request: HttpRequest) -> Catalogue | None:
    """Read the catalogue that the page of differences carries."""
    typed = typed_into(request)
    try:
        # It came through the browser, so it is read and checked again like a file.
        return read_catalogue(str(typed.get("catalogue", "")).encode(errors="replace")) if typed else None
    except CatalogueRefused:
        return None


def take(request: AreaRequest, area: PartnershipArea, newer: Catalogue) -> HttpResponse:
    form = make_take_form(request, area, newer)

    def save() -> None:
        told = form.cleaned_data
        take_catalogue(
            area,
            newer,
            month=told["month"],
            only=told["taken"],
            is_same=form.is_same,
            seen=told["seen"],
            by=request.user,
        )

    if is_saved(request, form, save):
        messages.success(request, f"{newer.name} is now part of the set-up.")
        return redirect("indicators:setup", area.slug)
    return show_differences(request, area, form)


def make_take_form(request: HttpRequest, area: PartnershipArea, newer: Catalogue, *, is_sent: bool = True) -> TakeForm:
    differences = find_differences(area, newer)
    # The form that was sent is another one: that with the file.
    if not is_sent:
        return TakeForm(None, area=area, newer=newer, differences=differences)
    return form_for(request, lambda typed: TakeForm(typed, area=area, newer=newer, differences=differences))


def show_differences(request: HttpRequest, area: PartnershipArea, form: TakeForm) -> HttpResponse:
    stays = [(act.label, [found for found in form.differences if found.act is act]) for act in (Act.GONE, Act.RETIRED)]
    return show_form(request, "indicators/catalogue_differences.html", form, {"area": area, "stays": stays})
