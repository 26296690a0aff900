"""A region's files. They have what its pages show, and nothing else: a month, an indicator, the lines."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from boards.models import Region, Shows
from core.calendar import Month
from core.files.sheets import NoteSection, Sheet
from core.files.tables import DataFile, Row, make_file_stem
from indicators.disclosure import Audience
from indicators.judgement.judge import Method
from indicators.selectors.open_data import Residents
from indicators.trend import CellState
from reporting.months.presenters import notes
from reporting.months.presenters.series import Series, judgement_columns
from reporting.months.presenters.words import exact_value, list_counts, ratio_columns
from reporting.regions.cells import Cell, Part, RegionFigures
from reporting.regions.presenters.funnel import MEANINGS as FUNNEL_MEANINGS
from reporting.regions.presenters.funnel import make_funnel_sheets
from reporting.regions.presenters.indicator import IndicatorView
from reporting.regions.presenters.lines import LinesView, OriginRow
from reporting.regions.presenters.rows import ADDED_UP, RATE, MatrixRow, as_line, make_rows

MONTH_COLUMNS = (
    *("area", "shows", "indicator", "title", "value", "state", "counted", "change", "movement", "polarity"),
    *("signal", "tier", "judgement", "numerator", "denominator", "residents", "residents_year", "rate", "note"),
)
INDICATOR_COLUMNS = (
    *("month", "area", "shows", "value", "state", "counted", "change", "movement", "usual", "lower", "upper"),
    *(
        "signal",
        "tier",
        "judgement",
        "window",
        "ratio",
        "per",
        "numerator",
        "denominator",
        "range_lower",
        "range_upper",
        "note",
    ),
)
MEANINGS = {
    **notes.MEANINGS,
    "area": "The area’s name, or the region’s name for the region’s own figures.",
    "shows": "What the area agreed to show: “partners” for its published months, “public” for its public "
    "months. “region” for the region’s own figures.",
    "counted": "“alike”, or “differently” where the area’s definition differs. The region’s figures leave those "
    "areas out. “some” where the region’s figure covers only some of its areas.",
    "longitude": "Where the category is, in degrees east.",
    "latitude": "Where the category is, in degrees north.",
    "residents": "The number of residents for whom a rate is worked out.",
    "residents_year": "The year of the number of residents; empty if the areas’ years differ.",
    "note": "What the region’s own count includes; empty for an area’s count.",
    "rate": "The count for each 10,000 residents, before rounding. Empty where most cases may not involve residents.",
}
JUDGED = ("signal", "tier", "judgement")
LINES_COLUMNS = (
    *("area", "indicator", "title", "category", "category_name", "longitude", "latitude"),
    *("value", "state", "change", "movement", "note"),
)
REGION, ALIKE, DIFFERENTLY, SOME = "region", "alike", "differently", "some"


class Named(Protocol):
    """A region as its files name it."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...


def make_month_file(region: Region, figures: RegionFigures, *, marking: str) -> DataFile:
    """Return a region's month: its own figures, then every area's."""
    rows = make_rows(figures, with_rates=True)
    return make_file(
        region,
        figures.month,
        f"{region.name}, {figures.month.label}",
        MONTH_COLUMNS,
        [*(own_row(row, region) for row in rows), *area_rows(rows, figures)],
        marking=marking,
        made_at=find_made_at(figures.parts),
    )


def own_row(row: MatrixRow, region: Region) -> Row:
    total, judged = row.total, row.own
    line = as_line(row.indicator.lead)
    return {
        "area": region.name,
        "shows": REGION,
        "indicator": row.code,
        "title": row.title,
        "value": exact_value(line, total.value, total.numerator, total.denominator),
        "state": (CellState.FIGURE if total.value is not None else CellState.AWAITED).value,
        "counted": SOME if total.without else ALIKE,
        "change": line.as_shown(judged["change"]) if judged and not total.without else None,
        "movement": judged["movement"] if judged and not total.without else None,
        "polarity": row.indicator.polarity.value,
        **{name: (judged[name] or None) if judged and not total.without else None for name in JUDGED},
        "judgement": word_judgement(judged["method"], judged["judgement"]) if judged and not total.without else None,
        "numerator": total.numerator,
        "denominator": total.denominator,
        "residents": total.residents,
        "residents_year": find_year(row),
        "rate": None if total.residents is None else RATE.exact(total.value or 0, total.residents),
        "note": ADDED_UP if total.value is not None and not line.ratio else None,
    }


def find_year(row: MatrixRow) -> int | None:
    """Return the year of the residents of a total's rate; None without one, or if the areas' years differ."""
    if row.total.residents is None or row.residents is None:
        return None
    years = {row.residents[area].year for area in row.indicator.counted}
    return years.pop() if len(years) == 1 else None


def word_judgement(method: str, judgement: str) -> str | None:
    """Return a judgement as a series has it: of a month with too few before it, that it is too early."""
    return Method.TOO_EARLY.value if method == Method.TOO_EARLY else judgement or None


def area_rows(rows: Sequence[MatrixRow], figures: RegionFigures) -> Iterator[Row]:
    for row in rows:
        for cell, place in zip(row.cells, figures.places, strict=True):
            if cell is not None and place.shows is not None:
                yield cell_row(row, cell, place.name, place.shows, figures.residents.get(cell.area_id))


