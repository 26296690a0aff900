"""What partners read with a key: published months, their lines and versions, and indicators with their history.

Each operation calls the presenter that the page or the file calls. Nothing is worked out here.
"""

from hashlib import sha256
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Query, Router

from boards.key_access import KeyAccess, RegionKeyAccess
from boards.key_secrets import Scope
from core.calendar import PATTERN, Month
from core.pages import NotHeld
from indicators.disclosure import USUAL_MARKING, Audience
from reporting.api import schemas
from reporting.api.answers import (
    SLUG,
    IndicatorAsked,
    MonthOf,
    PageNumber,
    PageSize,
    Rows,
    Town,
    answer,
    answer_page,
    answer_page_with,
    answer_with,
    csv_of,
    responses,
    rows_of,
    succeeded_by,
    write_csv,
)
from reporting.api.door import Key
from reporting.exports.presenters.history import make_history_file
from reporting.exports.presenters.months import (
    make_month_file,
    make_series_file,
    version_rows,
    view_for_partners,
)
from reporting.months.presenters.month import month_view
from reporting.months.readings import IndicatorPage, shown_snapshot
from reporting.months.selectors import VersionShown, find_month, find_shown, list_lines, list_versions, newest_versions
from reporting.pages.presenters.indicators import make_passport
from reporting.public.presenters.files import Wanted

Code = Annotated[str, Path(pattern=SLUG, max_length=40, description="The indicator’s code.", example="lines")]
MonthAsked = Annotated[
    str | None, Query(None, pattern=rf"^{PATTERN.pattern}$", description="The month.", example="2026-10")
]
VersionAsked = Annotated[
    int | None,
    Query(None, ge=1, le=1_000_000, description="The version; without it, the newest published one.", example=1),
]
router = Router(tags=["Partners"])
months, history = Key(Scope.MONTHS), Key(Scope.HISTORY)
NO_AREA = "There is no such area, or this key isn’t for it."


class KeyRequest(HttpRequest):
    """A request whose key was checked: an area's."""

    auth: KeyAccess


class AnyKeyRequest(HttpRequest):
    """A request whose key was checked: an area's or a region's."""

    auth: KeyAccess | RegionKeyAccess


def key_for(request: KeyRequest, town: str) -> KeyAccess:
    """Return the request's key. Raises NotHeld in the same words for another area and for none."""
    if request.auth.area.slug != town:
        raise NotHeld(NO_AREA)
    return request.auth


def find_version(request: KeyRequest, town: str, month: str, version: int | None) -> VersionShown:
    """Find a published version. Raises NotHeld: a draft isn't for machines."""
    access, wanted_month = key_for(request, town).access, Month.parse(month)
    shown = find_shown(find_month(access.area, wanted_month).period, version, include_drafts=False)
    if not access.can_see_month(shown.period):
        raise NotHeld(f"{wanted_month.label} is not published.")
    return shown


@router.get(
    "/areas",
    response=responses(schemas.Areas),
    auth=Key(for_regions=True),
    url_name="areas",
    summary="The areas that the key opens",
)
def areas(request: AnyKeyRequest) -> HttpResponse:
    key = request.auth
    if isinstance(key, RegionKeyAccess):
        figures, places = reverse("api:figures"), key.access.places if not key.access.missing else ()
        rows = [
            {
                "slug": place.slug,
                "name": place.name,
                "area_code": place.ons_code,
                "url": f"{figures}?areas={place.slug}",
            }
            for place in places
            if place.shows
        ]
    else:
        area = key.area
        rows = [{"slug": area.slug, "name": area.name, "area_code": area.ons_code, "url": area_url(area.slug)}]
    return answer_with(request, {"areas": rows})


def area_url(town: str) -> str:
    return reverse("api:area", args=[town])


@router.get("/areas/{town}", response=responses(schemas.Area), auth=Key(), url_name="area", summary="An area")
def area(request: KeyRequest, town: Town) -> HttpResponse:
    key = key_for(request, town)
    versions = newest_versions(key.area, include_drafts=False)
    agencies = {agency.pk: agency.code for agency in key.area.agencies.filter(pk=key.agency)} if key.agency else {}
    return answer_with(
        request,
        {
            "slug": town,
            "name": key.area.name,
            "ons_code": key.area.ons_code,
            "newest": str(versions[-1].period.month) if versions else None,
            "agency": agencies.get(key.agency or 0),
            "scopes": sorted(scope.value for scope in key.scopes),
        },
    )


