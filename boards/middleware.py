"""Open the pages of an area or a region only to whom their views name. Every other address of one is denied.

Somebody whose role needs a second factor sees only its set-up until they have one."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from boards.permissions import (
    AreaRequest,
    OpenView,
    RegionRequest,
    RegionView,
    View,
    find_access,
    find_region_access,
    lacks_factor,
)
from boards.reads import note_read
from core.forms import kept
from core.identity.factors import AFTER_SET_UP
from core.identity.sessions import FACTOR_THERE
from core.models import User
from core.permissions import is_let_off, is_operator

# The addresses that set up a second factor, or sign out. Whoever lacks one opens nothing else.
SET_UP = frozenset({"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate", "account_logout"})
NOT_SENT = (
    "Nothing was saved, because your role now needs a second factor. Set up the factor, then send the form again."
)
KEPT = "Your role now needs a second factor. We saved what you typed. Set up the factor to see it again."


class SecondFactorMiddleware:
    """Shows only the set-up of a second factor to somebody whose role needs one and who has none, on each page that
    needs a sign-in. One query, and a second for a role that needs one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseRedirect | None:
        # What a stranger may read, this person may read too.
        if not getattr(view, "login_required", True) or not isinstance(request.user, User):
            return None
        match = request.resolver_match
        if (match is not None and match.view_name in SET_UP) or is_let_off(request.user):
            return None
        # A provider that the operator trusts with it has asked for a second factor at this sign-in.
        if request.session.get(FACTOR_THERE) or not lacks_factor(request.user):
            # They are on the page that they wanted: nothing offers it again.
            if request.session.get(AFTER_SET_UP) == request.path:
                del request.session[AFTER_SET_UP]
            return None
        if request.method == "POST":
            messages.info(request, KEPT if kept.keep(request) else NOT_SENT)
        request.session[AFTER_SET_UP] = request.path
        return redirect("mfa_index")


class Doorkeeper:
    """Opens pages of one kind of place, and notes who read them, once they were shown: somebody who was refused, or
    asked for nothing, has read nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.OK and request.method == "GET":
            self.note(request)
        return response

    def note(self, request: HttpRequest) -> None:
        """Note that the page was read, if its view is one that we note."""
        raise NotImplementedError


class AreaMiddleware(Doorkeeper):
    """Replaces the `area` of an address by the area itself, and sets `request.access` for the person. Notes who read
    drafts, packs and files.

    An area that doesn't exist and one that the person doesn't belong to give the same answer: 404.
    """

    def note(self, request: HttpRequest) -> None:
        area_request = cast("AreaRequest", request)
        if verb := getattr(request, "noted_as", ""):
            note_read(verb, request.get_full_path(), by=area_request.user, area=area_request.access.area.slug)

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        # A visitor without an account gets here only for views that need no sign-in: SignInMiddleware is before us.
        if "area" not in kwargs or not isinstance(request.user, User):
            return
        area_request = cast("AreaRequest", request)
        # Set these before anything is refused: the page that says so needs the area's menu too.
        access, area_request.months = find_access(request.user, kwargs["area"])
        area_request.access = access
        kwargs["area"] = access.area
        roles = getattr(view, "open_to", None)
        if roles is None:
            # Denied by default: a new view that forgets `open_to` fails for everybody.
            raise ImproperlyConfigured(f"{view.__module__}.{view.__qualname__} doesn't say who may open it.")
        if roles and not access.is_any(*roles):
            raise PermissionDenied(cast("OpenView", view).refusal)
        area_request.noted_as = find_verb(area_request, view, kwargs)


class RegionMiddleware(Doorkeeper):
    """Replaces the `region` of an address by the region itself, and sets `request.in_region` for the person. Notes who
    read what.

    A region that doesn't exist and one that the person doesn't work for give the same answer: 404.
    """

    def note(self, request: HttpRequest) -> None:
        region_request = cast("RegionRequest", request)
        if verb := getattr(request, "noted_of_region", ""):
            note_read(
                verb, request.get_full_path(), by=region_request.user, region=region_request.in_region.region.slug
            )

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        # A visitor without an account gets here only for views that need no sign-in: SignInMiddleware is before us.
        if "region" not in kwargs or not isinstance(request.user, User):
            return
        region_request = cast("RegionRequest", request)
        access = region_request.in_region = find_region_access(request.user, kwargs["region"])
        kwargs["region"] = access.region
        opened = cast("RegionView", view)
        if not hasattr(view, "open_to_region"):
            # Denied by default: a new view that forgets `open_to_region` fails for everybody.
            raise ImproperlyConfigured(f"{view.__module__}.{view.__qualname__} doesn't say who may open it.")
        if opened.is_set_up and is_operator(request.user):
            return
        if not access.roles:
            raise Http404("This page doesn't exist, or you can't open it.")
        if not access.is_any(*opened.open_to_region):
            raise PermissionDenied("Your role in this region doesn’t include this page.")
        region_request.noted_of_region = getattr(view, "noted_as", "")


def find_verb(request: AreaRequest, view: View, kwargs: dict[str, Any]) -> str:
    """Return what to note of a page: a verb, or nothing for what everybody in the area, or anybody, may read."""
    if not getattr(view, "login_required", True):
        return ""
    if verb := getattr(view, "noted_as", ""):
        return cast("str", verb)
    if "kind" in kwargs:  # core.pages.in_each_format
        return "file.read"
    month = kwargs.get("month")
    return "draft.read" if month in request.months and month not in request.months.published else ""
