"""The file of a region's public month. It has what its page shows: each area's figure, and the totals."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any

from django.utils import timezone

from core.files.sheets import NoteSection
from core.files.tables import DataFile, Row
from indicators.disclosure import Audience
from indicators.trend import SYMBOLS, CellState
from reporting.months.presenters import notes
from reporting.public.presenters.region_month import (
    DIFFERS,
    LATER,
    WITHHELD,
    Lived,
    find_cell_lived,
    find_lived,
    published_on,
    read_residents,
)
from reporting.public.region_selectors import RegionMonth
from reporting.regions.presenters.rows import ADDED_UP, PER, RATE
from reporting.regions.presenters.states import describe_residents

COLUMNS = (
    *("month", "region", "area", "area_name", "indicator", "title", "unit", "value", "symbol", "symbol_meaning"),
    *("rounded_to", "in_total", "residents", "residents_year", "rate", "note"),
)
MEANINGS = (
    ("region", "The region’s name."),
    ("area", "The area’s code; empty for the region’s total."),
    ("area_name", "The area’s name."),
    ("in_total", "Whether the figure is in the region’s total; empty for the total itself."),
    ("residents", "The number of residents that the rate is for."),
    ("residents_year", "The year of that number; empty if the areas’ years differ."),
    ("rate", f"The count for each {PER:,} residents, before rounding. Empty where most cases may not be residents."),
    ("note", "What the total adds up; empty for an area."),
)
RULE = (
    "The total",
    "It adds up the areas that count the same thing. It is shown only if it tells nobody anything about a small "
    "number that an area doesn’t show.",
)


def make_region_file(month: RegionMonth) -> DataFile:
    """Return a regional edition as open data."""
    title = f"{month.name} in figures, {month.month.label}"
    names = {area["slug"]: area["name"] for area in month.content["areas"]}
    residents = read_residents(month.content)

    def say() -> list[NoteSection]:
        return [
            notes.about(
                ("Figures", f"{title}: how many, never who."),
                ("Edition", f"{month.number}, made public on {published_on(month)}."),
                ("Areas without figures", ", ".join(month.content["missing"])),
                ("Residents", describe_residents(names, residents, month.month) if residents else ""),
                audience=Audience.PUBLIC,
            ),
            NoteSection("How small numbers are protected", [RULE]),
            NoteSection("What the columns have", [*MEANINGS]),
            NoteSection("What each figure counts", [describe_line(line) for line in month.content["lines"]]),
        ]

    return DataFile(
        stem=f"{month.slug}-{month.month}",
        title=title,
        marking=month.marking.value,
        columns=COLUMNS,
        rows=list(list_rows(month)),
        about={
            "region": month.slug,
            "month": str(month.month),
            "audience": Audience.PUBLIC.value,
            "edition": month.number,
        },
        notes=say,
        made_at=find_made_at(month),
    )


def find_made_at(month: RegionMonth) -> datetime:
    """Return the start of the day on which it became public."""
    return datetime.combine(timezone.localdate(month.published_at), time(), tzinfo=UTC)


def describe_line(line: Mapping[str, Any]) -> tuple[str, str]:
    source = f"Source: {line['source']}." if line["source"] else ""
    return line["title"], f"{line['definition']} {source}".strip()


def list_rows(month: RegionMonth) -> Iterator[Row]:
    """Yield a row for each indicator of each area, and one for its total."""
    residents = read_residents(month.content)
    for line in month.content["lines"]:
        said: Row = {
            "month": str(month.month),
            "region": month.name,
            "indicator": line["code"],
            "title": line["title"],
            "unit": line["unit_many"],
        }
        total = line["total"]
        for area, cell in zip(month.content["areas"], line["cells"], strict=True):
            if cell is not None:
                counted = "" if total is None else "yes" if area["slug"] in total["areas"] else "no"
                yield said | describe_cell(cell) | {
                    "area": area["slug"], "area_name": area["name"], "in_total": counted, "note": None,
                    **describe_rate(cell["value"], find_cell_lived(line, cell, area["slug"], residents)),
                }  # fmt: skip
        if total is not None:
            yield said | describe_total(total) | {
                "area": "", "area_name": "All areas", "in_total": "",
                "note": None if total["value"] is None else ADDED_UP,
                **describe_rate(total["value"], find_lived(line, total["areas"], residents)),
            }  # fmt: skip


def describe_rate(value: int | None, lived: Lived | None) -> Row:
    """Return the columns of a rate, empty without one."""
    if value is None or lived is None:
        return {"residents": None, "residents_year": None, "rate": None}
    return {"residents": lived.number, "residents_year": lived.year, "rate": RATE.exact(value, lived.number)}


def describe_cell(cell: Mapping[str, Any]) -> Row:
    state = CellState(cell["state"])
    means = [] if state is CellState.FIGURE else [cell["why"] or state.shown.means or state.shown.in_files]
    if not cell["is_alike"]:
        means.append(DIFFERS)
    return {
        "value": cell["value"],
        "symbol": SYMBOLS.get(state, "") if not state.is_owed else SYMBOLS[CellState.NOT_AVAILABLE],
        "symbol_meaning": "; ".join(means),
        "rounded_to": cell["rounded_to"] or None,
    }


def describe_total(total: Mapping[str, Any]) -> Row:
    if total["value"] is not None:
        return {"value": total["value"], "symbol": "", "symbol_meaning": "", "rounded_to": None}
    state = CellState.WITHHELD if total["is_withheld"] else CellState.NOT_AVAILABLE
    means = WITHHELD if total["is_withheld"] else LATER
    return {"value": None, "symbol": SYMBOLS[state], "symbol_meaning": means, "rounded_to": None}
