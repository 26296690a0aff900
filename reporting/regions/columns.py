"""Which columns of its areas' lines does a region read? Of versions and of public editions alike.

Public pages read this module, so it names no model of true figures: see reporting.regions.selectors.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet

from indicators.disclosure import Disclosed, Marking
from indicators.ratios import ShownOn
from reporting.models.line_fields import LineFields


@dataclass(frozen=True, slots=True)
class Part:
    """A month of an area as it shows it to the region: `key` is its newest published version or, if it shows only what
    is public, its newest public edition. Without one, `key` is None; without the month itself, `due_on` is too."""

    area_id: int
    is_public: bool
    key: int | None
    due_on: date | None
    marking: Marking
    number: int | None = None
    taken_at: datetime | None = None


class Cell(NamedTuple):
    """A whole indicator of an area's month: the columns of a line that a region shows. `source` is its version or
    edition. The definition and whether it counts residents are the indicator's own, as its area has them today.
    """

    source: int
    position: int
    area_id: int
    definition: str | None
    counts_residents: bool | None
    residents_why: str | None
    indicator_code: str
    section_code: str
    section_title: str
    title: str
    short_title: str
    unit_many: str
    polarity: str
    counts_as: str
    asked: str
    ratio: str
    per: int
    numerator: int | None
    denominator: int | None
    state: str
    value: int | None
    is_provisional: bool
    movement: str
    change: int | None
    method: str
    lower: float | None
    upper: float | None
    signal: str
    tier: str
    judgement: str
    window_months: int | None
    window_sum: int | None
    window_due: float | None
    protected_by: str = ""

    @property
    def name(self) -> str:
        """Return the label for a narrow column."""
        return self.short_title or self.title


# An indicator's set-up, which changes while a version doesn't: reporting.regions.selectors.
type Told = tuple[str | None, bool | None, str | None]
OF_INDICATOR = ("definition", "counts_residents", "residents_why")
READ = tuple(name for name in Cell._fields[3:] if name not in (*OF_INDICATOR, "protected_by"))


class Whole(NamedTuple):
    """An area's whole indicator: its cell, and its line with all its months."""

    cell: Cell
    line: Disclosed[LineFields]


def whole_lines[Of: LineFields](model: type[Of], code: str = "") -> QuerySet[Of]:
    """Return the whole lines, without the counts that only a ratio shows; of one indicator if its code is given."""
    lines = model._default_manager.filter(category_code="").exclude(shown_on=ShownOn.RATIOS.value)
    return lines.filter(indicator_code=code) if code else lines


def make_whole(disclosed: Disclosed[LineFields], area_id: int, source: int, told: Told) -> Whole:
    line = disclosed.line
    read = [getattr(line, name) for name in READ]
    return Whole(Cell._make((source, line.position, area_id, *told, *read, line.protected_by)), disclosed)
