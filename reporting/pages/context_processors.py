"""What does every page's frame show? The marking, whose page it is, and where else to go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from boards.permissions import Access
from core.months import Month
from indicators.selectors.markings import marking_in

# Whose address has a month that figures aren't shown of.
OF_NO_MONTH = {"indicators:definition-edit"}


def page(request: HttpRequest) -> dict[str, Any]:
    """For base.html. No queries on a page without an area; on one of a month at most one, for its marking."""
    # A request that is refused early, for its host name say, hasn't got a user yet.
    is_signed_in = bool(getattr(getattr(request, "user", None), "is_authenticated", False))
    context: dict[str, Any] = {"marking": SimpleLazyObject(lambda: marking_shown(request)) if is_signed_in else ""}
    access: Access | None = getattr(request, "access", None)
    if access is None:
        return context
    context |= {"area": access.area, "access": access, "nav": SimpleLazyObject(lambda: nav(access, request.path))}
    return context


def marking_shown(request: HttpRequest) -> str:
    """How the month that the address names is marked for partners; the usual marking on any other page.
    A view that has read its month's marking passes it to its page, and this isn't asked."""
    access: Access | None = getattr(request, "access", None)
    match = request.resolver_match
    month = match.kwargs.get("month") if match else None
    if access is None or match is None or not isinstance(month, Month) or match.view_name in OF_NO_MONTH:
        return settings.MARKING
    return marking_in(access.area, month)


def nav(access: Access, path: str) -> list[dict[str, Any]]:
    slug = access.area.slug
    home = reverse("reporting:area-home", args=[slug])
    places = [
        ("Home", home),
        ("Indicators", reverse("reporting:indicator-list", args=[slug])),
        ("Plan", reverse("actions:plan", args=[slug])),
    ]
    if access.can_coordinate:
        places.append(("Set-up", reverse("indicators:setup", args=[slug])))
    return [
        {"label": label, "url": url, "current": path.startswith(url) if url != home else path == url}
        for label, url in places
    ]
