"""What a region's month says about each indicator: in every area, and in the region as a whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.calendar import Month
from indicators.disclosure import Audience, disclose
from indicators.judgement.judge import Judgement, Tier
from indicators.ratios import Ratio, RatioKind, show_change, show_number
from indicators.selectors.open_data import Residents
from indicators.trend import Movement, NoArrowReason
from reporting.models.line_fields import LineFigures, LineRevision, LineSetUp, Row, list_names
from reporting.months.presenters.month import STATES, line_view
from reporting.months.presenters.sentences import LOOKS, WATCHED
from reporting.months.presenters.shapes import LineView
from reporting.months.presenters.words import cell_text, listed
from reporting.regions.cells import Cell, Indicator, RegionFigures, is_rounded, read_fields

PER = 10_000  # residents
RATE = Ratio(RatioKind.RATE, PER)
ODD, ROUNDED, NOT_COLLECTED = "[d]", "[~]", "–"
NOTES = {
    ODD: "counted differently, and left out of the region’s figure",
    ROUNDED: "rounded to the nearest 5, and left out of the region’s figure",
    NOT_COLLECTED: "not collected",
}
ONE_OF_THEM = "one of the areas"
ADDED_UP = (
    "The region’s count adds up its areas’ counts. We have only counts, so something that three areas "
    "each count, such as one line into all three, counts three times."
)


@dataclass(frozen=True, slots=True)
class Total:
    """What the areas' figures of an indicator come to: `value` as a line stores it, of `areas` areas. `without` names
    the areas that collect it and aren't in it."""

    value: int | None
    areas: int
    without: tuple[str, ...]
    numerator: int | None = None
    denominator: int | None = None
    rate: int | None = None  # for each PER residents, in tenths
    residents: int | None = None  # that the rate is for


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """An indicator, with each area's cell in the order of the columns (None: it isn't collected there, or its month
    isn't published). `own` are the fields of the region's own line, if every area has a figure this month."""

    indicator: Indicator
    cells: tuple[Cell | None, ...]
    total: Total
    own: Mapping[str, Any] | None
    residents: Mapping[int, Residents] | None  # for rates

    @property
    def code(self) -> str:
        return self.indicator.code

    @property
    def title(self) -> str:
        return self.indicator.lead.title

    @property
    def section(self) -> str:
        return self.indicator.lead.section_title

    @property
    def section_code(self) -> str:
        return self.indicator.lead.section_code

    @property
    def shows_rates(self) -> bool:
        return self.residents is not None and self.indicator.has_rates

    def find_rate(self, cell: Cell) -> int | None:
        """Return a cell's rate in tenths; None without residents, or for an area that counts differently."""
        residents = (self.residents or {}).get(cell.area_id)
        is_odd = cell.area_id in self.indicator.odd
        if cell.value is None or residents is None or is_rounded(cell) or is_odd:
            return None
        return RATE.value(cell.value, residents.number)

    @property
    def has_signal(self) -> bool:
        return any(cell is not None and cell.tier for cell in self.cells) or bool(self.own and self.own["tier"])


@dataclass(frozen=True, slots=True)
class StandOut:
    """What stands out: an indicator of an area, or of the region as a whole."""

    area: str
    code: str
    title: str
    number: str
    movement: str
    look: str
    sentence: str
    is_alarm: bool


def as_line(cell: Cell, **fields: Any) -> Row:
    """Return a cell as a line, with nothing said where a cell has no column."""
    return Row(EMPTY | cell._asdict() | fields)


EMPTY: dict[str, Any] = {
    **dict.fromkeys((*list_names(LineSetUp), *list_names(LineRevision)), ""),
    **dict.fromkeys(list_names(LineFigures)),
    "protected_by": "",
    "note": "",
    "history": [],
    "steps": [],
    "numerators": [],
    "denominators": [],
    "previous_state": "",
    "previous_value": None,
    "no_arrow_reason": NoArrowReason.NO_PREVIOUS_MONTH.value,
    "revised_value": None,
    "is_previous_revised": False,
    "level_name": "",
    "level_reason": "",
    "is_back": False,
    "figures": 0,
    "boards": {},
    "category_code": "",
    "category_name": "",
}


def view_cell(cell: Cell, month: Month, **fields: Any) -> LineView:
    """Return a cell as text; with `fields`, the region's own line of the indicator that it leads."""
    line = as_line(cell, **fields)
    # A public one passes the gate again. What areas come to together has no rule of its own.
    (disclosed,) = disclose([line], audience=Audience.PUBLIC if line.protected_by else Audience.PARTNERS)
    return line_view(disclosed, month, month.first_day)


def view_region_line(row: "MatrixRow", month: Month, months: Mapping[str, Any] | None = None) -> LineView:
    """Return the region's own line of a month in which every area has a figure, with its `months` if they are known."""
    shared = {
        "owner_name": ONE_OF_THEM,
        "polarity": row.indicator.polarity.value,
        "revised_state": "",
        "protected_by": "",
    }
    return view_cell(row.indicator.lead, month, **read_fields({**(row.own or {}), **(months or {})}), **shared)


