"""Reads the lines of all an area's months, as one reader may see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from boards.models import PartnershipArea
from indicators.models import Category, Indicator
from indicators.trend import CellState
from reporting.models import IndicatorLine, Snapshot
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
