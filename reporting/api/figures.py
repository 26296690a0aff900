"""The long table for a key: of its area, or of every area that shows its figures to the key's region."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from ninja import Router

from boards.key_access import KeyAccess, RegionKeyAccess
from boards.key_secrets import Scope
from indicators.disclosure import Audience
from reporting.api import schemas
from reporting.api.answers import (
    PageNumber,
    PageSize,
    answer,
    answer_page,
    csv_of,
    responses,
    rows_of,
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
from reporting.api.door import Key
from reporting.api.partners import AnyKeyRequest
from reporting.exports.presenters.table import find_partners_sources, find_region_sources
from reporting.public.presenters.table import Source, make_table_file

router = Router(tags=["Figures"])
figures = Key(Scope.HISTORY, for_regions=True)
OF_KEY: Mapping[str, Any] = {"stem": "figures", "title": "Figures", "audience": Audience.PARTNERS}
NO_AREA = "There is no such area, or this key isn’t for it: {}."


def find_for_key(key: KeyAccess | RegionKeyAccess, areas: str) -> Sequence[Source]:
    """Return what a key's rows come from: never more than its owner and the areas' consents allow now."""
    if isinstance(key, KeyAccess):
        return find_partners_sources(choose({key.area.slug: key.area.pk}, areas, NO_AREA))
    places = {place.slug: place.area_id for place in key.access.places if place.shows}
    return find_region_sources(key.access, choose(places, areas, NO_AREA))


@router.get(
    "/figures",
    response=responses(schemas.Table),
    auth=figures,
    url_name="figures",
    summary="Every figure that the key opens, a row each",
)
def list_figures(
    request: AnyKeyRequest,
    page: PageNumber,
    size: PageSize,
    areas: AreasAsked,
    indicators: IndicatorsAsked,
    first: FirstMonth,
    last: LastMonth,
    changed_since: SinceAsked,
) -> HttpResponse:
    asked = read_asked(indicators, first, last, changed_since)
    sources = find_for_key(request.auth, areas)
    return answer_page(
        request,
        list_facts(sources, asked),
        lambda: rows_of(make_table_file(sources, asked, **OF_KEY)),
        page,
        size,
    )


@router.get(
    "/figures.csv",
    auth=figures,
    url_name="figures-csv",
    summary="Every figure that the key opens, as CSV",
    **csv_of("All rows at once."),
)
def write_figures(
    request: AnyKeyRequest,
    areas: AreasAsked,
    indicators: IndicatorsAsked,
    first: FirstMonth,
    last: LastMonth,
    changed_since: SinceAsked,
) -> HttpResponse:
    asked = read_asked(indicators, first, last, changed_since)
    sources = find_for_key(request.auth, areas)
    file = make_table_file(sources, asked, **OF_KEY)
    return answer(request, list_facts(sources, asked), lambda: write_csv(file), headers={"X-Marking": file.marking})
