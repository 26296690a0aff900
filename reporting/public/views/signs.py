"""“See the signs”: the public page on warning signs, and its preview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea, PublicAdvice
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.not_held import NotHeld
from reporting.public.answers import Page, anybody
from reporting.public.selectors.advice import find_public_advice
from reporting.public.selectors.editions import public_months


@anybody
def public_signs(request: HttpRequest, town: str) -> Page:
    """Show the signs and how to report them. The page accepts no input. Two queries."""
    advice = find_public_advice(town)
    area = advice.area
    home_url = reverse("reporting:public-list", args=[town]) if has_months(town) else ""

    def make() -> str:
        context = {"area": area, "home_url": home_url, "advice": advice}
        return render_to_string("reporting/public_signs.html", context)

    return Page((area.slug, area.name, home_url, advice.signs, advice.how_to_report), make)


def has_months(town: str) -> bool:
    """Return whether there is a list of months to go to."""
    try:
        return bool(public_months(town))
    except NotHeld:
        return False


@open_to(Role.COORDINATOR)
@require_safe
def signs_preview(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Show what is saved, as anybody would read it."""
    advice = get_object_or_404(PublicAdvice, area=area)
    return render(request, "reporting/signs_preview.html", {"area": area, "advice": advice})