def add_up(
    indicator: Indicator, expected: Iterable[int], names: Mapping[int, str], residents: Mapping[int, Residents]
) -> Total:
    """Return the total of an indicator. `expected` are the areas that usually have it."""
    counted = indicator.counted
    missing = {*indicator.cells, *expected} - counted.keys()
    without = tuple(names[area] for area in names if area in missing)
    if not counted:
        return Total(None, 0, without)
    if indicator.lead.ratio:
        numerator = sum(cell.numerator or 0 for cell in counted.values())
        denominator = sum(cell.denominator or 0 for cell in counted.values())
        ratio = Ratio(RatioKind(indicator.lead.ratio), indicator.lead.per)
        return Total(ratio.value(numerator, denominator), len(counted), without, numerator, denominator)
    value = sum(cell.value or 0 for cell in counted.values())
    # A rate needs the residents of every area that it counts, and cases that are theirs.
    lived = [residents[area].number for area in counted if area in residents]
    if not indicator.has_rates or len(lived) < len(counted):
        return Total(value, len(counted), without)
    return Total(value, len(counted), without, rate=RATE.value(value, sum(lived)), residents=sum(lived))


def find_own(fields: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return fields if fields and fields.get("value") is not None else None


def make_rows(figures: RegionFigures, *, with_rates: bool = False) -> list[MatrixRow]:
    columns, saved, names = [place.area_id for place in figures.places], figures.saved, figures.names
    return [
        MatrixRow(
            indicator=one,
            cells=tuple(one.cells.get(area) for area in columns),
            total=add_up(one, saved.get(one.code, {}).get("areas", ()), names, figures.residents),
            own=find_own(saved.get(one.code)),
            residents=figures.residents if with_rates else None,
        )
        for one in figures.indicators
    ]


def list_stand_outs(rows: Iterable[MatrixRow], figures: RegionFigures) -> list[StandOut]:
    """List what stands out, the region's own first, then by indicator and area. Never sorted by size."""
    stand_outs = []
    for row in rows:
        if row.own and row.own["tier"] == Tier.STANDS_OUT:
            line = view_region_line(row, figures.month, figures.own_months.get(row.code))
            stand_outs.append(stand_out(row, line, figures.region))
        for cell, place in zip(row.cells, figures.places, strict=True):
            if cell is not None and cell.tier == Tier.STANDS_OUT:
                out = figures.out.get((cell.area_id, row.code))
                view = line_view(out, figures.month, figures.month.first_day) if out else view_cell(cell, figures.month)
                stand_outs.append(stand_out(row, view, place.name))
    return sorted(stand_outs, key=lambda one: (one.area != figures.region, not one.is_alarm))


def stand_out(row: MatrixRow, line: LineView, area: str) -> StandOut:
    return StandOut(
        area=area,
        code=row.code,
        title=row.indicator.lead.name,
        number=line.number,
        movement=line.movement.value,
        look=line.look,
        sentence=line.verdict,
        is_alarm=line.is_alarm,
    )


# --- As the table shows them ----------------------------------------------------------------------

WAYS = {movement.value: movement.label.lower() for movement in Movement if movement is not Movement.NONE}
# The look and words of a judgement that is marked, by its token.
JUDGED = {
    judgement.value: (look, judgement.label) for judgement, look in LOOKS.items() if judgement is not Judgement.USUAL
}


class CellText(NamedTuple):
    """A cell of the table: its `text` (beside its `rate`, if the table shows rates), its arrow with words, and the mark
    of what stands out with words."""

    text: str
    rate: str = ""
    note: str = ""
    movement: str = ""
    moved: str = ""
    look: str = ""
    judged: str = ""


def show_cells(row: MatrixRow, published: Sequence[bool]) -> Iterator[CellText]:
    """Yield the region's cell and each area's. `published` says for each area whether its month is there at all."""
    yield show_total(row)
    for cell, is_there in zip(row.cells, published, strict=True):
        if cell is not None:
            yield show_cell(row, cell)
        else:
            yield CellText(NOT_COLLECTED if is_there else "")


def show_cell(row: MatrixRow, cell: Cell) -> CellText:
    text = cell_text(STATES[cell.state], cell.value, ratio=cell.ratio, is_provisional=cell.is_provisional)
    if cell.area_id in row.indicator.odd:
        text = f"{text} {ODD}"
    elif cell.protected_by and is_rounded(cell):
        text = f"{text} {ROUNDED}"
    rate = show_rate(row.find_rate(cell)) if row.shows_rates and cell.value is not None else ""
    moved = show_moved(cell.movement, cell.change, cell.ratio)
    return CellText(text, rate, "", *moved, *show_judged(cell.tier, cell.judgement))


def show_total(row: MatrixRow) -> CellText:
    total, own, ratio = row.total, row.own, row.indicator.lead.ratio
    if total.value is None:
        return CellText(NOT_COLLECTED)
    text, rate = show_number(total.value, ratio), show_rate(total.rate) if row.shows_rates else ""
    if total.without:
        return CellText(text, rate, f"without {listed(total.without, are_proper=True)}")
    if own is None:
        return CellText(text, rate)
    moved = show_moved(own["movement"], own["change"], ratio)
    return CellText(text, rate, "", *moved, *show_judged(own["tier"], own["judgement"]))


def show_rate(rate: int | None) -> str:
    return "?" if rate is None else show_number(rate, RatioKind.RATE)


def show_moved(movement: str, change: int | None, ratio: str) -> tuple[str, str]:
    if movement not in WAYS:
        return "", ""
    by = f" {show_change(change, ratio, shortly=True)}" if change else ""
    return movement, f"{WAYS[movement]}{by}"


def show_judged(tier: str, judgement: str) -> tuple[str, str]:
    if tier == Tier.WATCH:
        return WATCHED, Tier.WATCH.label
    return JUDGED.get(judgement, ("", "")) if tier else ("", "")
