"""The areas' cells of each indicator: what they come to, and which of them count towards the region.

Public pages read this module, so it names no model of true figures: see reporting.regions.selectors. The region's own
series is judged as an area's is. A month counts only where every area has a figure in it. So the region never rises
because an area joined in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from boards.permissions import Place
from core.calendar import Month, months_between
from indicators.disclosure import Disclosed, Marking
from indicators.judgement.judge import Counted
from indicators.lines import Way, find_odd
from indicators.protection.rules import Round, parse_token
from indicators.ratios import Ratio, ShownOn
from indicators.selectors.open_data import Residents
from indicators.trend import CellState, Polarity
from reporting.impact.selectors import NEW_DEFINITION, PublishedSeries
from reporting.models.line_fields import LineFields
from reporting.months.inputs import AWAITED, Figure, Of, Series, Starts
from reporting.months.lines import what_is_said


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
type FromSetUp = tuple[str | None, bool | None, str | None]
OF_INDICATOR = ("definition", "counts_residents", "residents_why")
READ = tuple(name for name in Cell._fields[3:] if name not in (*OF_INDICATOR, "protected_by"))


class Whole(NamedTuple):
    """An area's whole indicator: its cell, and its line with all its months."""

    cell: Cell
    line: Disclosed[LineFields]


def whole_lines[Of: LineFields](model: type[Of], code: str = "") -> QuerySet[Of]:
    """Return the whole lines, of one indicator if its code is given. Counts that only a ratio shows, and what comes to
    a stock or goes from it, are on each area's own pages."""
    lines = model._default_manager.filter(category_code="", flow_of="").exclude(shown_on=ShownOn.RATIOS.value)
    return lines.filter(indicator_code=code) if code else lines


def make_whole(disclosed: Disclosed[LineFields], area_id: int, source: int, set_up: FromSetUp) -> Whole:
    line = disclosed.line
    read = [getattr(line, name) for name in READ]
    return Whole(Cell._make((source, line.position, area_id, *set_up, *read, line.protected_by)), disclosed)


UNSAID = "In one of the areas, most of the people counted live elsewhere."


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of a region's month: each area's cell by the area's key, and the areas that count differently.
    `lead`, the first of the others, names it and says what it is out of. `residents_why` says why it has no rates;
    empty if nobody decided. A total is of the `counted` cells: exact figures that are counted alike."""

    code: str
    lead: Cell
    cells: Mapping[int, Cell]
    odd: frozenset[int]
    counts_residents: bool | None
    residents_why: str
    counted: Mapping[int, Cell]

    @property
    def has_rates(self) -> bool:
        return self.counts_residents is True and not self.lead.ratio

    @property
    def without(self) -> frozenset[int]:
        """Return the areas that don't count towards the region's own series."""
        return self.odd | {area for area, cell in self.cells.items() if is_rounded(cell)}

    @property
    def rests_on(self) -> list[object]:
        """Return what the region's own line rests on besides the areas' versions, as JSON has it."""
        return [self.polarity.value, sorted(self.without)]

    @property
    def polarity(self) -> Polarity:
        """Return the areas' polarity; none where they differ."""
        polarities = {cell.polarity for cell in self.cells.values()}
        return Polarity(polarities.pop()) if len(polarities) == 1 else Polarity.NEUTRAL


def is_counted(cell: Cell) -> bool:
    if cell.state != CellState.FIGURE or is_rounded(cell):
        return False
    return not cell.ratio or (cell.numerator is not None and cell.denominator is not None)


def is_rounded(cell: Cell) -> bool:
    return bool(cell.protected_by) and isinstance(parse_token(cell.protected_by), Round)


