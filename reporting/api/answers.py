"""Answers of the API: JSON or CSV, with a tag that says whether they have changed, in pages."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils.http import parse_etags
from ninja import Path, Query
from ninja.decorators import decorate_view

from core.calendar import PATTERN
from core.files.tables import DataFile, csv_text
from reporting.api.schemas import Problem
from reporting.public.answers import Page

JSON = "application/json"
CSV = "text/csv; charset=utf-8"
# A proxy may share what is public for a minute at most, and shows nothing older: a withdrawal has to hold.
FOR_ANYBODY = "public, max-age=0, s-maxage=60, must-revalidate, proxy-revalidate"
CACHE = "api"  # of the settings
FOR_PARTNERS = "private, no-cache"
MOST_A_PAGE, USUAL = 500, 100
# What an operation may depend on. Nothing else in an address counts, or anybody could fill the cache with ?x=1, ?x=2 …
PARAMETERS = (
    *("areas", "changed_since", "edition", "from", "indicator", "indicators", "month", "page", "size", "to", "version"),
)
OLD_SINCE = datetime(2026, 12, 4, tzinfo=UTC)  # the long table took the place of each history
MOST_KEPT = 1_000_000  # bytes of a body that is kept for the next reader
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# Each example is of the demonstration.
Town = Annotated[
    str, Path(pattern=SLUG, max_length=40, description="The area’s short name in web addresses.", example="anytown")
]
MonthOf = Annotated[str, Path(pattern=rf"^{PATTERN.pattern}$", description="The month.", example="2026-10")]
IndicatorAsked = Annotated[str, Query("", pattern=rf"{SLUG}|^$", max_length=40, description="Only this indicator.")]
PageNumber = Annotated[int, Query(1, ge=1, le=1_000_000, description="Which page, from 1.")]
PageSize = Annotated[int, Query(USUAL, ge=1, le=MOST_A_PAGE, description=f"How many on a page, {MOST_A_PAGE} at most.")]


def write_json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, default=str).encode()


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of which an answer has one page, under their `name`, and what is said about them all."""

    name: str
    rows: Sequence[Any]
    about: Mapping[str, object]