@router.get(
    "/areas/{town}/months",
    response=responses(schemas.Months),
    auth=months,
    url_name="months",
    summary="Published months",
)
def list_months(request: KeyRequest, town: Town, page: PageNumber, size: PageSize) -> HttpResponse:
    key = key_for(request, town)
    versions = newest_versions(key.area, include_drafts=False)
    return answer_page_with(request, Rows("months", version_rows(reversed(versions)), {"area": town}), page, size)


@router.get(
    "/areas/{town}/months/{month}",
    response=responses(schemas.Month),
    auth=months,
    url_name="month",
    summary="A month, with its commentary",
)
def show_month(request: KeyRequest, town: Town, month: MonthOf, version: VersionAsked = None) -> HttpResponse:
    shown = find_version(request, town, month, version)

    def make() -> dict[str, object]:
        view = view_for_partners(shown)
        query = f"?version={view.version}" if version else ""
        return {
            "area": town,
            "month": month,
            "version": view.version,
            "state": view.state,
            "marking": view.marking,
            "position": view.position,
            "completeness": view.completeness.sentence,
            "timeliness": view.timeliness,
            "superseded": view.superseded,
            "taken_at": view.taken_at.isoformat(),
            "due_on": str(view.due_on),
            "lines": reverse("api:lines", args=[town, month]) + query,
        }

    return answer(request, shown.facts, make)


@router.get(
    "/areas/{town}/months/{month}/lines",
    response=responses(schemas.Lines),
    auth=months,
    url_name="lines",
    summary="The lines of a month",
)
def list_lines_of_month(
    request: KeyRequest, town: Town, month: MonthOf, page: PageNumber, size: PageSize, version: VersionAsked = None
) -> HttpResponse:
    shown = find_version(request, town, month, version)

    def make() -> Rows:
        return rows_of(make_month_file(view_for_partners(shown)), "lines")

    return answer_page(request, shown.facts, make, page, size)


@router.get(
    "/areas/{town}/months/{month}/lines.csv",
    auth=months,
    url_name="lines-csv",
    summary="The lines of a month as CSV",
    **csv_of("Every line of the month."),
)
def write_lines(request: KeyRequest, town: Town, month: MonthOf, version: VersionAsked = None) -> HttpResponse:
    shown = find_version(request, town, month, version)

    def make() -> bytes:
        return write_csv(make_month_file(view_for_partners(shown)))

    return answer(request, shown.facts, make, headers={"X-Marking": shown.marking})


@router.get(
    "/areas/{town}/months/{month}/versions",
    response=responses(schemas.Versions),
    auth=months,
    url_name="versions",
    summary="The published versions of a month",
)
def list_versions_of_month(request: KeyRequest, town: Town, month: MonthOf) -> HttpResponse:
    shown = find_version(request, town, month, None)
    versions = list_versions(shown.period, include_drafts=False)
    for version in versions:
        version.period = shown.period
    return answer_with(request, {"area": town, "month": month, "versions": version_rows(versions)})


# --- Indicators -------------------------------------------------------------------------------------


@router.get(
    "/areas/{town}/indicators",
    response=responses(schemas.Indicators),
    auth=history,
    url_name="indicators",
    summary="The indicators of a month",
)
def list_indicators(
    request: KeyRequest, town: Town, page: PageNumber, size: PageSize, month: MonthAsked = None
) -> HttpResponse:
    key = key_for(request, town)
    snapshot, _ = shown_snapshot(key.access, Month.parse(month) if month else None)
    shown = snapshot.period.month

    def make() -> Rows:
        view = month_view(
            snapshot,
            list_lines(snapshot),
            area=key.area,
            period=snapshot.period,
            audience=Audience.PARTNERS,
            marking=USUAL_MARKING[Audience.PARTNERS],
        )
        rows = [
            {
                "code": line.code,
                "title": line.title,
                "question": line.question,
                "unit": line.unit_many,
                "owner": line.owner,
                "section": line.section_title,
                "polarity": line.polarity.value,
                "url": reverse("api:indicator", args=[town, line.code]),
            }
            for line in view.indicators
        ]
        return Rows("indicators", rows, {"area": town, "month": str(shown)})

    return answer_page(request, (snapshot.pk, snapshot.fingerprint, key.area.name), make, page, size)