def make_indicators(cells: Iterable[Cell]) -> dict[str, Indicator]:
    """Join the cells of each indicator, in the order of the cells."""
    by_code: dict[str, dict[int, Cell]] = {}
    for cell in cells:
        by_code.setdefault(cell.indicator_code, {})[cell.area_id] = cell
    # Most are counted alike, to the letter: only the others are compared as texts.
    unlike = [by_area.values() for by_area in by_code.values() if len(set(map(as_counted, by_area.values()))) > 1]
    odd = find_odd(Way(cell.area_id, cell.indicator_code, *as_counted(cell)) for by_area in unlike for cell in by_area)
    return {code: make_indicator(code, by_area, odd.get(code, frozenset())) for code, by_area in by_code.items()}


def as_counted(cell: Cell) -> tuple[str, str, str, str, str, int]:
    """Return what makes two areas' figures comparable."""
    return cell.definition or "", cell.unit_many, cell.counts_as, cell.asked, cell.ratio, cell.per


def make_indicator(code: str, cells: Mapping[int, Cell], odd: frozenset[int]) -> Indicator:
    reasons = [cell.residents_why for cell in cells.values() if cell.counts_residents is False and cell.residents_why]
    counts = find_counts(cell.counts_residents for cell in cells.values())
    why = (reasons[0] if reasons else UNSAID) if counts is False else ""
    lead = next(cell for area, cell in cells.items() if area not in odd)
    counted = {area: cell for area, cell in cells.items() if is_counted(cell) and area not in odd}
    return Indicator(code, lead, cells, odd, counts, why, counted)


def find_counts(said: Iterable[bool | None]) -> bool | None:
    """Return whether an indicator's cases are the areas' residents, from what each area says; None if none decided."""
    # One area whose cases are visitors is enough: its rate would say nothing.
    answers = set(said)
    return False if False in answers else True if True in answers else None


def order(indicators: Mapping[str, Indicator], cells: Iterable[Cell]) -> list[Indicator]:
    """Return the indicators in the order of the area that has most. Each of the others follows its section's."""
    by_area: dict[int, list[Cell]] = {}
    for cell in cells:
        by_area.setdefault(cell.area_id, []).append(cell)
    sections: dict[str, dict[str, None]] = {}
    # Python's sort keeps the areas' own order where several have as many.
    for area_cells in sorted(by_area.values(), key=len, reverse=True):
        for cell in area_cells:
            sections.setdefault(cell.section_title, {})[cell.indicator_code] = None
    codes = dict.fromkeys(code for section in sections.values() for code in section)
    return [indicators[code] for code in codes]


@dataclass(frozen=True)
class RegionFigures:
    """All that a region's month says: the areas that show anything, with their months, and each indicator. `saved` has
    the region's own lines by the indicator's code, and `residents` how many people live in each area, for rates."""

    region: str
    month: Month
    places: tuple[Place, ...]
    parts: Mapping[int, Part]
    indicators: tuple[Indicator, ...]
    saved: Mapping[str, Any]
    residents: Mapping[int, Residents] = field(default_factory=dict)
    # With their months, which verdicts need: lines that stand out, by area and code; and the region's own.
    out: Mapping[tuple[int, str], Disclosed[Any]] = field(default_factory=dict)
    own_months: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def names(self) -> dict[int, str]:
        return {place.area_id: place.name for place in self.places}


# --- The region's own series -----------------------------------------------------------------------

# Fields of a line that are days; JSON has them as text.
DAYS = ("definition_from", "level_since", "of_when")
# Fields of a line that say what it showed in its months. Only a page of one indicator reads them.
OF_SERIES = ("history", "steps", "numerators", "denominators")


@dataclass(frozen=True, slots=True)
class Owned:
    """An area's series, with its name."""

    area_id: int
    name: str
    series: PublishedSeries


def add_up(parts: Sequence[Owned], month: Month) -> tuple[Series, Starts]:
    """Return the sum of the areas' series up to a month, from the first month that all of them have, with where an area
    started to count in another way. Both are empty where there is no such month."""
    first = max(part.series.first for part in parts)
    if first > month:
        return {}, {}
    series = {past: _add(parts, past) for past in months_between(first, month)}
    starts: Starts = {first.first_day: ""}
    for part in parts:
        for start, why in part.series.starts.items():
            if first < start <= month:
                said = "" if why == NEW_DEFINITION else f"{part.name}: {why}"
                starts[start.first_day] = "; ".join(filter(None, (starts.get(start.first_day, ""), said)))
    return series, dict(sorted(starts.items()))


