"""Answers of public pages.

They read and set no cookie and render a page without its request, so every reader gets the same answer. A reader may
keep a page, but asks each time whether it has changed. The page's tag names everything that it is made of.
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
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.csrf import csrf_exempt

from boards.models import PartnershipArea
from core.files.tables import KINDS, DataFile
from core.pages import NotHeld
from reporting.open_editions import PublicMonth, Withdrawn
from reporting.public.presenters.month import published_on
from reporting.public.selectors import find_open_area

ALLOWED = ("GET", "HEAD")
ASK_AGAIN = "public, max-age=0, must-revalidate"
# Scripts of other sites may read it: it is public, and no cookie changes it.
OPEN_TO_SCRIPTS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
NO_COPY = "noarchive"  # a search engine's own copy would outlive a withdrawal


@dataclass(frozen=True)
class Page:
    """What there is at an address. `depends_on` names everything that it shows, as plain data. It must name nothing
    that the public may not know, because its hash is sent with the page. `is_kept`: save what was made for the next
    reader, in the cache `kept_in`. A file that is in the database as it is sent isn't saved a second time.
    """

    depends_on: tuple[object, ...]
    make: Callable[[], str | bytes]
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    is_kept: bool = True
    kept_in: str = "pages"

    @property
    def tag(self) -> str:
        facts = (settings.RELEASE, self.content_type, self.depends_on)
        return f'"{sha256(repr(facts).encode()).hexdigest()[:32]}"'


def make_file_page(depends_on: tuple[object, ...], kind: str, stem: str, make: Callable[[], DataFile]) -> Page:
    """Return a file of this kind, to download."""
    form, name = KINDS[kind], content_disposition_header(True, f"{stem}.{kind}") or ""
    return Page(depends_on, lambda: form.write(make()), form.content_type, {"Content-Disposition": name})


def list_files(address: str, *parts: object) -> list[tuple[str, str]]:
    """Return the label and the address of each kind of a file."""
    return [(kind.label, reverse(f"{address}-{name}", args=parts)) for name, kind in KINDS.items()]


def anybody[**Parts](find: Callable[Concatenate[HttpRequest, Parts], Page]) -> Callable[..., HttpResponse]:
    """Return a view of what `find` returns. `find` raises Withdrawn or another NotHeld if there is nothing to read. The
    view accepts no form, so it needs no token against forged ones.
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
            area = find_open_area(str(parts.get("town", "")))
            return refusal(str(withdrawn), 410, {}, area)
        except NotHeld as missing:
            return refusal(str(missing), 404, {})

    return view


def forget_cookies(request: HttpRequest) -> None:
    """Ignore all cookies of the request, so that none is changed or renewed."""
    request.COOKIES = {}
    request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)


def answer(request: HttpRequest, page: Page, *, caching: str = ASK_AGAIN) -> HttpResponse:
    """Return the page, or say that the reader already has it."""
    # A weak tag: the same page has other bytes when it travels compressed.
    headers = {"ETag": f"W/{page.tag}", "Cache-Control": caching, "X-Robots-Tag": NO_COPY} | page.headers
    known_tags = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
    if page.tag in known_tags or "*" in known_tags:
        return HttpResponseNotModified(headers=headers)
    body = kept_body(page) if page.is_kept else make_body(page)
    return HttpResponse(body, content_type=page.content_type, headers=headers)


def kept_body(page: Page) -> bytes:
    """Return the saved page, or make and save it."""
    cache = caches[page.kept_in]
    body: bytes | None = cache.get(page.tag)
    if body is None:
        body = make_body(page)
        cache.set(page.tag, body)
    return body


def make_body(page: Page) -> bytes:
    body = page.make()
    return body.encode() if isinstance(body, str) else body


TITLES = {404: "Page not found", 405: "Nothing was changed", 410: "This page has been withdrawn"}


def refusal(sentence: str, status: int, headers: dict[str, str], area: PartnershipArea | None = None) -> HttpResponse:
    """Return a page that says why not. It names an area only if its page was public once: any other answers as an area
    that there isn't."""
    context = {"title": TITLES[status], "sentence": sentence, "status": status, "area": area}
    body = render_to_string("reporting/public_none.html", context)
    # Ask again for refusals too: what isn't public now may be soon.
    return HttpResponse(body, status=status, headers={"Cache-Control": ASK_AGAIN} | headers)


def asked_edition(request: HttpRequest) -> str:
    """Return the edition that the address names, as in ?edition=1; empty for the newest."""
    return str(request.GET.get("edition", "")).replace("\x00", "")


def list_area_facts(area: PartnershipArea) -> tuple[str, ...]:
    """Return what each public page of an area shows of it, at its head and its foot."""
    return area.slug, area.name, area.publisher, area.contact, area.licence


def list_dependencies(month: PublicMonth) -> tuple[object, ...]:
    area = month.area
    return (
        (*list_area_facts(area), area.longitude, area.latitude),
        (month.month, month.number, month.newest, month.fingerprint, month.marking.value),
        (timezone.localdate(month.taken_at), published_on(month), month.due_on),
    )


def make_query(month: PublicMonth) -> str:
    return "" if month.number == month.newest else f"?edition={month.number}"
