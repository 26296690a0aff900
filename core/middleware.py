"""How do answers travel? Decides whether a browser may store them and whether they are compressed. Makes sure that no
page is blank, that sign-in loses no form, and that full addresses start with SITE_URL."""

from collections.abc import Callable
from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render

from core.form_pages import SIGNED_OUT
from core.not_held import NotHeld
from core.services import kept_forms
from core.services.links import site_address


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


class NoStoreMiddleware:
    """Marks every page `no-store`, unless its view says otherwise. A page must not stay on a shared machine."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A default only: public pages set their own.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


NOT_SENT = "You were signed out, so nothing was saved. Sign in and send it again."


class SignInMiddleware(LoginRequiredMiddleware):
    """Redirects people who aren't signed in to the sign-in page, and saves the form that they sent."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method == "POST":
            is_kept = kept_forms.keep(request)
            messages.info(request, SIGNED_OUT if is_kept else NOT_SENT)
        return super().handle_no_permission(request, view_func)


class StaticGZipMiddleware(GZipMiddleware):
    """Compresses our stylesheets and scripts only. Compression under TLS isn't safe for a page that has secrets and
    repeats its address."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith(settings.STATIC_URL):
            return super().process_response(request, response)
        return response


class FormAddressMiddleware:
    """Shows a page to somebody who opens an address that only accepts a form.

    It happens to people who press a button after their session has ended and then sign in again.
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
