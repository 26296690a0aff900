"""Which version of which month?

The statements by hand are those that each page of a month makes: see core.selectors.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, Q

from actions.selectors.highlights import COUNT, days_of
from boards.models import Agency, Board, PartnershipArea, ReportingPeriod
from boards.workflow import MonthStatus
from core.models import AuditEvent, User
from core.months import Month
from core.selectors import as_day, as_moment, fetch_rows
from indicators.models import Category, Indicator, IndicatorDefinition, Observation, Submission
from indicators.selectors.markings import MARKED_FOR_PARTNERS, note_marking
from reporting.models import IndicatorLine, Snapshot, SnapshotState
from reporting.models.line_fields import Line, Row, names_of


class NotHeld(LookupError):
    """What was asked for isn't there. Its text is a sentence for the user."""


class NoSuchVersion(NotHeld):
    """The month is there, and hasn't got that version, or not for this reader."""


def find_board(area: PartnershipArea, code: str) -> Board:
    """Raises NotHeld."""
    board = Board.objects.filter(area=area, code=code, retired=False).first()
    if board is None:
        known = ", ".join(Board.objects.filter(area=area, retired=False).values_list("code", flat=True))
        raise NotHeld(f"{area.name} has no board “{code}”. It has: {known or 'none yet'}.")
    return board


@dataclass(frozen=True, slots=True)
class Calendar:
    """A month of an area, with the months before and after it where the area holds them."""

    period: ReportingPeriod
    before: ReportingPeriod | None
    after: ReportingPeriod | None
    told: int = 0  # highlights of the month, of whatever board


# What a page of a month needs of its period; the rest is deferred.
PERIOD_COLUMNS = ["id", "area_id", "starts_on", "due_on", "status", "stale_since"]
AROUND = f"""
    SELECT {", ".join(PERIOD_COLUMNS)}, {MARKED_FOR_PARTNERS.format(period="period.id")},
        {COUNT.format(area="period.area_id", first="%s", last="%s")}
    FROM {ReportingPeriod._meta.db_table} period
    WHERE area_id = %s AND starts_on >= %s AND starts_on <= %s
"""  # noqa: S608
NEWEST = (
    f"SELECT * FROM {Snapshot._meta.db_table} WHERE period_id = %s AND state IN (%s, %s) ORDER BY version DESC LIMIT 1"  # noqa: S608
)
BOARD_COLUMNS = [field.attname for field in Board._meta.concrete_fields]
BOARDS = f"""
    SELECT {", ".join(BOARD_COLUMNS)} FROM {Board._meta.db_table}
    WHERE area_id = %s ORDER BY position, name
"""  # noqa: S608


def find_month(area: PartnershipArea, month: Month) -> Calendar:
    """One query, which reads each month's marking for partners too. Raises NotHeld."""
    before, after = str(month.previous.first_day), str(month.next.first_day)
    first, last = map(str, days_of(month))
    rows = fetch_rows(AROUND, [last, first, area.pk, before, after])
    around = {}
    for *columns, marked, _ in rows:
        period = ReportingPeriod.from_db(DEFAULT_DB_ALIAS, PERIOD_COLUMNS, columns)
        note_marking(period, marked)
        around[period.month] = period
    if month not in around:
        raise NotHeld(_not_held(area, month))
    for period in around.values():
        period.area = area
    return Calendar(around[month], around.get(month.previous), around.get(month.next), told=rows[0][-1])


def _not_held(area: PartnershipArea, month: Month) -> str:
    days = list(ReportingPeriod.objects.filter(area=area).order_by("starts_on").values_list("starts_on", flat=True))
    if not days:
        return f"{area.name} holds no months yet."
    first, last = Month.of(days[0]).label, Month.of(days[-1]).label
    return f"{area.name} holds no figures for {month.label}: its months are {first} to {last}."


def latest_snapshot(period: ReportingPeriod, *, include_drafts: bool) -> Snapshot:
    """The newest version of a month that the reader may see. Raises NotHeld."""
    published = SnapshotState.PUBLISHED.value
    states = [SnapshotState.DRAFT.value if include_drafts else published, published]
    snapshot = next(iter(Snapshot.objects.raw(NEWEST, [period.pk, *states])), None)
    if snapshot is None:
        raise NotHeld(
            f"{period.month.label} has not been rolled up yet. Its page appears within a minute; if it doesn't, "
            "ask the operator whether the scheduled job is running."
        )
    return snapshot


def versions_of(period: ReportingPeriod, *, include_drafts: bool) -> list[Snapshot]:
    """The versions of a month that the reader may see, the newest first. One query."""
    versions = Snapshot.objects.filter(period=period).order_by("-version")
    return list(versions if include_drafts else versions.filter(state=SnapshotState.PUBLISHED.value))


@dataclass(frozen=True, slots=True)
class Unpublished:
    """The draft of a month that was published before: how many figures of it are other ones now."""

    month: Month
    version: int
    figures: int


