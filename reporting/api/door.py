"""The frame of the API: who gets in, how large a request may be, and how it says no.

django-ninja checks parameters and writes the OpenAPI document. Answers are plain data from the presenters, sent as they
are: a line of a month isn't validated a second time.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.security import HttpBearer

from boards.key_access import KeyAccess, KeyRefused, RegionKeyAccess, find_key
from boards.key_secrets import Scope
from boards.selectors import TooOften
from core.forms.pages import CappedUploadHandler, ChangedMeanwhile
from core.labels import Refused
from core.pages import NotHeld
from core.texts import KEY_DIGITS, read_number
from indicators.imports.records import LARGEST_FILE
from reporting.api import problems
from reporting.open_editions import Withdrawn
from reporting.public.answers import forget_cookies

ABOUT = (
    "Counts only, never a person’s details. Public figures need no key. Partners read published months with a key, "
    "and an agency saves its draft return. We only add fields to version 1. We give six months’ notice of a removed "
    "field, in the header Deprecation."
)
ROOM_FOR_FORM = 64 * 1024  # bytes of a request around its file
MOST_READ = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class Api(NinjaAPI):
    """Its operations have the short names of their functions: whoever makes a client calls them by these."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return str(operation.view_func.__name__)


api = Api(
    title="V+V Dashboard",
    version="1",
    description=ABOUT,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    servers=[{"url": "/"}],
)


class TooLarge(Exception):
    """A file is larger than it may be. Its text is a sentence."""


class Invalid(Exception):
    """Something in a request is wrong. `errors` have a JSON pointer and a sentence each."""

    def __init__(self, *errors: tuple[str, str]) -> None:
        super().__init__(errors)
        self.errors = [{"pointer": pointer, "detail": sentence} for pointer, sentence in errors]


class Key(HttpBearer):
    """Opens an operation to keys with a scope; with none named, to each key. `room` is for files of records. A region's
    key opens nothing but what is `for_regions` too."""

    openapi_scheme = "bearer"

    def __init__(self, *scopes: Scope, room: int = 0, for_regions: bool = False) -> None:
        super().__init__()
        self.scopes, self.room, self.for_regions = frozenset(scopes), room, for_regions

    def __call__(self, request: HttpRequest) -> KeyAccess | RegionKeyAccess:
        key = find_key(request, self.scopes)
        if isinstance(key, RegionKeyAccess) and not self.for_regions:
            raise PermissionDenied("This is a region’s key. It opens /api/v1/areas and /api/v1/figures, nothing else.")
        if not self.scopes <= key.scopes:
            missing = ", ".join(sorted(scope.value for scope in self.scopes - key.scopes))
            raise PermissionDenied(f"This key doesn’t have the scope {missing}. Make another key that has it.")
        if self.room:
            # After the key: nobody else may send so much.
            request.upload_handlers = [CappedUploadHandler(request, room=self.room)]
        return key

    def authenticate(self, request: HttpRequest, token: str) -> None:
        raise NotImplementedError  # __call__ does it all


# --- Refusals ---------------------------------------------------------------------------------------


