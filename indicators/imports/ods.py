"""Reads an OpenDocument spreadsheet (.ods), once it is known to be safe. Pure.

Besides the rules for any workbook: no password, no macro, and nothing embedded except charts. A cell or row may say
that it is repeated. Empty ones aren't repeated here. Filled ones may not reach beyond where figures end. Values are
read straight from the file. A second reader after the checks could read it differently.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product

from indicators.imports.xlsx import (
    BROKEN,
    Cell,
    Limits,
    Sheet,
    Workbook,
    WorkbookRefused,
    check_count,
    check_markup,
    parse,
    read_number,
)

MIMETYPE, MANIFEST_FILE, CONTENT, STYLES = "mimetype", "META-INF/manifest.xml", "content.xml", "styles.xml"
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
SPREADSHEET = OPEN_DOCUMENT + b"spreadsheet"
MAY_BE_EMBEDDED = ("", "application/vnd.oasis.opendocument.chart", "application/vnd.sun.xml.ui.configuration")
FOLDERS_OF_MACROS = ("basic/", "scripts/", "dialogs/")

OFFICE, TABLE, TEXT, STYLE, SCRIPT, DRAW, MANIFEST = (
    f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0 "
    for name in ("office", "table", "text", "style", "script", "drawing", "manifest")
)
MACROS = "This workbook has macros or embedded objects. Save it as a plain spreadsheet (.ods) without them."
RUNS = {SCRIPT + "event-listener", OFFICE + "script", DRAW + "applet", DRAW + "plugin", DRAW + "object-ole"}
# Each attribute with a value, and the type of a cell that has it but names no type.
VALUES = {
    "value": "float",
    "date-value": "date",
    "time-value": "time",
    "boolean-value": "boolean",
    "string-value": "string",
}
AROUND_ROWS = {TABLE + name for name in ("table-rows", "table-header-rows", "table-row-group")}
PARAGRAPHS = {TEXT + "p", TEXT + "h"}
BESIDE_TEXT = {TEXT + "note", TEXT + "ruby-text"}
A_NUMBER = re.compile(r"[+-]?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
A_TIME = re.compile(r"(-?)P(?:(\d{1,6})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d*)?)S)?)?", re.ASCII)
# Where a program broke the line of a paragraph, which means a blank. From the first blank on: to try each takes long.
WRAPPED = re.compile(r"(?<![ \t])[ \t]*+[\r\n][ \t\r\n]*+")
# Line breaks and tabs that were typed, until the others are gone. No XML can hold these.
BREAK, TAB = "\x01", "\x02"
AS_TYPED = str.maketrans({BREAK: "\n", TAB: "\t"})


def read_ods(parts: Mapping[str, bytes], limits: Limits) -> Workbook:
    """Raises WorkbookRefused, with a sentence, for whatever isn't a plain spreadsheet of reasonable size."""
    kind = parts[MIMETYPE].strip()
    if kind != SPREADSHEET:
        raise WorkbookRefused(
            "This is another kind of OpenDocument file. Save it as a spreadsheet (.ods), and send that."
            if kind.startswith(OPEN_DOCUMENT)
            else "This file isn’t an OpenDocument spreadsheet (.ods). Open it, and save it as one."
        )
    _check_manifest(parts, limits)
    check_markup(parts, limits)
    walk = _Walk(limits)
    for part in (STYLES, CONTENT):
        if part in parts:
            parse(parts[part], start=walk.start, end=walk.end, text=walk.text, namespaces=True)
    check_count(len(walk.sheets) + len(walk.hidden), limits)
    return Workbook(iter(walk.sheets), walk.hidden)


def _check_manifest(parts: Mapping[str, bytes], limits: Limits) -> None:
    """Check that there is something to read and nothing that runs."""
    if MANIFEST_FILE not in parts:
        raise WorkbookRefused(BROKEN)
    # First, by itself: the others hold no markup where there is a password.
    check_markup({MANIFEST_FILE: parts[MANIFEST_FILE]}, limits)
    kinds: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == MANIFEST + "encryption-data":
            raise WorkbookRefused("This file has a password. Save it without one.")
        if name == MANIFEST + "file-entry":
            kinds[attributes.get(MANIFEST + "full-path", "")] = attributes.get(MANIFEST + "media-type", "")

    parse(parts[MANIFEST_FILE], start=start, namespaces=True)
    embedded = any(
        "oleobject" in kind or (path.endswith("/") and path != "/" and kind not in MAY_BE_EMBEDDED)
        for path, kind in kinds.items()
    )
    if embedded or any(path.lower().startswith(FOLDERS_OF_MACROS) for path in (*parts, *kinds)):
        raise WorkbookRefused(MACROS)
    if CONTENT not in parts:
        raise WorkbookRefused(BROKEN)


