"""The links to help. At the head of each page: to this person's guide. At its foot: to the section about the page."""

from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.safestring import SafeString
from PIL import Image

from boards.guides import OF_A_REGION, PICTURES, Guide, Section, find_own, find_place, render
from core.pages import as_markup, link_to

register = template.Library()


@register.filter
def guide_html(markdown: str) -> SafeString:
    """Return the HTML of a part of a guide. Its Markdown is ours, and HTML in it is escaped."""
    return as_markup(render(markdown, guide_url=_guide_url, picture=_picture))


def _guide_url(slug: str) -> str:
    return link_to("help-guide", slug)


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
    guide = find_own(_roles(context.get("request")))
    return _guide_url(guide.slug) if guide else link_to("help")


@register.simple_tag(takes_context=True)
def help_place(context: dict[str, Any]) -> tuple[Guide, Section] | None:
    """Return the section that is about the page, with its guide; None if none is."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    return find_place(match.view_name if match is not None else "", _roles(request))
