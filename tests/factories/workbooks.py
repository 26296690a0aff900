"""Workbooks as spreadsheet programs write them, and as nobody should."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

import xlsxwriter

SHEET, NOTES, TEXTS = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TYPES = "[Content_Types].xml"
HEADER = ("agency", "indicator", "category", "month", "value", "state", "note")


def workbook(rows: Iterable[Iterable[object]], *, formulas: Mapping[str, str] | None = None) -> bytes:
    """A workbook of one sheet: numbers as numbers, words as words, and formulas at "E2"."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "default_date_format": "mmm yy"}
    )
    sheet = book.add_worksheet()
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    for place, formula in (formulas or {}).items():
        sheet.write_formula(place, formula, None, 2)
    book.close()
    return content.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def changed(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A workbook with something else in one of its parts."""
    parts = parts_of(content)
    assert old in parts[part]
    return packed(parts | {part: parts[part].replace(old, new)})


def cells(content: bytes, sheet: str = SHEET) -> dict[str, tuple[str, str]]:
    """Each cell with something in it by its place: its type in the file ("s" for text), and what it holds."""
    parts = parts_of(content)
    texts = ["".join(each.itertext()) for each in ElementTree.fromstring(parts[TEXTS]).findall(f"{MAIN}si")]
    found = {}
    for cell in ElementTree.fromstring(parts[sheet]).iter(f"{MAIN}c"):
        value = cell.find(f"{MAIN}v")
        if value is not None:
            kind = cell.get("t", "n")
            found[cell.get("r")] = (kind, texts[int(value.text)] if kind == "s" else value.text)
    return found
