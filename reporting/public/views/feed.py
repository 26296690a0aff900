"""The feed of an area's public months. It has no figure."""

from django.http import HttpRequest

from core.services.links import site_address
from reporting.public.answers import OPEN_TO_SCRIPTS, Page, anybody
from reporting.public.presenters.feed import CONTENT_TYPE, make_public_feed
from reporting.public.selectors.editions import list_told


@anybody
def public_feed(request: HttpRequest, town: str) -> Page:
    """Tell of each edition: made public, replaced or withdrawn."""
    area, told = list_told(town)
    return Page(
        ("feed", area.slug, area.name, told),
        lambda: make_public_feed(area, told, absolute=site_address),
        CONTENT_TYPE,
        OPEN_TO_SCRIPTS,
    )
