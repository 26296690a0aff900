"""What every page's frame shows: the version, the marking, the area or region, and the menu."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from boards.permissions import Access, AreaRequest, RegionAccess, RegionRequest
from boards.presenters.nav import Here, nav_html, region_nav_html
from core.calendar import Month
from indicators.selectors.disclosure import marking_in

# Pages that have a month in their address but show no figures.
OF_NO_MONTH = {"indicators:definition-edit"}


def page(request: HttpRequest) -> dict[str, Any]:
    """Return what base.html needs. No queries on a page without an area; on one of a month at most one, for its
    marking.
    """
    # A request that is refused early, for its host name say, hasn't got a user yet.
    is_signed_in = bool(getattr(getattr(request, "user", None), "is_authenticated", False))
    # Lazy, because a view that passes its own marking needs no query.
    context: dict[str, Any] = {"marking": SimpleLazyObject(lambda: marking_shown(request)) if is_signed_in else ""}
    context["product_version"] = settings.VERSION  # a page of a month has a version of its own
    in_region: RegionAccess | None = getattr(request, "in_region", None)
    if in_region is not None:
        return context | {"region": in_region.region, "nav_html": SimpleLazyObject(lambda: region_menu(request))}
    access: Access | None = getattr(request, "access", None)
    if access is None:
        return context
    context |= {"area": access.area, "access": access, "nav_html": SimpleLazyObject(lambda: menu(request))}
    return context


def marking_shown(request: HttpRequest) -> str:
    """Return the partners' marking of the month that the address names, or the usual marking on any other page. A view
    that has read its month's marking passes it to its page, and this isn't called.
    """
    access: Access | None = getattr(request, "access", None)
    match = request.resolver_match
    month = match.kwargs.get("month") if match else None
    if access is None or match is None or not isinstance(month, Month) or match.view_name in OF_NO_MONTH:
        return settings.MARKING
    return marking_in(access.area, month)


def region_menu(request: HttpRequest) -> SafeString:
    """Return the menu of a region, with links to its newest month. A view that shows a month passes its own; the month
    in the address of a page that isn't there leads nowhere.
    """
    return region_nav_html(cast("RegionRequest", request).in_region, None, here=request.path)


def menu(request: HttpRequest) -> SafeString:
    """Return the menu, the same on every page of an area. A view that shows a different month from the one in its
    address passes its own.
    """
    area_request, match = cast("AreaRequest", request), request.resolver_match
    month = match.kwargs.get("month") if match and match.view_name not in OF_NO_MONTH else None
    here = Here(request.path, match.view_name if match else "", month if isinstance(month, Month) else None)
    return nav_html(area_request.access, area_request.months, here)
