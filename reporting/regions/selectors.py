"""Which months do a region's areas show it, and what do those say? Statements by hand: see core.selectors.

Each function takes one query, however many areas and indicators.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Max

from boards.models import LEAST_AREAS, Region, ReportingPeriod
from boards.workflow import MonthStatus
from core.months import Month
from core.selectors import as_day, as_moment, fetch_rows
from core.statements import Statement, statement
from indicators.disclosure import USUAL_MARKING, Audience, Disclosed, disclose
from indicators.models import Indicator, IndicatorDefinition
from indicators.selectors.markings import MARKED_FOR_PARTNERS, or_usual
from reporting.models import IndicatorLine, PublicLine, Snapshot, SnapshotState, VersionWithdrawal
from reporting.models.line_fields import Row
from reporting.models.regions import RegionMonth
from reporting.public.selectors.editions import LISTED, PUBLIC, PublicMonth, newest_of
from reporting.regions.columns import (
    CHECKED,
    OF_CODE,
    OF_INDICATOR,
    OF_WHOLE,
    PUBLIC_WHOLES,
    READ,
    REST,
    AreaLine,
    Cell,
    Part,
    Whole,
    list_shown,
    make_cell,
    read_whole,
    write_lines,
)

NOT_TAKEN_BACK = statement(
    "NOT EXISTS (SELECT 1 FROM {withdrawal} withdrawal WHERE withdrawal.snapshot_id = snapshot.id)",
    withdrawal=VersionWithdrawal,
)
NAMES: dict[str, Any] = {
    "period": ReportingPeriod,
    "snapshot": Snapshot,
    "standing": NOT_TAKEN_BACK,
    "version": SnapshotState.PUBLISHED.value,
    "published": MonthStatus.PUBLISHED.value,
}
# In each, {{areas}} becomes a place for each area.
MONTHS = statement(
    """
    SELECT period.starts_on, COUNT(DISTINCT period.area_id), MAX(snapshot.id), COUNT(snapshot.id)
    FROM {period} period JOIN {snapshot} snapshot ON snapshot.period_id = period.id
    WHERE period.area_id IN ({{areas}}) AND period.status = '{published}' AND snapshot.state = '{version}'
        AND {standing}
    GROUP BY period.starts_on ORDER BY period.starts_on
""",
    **NAMES,
)
VERSIONS = statement(
    """
    SELECT period.area_id, period.due_on, period.status, {marked}, snapshot.id, snapshot.version, snapshot.taken_at
    FROM {period} period
    LEFT JOIN {snapshot} snapshot ON snapshot.period_id = period.id AND snapshot.state = '{version}'
        AND period.status = '{published}' AND {standing}
    WHERE period.area_id IN ({{areas}}) AND period.starts_on = %s
    ORDER BY snapshot.version
