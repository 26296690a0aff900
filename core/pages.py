"""Requests of people, addresses of pages, files to download, and what a page raises for something that doesn't exist.

A home has fifty addresses, and Django looks through all our patterns for each. So each process remembers them.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import URLPattern, get_script_prefix, path, register_converter, reverse
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe

from core.calendar import Month
from core.files.tables import KINDS, DataFile
from core.forms.fields import ChoiceFilters
from core.models import User


class PersonRequest(HttpRequest):
    """A request from somebody who has signed in."""

    user: User


MOST = 4096  # of a process, those used last: about 1 MB


def link_to(view: str, *parts: Any) -> str:
    """Return the address of a view, found once in each process. Raises NoReverseMatch if there is none."""
    # No request has patterns of its own, so these two are all that an address depends on besides.
    return _link_to(settings.ROOT_URLCONF, get_script_prefix(), view, *parts)


@lru_cache(MOST, typed=True)  # 1 and True are equal, but not in an address
def _link_to(urlconf: str, prefix: str, view: str, *parts: Any) -> str:
    return reverse(view, args=parts, urlconf=urlconf)


def in_each_format(route: str, view: Callable[..., HttpResponseBase], *, name: str) -> list[URLPattern]:
    """Return an address for each format of figures: "month-csv" and so on."""
    return [path(route.format(kind=kind), view, {"kind": kind}, name=f"{name}-{kind}") for kind in KINDS]


class NotHeld(LookupError):
    """What somebody asked for doesn't exist. Its text is a sentence for the user."""


def as_markup(html: str) -> SafeString:
    """Mark a tag's output as safe. The tag has escaped every text in it that isn't its own."""
    return mark_safe(html)  # noqa: S308


def download(file: DataFile, kind: str) -> HttpResponse:
    file_kind = KINDS[kind]
    disposition = content_disposition_header(True, file.name(kind))
    return HttpResponse(
        file_kind.write(file), content_type=file_kind.content_type, headers={"Content-Disposition": disposition}
    )


def compress_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Compress a page for somebody who is signed in. Only for a page that repeats nothing of the request, and has no
    text of somebody who may not read all of it and can still change the text. A message isn't of the page: it may say
    anything."""
    if not getattr(get_messages(request), "used", False):
        GZipMiddleware(lambda _: response).process_response(request, response)
    return response


def list_page(
    request: HttpRequest, chosen: ChoiceFilters, rows: QuerySet[Any] | None = None, *, size: int = 20, files: str = ""
) -> dict[str, Any]:
    """Return what a filtered list shows, with its `page` of rows. `rows` are the chosen ones with what they show;
    `files` is the name of those with the same rows, without a kind."""
    url, others = request.path, chosen.address()
    return {
        "filter": chosen,
        "page": Paginator(chosen.qs if rows is None else rows, size).get_page(request.GET.get("page")),
        "url": url,
        "others": others,
        "files": [(kind.label, f"{url}{files}.{name}{others}") for name, kind in KINDS.items()] if files else [],
    }


class MonthConverter:
    """Matches 2026-10. An impossible month (2026-13) matches no route, so the answer is 404."""

    regex = "[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> Month:
        return Month.parse(value)

    def to_url(self, value: Month) -> str:
        return str(value)


register_converter(MonthConverter, "month")
