"""Which columns of its areas' lines does a region read? Of versions and of public editions alike.

Public pages read this module, so it names no model of true figures: see reporting.regions.selectors.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Model

from core.statements import Statement, statement
from indicators.disclosure import Audience, Disclosed, Marking, disclose
from indicators.ratios import ShownOn
from reporting.models.editions import PublicLine
from reporting.models.line_fields import Row
from reporting.months.selectors.lines import COLUMNS, LISTS


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


class AreaLine(Row):
    """A line with all that its cell has."""


def make_cell(disclosed: Disclosed[AreaLine]) -> Cell:
    return Cell._make(getattr(disclosed.line, name) for name in Cell._fields)


# An indicator's set-up, which changes while a version doesn't: reporting.regions.selectors.
OF_INDICATOR = ("definition", "counts_residents", "residents_why")
READ = tuple(name for name in Cell._fields[3:] if name not in (*OF_INDICATOR, "protected_by"))
# What the gate checks of a public line besides.
CHECKED = ("protected_by", "note", "revised_why", "history", "numerators", "denominators")
OF_CODE = "AND line.indicator_code = %s"
REST = tuple(name for name in COLUMNS if name not in (*READ, "position"))


def write_lines(line: type[Model], source: str, columns: Sequence[str], only: str = "") -> Statement:
    """Return the statement for the whole lines of versions or editions: `source` is the line's column with them. Each
    row starts with its source and its position."""
    named = [name if isinstance(name, Statement) else statement("line.{name}", name=name) for name in columns]
    return statement(
        """
        SELECT line.{source}, line.position, {columns} FROM {line} line
        WHERE line.{source} IN ({{keys}}) AND line.category_code = '' AND line.shown_on <> '{only_ratios}' {only}
""",
        source=source,
        columns=Statement(", ".join(named)),
        line=line,
        only_ratios=ShownOn.RATIOS.value,
        only=statement(only),
    )


PUBLIC_WHOLES = write_lines(
    PublicLine, "edition_id", ("definition", *READ, *REST, "protected_by", Statement("1")), only=OF_CODE
)
OF_WHOLE = ("source", "position", "definition", *READ, *REST, "protected_by")


class Whole(NamedTuple):
    """An area's whole indicator: its cell, and its line with all its months."""

    cell: Cell
    line: Disclosed[AreaLine]


def read_whole(row: Sequence[Any], **of_area: Any) -> AreaLine:
    """Return the line of a whole from a row of its statement, and what its area says of the indicator."""
    fields = dict(zip(OF_WHOLE, row, strict=True)) | of_area
    return AreaLine(fields | {name: json.loads(fields[name]) for name in LISTS})


def list_shown(lines: Iterable[AreaLine], *, audience: Audience) -> list[Whole]:
    """Return the wholes that the audience may see. Raises AudienceRefused where one of them isn't for the public."""
    return [Whole(make_cell(line), line) for line in disclose(lines, audience=audience)]
