"""The links to help. At the head of each page: to this person's guide. At its foot: to the section about the page."""

from functools import cache, lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from PIL import Image

from boards.guides import FOR_ANYBODY, OF_A_REGION, PICTURES, find_own, find_place, render
from core.pages import as_markup

register = template.Library()


@register.filter
def guide_html(markdown: str) -> SafeString:
    """Return the HTML of a part of a guide. Its Markdown is ours, and HTML in it is escaped."""
    return as_markup(render(markdown, guide_url=_guide_url, picture=_picture))


def _guide_url(slug: str) -> str:
    return reverse("help-guide", args=[slug])


@cache
def _picture(name: str) -> dict[str, str | int]:
    """Return a picture's address and its size, so that the page doesn't move when the picture loads."""
    with Image.open(PICTURES / name) as picture:
        width, height = picture.size
    return {"src": static(f"help/{name}"), "width": width, "height": height, "loading": "lazy"}


def _roles(request: Any) -> frozenset[str]:
    """Return the person's roles in the area of the page; on a page of a region, the role that its guide is for."""
    if getattr(request, "in_region", None) is not None:
        return OF_A_REGION
    access = getattr(request, "access", None)
    return frozenset(map(str, access.roles)) if access is not None else frozenset()


@register.simple_tag(takes_context=True)
def own_guide_url(context: dict[str, Any]) -> str:
    """The address of the guide for this person's role in the area of the page; of all guides on a page of no area."""
    return _own_guide_url(_roles(context.get("request")))


@lru_cache(maxsize=256)
def _own_guide_url(roles: frozenset[str]) -> str:
    guide = find_own(roles)
    return _guide_url(guide.slug) if guide else reverse("help")


@register.simple_tag(takes_context=True)
def help_link(context: dict[str, Any]) -> SafeString:
    """Return the link: "Help: Enter the month’s figures", or "Help" if no section is about the page. For somebody who
    isn't signed in, the residents' guide comes first."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    link = _link_for_page(match.view_name if match is not None else "", _roles(request))
    if getattr(context.get("user"), "is_authenticated", False):
        return link
    residents = reverse("help-guide", args=[FOR_ANYBODY])
    return format_html('<a class="govuk-link" href="{}">Help for residents</a>, {}', residents, link)


@lru_cache(maxsize=1024)
def _link_for_page(page: str, roles: frozenset[str]) -> SafeString:
    place = find_place(page, roles)
    if place is None:
        return format_html('<a class="govuk-link" href="{}">Help</a>', reverse("help"))
    guide, section = place
    return format_html(
        '<a class="govuk-link" href="{}#{}">Help: {}</a>',
        reverse("help-guide", args=[guide.slug]),
        section.anchor,
        section.title,
    )
