"""The public's figures, as files."""

from django.http import HttpRequest
from django.utils.http import content_disposition_header

from core.calendar import Month
from indicators.disclosure import Audience
from reporting.public.answers import (
    OPEN_TO_SCRIPTS,
    Page,
    anybody,
    asked_edition,
    list_area_facts,
    list_dependencies,
    make_file_page,
)
from reporting.public.presenters.files import make_public_month_file
from reporting.public.presenters.month import public_stem
from reporting.public.presenters.package import Table, make_package
from reporting.public.presenters.table import find_public_sources, make_table_file
from reporting.public.selectors import edition_lines, find_public, lines_of_months, public_months, read_editions

CSV = "text/csv; charset=utf-8"
PACKAGE_TYPES = {"json": "application/json", "zip": "application/zip"}
# Each part of a data package, by the name of its address. The files are beside the description, which names them.
PACKAGE_PARTS = {
    "datapackage.json": "json",
    "datapackage.zip": "zip",
    "figures.csv": "figures",
    "years.csv": "years",
    "indicators.csv": "indicators",
    "editions.csv": "editions",
}


@anybody
def public_file(request: HttpRequest, town: str, month: Month, kind: str) -> Page:
    """Return the month's figures as open data."""
    edition = find_public(town, month, asked_edition(request))
    return make_file_page(
        list_dependencies(edition),
        kind,
        public_stem(edition),
        lambda: make_public_month_file(edition, edition_lines(edition)),
    )


@anybody
def public_table(request: HttpRequest, town: str, kind: str) -> Page:
    """Return the long table of an area's public figures."""
    area = public_months(town)[0].area
    sources = find_public_sources([area.pk])
    return make_file_page(
        ("table", kind, *list_area_facts(area), [source.depends_on for source in sources]),
        kind,
        f"{area.slug}-table",
        lambda: make_table_file(sources, stem=area.slug, title=area.name, audience=Audience.PUBLIC),
    )


@anybody
def public_package(request: HttpRequest, town: str, part: str) -> Page:
    """Return all public figures of an area as a data package: its description, one of its files, or everything."""
    months = public_months(town)
    area = months[0].area
    facts = [
        (month.month, month.number, month.fingerprint, month.marking.value, month.published_at) for month in months
    ]

    def make() -> bytes:
        lines = read_editions(months, lambda using: lines_of_months(months, using=using))
        package = make_package(months, lines)
        if part == "zip":
            return package.write_archive()
        if part == "json":
            return package.write_description()
        table: Table = getattr(package, part)
        return table.content

    name = f"{area.slug}-public-figures.zip" if part == "zip" else f"{area.slug}-{part}.csv"
    disposition = {} if part == "json" else {"Content-Disposition": content_disposition_header(True, name) or ""}
    return Page(
        ("package", part, *list_area_facts(area), facts),
        make,
        PACKAGE_TYPES.get(part, CSV),
        OPEN_TO_SCRIPTS | disposition,
    )