""",
    marked=statement(MARKED_FOR_PARTNERS, period="period.id"),
    **NAMES,
)

type Fields = dict[str, dict[str, Any]]  # of a region's lines, by the indicator's code


def fetch(text: str, keys: Collection[int], *parameters: int | str, what: str = "areas") -> list[tuple[Any, ...]]:
    """Return the rows of a statement about these areas or versions. There must be at least one."""
    return fetch_rows(text.format(**{what: ", ".join(["%s"] * len(keys))}), [*keys, *parameters])


class MonthHeld(NamedTuple):
    """A month that some of the areas published: how many did, and what changes with any of its versions."""

    month: Month
    areas: int
    newest: int
    versions: int


def list_months(areas: Collection[int]) -> list[MonthHeld]:
    """List the months that any of these areas published, the oldest first."""
    if not areas:
        return []
    return [MonthHeld(Month.of(as_day(day)), *counted) for day, *counted in fetch(MONTHS, areas)]


def list_public_months(areas: Collection[int]) -> list[MonthHeld]:
    """List the months that any of these areas made public, the oldest first."""
    if not areas:
        return []
    rows = fetch_rows(PUBLIC.format(which=f"AND area.id IN ({', '.join(['%s'] * len(areas))})", **LISTED), [*areas])
    held: dict[Month, list[int]] = {}
    for each in newest_of(rows):
        held.setdefault(each.month, []).append(each.key)
    return [MonthHeld(month, len(keys), max(keys), len(keys)) for month, keys in sorted(held.items())]


def find_newest(months: Iterable[MonthHeld]) -> Month | None:
    """Return the newest month that enough areas published; if there is none, the newest of all."""
    held = sorted(months, reverse=True)
    enough = [each for each in held if each.areas >= LEAST_AREAS]
    return next((each.month for each in (*enough, *held)), None)


def list_versions(areas: Collection[int], month: Month) -> dict[int, Part]:
    """Return each area's month, by the area's key, for areas that show their published months."""
    usual = USUAL_MARKING[Audience.PARTNERS]
    found = {area_id: Part(area_id, False, None, None, usual) for area_id in areas}
    for area_id, due_on, _, marked, key, number, taken_at in (
        fetch(VERSIONS, areas, str(month.first_day)) if areas else ()
    ):
        marking = or_usual(marked, Audience.PARTNERS)
        # The newest version comes last, and wins.
        found[area_id] = Part(area_id, False, key, as_day(due_on), marking, number, taken_at and as_moment(taken_at))
    return found


def list_editions(areas: Collection[int], month: Month) -> dict[int, Part]:
    """Return each area's month, by the area's key, for areas that show only what is public."""
    if not areas:
        return {}
    which = f"AND area.id IN ({', '.join(['%s'] * len(areas))}) AND period.starts_on = %s"
    rows = fetch_rows(PUBLIC.format(which=which, **LISTED), [*areas, str(month.first_day)])
    return {held.area.pk: make_public_part(held) for held in newest_of(rows)}


def make_public_part(held: PublicMonth) -> Part:
    return Part(held.area.pk, True, held.key, held.due_on, held.marking, held.number, held.taken_at)


class OfIndicator(NamedTuple):
    """What an area's set-up says of an indicator today: `definitions` with the first day that each applies to, the
    earliest first."""

    counts_residents: bool | None
    residents_why: str | None
    definitions: list[tuple[date, str]]

    def tell(self, since: date | str) -> tuple[str | None, bool | None, str | None]:
        """Return the definition in force on a day, whether it counts residents, and why not."""
        day, found = as_day(since), None
        for start, text in self.definitions:
            if start > day:
                break
            found = text
        return found, self.counts_residents, self.residents_why


NOT_SET_UP = OfIndicator(None, None, [])
type SetUp = dict[tuple[int, str], OfIndicator]  # by the area's key and the indicator's code
SET_UP = statement(
    """
    SELECT indicator.area_id, indicator.code, indicator.counts_residents, indicator.residents_why,
        defined.applies_from, defined.text
    FROM {indicator} indicator LEFT JOIN {definition} defined ON defined.indicator_id = indicator.id
    WHERE indicator.area_id IN ({{areas}}) AND %s IN ('', indicator.code)
    ORDER BY indicator.id, defined.applies_from
""",
    indicator=Indicator,
    definition=IndicatorDefinition,
)


def read_set_up(areas: Collection[int], code: str = "") -> list[tuple[Any, ...]]:
    """Return what these areas say of an indicator today; without a code, of every indicator: rows for `make_set_up`,
    always in the same order. One query."""
    return fetch(SET_UP, areas, code) if areas else []


def make_set_up(rows: Iterable[Sequence[Any]]) -> SetUp:
    found: SetUp = {}
    for area_id, code, counts, why, since, text in rows:
        known = found.get((area_id, code))
        if known is None:
            known = found[area_id, code] = OfIndicator(counts, why, [])
        if since is not None:
            known.definitions.append((as_day(since), text))
    return found


NONE = Statement("NULL")
# In one statement, both say the same columns. The last one says whether they are public.
CELLS = {
    False: write_lines(
        IndicatorLine, "snapshot_id", ("definition_from", NONE, *READ, *[NONE] * len(CHECKED), Statement("0"))
    ),
    True: write_lines(PublicLine, "edition_id", (NONE, "definition", *READ, *CHECKED, Statement("1"))),
}


AUDIENCES = {False: Audience.PARTNERS, True: Audience.PUBLIC}  # of versions, and of editions


def fetch_both(texts: Mapping[bool, str], parts: Collection[Part], *parameters: str) -> list[tuple[Any, ...]]:
    """Return the rows of a pair of statements about these months: of published versions first, then of public editions,
    in each one's own order. One query."""
    wanted, values = [], list[int | str]()
    for is_public, text in texts.items():
        if own := [part.key for part in parts if part.key is not None and part.is_public is is_public]:
            wanted.append(text.format(keys=", ".join(["%s"] * len(own))))
            values += [*own, *parameters]
    rows = fetch_rows(" UNION ALL ".join(wanted), values) if wanted else []
    return sorted(rows, key=lambda row: (row[-1], row[:2]))  # in a tenth of the time that the database needs


def list_cells(parts: Collection[Part], set_up: SetUp) -> list[Cell]:
    """List the whole indicators of these months, in each one's own order: of published versions first, then of public
    editions. Those of versions are true figures, for whoever the areas let see them as their partners do. Raises
    AudienceRefused for a public line that says more than its rule allows. One query.
    """
    areas, end, found = find_areas(parts), 4 + len(READ), dict[bool, list[AreaLine]]({False: [], True: []})
    for row in fetch_both(CELLS, parts):
        (source, position, since, definition), read, is_public = row[:4], row[4:end], bool(row[-1])
        area_id = areas[is_public, source]
        known = set_up.get((area_id, read[0]), NOT_SET_UP)
        # The words of an area's set-up are for whoever sees its published months: an edition has its own definition.
        told = (definition, known.counts_residents, "") if is_public else known.tell(since)
        fields = dict(zip(Cell._fields, (source, position, area_id, *told, *read, ""), strict=True))
        if is_public:
            fields |= zip(CHECKED, row[end:-1], strict=True)
            fields |= {name: json.loads(fields[name]) for name in CHECKED[3:]}
        found[is_public].append(AreaLine(fields))
    return [
        make_cell(line)
        for is_public, audience in AUDIENCES.items()
        for line in disclose(found[is_public], audience=audience)
    ]


