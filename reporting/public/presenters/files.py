"""Files for the public: what editions show, one of them or the newest of each month, and a region's month."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.utils import timezone

from boards.models import PartnershipArea
from core.calendar import Month
from core.files.sheets import NoteSection, Sheet
from core.files.tables import DataFile, Row, make_file_stem
from core.pages import NotHeld
from indicators.disclosure import Audience, Marking
from indicators.trend import SYMBOLS, CellState
from reporting.models.editions import PublicLine
from reporting.months.presenters import notes
from reporting.open_editions import PublicMonth
from reporting.public.presenters.about import About
from reporting.public.presenters.month import (
    PUBLIC_COLUMNS,
    YEAR_COLUMNS,
    YEAR_MEANINGS,
    public_rows,
    public_stem,
    public_view,
    published_on,
    year_rows,
)
from reporting.public.presenters.publisher import make_publisher
from reporting.public.presenters.region_month import (
    DIFFERS,
    LATER,
    WITHHELD,
    Lived,
    find_cell_lived,
    find_lived,
    read_residents,
)
from reporting.public.region_selectors import RegionMonth
from reporting.public.selectors import lines_of_months, public_months, read_editions
from reporting.regions.presenters.rows import ADDED_UP, PER, RATE
from reporting.regions.presenters.states import describe_residents


def make_public_month_file(month: PublicMonth, lines: Sequence[PublicLine]) -> DataFile:
    """Return a public edition as open data, with every month that it shows."""
    title = f"{month.area.name}: county lines in figures, to {month.month.label}"

    def say() -> list[NoteSection]:
        view = public_view(month, lines)
        rules = [(", ".join(one.titles), f"{one.rule.removesuffix(':')}.") for one in view.protected]
        defined = [(one.title, describe_source(one)) for one in (*view.about, *view.about_files)]
        return [
            notes.about(
                ("Figures", f"{title}, from {view.since.label} on: how many, never who."),
                ("Edition", f"{view.number}, made public on {view.published_on}."),
                ("Figures as at", f"{view.month.taken_on}."),
                ("Not shown", view.withheld),
                *make_publisher(month.area).list_notes(),
                audience=Audience.PUBLIC,
            ),
            NoteSection("How small numbers are protected", rules),
            notes.columns_section(PUBLIC_COLUMNS),
            *explain_years(month.years),
            *notes.reading_sections(PUBLIC_COLUMNS, audience=Audience.PUBLIC),
            NoteSection("What each figure counts", defined),
        ]

    return DataFile(
        stem=public_stem(month),
        title=title,
        marking=month.marking.value,
        columns=PUBLIC_COLUMNS,
        rows=public_rows(month, lines),
        about={
            "area": month.area.slug,
            "month": str(month.month),
            "audience": Audience.PUBLIC.value,
            "edition": month.number,
            "licence": make_publisher(month.area).terms,
        },
        notes=say,
        made_at=cut_to_day(month.published_at),
        more=list_sheets(year_rows([month])),
    )


def list_sheets(years: Iterable[Row]) -> tuple[Sheet, ...]:
    """Return the totals of years as one more table; none without any."""
    rows = [[row[name] for name in YEAR_COLUMNS] for row in years]
    return (Sheet("Years", YEAR_COLUMNS, rows),) if rows else ()


def explain_years(years: Iterable[object]) -> list[NoteSection]:
    entries = [(name, YEAR_MEANINGS[name]) for name in YEAR_COLUMNS]
    return [NoteSection("Columns of the yearly totals", entries)] if years else []


def describe_source(one: About) -> str:
    source = f"Source: {one.source}." if one.source else ""
    return " ".join(filter(None, (one.definition, f"Supplied by {one.owner}.", source)))


def cut_to_day(moment: datetime) -> datetime:
    return datetime.combine(timezone.localdate(moment), time(), tzinfo=UTC)


# --- Several editions ----------------------------------------------------------------------------------------------


def newest_first(editions: Iterable[PublicMonth]) -> list[PublicMonth]:
    return sorted(editions, key=lambda month: (month.published_at, month.key), reverse=True)


def newest_rows(editions: Iterable[PublicMonth], lines: dict[int, list[PublicLine]]) -> list[Row]:
    """Return the rows in the order of the months, and within a month in the order of the newest edition's page. An
    indicator's figures for a month, the whole and its categories, all come from one edition: the first that has them.
    """
    taken: dict[tuple[str, str], list[Row]] = {}
    for edition in editions:
        of_edition: dict[tuple[str, str], list[Row]] = {}
        for row in public_rows(edition, lines.get(edition.key, [])):
            of_edition.setdefault((str(row["month"]), str(row["indicator"])), []).append(row)
        for key, rows in of_edition.items():
            # The newest edition comes first, and wins.
            taken.setdefault(key, rows)
    # A stable sort, so each month stays in the order of its page.
    return [row for key in sorted(taken, key=lambda key: key[0]) for row in taken[key]]


def strictest(markings: Iterable[Marking]) -> Marking:
    # Markings are declared from the mildest to the strictest.
    return max(markings, key=list(Marking).index)


def newest_day(editions: Iterable[PublicMonth]) -> datetime:
    return cut_to_day(max(month.published_at for month in editions))


# --- An area's history ----------------------------------------------------------------------------

NOTHING_PUBLIC = (
    "Nothing in {area} is public. To make a month public, the coordinator must ask and an information officer "
    "must approve."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the history somebody wants: an indicator by its code, a month, or everything."""

    indicator: str = ""
    month: Month | None = None

    def has(self, month: Month) -> bool:
        return self.month is None or month == self.month

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.indicator, str(self.month or ""))))

    @property
    def missing(self) -> str:
        """Return the end of a sentence that says there are none."""
        what = f"no figures of the indicator “{self.indicator}”" if self.indicator else "no figures"
        return f"{what} for {self.month.label}" if self.month else what


