"""Which version of which month?

The statements by hand are those that each page of a month makes: see core.selectors.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS

from boards.models import Board, PartnershipArea, ReportingPeriod
from core.months import Month
from core.selectors import fetch_rows
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
    WHERE area_id = %s AND NOT retired ORDER BY position, name
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


def boards_of(area: PartnershipArea) -> list[Board]:
    return [Board.from_db(DEFAULT_DB_ALIAS, BOARD_COLUMNS, row) for row in fetch_rows(BOARDS, [area.pk])]
