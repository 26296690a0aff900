"""Which columns of its areas' lines does a region read? Of versions and of public editions alike.

Public pages read this module, so it names no model of true figures: see reporting.regions.selectors.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Model

from boards.models import ReportingPeriod
from core.statements import Statement, statement
from indicators.disclosure import Marking
from indicators.models import Indicator, IndicatorDefinition
from indicators.ratios import ShownOn
from reporting.models.editions import PublicEdition, PublicLine
from reporting.models.line_fields import Line, Row
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
    edition. The definition and whether it counts residents are the indicator's own.
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


OF_INDICATOR = ("definition", "counts_residents", "residents_why")
READ = tuple(name for name in Cell._fields[3:] if name not in (*OF_INDICATOR, "protected_by"))
# What the gate checks of a public line besides.
CHECKED = ("protected_by", "note", "revised_why", "history", "numerators", "denominators")
IN_FORCE = statement(
    """(SELECT defined.text FROM {definition} defined
        WHERE defined.indicator_id = indicator.id AND defined.applies_from <= line.definition_from
        ORDER BY defined.applies_from DESC LIMIT 1)""",
    definition=IndicatorDefinition,
)


def write_cells(
    line: type[Model], holder: type[Model], source: str, definition: str, *besides: str, only: str = ""
) -> Statement:
    """Return the statement for the lines of versions or editions: `source` is the line's column with its `holder`. The
    words of an area's set-up are for whoever sees its published months."""
    columns = [
        name if isinstance(name, Statement) else statement("line.{name}", name=name) for name in (*READ, *besides)
    ]
    return statement(
        """
        SELECT line.{source}, line.position, period.area_id, {definition}, indicator.counts_residents, {why}, {columns}
        FROM {line} line
        JOIN {holder} holder ON holder.id = line.{source}
        JOIN {period} period ON period.id = holder.period_id
        LEFT JOIN {indicator} indicator ON indicator.area_id = period.area_id AND indicator.code = line.indicator_code
        WHERE line.{source} IN ({{keys}}) AND line.category_code = '' AND line.shown_on <> '{only_ratios}' {only}
""",
        source=source,
        definition=definition,
        why=statement("''") if line is PublicLine else "indicator.residents_why",
        columns=Statement(", ".join(columns)),
        line=line,
        holder=holder,
        period=ReportingPeriod,
        indicator=Indicator,
        only_ratios=ShownOn.RATIOS.value,
        only=statement(only),
    )


OF_CODE = "AND %s IN ('', line.indicator_code)"
REST = tuple(name for name in COLUMNS if name not in (*READ, "position"))
PUBLIC_WHOLES = write_cells(
    *(PublicLine, PublicEdition, "edition_id", "line.definition"),
    *REST,
    "protected_by",
    Statement("1"),
    only=OF_CODE,
)
NAMES = (*Cell._fields[:-1], *REST, "protected_by")


class Whole(NamedTuple):
    """An area's whole indicator: its cell, and its line with all its months."""

    cell: Cell
    line: Line


def make_whole(row: Sequence[Any]) -> Whole:
    """Return a whole from a row of its statement."""
    fields = dict(zip(NAMES, row, strict=True))
    fields |= {name: json.loads(fields[name]) for name in LISTS}
    return Whole(Cell(**{name: fields[name] for name in Cell._fields}), Row(fields))