@router.get(
    "/areas/{town}/indicators/{code}",
    response=responses(schemas.Passport),
    auth=history,
    url_name="indicator",
    summary="An indicator’s passport",
)
def show_indicator(request: KeyRequest, town: Town, code: Code, month: MonthAsked = None) -> HttpResponse:
    page = find_indicator(request, town, code, month, None)
    line = page.view.line
    passport = make_passport(page.set_up, line, page.boards, page.beside.rule)
    return answer_with(
        request,
        {
            "area": town,
            "code": code,
            "title": line.title,
            "month": str(page.view.month),
            "definitions": [{"month": str(since), "text": text} for since, text in passport.definitions],
            "recordings": [{"month": str(since), "text": text} for since, text in passport.recordings],
            "level": passport.level,
            "why": passport.why,
            "source": passport.source,
            "counts": [title for title, _ in passport.counts],
            "count_codes": [code for _, code in passport.counts],
            "collected": passport.collected,
            "owner": line.owner,
            "owner_code": line.kept.owner_code,
            "boards": list(passport.boards),
            "board_codes": [board.code for board in page.boards if board.code in line.boards],
            "polarity": line.polarity.label,
            "polarity_code": line.polarity.value,
            "polarity_reason": line.polarity_reason,
            "rule": passport.rule,
            "retired_from": str(passport.retired_from) if passport.retired_from else None,
        },
    )


def find_indicator(request: KeyRequest, town: str, code: str, month: str | None, version: int | None) -> IndicatorPage:
    """Find the indicator in a published month: the one that is named, or the newest that has it."""
    access = key_for(request, town).access
    wanted_month = Month.parse(month) if month else None
    if wanted_month and not access.can_see_month(find_month(access.area, wanted_month).period):
        raise NotHeld(f"{wanted_month.label} is not published.")
    return IndicatorPage(access, code, month=wanted_month, version=str(version or ""))


@router.get(
    "/areas/{town}/indicators/{code}/history",
    response=responses(schemas.Series),
    auth=history,
    url_name="indicator-history",
    summary="An indicator, month by month",
    deprecated=True,
)
@succeeded_by("api:figures")
def list_history_of_indicator(
    request: KeyRequest,
    town: Town,
    code: Code,
    page: PageNumber,
    size: PageSize,
    month: MonthAsked = None,
    version: VersionAsked = None,
) -> HttpResponse:
    indicator_page = find_indicator(request, town, code, month, version)
    return answer_page(
        request, indicator_page.depends_on(), lambda: rows_of(make_series_file(indicator_page.view)), page, size
    )


@router.get(
    "/areas/{town}/indicators/{code}/history.csv",
    auth=history,
    url_name="indicator-history-csv",
    summary="An indicator, month by month, as CSV",
    deprecated=True,
    **csv_of("Every month of the indicator."),
)
@succeeded_by("api:figures-csv")
def write_history_of_indicator(
    request: KeyRequest, town: Town, code: Code, month: MonthAsked = None, version: VersionAsked = None
) -> HttpResponse:
    indicator_page = find_indicator(request, town, code, month, version)
    file = make_series_file(indicator_page.view)
    return answer(request, indicator_page.depends_on(), lambda: write_csv(file), headers={"X-Marking": file.marking})


@router.get(
    "/areas/{town}/history.csv",
    auth=history,
    url_name="history-csv",
    summary="Every figure of every published month, as CSV",
    deprecated=True,
    **csv_of("The columns are those that an import accepts."),
)
@succeeded_by("api:figures-csv")
def write_history(
    request: KeyRequest, town: Town, indicator: IndicatorAsked = "", month: MonthAsked = None
) -> HttpResponse:
    key = key_for(request, town)
    wanted = Wanted(indicator, Month.parse(month) if month else None)
    file = make_history_file(key.area, audience=Audience.PARTNERS, include_drafts=False, wanted=wanted)
    body = write_csv(file)
    return answer(request, sha256(body).hexdigest(), lambda: body, headers={"X-Marking": file.marking})
