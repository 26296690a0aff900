"""What do the areas' cells of each indicator come to? Which of them count towards the region?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from boards.region_permissions import Place
from core.months import Month
from indicators.alike import Way, find_odd
from indicators.protection.rules import Round, parse_token
from indicators.selectors.populations import Residents
from indicators.trend import CellState, Polarity
from reporting.regions.columns import Cell, Part

UNSAID = "In one of the areas, most cases aren’t its residents."


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
        found = {cell.polarity for cell in self.cells.values()}
        return Polarity(found.pop()) if len(found) == 1 else Polarity.NEUTRAL


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
    unlike = [own.values() for own in by_code.values() if len(set(map(as_counted, own.values()))) > 1]
    odd = find_odd(Way(cell.area_id, cell.indicator_code, *as_counted(cell)) for own in unlike for cell in own)
    return {code: make_indicator(code, own, odd.get(code, frozenset())) for code, own in by_code.items()}


def as_counted(cell: Cell) -> tuple[str, str, str, str, str, int]:
    """Return what makes two areas' figures comparable."""
    return cell.definition or "", cell.unit_many, cell.counts_as, cell.asked, cell.ratio, cell.per


def make_indicator(code: str, cells: Mapping[int, Cell], odd: frozenset[int]) -> Indicator:
    given = [cell.residents_why for cell in cells.values() if cell.counts_residents is False and cell.residents_why]
    counts = find_counts(cell.counts_residents for cell in cells.values())
    why = (given[0] if given else UNSAID) if counts is False else ""
    lead = next(cell for area, cell in cells.items() if area not in odd)
    counted = {area: cell for area, cell in cells.items() if is_counted(cell) and area not in odd}
    return Indicator(code, lead, cells, odd, counts, why, counted)


def find_counts(said: Iterable[bool | None]) -> bool | None:
    """Return whether an indicator's cases are the areas' residents, from what each area says; None if none decided."""
    # One area whose cases are visitors is enough: its rate would say nothing.
    found = set(said)
    return False if False in found else True if True in found else None


def order(found: Mapping[str, Indicator], cells: Iterable[Cell]) -> list[Indicator]:
    """Return the indicators in the order of the area that has most. Each of the others follows its section's."""
    by_area: dict[int, list[Cell]] = {}
    for cell in cells:
        by_area.setdefault(cell.area_id, []).append(cell)
    sections: dict[str, dict[str, None]] = {}
    # Python's sort keeps the areas' own order where several have as many.
    for own in sorted(by_area.values(), key=len, reverse=True):
        for cell in own:
            sections.setdefault(cell.section_title, {})[cell.indicator_code] = None
    codes = dict.fromkeys(code for section in sections.values() for code in section)
    return [found[code] for code in codes]


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

    @property
    def names(self) -> dict[int, str]:
        return {place.area_id: place.name for place in self.places}
