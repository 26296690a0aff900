"""How does an answer travel? Whether a browser may keep it, and whether it is compressed; never blank;
and a form isn't lost on the way to the sign-in page."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render

from core.not_held import NotHeld
from core.services import kept_forms


class NoStoreMiddleware:
    """Marks every page of ours `no-store`, unless its view said otherwise: what a signed-in person
    was shown doesn't stay on a shared machine."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


KEPT = "You were signed out. We saved what you typed. Sign in to see it again."
NOT_SENT = "You were signed out, so nothing was saved. Sign in and send it again."


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends whoever isn't signed in to the sign-in page; a form that they brought is kept for them."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method == "POST":
            is_kept = kept_forms.keep(request)
            messages.info(request, KEPT if is_kept else NOT_SENT)
        return super().handle_no_permission(request, view_func)


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


class NotHeldMiddleware:
    """Answers for a view that found out that what was asked for isn't there: 404, with the sentence that says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NotHeld):
            return None
        return render(request, "not_held.html", {"sentence": str(exception)}, status=404)
