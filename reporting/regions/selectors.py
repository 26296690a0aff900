"""Finds the months that a region's areas show it, and what those say.

Each function takes one query or two, however many areas and indicators.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet

from boards.models import LEAST_AREAS, Region, ReportingPeriod
from boards.rules import MonthStatus
from core.calendar import Month
from indicators.disclosure import USUAL_MARKING, Audience, Disclosed, disclose
from indicators.judgement.judge import Tier
from indicators.models import Indicator
from indicators.selectors.disclosure import newest_marking, or_usual
from reporting.models import IndicatorLine, PublicLine, Snapshot
from reporting.models.line_fields import Row
from reporting.models.regions import RegionMonth
from reporting.open_editions import PublicMonth, all_editions, newest_of
from reporting.regions.cells import READ, Cell, FromSetUp, Part, Whole, make_whole, whole_lines

type Fields = dict[str, dict[str, Any]]  # of a region's lines, by the indicator's code


class MonthHeld(NamedTuple):
    """A month that some of the areas published: how many did, and what changes with any of its versions."""

    month: Month
    areas: int
    newest: int
    versions: int


def list_months(areas: Collection[int]) -> list[MonthHeld]:
    """List the months that any of these areas published, the oldest first."""
    published = Snapshot.objects.standing().filter(period__area__in=areas, period__status=MonthStatus.PUBLISHED.value)
    by_month = published.order_by("period__starts_on").values_list("period__starts_on")
    counted = by_month.annotate(Count("period__area", distinct=True), Max("pk"), Count("pk"))
    return [MonthHeld(Month.of(day), *numbers) for day, *numbers in counted]


def list_public_months(areas: Collection[int]) -> list[MonthHeld]:
    """List the months that any of these areas made public, the oldest first."""
    keys_by_month: dict[Month, list[int]] = {}
    for edition in newest_of(all_editions().filter(period__area__in=areas)):
        keys_by_month.setdefault(edition.month, []).append(edition.key)
    return [MonthHeld(month, len(keys), max(keys), len(keys)) for month, keys in sorted(keys_by_month.items())]


def find_newest(months: Iterable[MonthHeld]) -> Month | None:
    """Return the newest month that enough areas published; if there is none, the newest of all."""
    newest_first = sorted(months, reverse=True)
    enough = [month_held for month_held in newest_first if month_held.areas >= LEAST_AREAS]
    return next((month_held.month for month_held in (*enough, *newest_first)), None)


def list_versions(areas: Collection[int], month: Month) -> dict[int, Part]:
    """Return each area's month, by the area's key, for areas that show their published months. Two queries."""
    parts = {area_id: Part(area_id, False, None, None, USUAL_MARKING[Audience.PARTNERS]) for area_id in areas}
    periods = ReportingPeriod.objects.filter(area__in=areas, starts_on=month.first_day)
    standing = Snapshot.objects.standing().filter(period__in=periods, period__status=MonthStatus.PUBLISHED.value)
    # The newest version comes last, and wins.
    newest = {version.period_id: version for version in standing.defer("timeliness").order_by("version")}
    for period in periods.annotate(marked=newest_marking("pk", Audience.PARTNERS)):
        version, marking = newest.get(period.pk), or_usual(period.marked, Audience.PARTNERS)
        of_version = (version.version, version.taken_at) if version else (None, None)
        key = version.pk if version else None
        parts[period.area_id] = Part(period.area_id, False, key, period.due_on, marking, *of_version)
    return parts


def list_editions(areas: Collection[int], month: Month) -> dict[int, Part]:
    """Return each area's month, by the area's key, for areas that show only what is public. One query."""
    editions = all_editions().filter(period__area__in=areas, period__starts_on=month.first_day)
    return {public_month.area.pk: make_public_part(public_month) for public_month in newest_of(editions)}


def make_public_part(public_month: PublicMonth) -> Part:
    return Part(
        public_month.area.pk,
        True,
        public_month.key,
        public_month.due_on,
        public_month.marking,
        public_month.number,
        public_month.taken_at,
    )


class OfIndicator(NamedTuple):
    """What an area's set-up says of an indicator today: `definitions` with the first day that each applies to, the
    earliest first."""

    counts_residents: bool | None
    residents_why: str | None
    definitions: list[tuple[date, str]]

    def tell(self, day: date) -> FromSetUp:
        """Return the definition in force on a day, whether it counts residents, and why not."""
        definition = None
        for start, text in self.definitions:
            if start > day:
                break
            definition = text
        return definition, self.counts_residents, self.residents_why


NOT_SET_UP = OfIndicator(None, None, [])
type SetUp = dict[tuple[int, str], OfIndicator]  # by the area's key and the indicator's code


def read_set_up(areas: Collection[int], code: str = "") -> list[tuple[Any, ...]]:
    """Return what these areas say of an indicator today; without a code, of every indicator: rows for `make_set_up`,
    always in the same order. One query."""
    indicators = Indicator.objects.filter(area__in=areas).order_by("pk", "definitions__applies_from")
    if code:
        indicators = indicators.filter(code=code)
    defined = ("definitions__applies_from", "definitions__text")
    return list(indicators.values_list("area", "code", "counts_residents", "residents_why", *defined))


def make_set_up(rows: Iterable[Sequence[Any]]) -> SetUp:
    set_up: SetUp = {}
    for area_id, code, counts, why, since, text in rows:
        of_indicator = set_up.get((area_id, code))
        if of_indicator is None:
            of_indicator = set_up[area_id, code] = OfIndicator(counts, why, [])
        if since is not None:
            of_indicator.definitions.append((since, text))
    return set_up


# What the gate checks of a public line besides.
CHECKED = ("protected_by", "note", "revised_why", "history", "numerators", "denominators")


def list_cells(parts: Collection[Part], set_up: SetUp) -> list[Cell]:
    """List the whole indicators of these months, in each one's own order: of published versions first, then of public
    editions. Those of versions are true figures, for whoever the areas let see them as their partners do. Raises
    AudienceRefused for a public line that says more than its rule allows. Two queries at most.
    """
    of_versions = whole_lines(IndicatorLine).only("snapshot", "position", "definition_from", *READ)
    of_editions = whole_lines(PublicLine).only("edition", "position", "definition", *READ, *CHECKED)
    return [whole.cell for whole in make_wholes(parts, set_up, of_versions, of_editions)]


def list_wholes(parts: Collection[Part], set_up: SetUp, code: str) -> list[Whole]:
    """List each area's whole of an indicator, in the order of `list_cells`. Two queries at most."""
    return make_wholes(parts, set_up, whole_lines(IndicatorLine, code), whole_lines(PublicLine, code))


