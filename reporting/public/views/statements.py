"""An area's privacy notice and accessibility statement, for anybody."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from boards.models import PublicStatements
from boards.models.statements import split
from boards.presenters.retention import describe_lives
from reporting.public.answers import Page, anybody
from reporting.public.selectors.advice import find_public_statements
from reporting.public.views.signs import has_months


def make_view(part: str, template: str) -> Callable[..., HttpResponse]:
    """Return the view of one of them. The name of its field is `part`."""

    @anybody
    def view(request: HttpRequest, town: str) -> Page:
        held: PublicStatements = find_public_statements(town)
        area, paragraphs = held.area, split(getattr(held, part))
        home_url = reverse("reporting:public-list", args=[town]) if has_months(town) else ""
        provider, contact = settings.PROVIDER, settings.CONTACT
        lives = describe_lives(area.slug) if part == "privacy" else {}

        def make() -> str:
            context = {
                "area": area,
                "home_url": home_url,
                "provider": provider,
                "contact": contact,
                "parts": [(area.name, paragraphs)] if paragraphs else [],
                **lives,
            }
            return render_to_string(template, context)

        return Page((part, area.slug, area.name, home_url, paragraphs, provider, contact, lives), make)

    return view


public_privacy = make_view("privacy", "reporting/public_privacy.html")
public_accessibility = make_view("accessibility", "reporting/public_accessibility.html")
