"""What anyone reads without a key, from public editions alone. Nothing here can reach a true figure.

Each answer is the same for everyone, and a proxy may share it for a minute. A month that was withdrawn answers 410.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router

from core.calendar import Month
from core.files.tables import DataFile
from indicators.disclosure import Audience
from reporting.api import schemas
from reporting.api.answers import (
    CSV,
    FOR_ANYBODY,
    WITHOUT_KEY,
    IndicatorAsked,
    MonthOf,
    PageNumber,
    PageSize,
    Rows,
    Town,
    csv_of,
    in_pages,
    public_page,
    responses,
    rows_of,
    succeeded_by,
    write_csv,
)
from reporting.api.asked import (
    AreasAsked,
    FirstMonth,
    IndicatorsAsked,
    LastMonth,
    SinceAsked,
    choose,
    list_facts,
    read_asked,
)
from reporting.api.problems import OPEN_TO_SCRIPTS
from reporting.open_editions import PublicMonth
from reporting.public.answers import answer, list_dependencies
from reporting.public.presenters.files import Wanted, make_public_month_file, public_history
from reporting.public.presenters.table import PublicSource, find_public_sources, make_table_file
from reporting.public.selectors import (
    edition_lines,
    find_public,
    list_areas_ever_public,
    list_areas_with_months,
    public_months,
)

EditionAsked = Annotated[
    int | None, Query(None, ge=1, le=1_000_000, description="The edition; without it, the newest.", example=1)
]
router = Router(tags=["Public"])
ANYWHERE = OPEN_TO_SCRIPTS | {"Access-Control-Expose-Headers": "ETag, Deprecation, Link"}


def give(request: HttpRequest, facts: tuple[object, ...], make: Callable[[], object], **options: str) -> HttpResponse:
    """Return what anyone may read, from any site. `facts` have each parameter as it was understood. Nothing else in
    the address counts."""
    response = answer(request, public_page((request.path, *facts), make, **options), caching=FOR_ANYBODY)
    for name, value in ANYWHERE.items():
        response.headers[name] = value
    return response


@router.get(
    "/public/areas",
    response=responses(schemas.Areas, WITHOUT_KEY),
    url_name="public-areas",
    summary="The areas with a public month",
)
def public_areas(request: HttpRequest) -> HttpResponse:
    areas = [(area.slug, area.name, area.ons_code) for area in list_areas_with_months()]

    def make() -> dict[str, object]:
        return {
            "areas": [
                {"slug": slug, "name": name, "area_code": code, "url": reverse("api:public-latest", args=[slug])}
                for slug, name, code in areas
            ]
        }

    return give(request, (areas,), make)


@router.get(
    "/public/areas/{town}/months",
    response=responses(schemas.PublicMonths, WITHOUT_KEY),
    url_name="public-months",
    summary="The public months of an area",
)
def list_public_months(request: HttpRequest, town: Town, page: PageNumber, size: PageSize) -> HttpResponse:
    listed = [(edition.month, edition.number, edition.published_at.date()) for edition in public_months(town)]

    def make() -> dict[str, object]:
        rows = [
            {
                "month": str(month),
                "edition": number,
                "published_on": str(day),
                "url": reverse("api:public-month", args=[town, month]),
            }
            for month, number, day in listed
        ]
        return in_pages(Rows("months", rows, {"area": town}), page, size)

    return give(request, (listed, page, size), make)


@router.get(
    "/public/areas/{town}/latest",
    response=responses(schemas.PublicLines, WITHOUT_KEY),
    url_name="public-latest",
    summary="The newest public month, with every month that it shows",
)
def latest(request: HttpRequest, town: Town, page: PageNumber, size: PageSize) -> HttpResponse:
    return give_edition(request, find_public(town, public_months(town)[0].month), page, size)


@router.get(
    "/public/areas/{town}/months/{month}",
    response=responses(schemas.PublicLines, WITHOUT_KEY),
    url_name="public-month",
    summary="A public month, with every month that it shows",
)
def public_month(
    request: HttpRequest, town: Town, month: MonthOf, page: PageNumber, size: PageSize, edition: EditionAsked = None
) -> HttpResponse:
    return give_edition(request, find_public(town, Month.parse(month), str(edition or "")), page, size)


def with_years(file: DataFile) -> Rows:
    """Return a file's rows, and beside them the totals of years."""
    rows = rows_of(file)
    years = [dict(zip(sheet.columns, row, strict=True)) for sheet in file.more for row in sheet.rows]
    return replace(rows, about={**rows.about, "years": years})