def unpublished_corrections(area: PartnershipArea) -> list[Unpublished]:
    """The published months whose figures changed since, the oldest first. One query. A whole that is the
    sum of its categories isn't counted besides them."""
    is_figure = ~Q(lines__revised_state="") & (Q(lines__dimension_code="") | ~Q(lines__category_code=""))
    drafts = (
        Snapshot.objects.filter(
            period__area=area, period__status=MonthStatus.PUBLISHED.value, state=SnapshotState.DRAFT.value
        )
        .annotate(figures=Count("lines", filter=is_figure))
        .order_by("period__starts_on")
    )
    rows = drafts.values_list("period__starts_on", "version", "figures")
    return [Unpublished(Month.of(day), version, figures) for day, version, figures in rows]


def find_version(versions: list[Snapshot], wanted: str, *, month: Month) -> Snapshot:
    """The version of that number, out of those that the reader may see. Raises NoSuchVersion."""
    for snapshot in versions:
        if str(snapshot.version) == wanted:
            return snapshot
    if not versions:
        raise NoSuchVersion(f"{month.label} has no version yet.")
    numbers = " and ".join(str(snapshot.version) for snapshot in reversed(versions))
    held = f"version {numbers} only" if len(versions) == 1 else f"versions {numbers}"
    raise NoSuchVersion(f"{month.label} has no version “{wanted[:20]}”. It has {held}.")


def successor_of(snapshot: Snapshot, versions: list[Snapshot]) -> Snapshot | None:
    """The published version that took the place of this one, if any did."""
    later = [other for other in versions if other.version > snapshot.version and other.state == SnapshotState.PUBLISHED]
    return min(later, key=lambda other: other.version, default=None)


NEWEST_OF_ALL = """
    SELECT snapshot.*, period.starts_on, period.due_on, period.status, period.stale_since
    FROM {snapshots} snapshot JOIN {periods} period ON period.id = snapshot.period_id
    WHERE period.area_id = %s AND (%s = 1 OR (snapshot.state = %s AND period.status = %s)) {holding}
    ORDER BY period.starts_on DESC, snapshot.version DESC LIMIT 1
"""
HOLDING = "AND EXISTS (SELECT 1 FROM {lines} line WHERE line.snapshot_id = snapshot.id AND line.indicator_code = %s)"
TABLES = {
    "snapshots": Snapshot._meta.db_table,
    "periods": ReportingPeriod._meta.db_table,
    "lines": IndicatorLine._meta.db_table,
}


def newest_snapshot(area: PartnershipArea, *, include_drafts: bool, holding: str = "") -> Snapshot:
    """The newest version of the newest month that the reader may see, with its month; or of the last
    one that has a line of the indicator `holding`. One query, by hand. Raises NotHeld."""
    statement = NEWEST_OF_ALL.format(**TABLES, holding=HOLDING.format(**TABLES) if holding else "")
    published = [SnapshotState.PUBLISHED.value, MonthStatus.PUBLISHED.value]
    parameters = [area.pk, int(include_drafts), *published, *([holding] if holding else [])]
    for snapshot in Snapshot.objects.raw(statement, parameters):
        found: Any = snapshot  # with the month's columns besides
        snapshot.period = ReportingPeriod(
            pk=snapshot.period_id,
            area=area,
            starts_on=as_day(found.starts_on),
            due_on=as_day(found.due_on),
            status=found.status,
            stale_since=found.stale_since,
        )
        return snapshot
    what = "no month" if not holding else f"no month with the indicator “{holding}”"
    raise NotHeld(
        f"{area.name} holds {what} that you can read yet. A month appears here once the coordinator publishes it."
    )


LINES = f"""
    SELECT {{columns}} FROM {IndicatorLine._meta.db_table} WHERE snapshot_id = %s {{only}} ORDER BY position
"""  # noqa: S608  # made of names of our own table
COLUMNS = names_of(Line)
# What no page of a month shows, and would only cost.
NOT_ON_A_MONTH = ("position", "owner_code", "steps", "revised_by", "revised_on")
COLUMNS_OF_MONTH = tuple(name for name in COLUMNS if name not in NOT_ON_A_MONTH)
LINES_OF_MONTH = LINES.format(columns=", ".join(COLUMNS_OF_MONTH), only="")
LINES_OF_ALL = LINES.format(columns=", ".join(COLUMNS), only="")
LINES_OF_ONE = LINES.format(columns=", ".join(COLUMNS), only="AND indicator_code = %s")


def lines_of(snapshot: Snapshot) -> list[Line]:
    """One query. By hand: see core.selectors. A category's history is left out: no page of a month draws it."""
    lines: list[Line] = []
    for values in fetch_rows(LINES_OF_MONTH, [snapshot.pk]):
        found = dict(zip(COLUMNS_OF_MONTH, values, strict=True))
        found["boards"] = json.loads(found["boards"])
        found["history"] = [] if found["category_code"] else json.loads(found["history"])
        lines.append(Row(found))
    return lines


