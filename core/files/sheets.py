"""Write figures as a workbook: a sheet with the figures, perhaps more tables, and one with the notes.

Text is text and never a formula, a link or a number. Nothing is hidden, and nobody is named. The same figures give the
same bytes.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

NO_CHARACTERS = dict.fromkeys((0xFFFE, 0xFFFF))  # a workbook can't store them
LONGEST_CELL = 32_000  # characters; a workbook accepts a few more
INK, RULE, WASH = "#1f2933", "#9aa5b1", "#f0f2f4"
# In characters; other columns have a number or a short word.
WIDTHS = {
    "indicator": 24,
    "title": 34,
    "category": 20,
    "category_name": 22,
    "agency": 24,
    "unit": 26,
    "note": 60,
    "symbol_meaning": 44,
    "no_arrow_reason": 24,
    "state": 16,
    "signal": 18,
    "judgement": 18,
}
USUAL_WIDTH = 13
TERM_WIDTH, WORDS_WIDTH = 30, 100


@dataclass(frozen=True, slots=True)
class NoteSection:
    """A part of the notes: terms, each with its explanation."""

    heading: str
    entries: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One more table beside the figures, with the name of its sheet: a capital and letters."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float | None]]


def as_workbook(
    columns: Sequence[str],
    rows: Iterable[Sequence[str | float | None]],
    *,
    title: str,
    marking: str,
    notes: Sequence[NoteSection],
    made_at: datetime,
    more: Sequence[Sheet] = (),
) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties(
        {
            "title": title,
            "subject": marking,
            "category": marking,
            "author": "V+V Dashboard",
            # Otherwise the library writes the current time, and the same figures give different bytes.
            "created": made_at.astimezone(UTC).replace(tzinfo=None),
        }
    )
    styles = {name: book.add_format({**BASE, **more}) for name, more in STYLES.items()}
    figures = _Sheet(book.add_worksheet("Figures"), styles, marking)
    figures.write_figures(columns, rows)
    for sheet in more:
        _Sheet(book.add_worksheet(sheet.name), styles, marking).write_figures(sheet.columns, sheet.rows)
    _Sheet(book.add_worksheet("Notes"), styles, marking).write_notes(title, notes)
    book.close()
    return content.getvalue()


BASE = {"font_name": "Arial", "font_size": 11, "font_color": INK, "valign": "top"}
STYLES: dict[str, dict[str, Any]] = {
    "marking": {"bold": True},
    "title": {"bold": True, "font_size": 15},
    "heading": {"bold": True, "font_size": 12},
    "head": {"bold": True, "bg_color": WASH, "bottom": 1, "bottom_color": RULE},
    "text": {},
    "note": {"text_wrap": True},
    "count": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.00"},
}


class _Sheet:
    """Writes one sheet, starting at its first row."""

    def __init__(self, sheet: Any, styles: dict[str, Any], marking: str) -> None:
        self.sheet, self.styles, self.row = sheet, styles, 0
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&C{marking}")
        sheet.set_footer(f"&L{marking}&RPage &P of &N")
        if marking:
            self.write_line(marking, "marking")

    def write_line(self, text: str, style: str) -> None:
        self.sheet.write_string(self.row, 0, _cell(text), self.styles[style])
        self.row += 1

    def write_figures(self, columns: Sequence[str], rows: Iterable[Sequence[str | float | None]]) -> None:
        """Write the figures under a header that stays in view, with a filter."""
        head = self.row
        for column, name in enumerate(columns):
            self.sheet.set_column(column, column, WIDTHS.get(name, USUAL_WIDTH))
            self.sheet.write_string(head, column, name, self.styles["head"])
        for cells in rows:
            self.row += 1
            for column, cell in enumerate(cells):
                self._write_cell(column, cell, "note" if columns[column] == "note" else "text")
        self.sheet.freeze_panes(head + 1, 0)
        self.sheet.autofilter(head, 0, self.row, len(columns) - 1)
        self.sheet.set_landscape()
        self.sheet.repeat_rows(head)

    def _write_cell(self, column: int, cell: str | float | None, style: str) -> None:
        """Write a cell; nothing for None or an empty text."""
        if isinstance(cell, str):
            if cell:
                self.sheet.write_string(self.row, column, _cell(cell), self.styles[style])
        elif cell is not None:
            style = "count" if isinstance(cell, int) else "number"
            self.sheet.write_number(self.row, column, cell, self.styles[style])

    def write_notes(self, title: str, notes: Sequence[NoteSection]) -> None:
        self.sheet.set_column(0, 0, TERM_WIDTH)
        self.sheet.set_column(1, 1, WORDS_WIDTH)
        self.write_line(title, "title")
        for section in notes:
            if not section.entries:
                continue
            self.row += 1
            self.write_line(section.heading, "heading")
            for term, words in section.entries:
                self.sheet.write_string(self.row, 0, _cell(term), self.styles["note"])
                self.sheet.write_string(self.row, 1, _cell(words), self.styles["note"])
                self.row += 1


def _cell(text: str) -> str:
    return text.translate(NO_CHARACTERS)[:LONGEST_CELL]


# Characters that start a formula in a spreadsheet. Some programs drop white space in front of it, and read the
# full-width signs of East Asian keyboards (U+FF1D and so on) as the usual ones.
RUN = ("=", "+", "@", "\uff1d", "\uff0b", "\uff20")
FORMULA = (*RUN, "-", "\uff0d", "\t", "\r", "\n")


def guarded(text: str) -> str:
    """Return text that no spreadsheet runs as a formula; `unguarded` reverses it."""
    # After apostrophes too. Otherwise `unguarded` would remove one that somebody typed.
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def is_formula(cell: str) -> bool:
    """Return whether a spreadsheet would run it. A text that starts with a minus may be a number or a note."""
    return cell.startswith(RUN)