def give_edition(request: HttpRequest, edition: PublicMonth, page: int, size: int) -> HttpResponse:
    def make() -> dict[str, object]:
        file = make_public_month_file(edition, edition_lines(edition))
        return in_pages(with_years(file), page, size)

    return give(request, (list_dependencies(edition), page, size), make)


@router.get(
    "/public/areas/{town}/history",
    response=responses(schemas.PublicHistory, WITHOUT_KEY),
    url_name="public-history",
    summary="Every public figure, each from the newest edition that shows it",
    deprecated=True,
)
@succeeded_by("api:public-figures")
def list_public_history(
    request: HttpRequest, town: Town, page: PageNumber, size: PageSize, indicator: IndicatorAsked = ""
) -> HttpResponse:
    months = public_months(town)

    def make() -> dict[str, object]:
        return in_pages(with_years(public_history(months[0].area, Wanted(indicator))), page, size)

    return give(request, (indicator, page, size, *map(list_dependencies, months)), make)


@router.get(
    "/public/areas/{town}/history.csv",
    url_name="public-history-csv",
    summary="Every public figure, as CSV",
    deprecated=True,
    **csv_of("Each figure from the newest edition that shows it.", WITHOUT_KEY),
)
@succeeded_by("api:public-figures-csv")
def write_public_history(request: HttpRequest, town: Town, indicator: IndicatorAsked = "") -> HttpResponse:
    months = public_months(town)

    def make() -> bytes:
        return write_csv(public_history(months[0].area, Wanted(indicator)))

    return give(request, (indicator, *map(list_dependencies, months)), make, content_type=CSV)


# --- The long table -------------------------------------------------------------------------------

OF_ANYBODY: Mapping[str, Any] = {"stem": "figures", "title": "Figures", "audience": Audience.PUBLIC}
NOT_PUBLIC = "There is no such area, or nothing of it is public: {}."


def find_open_sources(areas: str) -> list[PublicSource]:
    return find_public_sources(choose(list_areas_ever_public(), areas, NOT_PUBLIC))


@router.get(
    "/public/figures",
    response=responses(schemas.Table, WITHOUT_KEY),
    url_name="public-figures",
    summary="Every public figure, a row each",
)
def list_public_figures(
    request: HttpRequest,
    page: PageNumber,
    size: PageSize,
    areas: AreasAsked,
    indicators: IndicatorsAsked,
    first: FirstMonth,
    last: LastMonth,
    changed_since: SinceAsked,
) -> HttpResponse:
    asked, sources = read_asked(indicators, first, last, changed_since), find_open_sources(areas)

    def make() -> dict[str, object]:
        return in_pages(rows_of(make_table_file(sources, asked, **OF_ANYBODY)), page, size)

    return give(request, (page, size, *list_facts(sources, asked)), make)


@router.get(
    "/public/figures.csv",
    url_name="public-figures-csv",
    summary="Every public figure, as CSV",
    **csv_of("All rows at once.", WITHOUT_KEY),
)
def write_public_figures(
    request: HttpRequest,
    areas: AreasAsked,
    indicators: IndicatorsAsked,
    first: FirstMonth,
    last: LastMonth,
    changed_since: SinceAsked,
) -> HttpResponse:
    asked, sources = read_asked(indicators, first, last, changed_since), find_open_sources(areas)

    def make() -> bytes:
        return write_csv(make_table_file(sources, asked, **OF_ANYBODY))

    return give(request, list_facts(sources, asked), make, content_type=CSV)