def find_areas(parts: Iterable[Part]) -> dict[tuple[bool, int | None], int]:
    """Return whose each version or edition is. Two of them may have the same key."""
    return {(part.is_public, part.key): part.area_id for part in parts}


WHOLES = {
    False: write_lines(
        IndicatorLine, "snapshot_id", (NONE, *READ, *REST, Statement("''"), Statement("0")), only=OF_CODE
    ),
    True: PUBLIC_WHOLES,
}


def list_wholes(parts: Collection[Part], set_up: SetUp, code: str) -> list[Whole]:
    """List each area's whole of an indicator, in the order of `list_cells`. One query."""
    areas, found = find_areas(parts), dict[bool, list[AreaLine]]({False: [], True: []})
    for *row, shown in fetch_both(WHOLES, parts, code):
        of, is_public = dict(zip(OF_WHOLE, row, strict=True)), bool(shown)
        area_id = areas[is_public, of["source"]]
        known = set_up.get((area_id, of["indicator_code"]), NOT_SET_UP)
        told = (of["definition"], known.counts_residents, "") if is_public else known.tell(of["definition_from"])
        found[is_public].append(read_whole(row, area_id=area_id, **dict(zip(OF_INDICATOR, told, strict=True))))
    return [
        whole for is_public, audience in AUDIENCES.items() for whole in list_shown(found[is_public], audience=audience)
    ]


SAVED = statement("SELECT lines FROM {saved} WHERE region_id = %s AND starts_on = %s AND key = %s", saved=RegionMonth)
SAVED_SERIES = statement(
    "SELECT lines -> %s, series -> %s FROM {saved} WHERE region_id = %s AND starts_on = %s AND key = %s",
    saved=RegionMonth,
)


def find_saved(region: Region, month: Month, key: str) -> Fields | None:
    """Return the region's own lines as they are saved under this key; None if they aren't."""
    rows = fetch_rows(SAVED, [region.pk, str(month.first_day), key])
    return json.loads(rows[0][0]) if rows else None


def find_saved_series(region: Region, month: Month, key: str, code: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one of them with its series; both are empty if it isn't saved. The others' would take longer to read than
    all the rest of a page."""
    rows = fetch_rows(SAVED_SERIES, [code, code, region.pk, str(month.first_day), key])
    line, series = rows[0] if rows else (None, None)
    return json.loads(line or "{}"), json.loads(series or "{}")


class OriginCell(Row):
    """What an area counts from one origin, in one indicator. An origin such as “inside the county” has no place."""

    source: int  # its version


OF_ORIGIN = (
    *("position", "indicator_code", "title", "dimension_name", "category_code", "category_name"),
    *("longitude", "latitude", "state", "value", "is_provisional", "movement", "change"),
)
# A split is by place if any of its categories, in any of these versions, has a place.
ORIGINS = statement(
    """
    SELECT snapshot_id, {columns} FROM {line}
    WHERE snapshot_id IN ({{keys}}) AND category_code <> '' AND (indicator_code, dimension_code) IN (
        SELECT indicator_code, dimension_code FROM {line}
        WHERE snapshot_id IN ({{keys}}) AND longitude IS NOT NULL
    )
""",
    columns=OF_ORIGIN,
    line=IndicatorLine,
)


def list_origin_cells(versions: Collection[int]) -> list[Disclosed[OriginCell]]:
    """List what these published versions split by place, in each one's own order. Only for partners: no edition."""
    rows = fetch(ORIGINS, versions, *versions, what="keys") if versions else []
    named = (dict(zip(("source", *OF_ORIGIN), row, strict=True)) for row in sorted(rows, key=lambda row: row[:2]))
    return disclose(map(OriginCell, named), audience=Audience.PARTNERS)


def find_greatest(areas: Collection[int]) -> dict[str, int]:
    """Return the greatest count of one origin in one area, over all published months, by the indicator's code."""
    published = Snapshot.objects.standing().filter(period__area__in=areas, period__status=MonthStatus.PUBLISHED.value)
    lines = IndicatorLine.objects.filter(snapshot__in=published, longitude__isnull=False, value__isnull=False)
    return dict(lines.order_by().values_list("indicator_code").annotate(Max("value")))
