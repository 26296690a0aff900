"""What stands in a table that somebody pasted or sent, cell by cell? As CSV, as copied from a spreadsheet, or as a
workbook. Pure."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from python_calamine import SheetVisibleEnum, load_workbook

from indicators.imports.delimited import SEPARATORS, CsvRefused, decoded, lines
from indicators.imports.figures import KINDS
from indicators.imports.workbooks import ZIP, WorkbookRefused, letters, read_sheets

type Cells = tuple[int, Sequence[str]]
NEWEST_BINARY = "Send an Excel workbook (.xlsx) or CSV."


class CellsRefused(Exception):
    """What isn't a table. Its text is a sentence for the user."""


def read_pasted(text: str) -> list[Cells]:
    """The rows of a table as text, its cells between tabs, commas or semicolons. Raises CellsRefused."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = "\t" if "\t" in first else max(SEPARATORS, key=first.count)
    try:
        return [(line, [tidy(cell) for cell in cells]) for line, cells in lines(text, separator)]
    except CsvRefused as refused:
        at = f"Line {refused.line}: " if refused.line else ""
        raise CellsRefused(f"{at}{refused}") from None


def read_file(content: bytes) -> tuple[list[Cells], list[str]]:
    """The rows of a file, and what of it was left aside, a sentence each. Raises CellsRefused."""
    if not content.strip():
        raise CellsRefused("The file is empty.")
    for beginning, kind in KINDS.items():
        if content.startswith(beginning):
            raise CellsRefused(f"This is {kind}, whatever its name says. {NEWEST_BINARY}")
    try:
        if content.startswith(ZIP):
            return read_workbook(content)
        return read_pasted(decoded(content)), []
    except (WorkbookRefused, CsvRefused) as refused:
        raise CellsRefused(str(refused)) from None


def read_workbook(content: bytes) -> tuple[list[Cells], list[str]]:
    """Its one visible sheet with something in it."""
    filled = [sheet for sheet in read_sheets(content) if any(cell != "" for row in sheet.rows for cell in row)]
    if not filled:
        raise CellsRefused("No sheet of the workbook that can be seen has anything in it.")
    if len(filled) > 1:
        names = ", ".join(f"“{sheet.name[:40]}”" for sheet in filled)
        raise CellsRefused(
            f"The workbook has {len(filled)} sheets with something in them: {names}. Keep the one to read."
        )
    (sheet,) = filled
    if sheet.formulas:
        row, column = sheet.formulas[0]
        raise CellsRefused(
            f"{letters(column)}{row} of the sheet “{sheet.name[:40]}” is a formula. Put its words in its place."
        )
    rows: list[Cells] = [(number, [tidy(str(cell)) for cell in row]) for number, row in enumerate(sheet.rows, 1)]
    return rows, list(describe_hidden(content))


def describe_hidden(content: bytes) -> Iterator[str]:
    """Of a workbook that was read already, and so is safe."""
    for sheet in load_workbook(BytesIO(content)).sheets_metadata:
        if sheet.visible != SheetVisibleEnum.Visible:
            yield f"The hidden sheet “{sheet.name[:40]}” was not read."


def tidy(cell: str) -> str:
    return " ".join(cell.replace("\x00", "").split())
