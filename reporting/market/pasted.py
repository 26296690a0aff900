"""Reads a table of figures that somebody pasted: what it counts, number, source and year. It saves nothing: the page
first shows what would change."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from core.texts import LONGEST_TEXT, one_line
from indicators.imports.tables import CellsRefused, read_pasted
from reporting.market.presenters import NONE, format_value
from reporting.market.services import FigureDraft, read_figure
from reporting.models import MarketFigure, MarketKind

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class PastedRow:
    """A row that would be saved: what is there, and what would be."""

    kind: MarketKind
    draft: FigureDraft
    before: str
    after: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a table would change. `faults` say why a row can't be saved, so nothing is."""

    rows: tuple[PastedRow, ...]
    faults: tuple[str, ...]

    @property
    def drafts(self) -> dict[MarketKind, FigureDraft]:
        return {row.kind: row.draft for row in self.rows}


def read_table(text: str, stored: Mapping[str, MarketFigure]) -> Pasted:
    """Read a table with or without a header. A row is matched by its whole name or its code."""
    if len(text) > LONGEST_TEXT:
        return Pasted((), (f"The table is too long: paste {LONGEST_TEXT:,} characters at most.",))
    try:
        lines = [(line, cells) for line, cells in read_pasted(text) if any(cells)]
    except CellsRefused as refused:
        return Pasted((), (str(refused),))
    names = {one_line(name).casefold(): kind for kind in MarketKind for name in (kind.value, kind.label)}
    rows: dict[MarketKind, PastedRow] = {}
    faults = [] if lines else ["The table has no rows."]
    for place, (line, cells) in enumerate(lines[:MOST_ROWS]):
        name, value, source, of_year = [*cells, "", "", "", ""][:4]
        kind = names.get(one_line(name).casefold())
        if kind is None:
            # The first row may be the header.
            if place or any(letter.isdigit() for letter in value):
                faults.append(f"Line {line}: no figure here is called “{name[:60]}”.")
            continue
        if kind in rows:
            faults.append(f"Line {line}: {kind.label} is in the table twice.")
            continue
        if not value:
            faults.append(f"Line {line}: {kind.label} has no number.")
            continue
        draft = FigureDraft(value, source, of_year)
        try:
            rows[kind] = make_row(kind, draft, stored.get(kind.value))
        except ValidationError as wrong:
            faults += [f"Line {line}, {kind.label}: {sentence}" for sentence in wrong.messages]
    if len(lines) > MOST_ROWS:
        faults.append(f"The table has more than {MOST_ROWS} rows.")
    return Pasted(tuple(rows.values()), tuple(faults))


def make_row(kind: MarketKind, draft: FigureDraft, stored: MarketFigure | None) -> PastedRow:
    value, source, of_year = read_figure(kind, draft)
    before = describe(kind, stored) if stored else NONE
    after = f"{format_value(kind, value)}, {source}, {of_year}" if value is not None else NONE
    return PastedRow(kind, draft, before, after, before != after)


def describe(kind: MarketKind, figure: MarketFigure) -> str:
    return f"{format_value(kind, figure.value)}, {figure.source}, {figure.of_year}"