def _add(parts: Sequence[Owned], month: Month) -> Figure:
    ratio = parts[0].series.ratio
    places = [(part.series, month - part.series.first) for part in parts]
    if any(not 0 <= place < len(series.values) or series.values[place] is None for series, place in places):
        return AWAITED
    is_provisional = any(month in series.provisional for series, _ in places)
    held_since = month.first_day if any(month in series.held for series, _ in places) else None
    if ratio is None:
        value = sum(series.values[place] or 0 for series, place in places)
        return Figure(CellState.FIGURE, value, "", is_provisional, held_since)
    return _add_ratio(ratio, places, is_provisional, held_since)


def _add_ratio(
    ratio: Ratio, places: Sequence[tuple[PublishedSeries, int]], is_provisional: bool, held_since: date | None
) -> Figure:
    cases = [series.numerators[place] for series, place in places]
    wholes = [series.denominators[place] for series, place in places]
    # A rounded share is public without the counts behind it.
    if None in cases or None in wholes:
        return AWAITED
    numerator, denominator = sum(filter(None, cases)), sum(filter(None, wholes))
    value = ratio.value(numerator, denominator)
    if value is None:
        return Figure(CellState.NOT_AVAILABLE, None, "")
    return Figure(CellState.FIGURE, value, "", is_provisional, held_since, Of(numerator, denominator))


def judge_sum(parts: Sequence[Owned], month: Month, *, polarity: Polarity) -> dict[str, Any]:
    """Return the fields of a line that come from the sum's figures, as JSON holds them, with the `areas` that it is of
    and the first month `since` which all have figures. Empty where there is no such month."""
    series, starts = add_up(parts, month)
    if not series:
        return {}
    series_of_first = parts[0].series
    fields = what_is_said(
        series, starts, polarity=polarity, counted=series_of_first.counted, ratio=series_of_first.ratio
    )
    return {"areas": [part.area_id for part in parts], "since": str(next(iter(series))), **fields, **write_days(fields)}


@dataclass(frozen=True, slots=True)
class Told:
    """A region's total of a month as anybody may read it: `value` is None if it isn't shown. It is of these `areas`."""

    value: int | None
    areas: tuple[str, ...]
    definition: str
    is_withheld: bool = False


def judge_totals(totals: Mapping[Month, Told], month: Month, *, polarity: Polarity, counted: Counted) -> dict[str, Any]:
    """Return the fields of a line that come from shown totals of the areas that this month's is of, as JSON holds them,
    with the first month `since` which one is shown. Empty where none is. Unless all are shown, nothing is judged: a
    range of only some months may mislead.
    """
    same = {past: total for past, total in totals.items() if past <= month and total.areas == totals[month].areas}
    shown = [past for past, total in same.items() if total.value is not None]
    if not shown:
        return {}
    series, starts, definition = dict[Month, Figure](), dict[date, str](), None
    for past in months_between(min(shown), month):
        total = same.get(past)
        series[past] = read_total(total)
        if total is not None and total.definition != definition:
            starts[past.first_day], definition = "", total.definition
    is_judged = all(figure.value is not None for figure in series.values())
    fields = what_is_said(series, starts, polarity=polarity, counted=counted, is_judged=is_judged)
    return {**fields, **write_days(fields), "since": str(min(shown))}


def write_days(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: fields[name].isoformat() for name in DAYS if fields[name] is not None}


def read_total(total: Told | None) -> Figure:
    if total is None or total.value is None:
        return Figure(CellState.WITHHELD, None, "") if total is not None and total.is_withheld else AWAITED
    return Figure(CellState.FIGURE, total.value, "")


def read_fields(saved: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a line out of what is saved."""
    return {
        **saved,
        **{name: date.fromisoformat(saved[name]) for name in DAYS if saved.get(name)},
    }
