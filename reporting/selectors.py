"""Which version of which month?

The statements by hand are those that each page of a month makes: see core.selectors.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q, QuerySet

from boards.models import Board, PartnershipArea, ReportingPeriod
from boards.workflow import MonthStatus
from core.models import AuditEvent
from core.months import Month
from core.selectors import fetch_rows
from indicators.models import Indicator, IndicatorDefinition, Observation
from reporting.models import IndicatorLine, Snapshot, SnapshotState


class NotHeld(LookupError):
    """What was asked for isn't there. Its text is a sentence for the user."""


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


AROUND = f"SELECT * FROM {ReportingPeriod._meta.db_table} WHERE area_id = %s AND starts_on >= %s AND starts_on <= %s"  # noqa: S608
NEWEST = (
    f"SELECT * FROM {Snapshot._meta.db_table} WHERE period_id = %s AND state IN (%s, %s) ORDER BY version DESC LIMIT 1"  # noqa: S608
)
BOARD_COLUMNS = [field.attname for field in Board._meta.concrete_fields]
BOARDS = f"""
    SELECT {", ".join(BOARD_COLUMNS)} FROM {Board._meta.db_table}
    WHERE area_id = %s ORDER BY position, name
"""  # noqa: S608


def find_month(area: PartnershipArea, month: Month) -> Calendar:
    """One query. Raises NotHeld."""
    days = [str(month.previous.first_day), str(month.next.first_day)]
    around = {period.month: period for period in ReportingPeriod.objects.raw(AROUND, [area.pk, *days])}
    if month not in around:
        raise NotHeld(_not_held(area, month))
    for period in around.values():
        period.area = area
    return Calendar(around[month], around.get(month.previous), around.get(month.next))


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


def newest_snapshot(area: PartnershipArea, *, include_drafts: bool, holding: str = "") -> Snapshot:
    """The newest version of the newest month that the reader may see, with its month; or of the last
    one that has a line of the indicator `holding`. One query. Raises NotHeld."""
    snapshots = Snapshot.objects.filter(period__area=area)
    if not include_drafts:
        snapshots = snapshots.filter(state=SnapshotState.PUBLISHED.value, period__status=MonthStatus.PUBLISHED.value)
    if holding:
        snapshots = snapshots.filter(lines__indicator_code=holding)
    snapshot = snapshots.select_related("period").order_by("-period__starts_on", "-version").first()
    if snapshot is None:
        what = "no month" if not holding else f"no month with the indicator “{holding}”"
        raise NotHeld(
            f"{area.name} holds {what} that you can read yet. A month appears here once the coordinator publishes it."
        )
    snapshot.period.area = area
    return snapshot


class Line(NamedTuple):
    """A line of a snapshot, as it is read: the fields of IndicatorLine that a page shows."""

    section_code: str
    section_title: str
    indicator_code: str
    part_of_code: str
    title: str
    question: str
    unit_one: str
    unit_many: str
    polarity: str
    polarity_reason: str
    owner_name: str
    dimension_code: str
    dimension_name: str
    category_code: str
    category_name: str
    longitude: float | None
    latitude: float | None
    definition_from: date
    state: str
    value: int | None
    note: str
    previous_state: str
    previous_value: int | None
    movement: str
    change: int | None
    no_arrow_reason: str
    year_value: int | None
    year_change: int | None
    year_no_arrow_reason: str
    method: str
    figures: int
    mean: float | None
    lower: float | None
    upper: float | None
    signal: str
    judgement: str
    running: int
    in_a_year: int | None
    months_since: int | None
    boards: dict[str, int]
    history: list[int | None]


type AnyLine = Line | IndicatorLine

LINES = f"""
    SELECT {", ".join(Line._fields)} FROM {IndicatorLine._meta.db_table} WHERE snapshot_id = %s ORDER BY position
"""  # noqa: S608  # made of names of our own table


def lines_of(snapshot: Snapshot) -> list[Line]:
    """One query. By hand: see core.selectors."""
    return [
        Line._make([*plain, json.loads(boards), json.loads(history)])
        for *plain, boards, history in fetch_rows(LINES, [snapshot.pk])
    ]


SERIES = f"""
    SELECT {", ".join(Line._fields)}, steps FROM {IndicatorLine._meta.db_table}
    WHERE snapshot_id = %s AND indicator_code = %s ORDER BY position
"""  # noqa: S608
type Steps = list[dict[str, Any]]  # IndicatorLine.steps


def series_of(snapshot: Snapshot, code: str) -> list[tuple[Line, Steps]]:
    """The lines of an indicator, the whole first, each with its steps. One query, by hand."""
    return [
        (Line._make([*plain, json.loads(boards), json.loads(history)]), json.loads(steps))
        for *plain, boards, history, steps in fetch_rows(SERIES, [snapshot.pk, code])
    ]


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


def set_up_of(area: PartnershipArea, code: str) -> SetUp:
    """Two queries. Raises NotHeld."""
    rows = list(
        IndicatorDefinition.objects.filter(indicator__area=area, indicator__code=code)
        .order_by("applies_from")
        .values_list(
            *(f"indicator__{name}" for name in ("pk", "title", "why_it_matters", "source", "collection")),
            "indicator__retired_from",
            "pk",
            "applies_from",
            "text",
        )
    )
    if not rows:
        raise NotHeld(f"{area.name} has no indicator “{code}”, or it isn’t defined yet.")
    pk, title, why, source, collection, retired_from, *_ = rows[0]
    acts = AuditEvent.objects.filter(
        Q(target_type=Indicator._meta.label_lower, target_id=str(pk))
        | Q(target_type=IndicatorDefinition._meta.label_lower, target_id__in=[str(row[6]) for row in rows])
    )
    return SetUp(
        pk,
        title,
        why,
        source,
        collection,
        retired_from,
        definitions=[(row[7], row[8]) for row in rows],
        acts=list(acts.order_by("-happened_at", "-id").values_list("happened_at", "verb", "details")[:MOST_ACTS]),
    )


def observed(indicator: int) -> QuerySet[Observation, Any]:
    """The signed-off figures of an indicator, the newest month first, as presenters.history_rows takes them."""
    return (
        Observation.objects.signed_off()
        .filter(indicator=indicator)
        .order_by("-period__starts_on", "category__position", "category__name")
        .values_list(
            "period__starts_on",
            "category__name",
            "state",
            "value",
            "note",
            "imported_from",
            "submission__agency__name",
            "signed_off_at",
            "signed_off_by__name",
        )
    )