def make_wholes(
    parts: Collection[Part], set_up: SetUp, of_versions: QuerySet[IndicatorLine], of_editions: QuerySet[PublicLine]
) -> list[Whole]:
    versions = {part.key: part.area_id for part in parts if part.key is not None and not part.is_public}
    editions = {part.key: part.area_id for part in parts if part.key is not None and part.is_public}
    wholes = []
    of_partners = of_versions.filter(snapshot__in=versions).order_by("snapshot", "position")
    for disclosed in disclose(of_partners, audience=Audience.PARTNERS):
        shown_line = disclosed.line
        area_id = versions[shown_line.snapshot_id]
        set_up_then = set_up.get((area_id, shown_line.indicator_code), NOT_SET_UP).tell(shown_line.definition_from)
        wholes.append(make_whole(disclosed, area_id, shown_line.snapshot_id, set_up_then))
    of_public = of_editions.filter(edition__in=editions).order_by("edition", "position")
    for shown in disclose(of_public, audience=Audience.PUBLIC):
        line = shown.line
        area_id = editions[line.edition_id]
        of_indicator = set_up.get((area_id, line.indicator_code), NOT_SET_UP)
        # The words of an area's set-up are for whoever sees its published months: an edition has its own definition.
        wholes.append(make_whole(shown, area_id, line.edition_id, (line.definition, of_indicator.counts_residents, "")))
    return wholes


def list_standing_out(parts: Collection[Part]) -> dict[tuple[int, str], Disclosed[Any]]:
    """Return the whole lines that stand out in these months, with all their months: by the area's key and the
    indicator's code. Two queries at most."""
    out = {"tier": Tier.STANDS_OUT.value}
    wholes = make_wholes(parts, {}, whole_lines(IndicatorLine).filter(**out), whole_lines(PublicLine).filter(**out))
    return {(whole.cell.area_id, whole.cell.indicator_code): whole.line for whole in wholes}


def list_saved_series(region: Region, month: Month, key: str) -> dict[str, dict[str, Any]]:
    """Return the months of the region's own lines, by their codes. One query."""
    saved = RegionMonth.objects.filter(region=region, starts_on=month.first_day, key=key)
    return saved.values_list("series", flat=True).first() or {}


def find_saved(region: Region, month: Month, key: str) -> Fields | None:
    """Return the region's own lines as they are saved under this key; None if they aren't. One query."""
    saved = RegionMonth.objects.filter(region=region, starts_on=month.first_day, key=key)
    return saved.values_list("lines", flat=True).first()


def find_saved_series(region: Region, month: Month, key: str, code: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one of them with its series; both are empty if it isn't saved. One query."""
    saved = RegionMonth.objects.filter(region=region, starts_on=month.first_day, key=key)
    lines, series = saved.values_list("lines", "series").first() or ({}, {})
    return lines.get(code, {}), series.get(code, {})


class OriginCell(Row):
    """What an area counts from one origin, in one indicator. An origin such as “inside the county” has no place."""

    source: int  # its version


OF_ORIGIN = (
    *("position", "indicator_code", "title", "dimension_name", "category_code", "category_name"),
    *("longitude", "latitude", "state", "value", "is_provisional", "movement", "change"),
)


def list_origin_cells(versions: Collection[int]) -> list[Disclosed[OriginCell]]:
    """List what these published versions split by place, in each one's own order, without what comes to a stock or goes
    from it. Only for partners: no edition. One query."""
    lines = IndicatorLine.objects.filter(snapshot__in=versions, flow_of="")
    # A split is by place if any of its categories, in any of these versions, has a place.
    same = {name: OuterRef(name) for name in ("indicator_code", "dimension_code")}
    by_place = lines.exclude(category_code="").filter(Exists(lines.filter(longitude__isnull=False, **same)))
    rows = by_place.order_by("snapshot", "position").values(*OF_ORIGIN, source=F("snapshot"))
    return disclose(map(OriginCell, rows), audience=Audience.PARTNERS)


def find_greatest(areas: Collection[int]) -> dict[str, int]:
    """Return the greatest count of one origin in one area, over all published months, by the indicator's code."""
    published = Snapshot.objects.standing().filter(period__area__in=areas, period__status=MonthStatus.PUBLISHED.value)
    lines = IndicatorLine.objects.filter(snapshot__in=published, longitude__isnull=False, value__isnull=False)
    return dict(lines.order_by().values_list("indicator_code").annotate(Max("value")))
