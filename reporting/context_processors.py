"""What does every page's frame show? The marking, whose page it is, and where else to go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from boards.permissions import Access


def page(request: HttpRequest) -> dict[str, Any]:
    """For base.html. No queries: it must cost nothing on a page without an area."""
    # A request that is refused early, for its host name say, hasn't got a user yet.
    is_signed_in = bool(getattr(getattr(request, "user", None), "is_authenticated", False))
    context: dict[str, Any] = {"marking": settings.MARKING if is_signed_in else ""}
    access: Access | None = getattr(request, "access", None)
    if access is None:
        return context
    context |= {"area": access.area, "access": access, "nav": SimpleLazyObject(lambda: nav(access, request.path))}
    return context


def nav(access: Access, path: str) -> list[dict[str, Any]]:
    slug = access.area.slug
    home = reverse("reporting:area-home", args=[slug])
    places = [("Home", home), ("Indicators", reverse("reporting:indicator-list", args=[slug]))]
    if access.can_coordinate:
        places.append(("Set-up", reverse("indicators:setup", args=[slug])))
    return [
        {"label": label, "url": url, "current": path.startswith(url) if url != home else path == url}
        for label, url in places
    ]