def public_history(area: PartnershipArea, wanted: Wanted) -> DataFile:
    """Return each month and indicator from the newest edition that shows it. It reads public editions, and nothing that
    has a true figure. Two queries.
    """
    try:
        editions = public_months(area.slug)
    except NotHeld:
        raise NotHeld(NOTHING_PUBLIC.format(area=area.name)) from None
    lines = read_editions(editions, lambda using: lines_of_months(editions, code=wanted.indicator, using=using))
    newest = newest_rows(newest_first(editions), lines)
    years = [
        row
        for row in year_rows(newest_first(editions))
        if wanted.month is None and wanted.indicator in ("", row["indicator"])
    ]
    rows = [row for row in newest if wanted.month in (None, Month.parse(str(row["month"])))]
    if not rows:
        raise NotHeld(f"{area.name} has made {wanted.missing} public.")
    # Rows are in the order of their months.
    first, last = (Month.parse(str(rows[place]["month"])) for place in (0, -1))
    title = f"{area.name}: county lines in figures, {describe_span(first, last)}"
    marking = strictest(month.marking for month in editions)

    def say() -> list[NoteSection]:
        about_editions = [
            (edition.month.label, f"Edition {edition.number}, published on {published_on(edition)}.")
            for edition in editions
        ]
        return [
            notes.about(
                ("Figures", f"{title}: how many, never who. Each figure is from the newest edition that shows it."),
                *make_publisher(area).list_notes(),
                audience=Audience.PUBLIC,
            ),
            notes.columns_section(PUBLIC_COLUMNS),
            *explain_years(years),
            *notes.reading_sections(PUBLIC_COLUMNS, audience=Audience.PUBLIC),
            NoteSection("Editions", about_editions),
        ]

    return DataFile(
        stem=make_file_stem(marking.value, area.slug, "history", *wanted.words, f"to {last}", "public"),
        title=title,
        marking=marking.value,
        columns=PUBLIC_COLUMNS,
        rows=rows,
        about={
            "area": area.slug,
            "audience": Audience.PUBLIC.value,
            "editions": [{"month": str(month.month), "edition": month.number} for month in editions],
            "licence": make_publisher(area).terms,
        },
        notes=say,
        made_at=newest_day(editions),
        more=list_sheets(years),
    )


def describe_span(first: Month, last: Month) -> str:
    return first.label if first == last else f"{first.label} to {last.label}"


# --- A region's month -----------------------------------------------------------------------------

REGION_COLUMNS = (
    *("month", "region", "area", "area_name", "indicator", "title", "unit", "value", "symbol", "symbol_meaning"),
    *("rounded_to", "in_total", "residents", "residents_year", "rate", "note"),
)
REGION_MEANINGS = (
    ("region", "The region’s name."),
    ("area", "The area’s code; empty for the region’s total."),
    ("area_name", "The area’s name."),
    ("in_total", "Whether the figure is in the region’s total; empty for the total itself."),
    ("residents", "The number of residents for whom the rate is worked out."),
    ("residents_year", "The year of the number of residents; empty if the areas’ years differ."),
    (
        "rate",
        f"The count for each {PER:,} residents, before rounding. Empty where most cases may not involve residents.",
    ),
    ("note", "What the total includes; empty for an area."),
)
TOTAL_RULE = (
    "The total",
    "It adds up the areas that count the same thing. It is shown only if no one can work out an area’s "
    "hidden number from it.",
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
                ("Published by", describe_region_publisher(month.name, names.values())),
                ("Residents", describe_residents(names, residents, month.month) if residents else ""),
                audience=Audience.PUBLIC,
            ),
            NoteSection("How small numbers are protected", [TOTAL_RULE]),
            NoteSection("What the columns mean", [*REGION_MEANINGS]),
            NoteSection("What each figure counts", [describe_line(line) for line in month.content["lines"]]),
        ]

    return DataFile(
        stem=f"{month.slug}-{month.month}",
        title=title,
        marking=month.marking.value,
        columns=REGION_COLUMNS,
        rows=list(list_region_rows(month)),
        about={
            "region": month.slug,
            "month": str(month.month),
            "audience": Audience.PUBLIC.value,
            "edition": month.number,
        },
        notes=say,
        made_at=cut_to_day(month.published_at),
    )


def describe_region_publisher(region: str, areas: Iterable[str]) -> str:
    named = ", ".join(areas)
    return f"{region}, from figures for {named}. Each area’s public pages say who to ask, and what the licence is."


def describe_line(line: Mapping[str, Any]) -> tuple[str, str]:
    source = f"Source: {line['source']}." if line["source"] else ""
    return line["title"], f"{line['definition']} {source}".strip()


def list_region_rows(month: RegionMonth) -> Iterator[Row]:
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
