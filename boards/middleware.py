"""Which area does this page belong to? Denies every address that starts with an area, unless its view says
otherwise."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse

from boards.permissions import AreaRequest, OpenView, View, find_access
from core.models import User
from core.reading import note_read


class AreaMiddleware:
    """Replaces the `area` of an address by the area itself, and sets `request.access` for the person. Notes who read
    drafts, packs and files.

    An area that doesn't exist and one that the person doesn't belong to give the same answer: 404.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # Afterwards: somebody who was refused, or asked for nothing, has read nothing.
        asked = cast("AreaRequest", request)
        verb = getattr(request, "noted_as", "")
        if verb and response.status_code == HTTPStatus.OK and request.method == "GET":
            note_read(verb, request.get_full_path(), by=asked.user, area=asked.access.area.slug)
        return response

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        # A visitor without an account gets here only for views that need no sign-in: SignInMiddleware is before us.
        if "area" not in kwargs or not isinstance(request.user, User):
            return
        asked = cast("AreaRequest", request)
        # Set these before anything is refused: the page that says so needs the area's menu too.
        access, asked.months = find_access(request.user, kwargs["area"])
        asked.access = access
        kwargs["area"] = access.area
        roles = getattr(view, "open_to", None)
        if roles is None:
            # Denied by default: a new view that forgets `open_to` fails for everybody.
            raise ImproperlyConfigured(f"{view.__module__}.{view.__qualname__} doesn't say who may open it.")
        if roles and not access.is_any(*roles):
            raise PermissionDenied(cast("OpenView", view).refusal)
        asked.noted_as = find_verb(asked, view, kwargs)


def find_verb(request: AreaRequest, view: View, kwargs: dict[str, Any]) -> str:
    """Return what to note of a page: a verb, or nothing for what everybody in the area, or anybody, may read."""
    if not getattr(view, "login_required", True):
        return ""
    if verb := getattr(view, "noted_as", ""):
        return cast("str", verb)
    if "kind" in kwargs:  # core.addresses.in_each_format
        return "file.read"
    month = kwargs.get("month")
    return "draft.read" if month in request.months and month not in request.months.published else ""
