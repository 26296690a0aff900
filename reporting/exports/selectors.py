"""Reads the lines of all an area's months, as one reader may see them; and those of many areas, for the long table."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from boards.models import PartnershipArea
from core.calendar import Month
from indicators.models import Category, Indicator
from indicators.trend import CellState
from reporting.models import IndicatorLine, Snapshot, SnapshotState, VersionWithdrawal
from reporting.models.line_fields import Row

# The columns that the gate and a file of history use.
READ = (
    *("indicator_code", "title", "owner_code", "category_code", "category_name"),
    *("state", "value", "note", "is_provisional", "revised_why", "ratio", "of_when"),
)


class VersionLine(Row):
    """A line of a version, without its months."""

    snapshot: int
    state: CellState


def list_version_lines(versions: Iterable[Snapshot]) -> list[VersionLine]:
    """Return the lines of these versions, each version's in the order of its page. One query."""
    lines = IndicatorLine.objects.filter(snapshot__in=[version.pk for version in versions]).order_by("position")
    return [
        VersionLine({**dict(zip(READ, values, strict=True)), "snapshot": key, "state": CellState(state), "history": []})
        for key, state, *values in lines.values_list("snapshot_id", "state", *READ)
    ]


@dataclass(frozen=True, slots=True)
class Supply:
    """Who supplies each indicator now, and the categories that returns ask for: all by code."""

    owners: dict[str, str]
    categories: dict[str, Sequence[str]]


def get_supply(area: PartnershipArea) -> Supply:
    """Return who supplies each indicator, and its present categories. Two queries."""
    owners = Indicator.objects.filter(area=area).values_list("code", "owner__code")
    categories: dict[str, list[str]] = {}
    live = Category.objects.in_use().filter(dimension__area=area, dimension__indicators__isnull=False)
    for indicator, category in live.order_by("position", "name").values_list("dimension__indicators__code", "code"):
        categories.setdefault(indicator, []).append(category)
    return Supply(dict(owners), dict(categories))


# --- The long table -------------------------------------------------------------------------------

# The columns of a line that the table has, or needs to tell what it has.
TABLE_READ = (
    *("indicator_code", "title", "category_code", "part_of_code", "unit_many", "state", "value", "is_provisional"),
    *("movement", "change", "signal", "usual", "mean", "lower", "upper", "ratio", "per", "numerator", "denominator"),
    *("tier", "judgement", "method"),
)


class TableLine(Row):
    """A line of a published version, without its months."""

    version: "Standing"


@dataclass(frozen=True, slots=True)
class Standing:
    """A published version of a month: the newest that nobody took back, or one that was taken back and has no other in
    its place. `changed_at` is when readers began to see this: it was published, or a later one was taken back."""

    key: int
    area: PartnershipArea
    month: Month
    number: int
    published_at: datetime
    changed_at: datetime
    is_gone: bool = False


def list_standing(areas: Collection[int]) -> list[Standing]:
    """Return the months of these areas that were ever published, in order: each in the version that stands, or as
    `is_gone`. One query."""
    published = Snapshot.objects.filter(period__area__in=areas, state=SnapshotState.PUBLISHED.value)
    versions = published.select_related("period__area", "withdrawal").defer("timeliness")
    by_period: dict[int, list[Snapshot]] = {}
    for version in versions.order_by("period__starts_on", "version"):
        by_period.setdefault(version.period_id, []).append(version)
    return [find_standing(some) for some in by_period.values()]


def find_standing(versions: Sequence[Snapshot]) -> Standing:
    """Return which of a month's published versions stands. They come with the oldest first."""
    standing = [version for version in versions if find_taken_back(version) is None]
    taken_back = [moment for version in versions if (moment := find_taken_back(version))]
    shown = (standing or versions)[-1]
    published_at = cast("datetime", shown.published_at)
    return Standing(
        key=shown.pk,
        area=shown.period.area,
        month=shown.period.month,
        number=shown.version,
        published_at=published_at,
        changed_at=max([published_at, *taken_back]),
        is_gone=not standing,
    )


def find_taken_back(version: Snapshot) -> datetime | None:
    withdrawal: VersionWithdrawal | None = getattr(version, "withdrawal", None)
    return withdrawal.withdrawn_at if withdrawal else None


def list_table_lines(versions: Iterable[Standing], codes: Collection[str]) -> list[TableLine]:
    """Return the lines of these versions, of these indicators or of all, in the order of their pages. One query."""
    by_key = {version.key: version for version in versions}
    lines = IndicatorLine.objects.filter(snapshot__in=by_key)
    if codes:
        lines = lines.filter(indicator_code__in=codes)
    rows: dict[int, list[TableLine]] = {key: [] for key in by_key}
    for key, *values in lines.order_by("position").values_list("snapshot_id", *TABLE_READ):
        rows[key].append(TableLine({**dict(zip(TABLE_READ, values, strict=True)), "version": by_key[key]}))
    return [line for some in rows.values() for line in some]
