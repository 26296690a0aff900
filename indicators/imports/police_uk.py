"""How many crimes of each kind does a data.police.uk file hold for a place? Pure.

The file is one month of street-level crime of one force, as data.police.uk publishes it. It is read
a line at a time, so a file of any size takes the same little memory.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import BinaryIO

from core.months import Month

HEADER = [
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
]
# Rows are lists, not dictionaries: three times as fast, and the header has been checked.
MONTH, LSOA_NAME, CRIME_TYPE = HEADER.index("Month"), HEADER.index("LSOA name"), HEADER.index("Crime type")
COLUMNS = len(HEADER)

INDICATOR_OF = {
    "Drugs": "police-drugs",
    "Possession of weapons": "police-weapons",
    "Violence and sexual offences": "police-violence",
}
# Kinds of the first years, which counted weapons and violence together with other things. A file
# with these says nothing about ours, and a 0 would be a lie.
SUPERSEDED = frozenset({"Violent crime", "Public disorder and weapons"})
NOTED = SUPERSEDED.union(INDICATOR_OF)

EARLIEST = Month(2010, 12)  # the first month that data.police.uk published
LONGEST_LINE = 64 * 1024  # bytes; a real one has fewer than 300


class PoliceFileRefused(Exception):
    """A file that can't be counted. Its text is a sentence for the user, with the file's name and
    the line where there is one."""


@dataclass(frozen=True, slots=True)
class PoliceMonth:
    """What a file says of one place: the month, and how many crimes of each kind (indicator's code
    → count, 0 included).

    Every row counts, exact repeats too: they are separate incidents. `rows_without_lsoa` are
    those that the police couldn't place; they count nowhere.
    """

    name_of_file: str
    month: Month
    counts: Mapping[str, int]
    rows_read: int
    rows_matched: int
    rows_without_lsoa: int


@dataclass(frozen=True, slots=True)
class _File:
    """What a refusal names: the file, and the day on which it is read."""

    name: str
    today: date

    def refusal(self, what: str, *, line: int | None = None) -> PoliceFileRefused:
        return PoliceFileRefused(f"{self.name}{f', line {line:,}' if line else ''}: {what}")


def count_crimes(stream: BinaryIO, *, lsoa_name: str, name_of_file: str, today: date) -> PoliceMonth:
    """Count the crimes of each kind in the rows whose LSOA name begins with `lsoa_name`.

    `today` tells a month in the future. Raises PoliceFileRefused where the file isn't one month of
    street-level crime, or has no row for that place.
    """
    file = _File(name_of_file, today)
    text, month, kinds = None, None, Counter[str]()
    read = matched = without = 0
    for line, row in _rows(stream, file):
        if row[MONTH] != text:
            if month is not None:
                raise file.refusal(
                    f"the month is “{row[MONTH][:40]}”, and {month} in the lines above. A file holds one month.",
                    line=line,
                )
            text, month = row[MONTH], _read_month(row[MONTH], file, line=line)
        read += 1
        name = row[LSOA_NAME]
        if name.startswith(lsoa_name):
            matched += 1
            if row[CRIME_TYPE] in NOTED:
                kinds[row[CRIME_TYPE]] += 1
        elif not name:
            without += 1
    if month is None:
        raise file.refusal("there is a header, and no row below it.")
    if not matched:
        raise file.refusal(
            f"no LSOA name begins with “{lsoa_name}”. Check the spelling, and that the file is of the right force."
        )
    if superseded := SUPERSEDED & kinds.keys():
        raise file.refusal(
            f"its crime type “{min(superseded)}” has been split up since, so its figures can't stand beside newer ones."
        )
    return PoliceMonth(
        name_of_file=name_of_file,
        month=month,
        counts={code: kinds[kind] for kind, code in INDICATOR_OF.items()},
        rows_read=read,
        rows_matched=matched,
        rows_without_lsoa=without,
    )


def _rows(stream: BinaryIO, file: _File) -> Iterator[tuple[int, list[str]]]:
    """Each row below the header with the number of its line; all of them have the columns of HEADER."""
    reader = csv.reader(_lines(stream, file), strict=True)
    line = 0
    try:
        for line, row in enumerate(reader, start=1):
            if line == 1:
                _check_header(row, file)
            elif len(row) == COLUMNS and reader.line_num == line:
                yield line, row
            elif reader.line_num != line:
                raise file.refusal("a quotation mark isn't closed on its line.", line=line)
            elif row:
                raise file.refusal(
                    f"the row has {len(row)} columns, not {COLUMNS}. The file may be damaged or cut short: "
                    "download it again.",
                    line=line,
                )
    except csv.Error:
        raise file.refusal(
            "this isn't proper CSV: a quotation mark isn't closed, or a line break stands inside a row.",
            line=line + 1,
        ) from None
    if line == 0:
        raise file.refusal("the file is empty.")


def _check_header(row: list[str], file: _File) -> None:
    if row != HEADER:
        raise file.refusal(
            f"this isn't a street-level crime file of data.police.uk. Its first line must be “{','.join(HEADER)}”.",
            line=1,
        )


def _lines(stream: BinaryIO, file: _File) -> Iterator[str]:
    """Each line as text, never more than LONGEST_LINE of it in memory."""
    for line, content in enumerate(iter(partial(stream.readline, LONGEST_LINE + 1), b""), start=1):
        if len(content) > LONGEST_LINE:
            raise file.refusal(
                f"the line is longer than {LONGEST_LINE // 1024} KiB, so this isn't a street-level crime file.",
                line=line,
            )
        try:
            text = content.decode("utf-8-sig" if line == 1 else "utf-8")
        except UnicodeDecodeError:
            raise file.refusal("this isn't text in UTF-8.", line=line) from None
        yield text


def _read_month(text: str, file: _File, *, line: int) -> Month:
    try:
        month = Month.parse(text)
    except ValueError as fault:
        raise file.refusal(str(fault), line=line) from None
    if month > Month.of(file.today):
        raise file.refusal(f"{month.label} has not begun yet.", line=line)
    if month < EARLIEST:
        raise file.refusal(
            f"data.police.uk holds nothing before {EARLIEST.label}, and this says {month.label}.", line=line
        )
    return month
