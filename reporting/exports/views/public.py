"""The public's figures, as files."""

from django.http import HttpRequest
from django.utils.http import content_disposition_header

from core.files import KINDS
from core.months import Month
from reporting.exports.presenters.public import make_public_month_file
from reporting.public.answers import Page, anybody, asked_edition, edition_lines, list_dependencies
from reporting.public.presenters.month import public_stem
from reporting.public.selectors.editions import find_public


@anybody
def public_file(request: HttpRequest, town: str, month: Month, kind: str) -> Page:
    """Return the month's figures as open data."""
    found = find_public(town, month, asked_edition(request))
    form = KINDS[kind]

    def make() -> bytes:
        return form.write(make_public_month_file(found, edition_lines(found)))

    name = content_disposition_header(True, f"{public_stem(found)}.{kind}") or ""
    return Page(list_dependencies(found), make, form.content_type, {"Content-Disposition": name})
