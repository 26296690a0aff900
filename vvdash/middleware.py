"""Prepare each request and answer: its line in the log, its address, what a browser may store, and compression.

It makes sure that no page is blank and that sign-in loses no form.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic, perf_counter
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from core import metrics, requests_in_progress
from core.context import Trail, make_id, name_view, trail
from core.forms import kept
from core.forms.pages import ANY_FORM, SIGNED_OUT
from core.mail.letters import site_address
from core.pages import NotHeld
from core.visitors import find_visitor
from reporting.api.problems import DOOR

request_log = logging.getLogger("vvdash.requests")
STATIC = "static"
NOT_LOGGED = frozenset({STATIC, "healthz"})  # they say nothing, many times a minute


class QueryClock:
    """Counts the queries of one request, and their time."""

    def __init__(self) -> None:
        self.number = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        started = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.number += 1
            self.seconds += perf_counter() - started


class RequestLogMiddleware:
    """Gives each request an id, counts it, and writes one line about it. The outermost of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = make_id(request.META.get("HTTP_X_REQUEST_ID", ""), is_believed=bool(settings.PROXIES))
        request_trail = Trail(request_id, visitor=find_visitor(request).address, request=request)
        is_static = request.path.startswith(settings.STATIC_URL)
        queries = QueryClock()
        token = trail.set(request_trail)
        started = perf_counter()
        request_trail.since = monotonic()
        requests_in_progress.note(request_trail)
        try:
            with connection.execute_wrapper(queries):
                response = self.get_response(request)
            seconds = perf_counter() - started
            view = STATIC if is_static else name_view(request)
            metrics.note_request(view=view, method=request.method or "", status=response.status_code, seconds=seconds)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                # For whoever reports it. Two answers that must be alike, such as of areas that somebody can't see,
                # would differ by it.
                response.headers["X-Request-Id"] = request_trail.id
            if view not in NOT_LOGGED:
                write_line(request_trail, view, response.status_code, seconds, queries)
            requests_in_progress.note(None)
        finally:
            trail.reset(token)
        return response

    def process_view(self, *_: Any) -> None:
        # Now its view has a name.
        requests_in_progress.note(trail.get())


def write_line(request_trail: Trail, view: str, status: int, seconds: float, queries: QueryClock) -> None:
    """Write the line of a request. One that failed is a warning: an outage has thousands of them, and the log counts
    equal ones (vvdash.logs)."""
    level = logging.WARNING if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
    if not request_log.isEnabledFor(level):
        return
    fields = {
        "status": status,
        "ms": round(seconds * 1000, 1),
        "queries": queries.number,
        "query_ms": round(queries.seconds * 1000, 1),
    }
    method = request_trail.describe()["method"]
    request_log.log(level, "%s %s was answered with %s.", method, view, status, extra={"fields": fields})


class SiteAddressMiddleware:
    """Starts every full address with SITE_URL, those in allauth's e-mails too.

    The sender of a request writes its `Host`. A link made of it could lead the reader of an e-mail to another site,
    with the key that sets their password.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        def build_absolute_uri(location: str | None = None) -> str:
            # `urljoin` would read a path of our own that starts with // as another host.
            here = site_address(request.get_full_path())
            return here if location is None else urljoin(here, location)

        request.build_absolute_uri = build_absolute_uri  # type: ignore[method-assign]
        return self.get_response(request)


class BrowserLimitsMiddleware:
    """Says what else a browser may not do with an answer of ours. Static files are for anybody, and have none of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in settings.BROWSER_LIMITS.items():
            response.headers.setdefault(name, value)
        return response


class SameTokenMiddleware:
    """Doesn't send a browser the token for forms that it has just sent us. The token lasts as long as the browser is
    open, so nothing has to renew it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        meta = request.META
        if meta.get("CSRF_COOKIE_NEEDS_UPDATE") and (
            meta["CSRF_COOKIE"] == request.COOKIES.get(settings.CSRF_COOKIE_NAME)
        ):
            meta["CSRF_COOKIE_NEEDS_UPDATE"] = False
            patch_vary_headers(response, ["Cookie"])
        return response


class NoStoreMiddleware:
    """Marks every page `no-store`, unless its view says otherwise. A page must not stay on a shared machine; nor do the
    figures that a tab kept because they couldn't be saved (static/js/return.js), once somebody signs out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A default only: public pages set their own.
        response.headers.setdefault("Cache-Control", "private, no-store")
        if request.method == "POST" and request.resolver_match and request.resolver_match.view_name == "account_logout":
            response.headers["Clear-Site-Data"] = '"storage"'
        return response


NOT_SENT = "You were signed out, so nothing was saved. Sign in and send it again."


class SignInMiddleware(LoginRequiredMiddleware):
    """Redirects people who aren't signed in to the sign-in page, and saves the form that they sent."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method == "POST":
            is_kept = kept.keep(request)
            messages.info(request, SIGNED_OUT if is_kept else NOT_SENT)
        return super().handle_no_permission(request, view_func)


class FormAddressMiddleware:
    """Opens pages and takes forms, and nothing else; shows a page to somebody who opens an address that only accepts a
    form.

    That happens to people who press a button after their session has ended and then sign in again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        # What answers anybody says itself which methods it has, as the API does.
        is_open = not getattr(view, "login_required", True)
        if request.method in ANY_FORM or is_open or request.path.startswith(DOOR):
            return None
        return HttpResponseNotAllowed(ANY_FORM)


class NotHeldMiddleware:
    """Answers with 404 and a sentence if a view finds that something doesn't exist."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NotHeld):
            return None
        return render(request, "not_held.html", {"sentence": str(exception)}, status=404)


# Only answers whose length can't tell a secret travel compressed: see docs/adr/0103.
#
# Compression writes a text once that occurs twice. So somebody who can put a guess into a page, and who sees how long
# the page is on its way, learns whether the page already has it (BREACH). Padding only makes them look more often.

PLAIN = ("text/", "application/json", "application/atom+xml", "image/svg+xml")  # all else is compressed already


class PublicGZipMiddleware(GZipMiddleware):
    """Compresses what anybody may store: public pages and files, and our stylesheets and scripts. It is the same for
    every reader, so it has no secret."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "public" not in response.headers.get("Cache-Control", "").split(", "):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])  # of an answer without a body too
        if response.headers.get("Content-Type", "").startswith(PLAIN):
            return super().process_response(request, response)
        return response
