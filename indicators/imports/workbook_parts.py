"""Which parts may a workbook have, whatever program wrote it? Pure.

A workbook is a zip of XML parts. Before anything interprets them: few parts, little to unzip (by what they
declare, and by what really comes out), no DOCTYPE, and no more elements than a full sheet has.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from xml.parsers import expat

from core.texts import LONGEST_TEXT

type Cell = str | int | float | bool | date | datetime | time | timedelta

MOST_PARTS = 100  # our template has 15
MOST_SHEETS = 10

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
NUMBER = re.compile(r"[0-9]{1,7}", re.ASCII)
STRANGE = "This workbook has a part that no spreadsheet program writes, so we didn’t open it."
BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"  # byte-order marks, and white space in any encoding
BROKEN = "This workbook is damaged or cut short. Open it, save it again, and send that."


class WorkbookRefused(Exception):
    """Raised for a workbook that isn't opened. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on a workbook's size."""

    what: str  # what to keep of a larger one
    rows: int
    columns: int
    cells: int  # of all sheets that can be seen
    unzipped: int  # bytes of all parts together
    text: int  # characters of all cells of a sheet together
    cell: int = LONGEST_TEXT  # characters of one cell

    @property
    def elements(self) -> int:
        """For all parts together: a full sheet has one element for each row and two for each cell."""
        return 2 * self.cells + 3 * self.rows

    @property
    def too_many_cells(self) -> str:
        return f"This workbook has too many cells. Keep only the rows with {self.what}."

    def check_near(self, sheet: str, row: int, column: int) -> None:
        """Raises WorkbookRefused for a cell so far away that a reader would make too much room."""
        if row > self.rows or column > self.columns:
            raise WorkbookRefused(
                f"The sheet “{sheet[:40]}” has something in {letters(column)}{row}, but {self.what} end at "
                f"column {letters(self.columns)} and row {self.rows:,}. Remove it."
            )

    def check_cell(self, sheet: str, row: int, column: int, characters: int) -> None:
        """Raises WorkbookRefused for a cell with too much text, before anything looks through it."""
        if characters > self.cell:
            raise WorkbookRefused(
                f"{letters(column)}{row} of the sheet “{sheet[:40]}” has too much text: more than {self.cell:,} "
                "characters. Shorten it."
            )

    def check_text(self, sheet: str, characters: int) -> None:
        """Raises WorkbookRefused where the cells hold too much text together."""
        if characters > self.text:
            raise WorkbookRefused(f"The sheet “{sheet[:40]}” has too much text. Keep the {self.what} and short notes.")


MB = 1024 * 1024
FIGURES = Limits("figures", 20_000, 26, cells=20_000 * 26, unzipped=16 * MB, text=8 * MB)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows from its first on, each from column A on (an empty cell: ""), and where it has
    formulas: (row, column), counted from 1."""

    name: str
    rows: list[list[Cell]]
    formulas: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Workbook:
    """`sheets` are those that can be seen, one at a time; `hidden` are the names of the others."""

    sheets: Iterator[Sheet]
    hidden: list[str]

    def find_only_sheet(self, keep: str) -> Sheet:
        """Return the one sheet that isn't empty, of those that can be seen. Raises WorkbookRefused: with several, the
        sentence says which one to `keep`."""
        filled = [sheet for sheet in self.sheets if any(cell != "" for row in sheet.rows for cell in row)]
        if not filled:
            raise WorkbookRefused("The workbook’s visible sheets are all empty.")
        if len(filled) > 1:
            names = ", ".join(f"“{sheet.name[:40]}”" for sheet in filled)
            raise WorkbookRefused(
                f"The workbook has {len(filled)} sheets with something in them: {names}. Keep the one {keep}."
            )
        return filled[0]


def as_typed(cell: Cell | None) -> str:
    """Return a cell as somebody would type it: 12.0 is 12, and a day is 2026-10-31."""
    match cell:
        case None:
            return ""
        case str():
            return cell.replace("\x00", "")
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer():
            return str(int(cell))
        # First, because a datetime is a date too.
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
    return str(cell)


def letters(column: int) -> str:
    """1 → "A", 27 → "AA"."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def check_count(sheets: int, limits: Limits) -> None:
    if not 0 < sheets <= MOST_SHEETS:
        raise WorkbookRefused(f"This workbook has {sheets} sheets. Keep the one with the {limits.what}.")


def unpack(content: bytes, limits: Limits) -> dict[str, bytes]:
    """Return the parts by name, each within its limit."""
    too_large = WorkbookRefused(
        f"Unpacked, this workbook is larger than {limits.unzipped // MB} MB. Keep only the {limits.what}."
    )
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_PARTS:
                raise WorkbookRefused(
                    f"This workbook has {len(entries):,} parts, and the most is {MOST_PARTS}. "
                    f"Keep only the sheet with the {limits.what}."
                )
            names = {entry.filename.lower() for entry in entries}
            if len(names) < len(entries) or any("\\" in name or name.startswith("/") for name in names):
                raise WorkbookRefused(BROKEN)  # two readers may disagree about which part is meant
            if any(entry.flag_bits & 0x1 for entry in entries):
                raise WorkbookRefused("This file has a password. Save it without one.")
            if sum(entry.file_size for entry in entries) > limits.unzipped:
                raise too_large
            room, parts = limits.unzipped, {}
            for entry in entries:
                # The declared size may be false: never unpack more than there is room for.
                with archive.open(entry) as stream:
                    part = stream.read(room + 1)
                room -= len(part)
                if room < 0:
                    raise too_large
                parts[entry.filename] = part
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise WorkbookRefused(BROKEN) from None
    return parts


def check_markup(parts: Mapping[str, bytes], limits: Limits) -> None:
    """Check that no part can expand, nor has more elements than can be read in a moment."""
    for name, part in parts.items():
        # By its content too: a workbook may call a sheet “sheet1.bin”, and a reader finds it by that name.
        is_markup = name.lower().endswith((".xml", ".rels", ".vml", ".rdf")) or part.lstrip(BEFORE_MARKUP)[:1] == b"<"
        # A NUL means UTF-16, which would hide the others.
        if is_markup and (b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\x00" in part):
            raise WorkbookRefused(STRANGE)
    # Count elements without parsing them, which takes time: millions fit into a few kilobytes.
    if sum(part.count(b"<") - part.count(b"</") for part in parts.values()) > limits.elements:
        raise WorkbookRefused(limits.too_many_cells)


def parse(
    xml: bytes,
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    namespaces: bool = False,
) -> None:
    """Walk through a part. With `namespaces`, a name is that of its namespace, a blank, and its own."""
    # Always parse as UTF-8, whatever the part declares: another encoding would hide a DOCTYPE.
    parser = expat.ParserCreate("UTF-8", " " if namespaces else None)
    # Otherwise expat hands over one text in several pieces.
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise WorkbookRefused(BROKEN) from None


def _refuse_doctype(*_: object) -> None:
    raise WorkbookRefused(STRANGE)


def read_number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if NUMBER.fullmatch(text) is None:
        raise WorkbookRefused(BROKEN)
    return int(text)