@dataclass(slots=True)
class _CellRead:
    """A cell while it is read: its place, its attributes, and its text."""

    sheet: str
    row: int
    column: int
    attributes: Mapping[str, str]
    limits: Limits
    written: list[str] = field(default_factory=list)
    paragraphs: int = 0
    in_paragraph: bool = False
    characters: int = 0

    def write(self, text: str, times: int = 1) -> None:
        # Before it is written out: a few bytes may say that a blank is repeated a million times.
        self.characters += len(text) * times
        self.check(self.characters)
        self.written.append(text * times)

    def check(self, characters: int) -> None:
        self.limits.check_cell(self.sheet, self.row, self.column, characters)

    def begin_paragraph(self) -> None:
        if self.paragraphs:
            self.write(BREAK)
        self.paragraphs += 1
        self.in_paragraph = True

    @property
    def has_formula(self) -> bool:
        return bool(self.attributes.get(TABLE + "formula"))

    @property
    def value(self) -> Cell:
        """Return the value by the type that the file names. A cell without a type is empty."""
        of = {name: self.attributes.get(OFFICE + name) for name in VALUES}
        kind = self.attributes.get(OFFICE + "value-type") or next((VALUES[name] for name in of if of[name]), "")
        match kind:
            case "float" | "percentage" | "currency":
                return _number(of["value"])
            case "date":
                with suppress(ValueError):  # a year that Python can't hold
                    return _date(of["date-value"] or "")
            case "time":
                return _time(of["time-value"] or "")
            case "boolean":
                return of["boolean-value"] == "true"
            case "":
                return ""
        if of["string-value"] is None:
            return self.words
        self.check(len(of["string-value"]))
        return of["string-value"]

    @property
    def words(self) -> str:
        """Return the text of its paragraphs."""
        return WRAPPED.sub(" ", "".join(self.written)).translate(AS_TYPED)


def _number(text: str | None) -> float:
    # A number such as 1e999 has the right form, but is infinite.
    if text is None or A_NUMBER.fullmatch(text) is None or (number := float(text)) in (float("inf"), float("-inf")):
        raise WorkbookRefused(BROKEN)
    return number


def _date(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _time(text: str) -> timedelta:
    match = A_TIME.fullmatch(text)
    if match is None:
        raise WorkbookRefused(BROKEN)
    sign, *numbers = match.groups(default="0")
    days, hours, minutes, seconds = map(float, numbers)
    time = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -time if sign == "-" else time


@dataclass(slots=True)
class _Table:
    """A sheet while it is read. Repeated cells are written out where a row ends, once they are known to be near and
    short."""

    name: str
    limits: Limits
    rows: list[list[Cell]] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    row: int = 0  # how many there were, the empty ones too
    column: int = 0
    cells: list[Cell] = field(default_factory=list)
    calculated: list[tuple[int, int]] = field(default_factory=list)  # in this row: how far down, and the column
    repeated: int = 1
    characters: int = 0

    def begin_row(self, repeated: int) -> None:
        self.column, self.cells, self.calculated, self.repeated = 0, [], [], repeated

    def skip(self, columns: int) -> None:
        self.column += columns

    def add(self, cell: _CellRead, columns: int) -> None:
        value = cell.value
        if value != "" or cell.has_formula:
            last = self.column + columns
            # Before the cells are written out: a few bytes may say that a cell is repeated a million times.
            self.limits.check_near(self.name, self.row + self.repeated, last)
            self.characters += columns * self.repeated * len(value) if isinstance(value, str) else 0
            self.limits.check_text(self.name, self.characters)
            self.cells += [""] * (self.column - len(self.cells)) + [value] * columns
            if cell.has_formula:
                self._note_formula(cell, columns)
        self.column += columns

    def _note_formula(self, cell: _CellRead, columns: int) -> None:
        """Note the cells of a matrix formula. It may fill many, whose values count by themselves."""
        down, right = (
            read_number(cell.attributes.get(f"{TABLE}number-matrix-{way}-spanned"), 1) for way in ("rows", "columns")
        )
        down, right = max(down, self.repeated), max(right, columns)
        self.limits.check_near(self.name, self.row + down, self.column + right)
        # Before they are listed, for the same reason.
        if len(self.formulas) + len(self.calculated) + down * right > self.limits.cells:
            raise WorkbookRefused(self.limits.too_many_cells)
        self.calculated += [(below, self.column + 1 + beside) for below, beside in product(range(down), range(right))]

    def end_row(self) -> None:
        if self.cells:
            self.rows += [[] for _ in range(self.row - len(self.rows))]
            # These rows are one and the same list, so never change one in place.
            self.rows += [self.cells] * self.repeated
            self.formulas += [(self.row + 1 + below, column) for below, column in self.calculated]
        self.row += self.repeated

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)

    def close(self) -> Sheet:
        width = self.width
        rows = [row + [""] * (width - len(row)) for row in self.rows]
        return Sheet(self.name, rows, sorted(set(self.formulas)))


