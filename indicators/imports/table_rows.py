"""What is in each cell of a table that somebody pasted or sent? As CSV, as copied from a spreadsheet, or as a workbook.
Pure."""

from collections.abc import Sequence

from indicators.imports.delimited import SEPARATORS, CsvRefused, decoded, lines
from indicators.imports.kinds import refuse_kind
from indicators.imports.workbook_parts import ZIP, WorkbookRefused, letters
from indicators.imports.workbooks import open_workbook

type Cells = tuple[int, Sequence[str]]


class CellsRefused(Exception):
    """Raised for something that isn't a table. Its text is a sentence for the user."""


def read_pasted(text: str) -> list[Cells]:
    """Return the rows of a table that is text, with tabs, commas or semicolons between its cells. Raises
    CellsRefused."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    # What is copied from a spreadsheet has tabs, and may have commas within its cells.
    separator = "\t" if "\t" in first else max(SEPARATORS, key=first.count)
    try:
        return [(line, [tidy(cell) for cell in cells]) for line, cells in lines(text, separator)]
    except CsvRefused as refused:
        at = f"Line {refused.line}: " if refused.line else ""
        raise CellsRefused(f"{at}{refused}") from None


def read_file(content: bytes) -> tuple[list[Cells], list[str]]:
    """Return the rows of a file, and a sentence for each part that was left out. Raises CellsRefused."""
    if not content.strip():
        raise CellsRefused("The file is empty.")
    if sentence := refuse_kind(content):
        raise CellsRefused(sentence)
    try:
        if content.startswith(ZIP):
            return read_workbook(content)
        return read_pasted(decoded(content)), []
    except (WorkbookRefused, CsvRefused) as refused:
        raise CellsRefused(str(refused)) from None


def read_workbook(content: bytes) -> tuple[list[Cells], list[str]]:
    """Read the one visible sheet that isn't empty."""
    workbook = open_workbook(content)
    sheet = workbook.find_only_sheet("you want us to read")
    if sheet.formulas:
        row, column = sheet.formulas[0]
        raise CellsRefused(
            f"{letters(column)}{row} of the sheet “{sheet.name[:40]}” is a formula. Replace it with its words."
        )
    rows: list[Cells] = [(number, [tidy(str(cell)) for cell in row]) for number, row in enumerate(sheet.rows, 1)]
    return rows, [f"The hidden sheet “{name[:40]}” was not read." for name in workbook.hidden]


def tidy(cell: str) -> str:
    # PostgreSQL stores no NUL.
    return " ".join(cell.replace("\x00", "").split())
