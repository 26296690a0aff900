"""What does the workbook that somebody sent hold? Opened only once it is known to be safe. Pure.

An XLSX file is a zip of XML parts. Before anything interprets them: few parts, little to unzip (by
what they declare, and by what really comes out), the content types of a workbook without macros, no
DOCTYPE, no more elements than a full sheet has, no cell far away, for which a reader would make room,
and no long text that very many cells share. The parts that were checked, and no others, are then
packed again for the reader of the values.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum, load_workbook

type Cell = str | int | float | bool | date | datetime | time | timedelta

MOST_PARTS = 100  # our template has 15
LARGEST_UNZIPPED = 16 * 1024 * 1024  # bytes of all parts together
LARGEST_TEXT = 8 * 1024 * 1024  # characters of all cells of a sheet together
MOST_ROWS = 20_000
MOST_COLUMNS = 26  # A to Z
MOST_SHEETS = 10
MOST_ELEMENTS = 1_100_000  # of all parts together: a sheet that is full has a row and, for each cell, two

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
TYPES = "[Content_Types].xml"
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
# In a content type: a workbook that may run something.
RUNS = ("macroenabled", "vbaproject", "macrosheet", "activex", "oleobject", "ms-office.control", "addin")
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
NOT_A_WORKBOOK = "This isn’t an Excel workbook (.xlsx), though it is packed like one."
BROKEN = "This workbook is damaged or cut short. Open it, save it again, and send that."


class WorkbookRefused(Exception):
    """A workbook that isn't opened. Its text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows from its first on, each from column A on (an empty cell: ""), and where it has
    formulas: (row, column), counted from 1."""

    name: str
    rows: list[list[Cell]]
    formulas: list[tuple[int, int]]


def letters(column: int) -> str:
    """1 → "A", 27 → "AA"."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def read_sheets(content: bytes) -> Iterator[Sheet]:
    """Each visible sheet of a workbook, one at a time.

    Raises WorkbookRefused, with a sentence, for whatever isn't a plain workbook of reasonable size.
    """
    parts = _unpack(content)
    _check_parts(parts)
    shared = _lengths(parts)
    formulas = {name: _formulas(part, name, shared) for name, part in _sheets(parts).items()}
    with _open(parts) as workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ != SheetTypeEnum.WorkSheet or sheet.visible != SheetVisibleEnum.Visible:
                continue
            if sheet.name not in formulas:
                raise WorkbookRefused(BROKEN)
            try:
                rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            except CalamineError:
                raise WorkbookRefused(BROKEN) from None
            yield Sheet(sheet.name, rows, formulas[sheet.name])


def _unpack(content: bytes) -> dict[str, bytes]:
    """The parts by name, none of them larger than it may be."""
    too_large = WorkbookRefused(
        f"Unpacked, this workbook is larger than {LARGEST_UNZIPPED // 1024**2} MB. "
        "Keep the figures, and take out the rest."
    )
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_PARTS:
                raise WorkbookRefused(
                    f"This workbook has {len(entries):,} parts, and {MOST_PARTS} are the most. "
                    "Keep the sheet with the figures, and take out the rest."
                )
            names = {entry.filename.lower() for entry in entries}
            if len(names) < len(entries) or any("\\" in name or name.startswith("/") for name in names):
                raise WorkbookRefused(BROKEN)  # which of two parts is meant, one reader may answer so, and another so
            if any(entry.flag_bits & 0x1 for entry in entries):
                raise WorkbookRefused("This file has a password. Save it without one.")
            if sum(entry.file_size for entry in entries) > LARGEST_UNZIPPED:
                raise too_large
            room, parts = LARGEST_UNZIPPED, {}
            for entry in entries:
                # What it declares may be untrue: no more is unpacked than there is room for.
                with archive.open(entry) as stream:
                    part = stream.read(room + 1)
                room -= len(part)
                if room < 0:
                    raise too_large
                parts[entry.filename] = part
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise WorkbookRefused(BROKEN) from None
    return parts


def _check_parts(parts: Mapping[str, bytes]) -> None:
    """That it is a workbook, and nothing in it runs or reaches out."""
    if TYPES not in parts:
        if parts.get("mimetype", b"").startswith(b"application/vnd.oasis.opendocument"):
            raise WorkbookRefused("This is an OpenDocument file. Save it as an Excel workbook (.xlsx).")
        raise WorkbookRefused(NOT_A_WORKBOOK)
    for name, part in parts.items():
        if name.lower().endswith((".xml", ".rels", ".vml")) and (
            b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\x00" in part
        ):
            raise WorkbookRefused("This workbook has a part that no spreadsheet program writes, so it isn’t opened.")
    # Counted without reading them, which is what takes time: millions fit into a few kilobytes of a file.
    if sum(part.count(b"<") - part.count(b"</") for part in parts.values()) > MOST_ELEMENTS:
        raise WorkbookRefused("This workbook has too many cells. Keep the rows with figures, and take out the rest.")
    types = {attributes.get("ContentType", "").lower() for attributes in _elements(parts[TYPES], "Override", "Default")}
    if any(word in kind for kind in types for word in RUNS) or any(
        name.lower().endswith("vbaproject.bin") for name in parts
    ):
        raise WorkbookRefused("This workbook has macros or embedded objects. Save it as a plain workbook (.xlsx).")
    if MAIN not in types:
        raise WorkbookRefused(NOT_A_WORKBOOK)


