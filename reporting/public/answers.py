"""How is anybody answered?

No cookie is read or set, and a page is rendered without its request, so every reader is answered alike. A
reader may keep a page, and asks each time whether it has changed: its tag names all that it is made of.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from hashlib import sha256
from typing import Concatenate

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt

from core.not_held import NotHeld
from reporting.models.editions import PublicEdition, PublicLine
from reporting.public.presenters.month import published_on
from reporting.public.selectors.editions import PublicMonth, Withdrawn, list_public_lines

ALLOWED = ("GET", "HEAD")
ASK_AGAIN = "public, max-age=0, must-revalidate"


@dataclass(frozen=True)
class Page:
    """What there is at an address. `depends_on` names all that it shows, as plain data, and nothing that the
    public isn't told: its hash travels with the page. `is_kept`: we keep what was made, for the next reader. What lies
    in the database as it is sent is only read from there, and takes no room from pages."""

    depends_on: tuple[object, ...]
    make: Callable[[], str | bytes]
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    is_kept: bool = True

    @property
    def tag(self) -> str:
        facts = (settings.RELEASE, self.content_type, self.depends_on)
        return f'"{sha256(repr(facts).encode()).hexdigest()[:32]}"'


def anybody[**Parts](find: Callable[Concatenate[HttpRequest, Parts], Page]) -> Callable[..., HttpResponse]:
    """A view of what `find` finds, which raises Withdrawn or another NotHeld where there is nothing to read.

    It takes no form, so it needs no token against forged ones.
    """

    @login_not_required
    @csrf_exempt
    @wraps(find)
    def view(request: HttpRequest, *args: Parts.args, **parts: Parts.kwargs) -> HttpResponse:
        forget_cookies(request)
        if request.method not in ALLOWED:
            return refusal("This address can only be read.", 405, {"Allow": ", ".join(ALLOWED)})
        try:
            return answer(request, find(request, *args, **parts))
        except Withdrawn as withdrawn:
            return refusal(str(withdrawn), 410, {})
        except NotHeld as missing:
            return refusal(str(missing), 404, {})

    return view


def forget_cookies(request: HttpRequest) -> None:
    """Whatever cookies came along: none is looked at, so none is taken back or renewed."""
    request.COOKIES = {}
    request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)


def answer(request: HttpRequest, page: Page) -> HttpResponse:
    """The page, or that the reader has it already."""
    tag = page.tag
    headers = {"ETag": tag, "Cache-Control": ASK_AGAIN}
    known = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
    if tag in known or "*" in known:
        return HttpResponseNotModified(headers=headers)
    body = kept_body(page) if page.is_kept else page.make()
    return HttpResponse(body, content_type=page.content_type, headers=headers | page.headers)


def kept_body(page: Page) -> str | bytes:
    """What was kept of a page; otherwise made anew."""
    cache = caches["pages"]
    body: str | bytes | None = cache.get(page.tag)
    if body is None:
        body = page.make()
        cache.set(page.tag, body)
    return body


TITLES = {404: "Page not found", 405: "Nothing was changed", 410: "This page has been withdrawn"}


def refusal(sentence: str, status: int, headers: dict[str, str]) -> HttpResponse:
    context = {"title": TITLES[status], "sentence": sentence, "status": status}
    body = render_to_string("reporting/public_none.html", context)
    return HttpResponse(body, status=status, headers={"Cache-Control": ASK_AGAIN} | headers)


def asked_edition(request: HttpRequest) -> str:
    """The edition that the address asks for: ?edition=1. Empty for the newest."""
    return str(request.GET.get("edition", "")).replace("\x00", "")


def list_dependencies(month: PublicMonth) -> tuple[object, ...]:
    area = month.area
    return (
        (area.slug, area.name, area.longitude, area.latitude),
        (month.month, month.number, month.newest, month.fingerprint, month.marking.value),
        (timezone.localdate(month.taken_at), published_on(month), month.due_on),
    )


def make_query(month: PublicMonth) -> str:
    return "" if month.number == month.newest else f"?edition={month.number}"


def edition_lines(month: PublicMonth) -> list[PublicLine]:
    return list_public_lines(PublicEdition(pk=month.key))