def answer(
    request: HttpRequest,
    facts: object,
    make: Callable[[], object],
    *,
    file_type: str = CSV,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return what a partner asked for, or say that they already have it. `facts` name everything that it depends on.
    `make` returns data, or the bytes of a file. What was made is kept for the next reader."""

    def write() -> Kept:
        body = make()
        return (body, file_type, {}) if isinstance(body, bytes) else (write_json(body), JSON, {})

    return _answer(request, facts, write, dict(headers or {}))


def answer_with(request: HttpRequest, data: object) -> HttpResponse:
    """Return data that has no fingerprint: its tag is made of itself."""
    return answer(request, sha256(write_json(data)).hexdigest(), lambda: data)


def answer_page(request: HttpRequest, facts: object, make: Callable[[], Rows], page: int, size: int) -> HttpResponse:
    """Return one page of rows, with a header that leads to those before and after."""

    def write() -> Kept:
        rows = make()
        return write_json(in_pages(rows, page, size)), JSON, link_pages(request, len(rows.rows), page, size)

    return _answer(request, facts, write, {})


def answer_page_with(request: HttpRequest, rows: Rows, page: int, size: int) -> HttpResponse:
    """Return one page of rows that have no fingerprint."""
    return answer_page(request, sha256(write_json([rows.rows, rows.about])).hexdigest(), lambda: rows, page, size)


type Kept = tuple[bytes, str, dict[str, str]]  # a body, its type, and headers that depend on it


def _answer(request: HttpRequest, facts: object, write: Callable[[], Kept], headers: dict[str, str]) -> HttpResponse:
    tag = make_tag(request, facts)
    sent_headers = {"ETag": tag, "Cache-Control": FOR_PARTNERS} | headers
    if is_known(request, tag):
        return HttpResponseNotModified(headers=sent_headers)
    cache = caches[CACHE]
    kept: Kept | None = cache.get(tag)
    if kept is None:
        kept = write()
        if len(kept[0]) <= MOST_KEPT:
            cache.set(tag, kept)
    body, content_type, more = kept
    return HttpResponse(body, content_type=content_type, headers=sent_headers | more)


def make_tag(request: HttpRequest, facts: object) -> str:
    key = getattr(request, "auth", None)
    parts = (settings.RELEASE, request.path, list_asked(request), sorted(key.scopes) if key else (), facts)
    return f'"{sha256(repr(parts).encode()).hexdigest()[:32]}"'


def list_asked(request: HttpRequest) -> dict[str, str]:
    """Return the parameters in the address that an operation may depend on."""
    return {name: str(request.GET[name]) for name in PARAMETERS if name in request.GET}


def is_known(request: HttpRequest, tag: str) -> bool:
    # A proxy that compresses an answer marks its tag as weak.
    known_tags = {one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))}
    return tag in known_tags or "*" in known_tags


def public_page(facts: tuple[object, ...], make: Callable[[], object], *, content_type: str = JSON) -> Page:
    def write() -> bytes:
        body = make()
        return body if isinstance(body, bytes) else write_json(body)

    return Page(facts, write, content_type, {}, kept_in=CACHE)


def write_csv(file: DataFile) -> bytes:
    """Return the rows for a machine: no mark of the order of bytes, and no line with the marking before the header.
    The header X-Marking has it."""
    return csv_text(file.columns, file.rows, marking="").encode()


def in_pages(rows: Rows, page: int, size: int) -> dict[str, object]:
    """Return one page of the rows, with how many there are."""
    first = (page - 1) * size
    shown = list(rows.rows[first : first + size])
    return {**rows.about, "total": len(rows.rows), "page": page, "size": size, rows.name: shown}


def rows_of(file: DataFile, name: str = "figures") -> Rows:
    return Rows(name, file.rows, {"marking": file.marking, **file.about})


def link_pages(request: HttpRequest, total: int, page: int, size: int) -> dict[str, str]:
    """Return the header that leads to the pages before and after."""
    pages = [("prev", page - 1)] if 1 < page <= -(-total // size) + 1 else []
    pages += [("next", page + 1)] if page * size < total else []
    others = {name: value for name, value in list_asked(request).items() if name not in ("page", "size")}
    links = [
        f'<{request.path}?{urlencode(others | {"page": number, "size": size})}>; rel="{rel}"' for rel, number in pages
    ]
    return {"Link": ", ".join(links)} if links else {}


type View = Callable[..., HttpResponse]


def succeeded_by(name: str) -> Callable[[View], View]:
    """Mark an old address that stays for now: its answers say since when it is old (RFC 9745), and what to use."""

    def mark(view: View) -> View:
        @wraps(view)
        def marked(*args: Any, **parts: Any) -> HttpResponse:
            response = view(*args, **parts)
            links = [f'<{reverse(name)}>; rel="successor-version"', response.headers.get("Link", "")]
            response.headers["Link"] = ", ".join(filter(None, links))
            response.headers["Deprecation"] = f"@{OLD_SINCE.timestamp():.0f}"
            return response

        return marked

    return decorate_view(mark)


WITH_KEY = frozenset({400, 401, 403, 404, 413, 422, 429})
WRITING = WITH_KEY | {409, 412}
WITHOUT_KEY = frozenset({404, 410, 413, 422})


def responses(schema: Any, refusals: frozenset[int] = WITH_KEY) -> dict[Any, Any]:
    """Return the answers of an operation: what it returns, and each problem."""
    return {200: schema, refusals: Problem}


def csv_of(words: str, refusals: frozenset[int] = WITH_KEY) -> dict[str, Any]:
    """Return the answers of an operation that returns CSV."""
    return file_of("text/csv", words, refusals)


def file_of(kind: str, words: str, refusals: frozenset[int] = WITH_KEY) -> dict[str, Any]:
    """Return the answers of an operation that returns a file of this type."""
    content = {kind: {"schema": {"type": "string"}}}
    extra = {"responses": {200: {"description": words, "content": content}}}
    return {"response": {refusals: Problem}, "openapi_extra": extra}
