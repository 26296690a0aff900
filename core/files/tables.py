"""Write a table as a file to download: as CSV, as JSON, and as a workbook of Excel or OpenDocument."""

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.files.opendocument import MIMETYPE, as_spreadsheet
from core.files.sheets import NoteSection, Sheet, as_workbook, guarded

type Row = dict[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A table for a file: figures, challenges or offers. It has the same rows in each format.

    `stem` is the file's name without its ending. JSON names the `rows` with `rows_are` and adds `about`. `notes` has
    what a reader of a workbook needs to know. `made_at` is the time of the rows, not of the file. A workbook and JSON
    have `more` tables too; CSV has only one. The CSV of one that `is_plain` begins with its header, and only its name
    has the marking: a program reads it without being told more.
    """

    stem: str
    title: str
    marking: str
    columns: Sequence[str]
    rows: Sequence[Row]
    about: Mapping[str, Any]
    notes: Callable[[], Sequence[NoteSection]]
    made_at: datetime
    rows_are: str = "figures"
    more: Sequence[Sheet] = ()
    is_plain: bool = False

    def name(self, kind: str) -> str:
        """Return the file's name, "OFFICIAL-SENSITIVE anytown 2026-10 v1.csv". The marking is first, and any file
        system accepts it."""
        return f"{re.sub(r'[^A-Za-z0-9 -]+', '-', self.stem)}.{kind}"


def make_file_stem(*words: str) -> str:
    return " ".join(filter(None, words))


def csv_text(columns: Sequence[str], rows: Iterable[Row], *, marking: str) -> str:
    """Return the CSV: the marking (if there is one), a header and the rows.

    A text that a spreadsheet would run as a formula gets an apostrophe in front. Negative numbers stay numbers.
    """
    text = io.StringIO()
    if marking:
        text.write(f"{marking}\n")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: guarded(cell) if isinstance(cell, str) else cell for name, cell in row.items()} for row in rows
    )
    return text.getvalue()


def as_csv(file: DataFile) -> bytes:
    """Return the CSV for people. Its byte order mark tells Excel the encoding; `as_plain_csv` is for machines."""
    return as_plain_csv(file) if file.is_plain else codecs.BOM_UTF8 + as_plain_csv(file)


def as_plain_csv(file: DataFile) -> bytes:
    return csv_text(file.columns, file.rows, marking="" if file.is_plain else file.marking).encode()


def as_json(file: DataFile) -> bytes:
    more = {
        sheet.name.lower(): [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows] for sheet in file.more
    }
    document = {**file.about, file.rows_are: file.rows, **more}
    return f"{json.dumps(document, ensure_ascii=False, indent=2)}\n".encode()


def as_xlsx(file: DataFile) -> bytes:
    return write_sheets(file, as_workbook)


def as_ods(file: DataFile) -> bytes:
    return write_sheets(file, as_spreadsheet)


def write_sheets(file: DataFile, write: Callable[..., bytes]) -> bytes:
    """Return a workbook with the figures and the notes."""
    return write(
        file.columns,
        ([row[name] for name in file.columns] for row in file.rows),
        title=file.title,
        marking=file.marking,
        notes=file.notes(),
        made_at=file.made_at,
        more=file.more,
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A file format: its name on a page, its content type, and the function that writes it."""

    label: str
    content_type: str
    write: Callable[[DataFile], bytes]
    is_text: bool = True


KINDS: Mapping[str, Kind] = {
    "csv": Kind("CSV", "text/csv; charset=utf-8", as_csv),
    "xlsx": Kind("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx, is_text=False),
    "ods": Kind("OpenDocument", MIMETYPE, as_ods, is_text=False),
    "json": Kind("JSON", "application/json", as_json),
}
