"""What may a cell of a copied table mean: a figure, a reason, a month, the name of a box? Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.months import Month
from indicators.entries import READ_AS
from indicators.figures import NotAFigure, read_figure
from indicators.imports.figures import MONTH_NAMES, NAME_OF, STATE_OF, read_month
from indicators.trend import CellState

# A cell of a copied block: in quotation marks, with "" for one inside; or plain text up to a tab or the line's end.
# The possessive *+ keep a paste without its closing quotation mark from being tried again and again.
CELL = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"(?=[\t\n]|\Z)|([^\t\n]*+))(\t|\n|\Z)')
REASON_OF = {name: token for name, token in STATE_OF.items() if token != CellState.FIGURE} | READ_AS
HEADS = NAME_OF | {"number": "value", "count": "value", "reason": "state"}
A_LETTER = re.compile(r"[^\W\d_]")
A_DIGIT = re.compile(r"[0-9]")


def read_lines(text: str) -> Iterator[list[str]]:
    """Yield the cells of a copied block, row by row. A line break within a cell becomes a blank."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    cells: list[str] = []
    for match in CELL.finditer(text):
        quoted, plain, end = match.groups()
        cell = plain if quoted is None else quoted.replace('""', '"')
        cells.append(" ".join(part.strip() for part in cell.split("\n") if part.strip()))
        if end != "\t":
            yield cells
            cells = []
        # The pattern also matches nothing at the very end, which isn't one more row.
        if not end:
            return


@dataclass(frozen=True, slots=True)
class Target:
    """A box, and its possible names in a table: the indicator's, and the category's where it is split."""

    name: str
    indicator: tuple[str, ...]
    category: tuple[str, ...] = ()


class Names:
    """The possible names of each box, alone or with the cells beside them."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self.by_text: dict[str, set[str]] = {}
        for target in targets:
            texts = {target.name, *target.indicator, *target.category}
            for indicator in target.indicator:
                for category in target.category:
                    texts |= {f"{indicator} {category}", f"{category} {indicator}"}
            for text in filter(None, map(tidy, texts)):
                self.by_text.setdefault(text, set()).add(target.name)
        self.indicators = {tidy(name) for target in targets for name in target.indicator}

    def find(self, cell: str) -> set[str]:
        """Return the boxes that a cell may mean."""
        # A number is a figure, even if a category is called so.
        return set() if is_figure(cell) else self.by_text.get(tidy(cell), set())

    def is_question(self, cell: str) -> bool:
        """Return whether it is an indicator's name, which categories may follow."""
        return tidy(cell) in self.indicators


def tidy(text: str) -> str:
    """Return its letters and digits in lower case, with one blank between words."""
    return " ".join(re.findall(r"\w+", text.replace("_", " ").casefold()))


def is_figure(cell: str) -> bool:
    try:
        read_figure(cell)
    except NotAFigure:
        return False
    return True


def looks_like_figure(cell: str) -> bool:
    """Return whether a cell is meant as a figure: "12", "39.4%", "0.4", "£12"; not "2026-10" or "3 to 22"."""
    return bool(A_DIGIT.search(cell)) and not A_LETTER.search(cell) and _month_number(cell) is None


def _month_number(cell: str) -> tuple[int | None, int] | None:
    """Return the year, where there is one, and the month that a header names; None for anything else."""
    number = MONTH_NAMES.get(cell.strip().lower())
    if number is not None:
        return None, number
    try:
        month = read_month(cell)
    except ValueError:
        return None
    return month.year, month.number


def is_month(cell: str, month: Month) -> bool | None:
    """Return whether it names this month; None where it names no month."""
    named = _month_number(cell)
    return None if named is None else named in ((None, month.number), (month.year, month.number))


def name_head(head: str) -> str:
    """Return one of a file's names for a column; any other header unchanged."""
    text = head.lower()
    return "note" if "note" in text or "comment" in text else HEADS.get(text, text)


def is_head(cell: str) -> bool:
    return cell.lower() in HEADS or _month_number(cell) is not None