def _elements(xml: bytes, *names: str) -> list[dict[str, str]]:
    """The attributes of each element with one of these names."""
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) in names:
            found.append(attributes)

    _parse(xml, start=start)
    return found


def _parse(
    xml: bytes,
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate("UTF-8")  # whatever the part declares: the reader of the values takes it so
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise WorkbookRefused(BROKEN) from None


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _sheets(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Each sheet's part, by its name."""
    main = next(
        (
            attributes.get("PartName", "").lstrip("/")
            for attributes in _elements(parts[TYPES], "Override")
            if attributes.get("ContentType", "").lower() == MAIN
        ),
        "",
    )
    folder, file = posixpath.split(main)
    relations = posixpath.join(folder, "_rels", f"{file}.rels")
    if main not in parts or relations not in parts:
        raise WorkbookRefused(BROKEN)
    targets = {
        attributes.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))[1:]
        for attributes in _elements(parts[relations], "Relationship")
    }
    listed = _elements(parts[main], "sheet")
    if not 0 < len(listed) <= MOST_SHEETS:
        raise WorkbookRefused(f"This workbook has {len(listed)} sheets. Keep the one with the figures.")
    sheets = {}
    for attributes in listed:
        key = next((value for name, value in attributes.items() if _local(name) == "id"), "")
        name, path = attributes.get("name", ""), targets.get(key, "")
        if path not in parts or name in sheets:
            raise WorkbookRefused(BROKEN)
        sheets[name] = parts[path]
    return sheets


def _lengths(parts: Mapping[str, bytes]) -> list[int]:
    """How long each text is that cells share, in characters."""
    lengths: list[int] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "si":
            lengths.append(0)

    def text(characters: str) -> None:
        if lengths:
            lengths[-1] += len(characters)

    declared = {
        attributes.get("PartName", "").lstrip("/").lower()
        for attributes in _elements(parts[TYPES], "Override")
        if "sharedstrings" in attributes.get("ContentType", "").lower()
    }
    found = [part for name, part in parts.items() if name.lower() in {*declared, "xl/sharedstrings.xml"}]
    if len(found) > 1:
        raise WorkbookRefused(BROKEN)
    for part in found:
        _parse(part, start=start, text=text)
    return lengths


@dataclass(slots=True)
class _Scan:
    """Walks through a sheet: where it has formulas, and how much text its cells share.

    Raises WorkbookRefused where a cell is too far out, or the cells hold too much text together.
    """

    sheet: str
    shared: Sequence[int]
    formulas: list[tuple[int, int]] = field(default_factory=list)
    row: int = 0
    column: int = 0
    kind: str = ""
    value: str = ""
    characters: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "row":
                self.row, self.column = _number(attributes.get("r"), self.row + 1), 0
            case "c":
                self.row, self.column = _place(attributes.get("r"), self.row, self.column + 1)
                self.kind = attributes.get("t", "")
            case "v" | "is":
                self.value = ""
                self._check_near()
            case "f":
                self._check_near()
                self.formulas.append((self.row, self.column))

    def text(self, typed: str) -> None:
        self.value = typed

    def end(self, name: str) -> None:
        if self.kind == "s" and _local(name) == "v":
            index = _number(self.value.strip(), 0)
            self.characters += self.shared[index] if index < len(self.shared) else 0
            if self.characters > LARGEST_TEXT:
                raise WorkbookRefused(
                    f"The sheet “{self.sheet[:40]}” has too much text. Keep the figures and short notes."
                )

    def _check_near(self) -> None:
        if self.row > MOST_ROWS or self.column > MOST_COLUMNS:
            raise WorkbookRefused(
                f"The sheet “{self.sheet[:40]}” has something in {letters(self.column)}{self.row}, and figures end at "
                f"column {letters(MOST_COLUMNS)} and row {MOST_ROWS:,}. Take it out."
            )


def _formulas(xml: bytes, sheet: str, shared: Sequence[int]) -> list[tuple[int, int]]:
    scan = _Scan(sheet, shared)
    _parse(xml, start=scan.start, end=scan.end, text=scan.text)
    return scan.formulas


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) <= 7):
        raise WorkbookRefused(BROKEN)
    return int(text)


def _place(reference: str | None, row: int, column: int) -> tuple[int, int]:
    if reference is None:
        return row, column
    match = REFERENCE.fullmatch(reference)
    if match is None:
        raise WorkbookRefused(BROKEN)
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), number


def _open(parts: Mapping[str, bytes]) -> CalamineWorkbook:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    packed.seek(0)
    try:
        return load_workbook(packed)
    except CalamineError:
        raise WorkbookRefused(BROKEN) from None