@api.exception_handler(ValidationError)
def say_wrong(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    errors = [{"pointer": write_pointer(error["loc"]), "detail": write_sentence(error)} for error in fault.errors]
    return problems.refuse(request, "wrong", errors=errors)


@api.exception_handler(Invalid)
def say_invalid(request: HttpRequest, fault: Invalid) -> HttpResponse:
    return problems.refuse(request, "wrong", errors=fault.errors)


@api.exception_handler(TooLarge)
def say_too_large(request: HttpRequest, refusal: TooLarge) -> HttpResponse:
    return problems.refuse(request, "too-large", str(refusal))


@api.exception_handler(KeyRefused)
def say_refused(request: HttpRequest, refusal: KeyRefused) -> HttpResponse:
    headers = {"Retry-After": "60"} if refusal.status == 429 else {}
    return problems.refuse(request, refusal.problem, str(refusal), headers=headers)


@api.exception_handler(TooOften)
def say_too_often(request: HttpRequest, refusal: TooOften) -> HttpResponse:
    return problems.refuse(request, "too-often", str(refusal), headers={"Retry-After": str(refusal.wait)})


@api.exception_handler(PermissionDenied)
def say_not_opened(request: HttpRequest, refusal: PermissionDenied) -> HttpResponse:
    return problems.refuse(request, "not-opened", str(refusal))


@api.exception_handler(Withdrawn)
def say_withdrawn(request: HttpRequest, withdrawn: Withdrawn) -> HttpResponse:
    return problems.refuse(request, "withdrawn", str(withdrawn))


@api.exception_handler(NotHeld)
@api.exception_handler(Http404)
def say_missing(request: HttpRequest, missing: Exception) -> HttpResponse:
    return problems.refuse(request, "not-found", str(missing))


@api.exception_handler(ChangedMeanwhile)
def say_changed(request: HttpRequest, changed: ChangedMeanwhile) -> HttpResponse:
    return problems.refuse(request, "changed", str(changed))


@api.exception_handler(Refused)
def say_not_now(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return problems.refuse(request, "not-now", str(refusal))


@api.exception_handler(HttpError)
def say_unreadable(request: HttpRequest, fault: HttpError) -> HttpResponse:
    return problems.refuse(request, "unreadable")


@api.exception_handler(Exception)
def raise_again(request: HttpRequest, fault: Exception) -> HttpResponse:
    """Our own fault: Django logs it, and vvdash.site answers. ninja would show its traceback while DEBUG is on."""
    raise fault


SOURCES = {"path": "", "query": "?", "header": "Header ", "body": "", "file": "", "form": ""}


def write_pointer(place: Iterable[object]) -> str:
    """Return "/figures/0/value" in a body, "?page" in the address."""
    source, *parts = map(str, place)
    if source in ("query", "header"):
        return f"{SOURCES[source]}{parts[-1] if parts else ''}"
    # ninja starts the place in a body with the name of our parameter.
    return "".join(f"/{part}" for part in (parts[1:] if source == "body" and len(parts) > 1 else parts))


def write_sentence(error: dict[str, Any]) -> str:
    words = str(error.get("msg", "")).rstrip(".")
    return f"{words}." if words else "This is wrong."


# --- Every view -------------------------------------------------------------------------------------


def open_door(view: Callable[..., HttpResponse], *, most: int = MOST_READ) -> Callable[..., HttpResponse]:
    """Make a view of the API: without cookies, within a size, and with problems for answers that aren't ours."""

    @login_not_required
    @csrf_exempt
    @wraps(view, updated=())
    def opened(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponse:
        forget_cookies(request)
        length = read_number(str(request.META.get("CONTENT_LENGTH") or 0), digits=KEY_DIGITS)
        if length is None:
            return problems.refuse(request, "unreadable")
        if length > most:
            sentence = f"We accept at most {most // 1024**2} MB here, so we didn’t read it. Nothing was saved."
            return problems.refuse(request, "too-large", sentence)
        method = request.method
        # ninja knows no HEAD. Whoever sends the answer leaves its body out.
        request.method = "GET" if method == "HEAD" else method
        response = view(request, *args, **parts)
        request.method = method
        if isinstance(response, HttpResponseNotAllowed):
            return problems.refuse(request, "read-only", headers={"Allow": response.headers["Allow"]})
        if hasattr(request, "auth"):  # a key was asked for
            patch_vary_headers(response, ["Authorization"])
        return response

    return opened


def list_operations() -> list[URLPattern]:
    """Return the address of each operation, each with its name."""
    patterns, _, _ = api.urls
    return [
        path(
            str(pattern.pattern),
            open_door(pattern.callback, most=LARGEST_FILE + ROOM_FOR_FORM if is_for_files(pattern) else MOST_READ),
            name=pattern.name,
        )
        for pattern in patterns
        if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ]


def is_for_files(pattern: URLPattern) -> bool:
    return str(pattern.name).endswith("-file")


def missing(request: HttpRequest, **parts: object) -> HttpResponse:
    return problems.refuse(request, "not-found", "There is no such address. /api/v1/ lists every address.")
