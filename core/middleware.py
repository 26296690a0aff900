"""How does an answer travel? Whether a browser may keep it, and whether it is compressed; and never blank."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render


class NoStoreMiddleware:
    """Marks every page of ours `no-store`, unless its view said otherwise: what a signed-in person
    was shown doesn't stay on a shared machine."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class StaticGZipMiddleware(GZipMiddleware):
    """Compresses our stylesheets and scripts, and nothing else: a page that holds secrets and
    repeats what its address said isn't safe to compress under TLS."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith(settings.STATIC_URL):
            return super().process_response(request, response)
        return response


class FormAddressMiddleware:
    """Answers somebody who opens an address that only takes a form with a page, rather than with
    nothing: it happens to whoever presses a button after the session has ended, and signs in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page
