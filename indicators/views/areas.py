"""The operator's page to make a new area."""

import logging
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from boards.models import Membership, PartnershipArea
from boards.permissions import check_can_make_areas
from boards.services.people import send_access
from core.form_pages import form_for, is_saved, show_form
from core.models import User
from core.services.sent_once import taken_once
from indicators.catalogues.entries import Catalogue
from indicators.catalogues.reading import read_starter
from indicators.forms.areas import AreaForm
from indicators.selectors.catalogues import get_catalogue
from indicators.services.areas import make_area

logger = logging.getLogger(__name__)


@taken_once
def area_add(request: HttpRequest) -> HttpResponse:
    """Make an area from the starter set, or from the set-up of the area in `?from=`."""
    by = cast("User", request.user)
    # There is no area yet, so `open_to` can't guard this view.
    check_can_make_areas(by=by)
    catalogue, like = find_source(request.GET.get("from", ""))
    form = form_for(request, lambda typed: AreaForm(typed, catalogue=catalogue))
    made: list[PartnershipArea] = []

    def make() -> None:
        made.append(make_area(form.draft, form.chosen, first_month=form.first, coordinator=form.coordinator, by=by))

    if is_saved(request, form, make):
        tell_coordinator(request, made[0], by=by)
        return redirect(made[0])
    others = PartnershipArea.objects.exclude(pk=like.pk) if like else PartnershipArea.objects.all()
    return show_form(request, "indicators/area_add.html", form, {"like": like, "others": others})


def find_source(slug: str) -> tuple[Catalogue, PartnershipArea | None]:
    if not slug:
        return read_starter(), None
    # PostgreSQL refuses a NUL.
    like = get_object_or_404(PartnershipArea, slug=slug.replace("\x00", ""))
    return get_catalogue(like), like


def tell_coordinator(request: HttpRequest, area: PartnershipArea, *, by: User) -> None:
    """E-mail the new coordinator. The area already exists, so the next page says if this failed."""
    # A new area has only this one.
    held = Membership.objects.select_related("user", "area").get(area=area)
    try:
        send_access(held, by=by)
    except OSError:
        logger.exception("The e-mail to the coordinator of %s could not be sent.", area.slug)
        messages.error(
            request,
            f"We added {area.name}, but the e-mail to {held.user.email} could not be sent. Tell them to ask for a "
            "password on the sign-in page.",
        )
    else:
        messages.success(request, f"{area.name} has been added. We have sent an e-mail to {held.user.email}.")