def cell_row(row: MatrixRow, cell: Cell, name: str, shows: Shows, residents: Residents | None) -> Row:
    line, has_rate = as_line(cell), row.shows_rates and row.find_rate(cell) is not None
    return {
        "area": name,
        "shows": shows.value,
        "indicator": cell.indicator_code,
        "title": cell.title,
        "value": exact_value(line, cell.value, cell.numerator, cell.denominator),
        "state": cell.state,
        "counted": DIFFERENTLY if cell.area_id in row.indicator.odd else ALIKE,
        "change": line.as_shown(cell.change),
        "movement": cell.movement,
        "polarity": cell.polarity,
        **{field: getattr(cell, field) or None for field in JUDGED},
        "judgement": word_judgement(cell.method, cell.judgement) if cell.value is not None else None,
        "numerator": cell.numerator,
        "denominator": cell.denominator,
        "residents": residents.number if has_rate and residents else None,
        "residents_year": residents.year if has_rate and residents else None,
        "rate": RATE.exact(cell.value or 0, residents.number) if has_rate and residents else None,
        "note": None,
    }


def make_indicator_file(
    region: Named,
    view: IndicatorView,
    figures: RegionFigures,
    *,
    marking: str,
    made_at: datetime,
    audience: Audience = Audience.PARTNERS,
) -> DataFile:
    """Return an indicator, month by month: the region's own series, then each area's."""
    shows = {place.name: place.shows for place in figures.places}
    rows = list(series_rows(view.own, region.name, REGION, ALIKE)) if view.own else []
    odd = {figures.names[area] for area in view.indicator.odd}
    for area in view.areas:
        counted = DIFFERENTLY if area.name in odd else ALIKE
        rows += series_rows(area.series, area.name, str(shows[area.name] or ""), counted)
    return make_file(
        region,
        view.month,
        f"{view.line.title}, {region.name}",
        INDICATOR_COLUMNS,
        rows,
        marking=marking,
        made_at=made_at,
        besides={"indicator": view.indicator.code, "title": view.line.title},
        left_out=view.funnel.impossible,
        audience=audience,
        more=make_funnel_sheets(view.funnel),
    )


def series_rows(series: Series, name: str, shows: str, counted: str) -> Iterator[Row]:
    for point, counts in zip(series.points, list_counts(series.line), strict=True):
        yield {
            "month": str(point.month),
            "area": name,
            "shows": shows,
            "value": exact_value(series.line, point.value, *counts),
            "state": point.state.value,
            "counted": counted,
            "change": series.line.as_shown(point.change),
            "movement": point.movement.value if point.movement else None,
            **judgement_columns(series.line, point),
            **ratio_columns(series.line, point.value, *counts),
            "note": ADDED_UP if shows == REGION and point.value is not None and not series.line.ratio else None,
        }


def make_lines_file(
    region: Region, month: Month, views: Sequence[LinesView], parts: Mapping[int, Part], *, marking: str
) -> DataFile:
    """Return the origins as the page of lines has them: of each, the region's own count, then every area's."""
    rows = [line for view in views for row in view.rows for line in origin_rows(view, row, region.name)]
    notes_of = list(dict.fromkeys(column for view in views for column in view.columns if column.note))
    return make_file(
        region,
        month,
        f"Lines into {region.name}, {month.label}",
        LINES_COLUMNS,
        rows,
        marking=marking,
        made_at=find_made_at(parts),
        besides={"indicator": "lines", "areas_without": {column.name: column.note for column in notes_of}},
        left_out=", ".join(f"{column.name}: {column.note}" for column in notes_of),
    )


def origin_rows(view: LinesView, row: OriginRow, region: str) -> Iterator[Row]:
    named: Row = {"indicator": view.code, "title": view.title, "category": row.code}
    if row.total is not None:
        yield {
            "area": region,
            **named,
            "category_name": row.name,
            "longitude": row.longitude,
            "latitude": row.latitude,
            "value": row.total,
            "state": CellState.FIGURE.value,
            "change": None,
            "movement": None,
            "note": row.note,
        }
    for place, cell in zip(view.places, row.cells, strict=True):
        if cell is not None:
            yield {
                "area": place.name,
                **named,
                "category_name": cell.category_name,
                "longitude": cell.longitude,
                "latitude": cell.latitude,
                "value": cell.value,
                "state": cell.state,
                "change": cell.change,
                "movement": cell.movement,
                "note": None,
            }


def find_made_at(parts: Mapping[int, Part]) -> datetime:
    """Return when the newest of the areas' versions was worked out."""
    return max(part.taken_at for part in parts.values() if part.key and part.taken_at)


def make_file(
    region: Named,
    month: Month,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    marking: str,
    made_at: datetime,
    besides: Mapping[str, Any] | None = None,
    left_out: str = "",
    audience: Audience = Audience.PARTNERS,
    more: Sequence[Sheet] = (),
) -> DataFile:
    def say() -> list[NoteSection]:
        return [
            notes.about(
                (
                    "Figures",
                    f"{title}. Each area gave permission to show its figures here, and can withdraw this permission.",
                ),
                ("Month", month.label),
                ("Comparing", "The rows are in alphabetical order. They don’t rank the areas."),
                ("Left out", left_out),
                audience=audience,
            ),
            NoteSection("Columns", [(name, MEANINGS[name]) for name in columns]),
            NoteSection("Columns in the sheet Funnel", FUNNEL_MEANINGS if more else ()),
            # An area that shows what is public may have withheld figures here.
            *notes.reading_sections(columns, audience=Audience.PUBLIC),
        ]

    code = str((besides or {}).get("indicator", ""))
    return DataFile(
        stem=make_file_stem(marking, region.slug, code, str(month)),
        title=title,
        marking=marking,
        columns=columns,
        rows=rows,
        about={"region": region.slug, "month": str(month), "audience": audience.value, **(besides or {})},
        notes=say,
        made_at=made_at,
        more=more,
    )
