"""The pages that anybody may read.

No cookie is read or set, and a page is rendered without its request, so every reader is answered alike. A
reader may keep a page, and asks each time whether it has changed: its tag names all that it is made of, and the
release that makes it.
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

from actions.presenters.highlights import views_of
from actions.selectors.highlights import Told, told_in
from boards.models import PartnershipArea
from core.months import Month
from reporting.models.editions import PublicEdition, PublicLine
from reporting.presenters.files import KINDS
from reporting.presenters.public import opening, public_stem, public_view, published_on, superseded_by_words
from reporting.presenters.public_file import public_month_file
from reporting.selectors.missing import NotHeld
from reporting.selectors.public_editions import PublicMonth, Withdrawn, find_public, public_lines_of, public_months

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
        made_of = (settings.RELEASE, self.content_type, self.depends_on)
        return f'"{sha256(repr(made_of).encode()).hexdigest()[:32]}"'


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


# --- The addresses --------------------------------------------------------------------------------


@anybody
def public_list(request: HttpRequest, town: str) -> Page:
    """The months that are public, the newest first."""
    months = public_months(town)
    area, has_signs = months[0].area, months[0].has_signs
    listed = [(month.month, month.number, published_on(month)) for month in months]

    def make() -> str:
        context = {
            "area": area,
            "home_url": reverse("reporting:public-list", args=[town]),
            "opening": opening(area.name),
            "months": [(month, number, day, public_url(area, month)) for month, number, day in listed],
            "has_signs": has_signs,
        }
        return render_to_string("reporting/public_list.html", context)

    return Page((area.slug, area.name, listed, has_signs), make)


@anybody
def public_month(request: HttpRequest, town: str, month: Month) -> Page:
    """A month in its newest edition, or with ?edition=1 in that one."""
    found = find_public(town, month, asked_edition(request))
    superseded, newest_url = superseded_by(found)
    told = told_of(found)

    def make() -> str:
        view = public_view(found, lines_of(found), superseded=superseded)
        context = {
            "area": found.area,
            "home_url": reverse("reporting:public-list", args=[town]),
            "view": view,
            "month": view.month,
            "marking": view.month.marking,
            "newest_url": newest_url,
            "month_url": public_url(found.area, month),
            "highlights": views_of(told),
            "has_signs": found.has_signs,
            "files": [
                (kind.label, reverse(f"reporting:public-{name}", args=[town, month]) + query_of(found))
                for name, kind in KINDS.items()
            ],
        }
        return render_to_string("reporting/public_month.html", context)

    return Page((*made_of(found), superseded, told, found.has_signs), make)


@anybody
def public_file(request: HttpRequest, town: str, month: Month, kind: str) -> Page:
    """The same as open data."""
    found = find_public(town, month, asked_edition(request))
    form = KINDS[kind]

    def make() -> bytes:
        return form.write(public_month_file(found, lines_of(found)))

    name = content_disposition_header(True, f"{public_stem(found)}.{kind}") or ""
    return Page(made_of(found), make, form.content_type, {"Content-Disposition": name})


def told_of(month: PublicMonth) -> list[Told]:
    """What anybody may read of what was done in a month, as it is told now: an edition is of figures alone. No query
    where there is nothing."""
    return told_in(month.area, month.month, public_only=True) if month.told else []


def asked_edition(request: HttpRequest) -> str:
    """The edition that the address asks for: ?edition=1. Empty for the newest."""
    return str(request.GET.get("edition", "")).replace("\x00", "")


def made_of(month: PublicMonth) -> tuple[object, ...]:
    area = month.area
    return (
        (area.slug, area.name, area.longitude, area.latitude),
        (month.month, month.number, month.newest, month.fingerprint, month.marking.value),
        (timezone.localdate(month.taken_at), published_on(month), month.due_on),
    )


def superseded_by(month: PublicMonth) -> tuple[str, str]:
    """Which edition took the place of this one, and its address; empty for the newest. One query more for
    another."""
    if month.number == month.newest:
        return "", ""
    try:
        newest = find_public(month.area.slug, month.month)
    except Withdrawn:
        return f"edition {month.newest}, which has been withdrawn", ""
    return superseded_by_words(newest), public_url(newest.area, newest.month)


def public_url(area: PartnershipArea, month: Month) -> str:
    """The address of the newest edition."""
    return reverse("reporting:public-month", args=[area.slug, month])


def query_of(month: PublicMonth) -> str:
    return "" if month.number == month.newest else f"?edition={month.number}"


def lines_of(month: PublicMonth) -> list[PublicLine]:
    return public_lines_of(PublicEdition(pk=month.key))
