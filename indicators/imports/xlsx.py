"""Reads an Excel workbook (.xlsx), once it is known to be safe. Pure.

A workbook of any program is a zip of XML parts. Before anything interprets them: few parts, little to unzip (by what
they declare, and by what really comes out), no DOCTYPE, and no more elements than a full sheet has.

For an Excel workbook also: the content types of one without macros, no cell far away, for which a reader would
make room, and no long text that very many cells share. The parts that were checked, and no others, are then packed
again for the reader of the values.
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
                    f"This workbook has {len(entries):,} parts, but the limit is {MOST_PARTS}. "
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


TYPES = "[Content_Types].xml"
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
# Words in a content type that mark a workbook that may run something.
RUNS = ("macroenabled", "vbaproject", "macrosheet", "activex", "oleobject", "ms-office.control", "addin")
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
NOT_EXCEL = "This file isn’t an Excel workbook. Open it, and save it as .xlsx."


def read_xlsx(parts: Mapping[str, bytes], limits: Limits) -> Workbook:
    """Raises WorkbookRefused, with a sentence, for whatever isn't a plain workbook of reasonable size."""
    # Before anything parses a part.
    check_markup(parts, limits)
    _check_types(parts)
    shared = _lengths(parts)
    formulas = {name: _formulas(part, name, shared, limits) for name, part in _sheets(parts, limits).items()}
    workbook = _open(parts)
    hidden = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible != SheetVisibleEnum.Visible]
    return Workbook(_read_sheets(workbook, formulas), hidden)


def _read_sheets(workbook: CalamineWorkbook, formulas: Mapping[str, list[tuple[int, int]]]) -> Iterator[Sheet]:
    with workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ != SheetTypeEnum.WorkSheet or sheet.visible != SheetVisibleEnum.Visible:
                continue
            if sheet.name not in formulas:
                raise WorkbookRefused(BROKEN)
            try:
                # Otherwise calamine drops empty rows at the top, and no row would have its own number.
                rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            except CalamineError:
                raise WorkbookRefused(BROKEN) from None
            yield Sheet(sheet.name, rows, formulas[sheet.name])


def _check_types(parts: Mapping[str, bytes]) -> None:
    """Check that it is a workbook and that nothing in it runs."""
    types = {attributes.get("ContentType", "").lower() for attributes in _elements(parts[TYPES], "Override", "Default")}
    if any(word in kind for kind in types for word in RUNS) or any(
        name.lower().endswith("vbaproject.bin") for name in parts
    ):
        raise WorkbookRefused("This workbook has macros or embedded objects. Save it as a plain workbook (.xlsx).")
    if MAIN not in types:
        raise WorkbookRefused(NOT_EXCEL)


def _elements(xml: bytes, *names: str) -> list[dict[str, str]]:
    """Yield the attributes of each element with one of these names."""
    elements: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) in names:
            elements.append(attributes)

    parse(xml, start=start)
    return elements


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _sheets(parts: Mapping[str, bytes], limits: Limits) -> dict[str, bytes]:
    """Return each sheet's part, by its name."""
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
        # normpath keeps a target such as ../../x within the workbook.
        attributes.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))[1:]
        for attributes in _elements(parts[relations], "Relationship")
    }
    listed = _elements(parts[main], "sheet")
    check_count(len(listed), limits)
    sheets = {}
    for attributes in listed:
        key = next((value for name, value in attributes.items() if _local(name) == "id"), "")
        name, path = attributes.get("name", ""), targets.get(key, "")
        if path not in parts or name in sheets:
            raise WorkbookRefused(BROKEN)
        sheets[name] = parts[path]
    return sheets


def _lengths(parts: Mapping[str, bytes]) -> list[int]:
    """Return the length of each text that cells share, in characters."""
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
    texts = [part for name, part in parts.items() if name.lower() in {*declared, "xl/sharedstrings.xml"}]
    # Two programs may disagree about which one is meant.
    if len(texts) > 1:
        raise WorkbookRefused(BROKEN)
    for part in texts:
        parse(part, start=start, text=text)
    return lengths


@dataclass(slots=True)
class _Scan:
    """Walks through a sheet: where it has formulas, and how much text its cells share.

    Raises WorkbookRefused where a cell is too far out, or the cells hold too much text together.
    """

    sheet: str
    shared: Sequence[int]
    limits: Limits
    formulas: list[tuple[int, int]] = field(default_factory=list)
    row: int = 0
    column: int = 0
    kind: str = ""
    value: str = ""
    characters: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "row":
                self.row, self.column = read_number(attributes.get("r"), self.row + 1), 0
            case "c":
                self.row, self.column = _place(attributes.get("r"), self.row, self.column + 1)
                self.kind = attributes.get("t", "")
            case "v" | "is":
                self.value = ""
                self.limits.check_near(self.sheet, self.row, self.column)
            case "f":
                self.limits.check_near(self.sheet, self.row, self.column)
                self.formulas.append((self.row, self.column))

    def text(self, typed: str) -> None:
        # All of the text: `parse` lets expat collect it.
        self.value = typed

    def end(self, name: str) -> None:
        if self.kind == "s" and _local(name) == "v":
            index = read_number(self.value.strip(), 0)
            self.characters += self.shared[index] if index < len(self.shared) else 0
            self.limits.check_text(self.sheet, self.characters)


def _formulas(xml: bytes, sheet: str, shared: Sequence[int], limits: Limits) -> list[tuple[int, int]]:
    scan = _Scan(sheet, shared, limits)
    parse(xml, start=scan.start, end=scan.end, text=scan.text)
    return scan.formulas


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