@dataclass(slots=True)
class _Walk:
    """Walks through styles and content. Inside anything that isn't a sheet's cells (a comment, a picture, a table of an
    old version, a hidden sheet) it looks only for things that may run."""

    limits: Limits
    sheets: list[Sheet] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    unseen: dict[str, bool] = field(default_factory=dict)  # a style of sheets, and whether it hides them
    style: str = ""
    in_body: bool = False
    table: _Table | None = None
    cell: _CellRead | None = None
    skipped: int = 0  # how deep, in what isn't looked at
    filled: int = 0  # cells of the sheets before

    def start(self, name: str, attributes: dict[str, str]) -> None:
        # Before anything is skipped: what runs may hide there.
        if name in RUNS:
            raise WorkbookRefused(MACROS)
        if self.skipped:
            self.skipped += 1
        elif self.cell is not None:
            self._start_in_cell(self.cell, name, attributes)
        elif self.table is not None:
            self._start_in_table(self.table, name, attributes)
        elif name in (STYLE + "style", STYLE + "default-style"):
            self.style = attributes.get(STYLE + "name", "")
        elif name == STYLE + "table-properties":
            self.unseen[self.style] = attributes.get(TABLE + "display") == "false"
        elif name == OFFICE + "spreadsheet":
            self.in_body = True
        elif self.in_body and name == TABLE + "table":
            self._start_table(attributes)
        elif self.in_body:
            self.skipped = 1

    def _start_table(self, attributes: Mapping[str, str]) -> None:
        name = attributes.get(TABLE + "name", "")
        if self.unseen.get(attributes.get(TABLE + "style-name", ""), False):
            self.hidden.append(name)
            self.skipped = 1
        else:
            self.table = _Table(name, self.limits)

    def _start_in_table(self, table: _Table, name: str, attributes: Mapping[str, str]) -> None:
        columns = read_number(attributes.get(TABLE + "number-columns-repeated"), 1)
        if name == TABLE + "table-row":
            table.begin_row(read_number(attributes.get(TABLE + "number-rows-repeated"), 1))
        elif name == TABLE + "table-cell":
            self.cell = _CellRead(table.name, table.row + 1, table.column + 1, attributes, self.limits)
        elif name == TABLE + "covered-table-cell":  # below a merged one, where nobody sees what it holds
            table.skip(columns)
            self.skipped = 1
        elif name not in AROUND_ROWS:
            self.skipped = 1

    def _start_in_cell(self, cell: _CellRead, name: str, attributes: Mapping[str, str]) -> None:
        if name in PARAGRAPHS:
            cell.begin_paragraph()
        elif name == TEXT + "line-break":
            cell.write(BREAK)
        elif name == TEXT + "tab":
            cell.write(TAB)
        elif name == TEXT + "s":
            cell.write(" ", times=read_number(attributes.get(TEXT + "c"), 1))
        elif not name.startswith(TEXT) or name in BESIDE_TEXT:
            self.skipped = 1

    def text(self, characters: str) -> None:
        if self.cell is not None and self.cell.in_paragraph and not self.skipped:
            self.cell.write(characters)

    def end(self, name: str) -> None:
        if self.skipped:
            self.skipped -= 1
        elif self.table is None:
            self.in_body = self.in_body and name != OFFICE + "spreadsheet"
        elif self.cell is not None:
            if name == TABLE + "table-cell":
                self.table.add(self.cell, read_number(self.cell.attributes.get(TABLE + "number-columns-repeated"), 1))
                self.cell = None
            elif name in PARAGRAPHS:
                self.cell.in_paragraph = False
        elif name == TABLE + "table-row":
            self.table.end_row()
        elif name == TABLE + "table":
            self._end_table(self.table)

    def _end_table(self, table: _Table) -> None:
        # Before `close` makes every row as wide as the widest.
        self.filled += len(table.rows) * table.width
        if self.filled > self.limits.cells:
            raise WorkbookRefused(self.limits.too_many_cells)
        self.sheets.append(table.close())
        self.table = None
