"""Reads the cells of a table: as CSV, as copied from a spreadsheet, or as a workbook. Pure.

Text that a spreadsheet would run as a formula is written with an apostrophe before it, and read without.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from indicators.imports.ods import MIMETYPE, read_ods
from indicators.imports.xlsx import (
    BROKEN,
    FIGURES,
    TYPES,
    ZIP,
    Limits,
    Workbook,
    WorkbookRefused,
    letters,
    read_xlsx,
    unpack,
)

SEPARATORS = (",", ";", "\t")


class CsvRefused(Exception):
    """Raised for text that isn't CSV, from a line on (None: from the start). Its text is a sentence for the user."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.line = line


def decoded(content: bytes) -> str:
    """Return the text: in UTF-8, or as older spreadsheet programs save it. Raises CsvRefused."""
    # cp1252 reads almost any bytes, so look for what no text has.
    if b"\x00" not in content:
        # Excel writes a byte order mark, which utf-8-sig takes off.
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise CsvRefused("This isn’t text, so it isn’t CSV. Save the sheet as “CSV UTF-8”, or send the workbook.")


def lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line, counted from 1.

    Raises CsvRefused at the line where cells can no longer be told apart.
    """
    # newline="" leaves line breaks to csv, which keeps those inside quotation marks.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        sentence = (
            f"A cell is longer than {csv.field_size_limit():,} characters."
            # csv.Error has no codes, only words.
            if "field larger" in str(error)
            else "This isn’t proper CSV: a quotation mark isn’t closed, or is inside a cell."
        )
        raise CsvRefused(f"{sentence} Nothing below it was read.", line) from None


# The first bytes of each kind of file.
KINDS = {
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls), or one with a password",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"{\\rtf": "a text document",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"<?xml": "XML",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
FLAT = (b"<office:document ", b"application/vnd.oasis.opendocument.")
BEGINNING = 16_000  # bytes: flat files name many namespaces before they say what they are


def refuse_kind(content: bytes) -> str:
    """Return a sentence for a file that can't hold a table; empty where it may hold one."""
    if content.startswith(b"<?xml") and all(mark in content[:BEGINNING] for mark in FLAT):
        return "This is a flat OpenDocument file (.fods). Save it as a spreadsheet (.ods)."
    for beginning, kind in KINDS.items():
        if content.startswith(beginning):
            return f"This file is {kind}, whatever its name says. Send a workbook (.xlsx or .ods) or CSV."
    return ""


NOT_A_WORKBOOK = "This file isn’t a workbook. Open it, and save it as .xlsx or .ods."
ENDINGS = (".xlsx", ".xlsm", ".ods")
FIRST_PARTS = {TYPES, MIMETYPE}  # either one marks a zip as a workbook


def open_workbook(content: bytes, limits: Limits = FIGURES) -> Workbook:
    """Return its sheets, read as they are asked for.

    Raises WorkbookRefused, with a sentence, for whatever isn't a plain workbook of reasonable size: at once, or at a
    sheet that can't be read.
    """
    parts = unpack(content, limits)
    if parts.keys() >= FIRST_PARTS:
        raise WorkbookRefused(BROKEN)  # two programs may disagree about which of the two it is
    if FIRST_PARTS.isdisjoint(parts):
        raise WorkbookRefused(NOT_A_WORKBOOK)
    return read_xlsx(parts, limits) if TYPES in parts else read_ods(parts, limits)


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
            f"{letters(column)}{row} of the sheet “{sheet.name[:40]}” is a formula. Replace it with the text that it "
            "shows."
        )
    rows: list[Cells] = [(number, [tidy(str(cell)) for cell in row]) for number, row in enumerate(sheet.rows, 1)]
    return rows, [f"The hidden sheet “{name[:40]}” was not read." for name in workbook.hidden]


def tidy(cell: str) -> str:
    # PostgreSQL stores no NUL.
    return " ".join(cell.replace("\x00", "").split())
