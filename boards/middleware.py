"""Whose area is this page of? Deny by default, for every address that begins with an area."""

from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse

from boards.permissions import AreaRequest, OpenView, View, find_access
from core.models import User


class AreaMiddleware:
    """Turns the `area` of an address into the area itself, and `request.access` into what the
    person is there.

    An area that isn't there and one that the person has no part in answer alike: 404.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if "area" not in kwargs or not isinstance(request.user, User):
            return
        asked = cast("AreaRequest", request)
        # Before anything is refused: the page that says so has the area's menu too.
        access, asked.months = find_access(request.user, kwargs["area"])
        asked.access = access
        kwargs["area"] = access.area
        roles = getattr(view, "open_to", None)
        if roles is None:
            raise ImproperlyConfigured(f"{view.__module__}.{view.__qualname__} doesn't say who may open it.")
        if roles and not access.is_any(*roles):
            raise PermissionDenied(cast("OpenView", view).refusal)
