"""All public figures of an area, as a Frictionless Data Package (docs/adr/0066)."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.utils import timezone

from core.files.tables import Row, csv_text
from reporting.models.editions import PublicLine
from reporting.months.presenters import notes
from reporting.months.presenters.notes import MEANINGS
from reporting.open_editions import PublicMonth
from reporting.public.presenters.about import describe_rule
from reporting.public.presenters.files import newest_day, newest_first, newest_rows, strictest
from reporting.public.presenters.month import PUBLIC_COLUMNS, YEAR_COLUMNS, YEAR_MEANINGS, year_rows
from reporting.public.presenters.publisher import make_publisher

DESCRIPTOR = "datapackage.json"
SAME_TIME = (1980, 1, 1, 0, 0, 0)  # of each file in the archive, so that the same figures are the same bytes
# What isn't text: the types of Frictionless.
TYPES = {
    **dict.fromkeys(("month", "first_month", "last_month"), "yearmonth"),
    "value": "number",
    "rounded_to": "integer",
    "definition_from": "date",
    "per": "integer",
    "numerator": "integer",
    "denominator": "integer",
    "range_lower": "number",
    "range_upper": "number",
    "edition": "integer",
    "published_on": "date",
}
INDICATOR_COLUMNS = (
    *("indicator", "title", "question", "unit", "direction", "definition", "definition_from", "source", "supplied_by"),
    "protection",
)
EDITION_COLUMNS = ("month", "edition", "published_on")
EXPLAINED = (
    YEAR_MEANINGS
    | MEANINGS
    | {
        "question": "The question that the figure answers.",
        "direction": "Whether a lower or a higher number is good, or neither.",
        "definition": "What is counted, and what isn’t.",
        "source": "The system or record from which the figure is counted.",
        "supplied_by": "The agency that supplies the figure.",
        "protection": "How the figure’s small numbers are protected.",
        "edition": "The number of the month’s public edition.",
        "published_on": "The day on which the edition was made public.",
    }
)


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file of the package."""

    name: str
    title: str
    columns: Sequence[str]
    key: Sequence[str]
    content: bytes

    @property
    def path(self) -> str:
        return f"{self.name}.csv"

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "path": self.path,
            "type": "table",
            "scheme": "file",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": len(self.content),
            "hash": f"sha256:{sha256(self.content).hexdigest()}",
            "schema": {
                "fields": [self.describe_field(column) for column in self.columns],
                "primaryKey": list(self.key),
                "missingValues": [""],
            },
        }

    def describe_field(self, column: str) -> dict[str, Any]:
        # A whole has no category.
        is_needed = column in self.key and column != "category"
        return {
            "name": column,
            "type": TYPES.get(column, "string"),
            "description": EXPLAINED[column],
            **({"constraints": {"required": True}} if is_needed else {}),
        }


def make_table(name: str, title: str, columns: Sequence[str], key: Sequence[str], rows: Iterable[Row]) -> Table:
    # No marking above the header, and no byte order mark: the description says what programs need.
    return Table(name, title, columns, key, csv_text(columns, rows, marking="").encode())


@dataclass(frozen=True, slots=True)
class Package:
    """All public figures of an area, as a Frictionless Data Package (docs/adr/0066): CSV files, and a description of
    each column that programs read. `about` is what the description says before its files.
    """

    about: Mapping[str, Any]
    figures: Table
    years: Table
    indicators: Table
    editions: Table

    @property
    def tables(self) -> tuple[Table, ...]:
        return self.figures, self.years, self.indicators, self.editions

    def describe(self) -> dict[str, Any]:
        """Return the description: a Frictionless Data Package."""
        figures, *others = (table.describe() for table in self.tables)
        # Every figure's indicator is described. Its month may have no edition of its own.
        figures["schema"]["foreignKeys"] = [
            {"fields": ["indicator"], "reference": {"resource": "indicators", "fields": ["indicator"]}}
        ]
        return {**self.about, "resources": [figures, *others]}

    def write_description(self) -> bytes:
        return f"{json.dumps(self.describe(), ensure_ascii=False, indent=2)}\n".encode()

    def write_archive(self) -> bytes:
        """Return everything as one ZIP."""
        content = io.BytesIO()
        files = {DESCRIPTOR: self.write_description()} | {table.path: table.content for table in self.tables}
        with zipfile.ZipFile(content, "w") as archive:
            for name, file in files.items():
                info = zipfile.ZipInfo(name, SAME_TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, file)
        return content.getvalue()


def make_package(months: Sequence[PublicMonth], lines: dict[int, list[PublicLine]]) -> Package:
    """Return the package of an area's public months, each in its newest edition, with their lines. Each figure is from
    the newest edition that shows it."""
    editions = newest_first(months)
    described = describe_indicators(editions, lines)
    area, marking = months[0].area, strictest(month.marking for month in months).value
    sources = dict.fromkeys(str(row["source"]) for row in described if row["source"])
    return Package(
        about={
            "name": f"{area.slug}-public-figures",
            "title": f"{area.name}: county lines in figures",
            "description": f"Counts of what happened, without names. Symbols: {notes.explain_symbols()}.",
            "created": newest_day(months).isoformat(),
            **make_publisher(area).describe(),
            **({"sources": [{"title": source} for source in sources]} if sources else {}),
            **({"marking": marking} if marking else {}),
        },
        figures=make_table(
            "figures", "Figures", PUBLIC_COLUMNS, ("month", "indicator", "category"), newest_rows(editions, lines)
        ),
        years=make_table("years", "Totals of a year", YEAR_COLUMNS, ("first_month", "indicator"), year_rows(editions)),
        indicators=make_table("indicators", "Indicators", INDICATOR_COLUMNS, ("indicator",), described),
        editions=make_table(
            "editions",
            "Public editions",
            EDITION_COLUMNS,
            ("month",),
            (
                {
                    "month": str(month.month),
                    "edition": month.number,
                    "published_on": str(timezone.localdate(month.published_at)),
                }
                for month in months
            ),
        ),
    )


def describe_indicators(editions: Iterable[PublicMonth], lines: dict[int, list[PublicLine]]) -> list[Row]:
    """Describe each indicator as the first of the editions that has it does."""
    by_code: dict[str, Row] = {}
    for edition in editions:
        for line in lines.get(edition.key, []):
            if not line.category_code:
                by_code.setdefault(line.indicator_code, describe_indicator(line))
    return list(by_code.values())


def describe_indicator(line: PublicLine) -> Row:
    return {
        "indicator": line.indicator_code,
        "title": line.title,
        "question": line.question,
        "unit": line.unit_many,
        "direction": line.polarity,
        "definition": line.definition,
        "definition_from": str(line.definition_from),
        "source": line.source,
        "supplied_by": line.owner_name,
        "protection": f"{describe_rule(line).removesuffix(':')}.",
    }