def series_of(snapshot: Snapshot, code: str = "") -> list[Line]:
    """The lines of an indicator, or of them all, each whole before its parts, with their steps. One query, by hand."""
    rows = fetch_rows(LINES_OF_ONE, [snapshot.pk, code]) if code else fetch_rows(LINES_OF_ALL, [snapshot.pk])
    lines: list[Line] = []
    for values in rows:
        found = dict(zip(COLUMNS, values, strict=True))
        found |= {name: json.loads(found[name]) for name in ("boards", "history", "steps")}
        lines.append(Row(found))
    return lines


def boards_of(area: PartnershipArea) -> list[Board]:
    """Every board, a retired one too: its pages of past months stay. One query."""
    return [Board.from_db(DEFAULT_DB_ALIAS, BOARD_COLUMNS, row) for row in fetch_rows(BOARDS, [area.pk])]


@dataclass(frozen=True, slots=True)
class SetUp:
    """What is set up for an indicator now, with what was done to that, the newest first."""

    pk: int
    title: str
    why_it_matters: str
    source: str
    collection: str
    retired_from: date | None
    definitions: list[tuple[date, str]]
    acts: list[tuple[datetime, str, dict[str, Any]]]


MOST_ACTS = 20
SET_UP = f"""
    SELECT indicator.id, indicator.title, indicator.why_it_matters, indicator.source, indicator.collection,
        indicator.retired_from, definition.id, definition.applies_from, definition.text
    FROM {Indicator._meta.db_table} indicator
    JOIN {IndicatorDefinition._meta.db_table} definition ON definition.indicator_id = indicator.id
    WHERE indicator.area_id = %s AND indicator.code = %s ORDER BY definition.applies_from
"""  # noqa: S608
ACTS = f"""
    SELECT happened_at, verb, details FROM {AuditEvent._meta.db_table}
    WHERE (target_type = %s AND target_id = %s) OR (target_type = %s AND target_id IN ({{marks}}))
    ORDER BY happened_at DESC, id DESC LIMIT {MOST_ACTS}
"""  # noqa: S608


def set_up_of(area: PartnershipArea, code: str) -> SetUp:
    """Two queries, by hand. Raises NotHeld."""
    rows = fetch_rows(SET_UP, [area.pk, code])
    if not rows:
        raise NotHeld(f"{area.name} has no indicator “{code}”, or it isn’t defined yet.")
    pk, title, why, source, collection, retired_from, *_ = rows[0]
    of_indicator = [Indicator._meta.label_lower, str(pk)]
    of_definitions = [IndicatorDefinition._meta.label_lower, *(str(row[6]) for row in rows)]
    acts = fetch_rows(ACTS.format(marks=", ".join(["%s"] * len(rows))), of_indicator + of_definitions)
    return SetUp(
        pk,
        title,
        why,
        source,
        collection,
        retired_from and as_day(retired_from),
        definitions=[(as_day(row[7]), row[8]) for row in rows],
        acts=[(as_moment(happened_at), verb, json.loads(details)) for happened_at, verb, details in acts],
    )


class Observed(NamedTuple):
    """A signed-off figure, with where it came from (a file, an agency's return, or else a correction)
    and who stood for it."""

    month: date
    category_code: str | None
    category: str | None
    state: str
    value: int | None
    note: str
    is_provisional: bool
    imported_from: str
    agency: str | None
    signed_off_at: datetime
    signed_off_by: str | None


OBSERVED = f"""
    FROM {Observation._meta.db_table} observation
    WHERE observation.indicator_id = %s AND observation.signed_off_at IS NOT NULL
"""
COUNT_OBSERVED = f"SELECT COUNT(*) {OBSERVED}"
SELECT_OBSERVED = f"""
    SELECT period.starts_on, category.code, category.name, observation.state, observation.value, observation.note,
        observation.is_provisional, observation.imported_from, agency.name, observation.signed_off_at, person.name
    {OBSERVED.partition("WHERE")[0]}
    JOIN {ReportingPeriod._meta.db_table} period ON period.id = observation.period_id
    LEFT JOIN {Category._meta.db_table} category ON category.id = observation.category_id
    LEFT JOIN {Submission._meta.db_table} submission ON submission.id = observation.submission_id
    LEFT JOIN {Agency._meta.db_table} agency ON agency.id = submission.agency_id
    LEFT JOIN {User._meta.db_table} person ON person.id = observation.signed_off_by_id
    WHERE {OBSERVED.partition("WHERE")[2]}
    ORDER BY period.starts_on DESC, category.position, category.name LIMIT %s OFFSET %s
"""


@dataclass(frozen=True, slots=True)
class Observations:
    """The signed-off figures of an indicator, the newest month first, for a paginator: a query for
    how many there are, and one for each page."""

    indicator: int

    def count(self) -> int:
        return int(fetch_rows(COUNT_OBSERVED, [self.indicator])[0][0])

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, places: slice) -> list[Observed]:
        rows = fetch_rows(SELECT_OBSERVED, [self.indicator, places.stop - places.start, places.start])
        return [
            Observed._make([as_day(day), *plain, as_moment(moment), person]) for day, *plain, moment, person in rows
        ]
