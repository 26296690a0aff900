"""What is in an Excel workbook (.xlsx)? Opened only once it is known to be safe. Pure.

Besides the rules for any workbook: the content types of one without macros, no cell far away, for which a reader would
make room, and no long text that very many cells share. The parts that were checked, and no others, are then packed
again for the reader of the values.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum, load_workbook

from indicators.imports.workbook_parts import (
    BROKEN,
    Limits,
    Sheet,
    Workbook,
    WorkbookRefused,
    check_count,
    check_markup,
    parse,
    read_number,
)

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
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) in names:
            found.append(attributes)

    parse(xml, start=start)
    return found


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
    found = [part for name, part in parts.items() if name.lower() in {*declared, "xl/sharedstrings.xml"}]
    # Two programs may disagree about which one is meant.
    if len(found) > 1:
        raise WorkbookRefused(BROKEN)
    for part in found:
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
