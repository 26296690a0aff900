"""Reads files of open data: residents, comparisons and recorded crime, as CSV with a fixed header. Pure."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import partial
from itertools import islice
from typing import BinaryIO

from core.calendar import Month
from indicators.figures import NotAFigure, read_figure, shorten
from indicators.imports.figures import Fault
from indicators.imports.tables import SEPARATORS, CsvRefused, decoded, lines
from indicators.lines import AgesRefused, read_band


class FileRefused(Exception):
    """A file that can't be read at all. Its text is a sentence for the user."""


def read_rows(
    content: bytes, columns: Sequence[str], *, most: int, faults: list[Fault]
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with as many cells as the header, and its line. Faults of other rows are added to `faults`. `most`
    is in bytes. Raises FileRefused."""
    if len(content) > most:
        raise FileRefused(f"The file is larger than {most // 1024**2} MB, so we didn’t read it. Split it up.")
    is_empty = True
    try:
        for line, cells in _rows_below_header(decoded(content), columns):
            is_empty = False
            if len(cells) == len(columns):
                yield line, cells
            else:
                faults.append(Fault(line, "", f"The row has {len(cells)} columns, but the header has {len(columns)}."))
    except CsvRefused as refusal:
        if refusal.line is None:
            raise FileRefused(str(refusal)) from None
        faults.append(Fault(refusal.line, "", str(refusal)))
    if is_empty and not faults:
        raise FileRefused("There is a header but no row below it.")


def _rows_below_header(text: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Return the rows below the header. Raises FileRefused if the first row isn't the header."""
    for separator in SEPARATORS:
        rows = lines(text, separator)
        header = next(rows, (1, []))[1]
        if [cell.strip().lower() for cell in header] == list(columns):
            return (row for row in rows if any(cell.strip() for cell in row[1]))
    raise FileRefused(f"The first row must be the header: {','.join(columns)}.")


POPULATION_COLUMNS = ("ons_code", "name", "year", "age", "population")
LARGEST_POPULATION_FILE = 2 * 1024 * 1024  # bytes
ONS_CODE = re.compile(r"[EWSNK][0-9]{8}", re.ASCII)
YEAR = re.compile(r"(19|20)[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PopulationRow:
    line: int
    ons_code: str
    year: int
    ages: str
    residents: int

    @property
    def key(self) -> tuple[str, int, str]:
        return self.ons_code, self.year, self.ages


@dataclass(slots=True)
class PopulationFile:
    """A whole file: its rows, and every fault."""

    name: str
    rows: list[PopulationRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_population_file(content: bytes, *, name_of_file: str) -> PopulationFile:
    """Read the rows and find every fault in one pass. Raises FileRefused."""
    file = PopulationFile(name_of_file)
    for line, cells in read_rows(content, POPULATION_COLUMNS, most=LARGEST_POPULATION_FILE, faults=file.faults):
        _read_population_row(line, cells, file)
    _compare_rows(file)
    file.faults.sort(key=lambda fault: fault.line)
    return file


def _read_population_row(line: int, cells: list[str], file: PopulationFile) -> None:
    code, _, year, age, population = (cell.strip() for cell in cells)
    faults: list[Fault] = []
    ages, residents = "", 0
    if not ONS_CODE.fullmatch(code):
        faults.append(Fault(line, "ons_code", f"“{shorten(code)}” isn’t an ONS code, such as E06000033."))
    if not YEAR.fullmatch(year):
        faults.append(Fault(line, "year", f"“{shorten(year)}” isn’t a year, such as 2021."))
    try:
        ages = read_band(age)
    except AgesRefused as refusal:
        faults.append(Fault(line, "age", str(refusal)))
    try:
        residents = read_figure(population)
    except NotAFigure as refusal:
        faults.append(Fault(line, "population", str(refusal)))
    else:
        if not residents:
            faults.append(Fault(line, "population", "A rate can’t be worked out from 0 residents. Leave the row out."))
    if faults:
        file.faults += faults
    else:
        file.rows.append(PopulationRow(line, code, int(year), ages, residents))


def _compare_rows(file: PopulationFile) -> None:
    """Check that no row is there twice, and that no band has more residents than all ages together."""
    seen: dict[tuple[str, int, str], PopulationRow] = {}
    for row in file.rows:
        first = seen.setdefault(row.key, row)
        if first is not row:
            sentence = (
                f"{row.ages} for {row.ons_code} in {row.year} is already in line {first.line:,}. Keep one of the two."
            )
            file.faults.append(Fault(row.line, "age", sentence))
    for row in file.rows:
        whole = seen.get((row.ons_code, row.year, "all"))
        if whole is not None and row.residents > whole.residents:
            sentence = f"This age band has {row.residents:,} residents, but all ages together have {whole.residents:,}."
            file.faults.append(Fault(row.line, "population", sentence))


COMPARISON_COLUMNS = ("indicator", "area", "month", "count")
LARGEST_COMPARISON_FILE = 5 * 1024 * 1024  # bytes
LONGEST_NAME = 80
MOST_MONTHS = 600  # from the first to the last of a series

type SeriesKey = tuple[str, str]  # an indicator's code, another area's name


@dataclass(slots=True)
class ComparisonFile:
    """A whole file: its series by month, the line of each, and every fault."""

    name: str
    series: dict[SeriesKey, dict[Month, int]] = field(default_factory=dict)
    begun_in: dict[SeriesKey, int] = field(default_factory=dict)  # the line of the first row of each
    faults: list[Fault] = field(default_factory=list)


def read_comparison_file(content: bytes, *, name_of_file: str) -> ComparisonFile:
    """Read the rows and find every fault in one pass. Raises FileRefused."""
    file = ComparisonFile(name_of_file)
    for line, cells in read_rows(content, COMPARISON_COLUMNS, most=LARGEST_COMPARISON_FILE, faults=file.faults):
        _read_comparison_row(line, cells, file)
    for key, months in file.series.items():
        # A series is stored with a place for each month, so one mistyped year would make it huge.
        if max(months) - min(months) >= MOST_MONTHS:
            sentence = f"{key[1]} spans more than {MOST_MONTHS // 12} years. Leave out the oldest years."
            file.faults.append(Fault(file.begun_in[key], "month", sentence))
    file.faults.sort(key=lambda fault: fault.line)
    return file


def _read_comparison_row(line: int, cells: list[str], file: ComparisonFile) -> None:
    code, name, written, counted = (" ".join(cell.split()) for cell in cells)
    faults: list[Fault] = []
    if not code:
        faults.append(Fault(line, "indicator", "Enter the code of the indicator to compare this series with."))
    if not name:
        faults.append(Fault(line, "area", "Enter the name of the area."))
    elif len(name) > LONGEST_NAME:
        faults.append(Fault(line, "area", f"Shorten the name to {LONGEST_NAME} characters; it has {len(name):,}."))
    month, count = None, 0
    try:
        month = Month.parse(written)
    except ValueError:
        faults.append(Fault(line, "month", f"“{shorten(written)}” isn’t a month, such as 2026-10."))
    try:
        count = read_figure(counted)
    except NotAFigure as refusal:
        faults.append(Fault(line, "count", f"{refusal} If there is no count, leave the row out."))
    key = code, name
    if month is not None and month in file.series.get(key, {}):
        faults.append(Fault(line, "month", f"{month.label} for {name} appears twice. Keep one of the two."))
    if faults or month is None:
        file.faults += faults
        return
    file.begun_in.setdefault(key, line)
    file.series.setdefault(key, {})[month] = count


# Street-level crime. The file is one month of one force, as data.police.uk publishes it. It is read once, a line at a
# time, for all places. Only counts by small area are kept.

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
MONTH, LSOA_CODE, LSOA_NAME, CRIME_TYPE = map(HEADER.index, ("Month", "LSOA code", "LSOA name", "Crime type"))
COLUMNS = len(HEADER)

INDICATOR_OF = {
    "Drugs": "police-drugs",
    "Possession of weapons": "police-weapons",
    "Violence and sexual offences": "police-violence",
}
# Kinds of the first years, which counted weapons and violence together with other things. A file
# with these tells us nothing about ours, and a 0 would be false.
SUPERSEDED = frozenset({"Violent crime", "Public disorder and weapons"})

EARLIEST = Month(2010, 12)  # the first month that data.police.uk published
LONGEST_LINE = 64 * 1024  # bytes; a real one has fewer than 300
NUMBERED = re.compile(r" [0-9]{3}[A-Z]+$")  # "Derby 001A": the place, and the number of the small area
CODE = re.compile(r"[EWNS][0-9]{8}")
MOST_NAMES, MOST_COMPARED = 20, 1_000  # that a refusal lists, and compares with the one that was asked for
# A file also has a few crimes beyond the force's border, in places of another force. A count of only those would look
# like a quiet month. So with files from several forces, a place counts where it has this share. The smallest districts
# of the largest forces may fall below it; alone, their force's file still counts.
AT_HOME = 0.005  # of a file's rows


class PoliceFileRefused(Exception):
    """Raised for a file that can't be counted. Its text is a sentence for the user, with the file's name and any
    line."""


@dataclass(frozen=True, slots=True)
class PoliceMonth:
    """One place's counts in a file: the month, and how many crimes of each kind (indicator's code → count, 0 included).

    Every row counts, exact repeats too: they are separate incidents. `rows_without_lsoa` are rows that the police
    couldn't place. They count nowhere.
    """

    name_of_file: str
    month: Month
    counts: Mapping[str, int]
    rows_read: int
    rows_matched: int
    rows_without_lsoa: int


@dataclass(frozen=True, slots=True)
class _File:
    """The file and the day it is read, which a refusal names."""

    name: str
    today: date

    def refusal(self, what: str, *, line: int | None = None) -> PoliceFileRefused:
        return PoliceFileRefused(f"{self.name}{f', line {line:,}' if line else ''}: {what}")


@dataclass(frozen=True, slots=True)
class Place:
    """What counts as an area: the LSOAs of these names, without their number ("Derby"), or those of these codes."""

    names: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Place":
        """Each text is a name, or LSOA codes with commas between them."""
        names, codes = set[str](), set[str]()
        for text in texts:
            parts = [part.strip() for part in text.split(",")]
            if all(CODE.fullmatch(part) for part in parts):
                codes.update(parts)
            else:
                names.add(text.strip())
        return cls(frozenset(names - {""}), frozenset(codes))

    def __str__(self) -> str:
        return ", ".join([*sorted(self.names), *sorted(self.codes)])


@dataclass(slots=True)
class PoliceFile:
    """A whole file as counts: no row of it is kept."""

    name: str
    month: Month
    rows_read: int = 0
    rows_without_lsoa: int = 0
    names: Counter[str] = field(default_factory=Counter)  # rows, by name of place
    codes: set[str] = field(default_factory=set)
    kinds: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # by LSOA's code and name of place

    def count(self, place: Place) -> PoliceMonth:
        """Raises PoliceFileRefused where the file lacks one of the names or codes, or counted in an older way."""
        for name in sorted(place.names - self.names.keys()):
            raise PoliceFileRefused(f"{self.name}: no place is called “{name}”. {self._list_names(name)}")
        # A small area may have had no crime in a month, so only a file without any of them is the wrong one.
        if place.codes and place.codes.isdisjoint(self.codes):
            codes = " or ".join(sorted(place.codes)[:5])
            raise PoliceFileRefused(f"{self.name} has no row for the LSOA {codes}. Is this file from the right force?")
        matched, kinds = 0, Counter[str]()
        for (code, name), counted in self.kinds.items():
            if name in place.names or code in place.codes:
                matched += counted.total()
                kinds.update(counted)
        if superseded := SUPERSEDED & kinds.keys():
            raise PoliceFileRefused(
                f"{self.name}: its crime type “{min(superseded)}” has since been split up, "
                "so its figures can't be compared with newer ones."
            )
        return PoliceMonth(
            name_of_file=self.name,
            month=self.month,
            counts={code: kinds[kind] for kind, code in INDICATOR_OF.items()},
            rows_read=self.rows_read,
            rows_matched=matched,
            rows_without_lsoa=self.rows_without_lsoa,
        )

    def is_own_place(self, place: Place) -> bool:
        """Return whether the place is the force's own, and not one beyond its border with only a few rows."""
        rows = sum(self.names[name] for name in place.names)
        return (rows > 0 and rows >= AT_HOME * self.rows_read) or not place.codes.isdisjoint(self.codes)

    def _list_names(self, wanted: str) -> str:
        """List the file's places, nearest name first."""
        plain = {name.casefold(): name for name in self.names}
        # A force has fewer than a hundred places, and to compare names takes long.
        compared = islice(plain, MOST_COMPARED)
        close = [plain[name] for name in get_close_matches(wanted.casefold(), compared, n=5)]
        close += [name for key, name in sorted(plain.items()) if wanted.casefold() in key and name not in close]
        names = [*close, *sorted(self.names.keys() - set(close))]
        if not names:
            return "No row has an LSOA."
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        return f"It has: {'; '.join(names[:MOST_NAMES])}{more}."


def read_police_file(stream: BinaryIO, *, name_of_file: str, today: date) -> PoliceFile:
    """`today` shows which months are in the future. Raises PoliceFileRefused where it isn't one month of street-level
    crime."""
    file = _File(name_of_file, today)
    text, month = None, None
    tally = Counter[tuple[str, str, str]]()
    for line, row in _rows(stream, file):
        if row[MONTH] != text:
            if month is not None:
                raise file.refusal(
                    f"the month is “{row[MONTH][:40]}”, but {month} in the lines above. A file must have only one "
                    "month.",
                    line=line,
                )
            text, month = row[MONTH], _read_month(row[MONTH], file, line=line)
        # Only counts stay in memory: a row says where and when a crime was.
        tally[row[LSOA_CODE], row[LSOA_NAME], row[CRIME_TYPE]] += 1
    if month is None:
        raise file.refusal("there is a header but no row below it.")
    read = PoliceFile(name_of_file, month, rows_read=tally.total())
    for (code, lsoa, kind), rows in tally.items():
        if not lsoa:
            read.rows_without_lsoa += rows
            continue
        name = NUMBERED.sub("", lsoa)
        read.names[name] += rows
        read.codes.add(code)
        read.kinds.setdefault((code, name), Counter())[kind] += rows
    return read


def _rows(stream: BinaryIO, file: _File) -> Iterator[tuple[int, list[str]]]:
    """Yield each row below the header with its line number. Each has the columns of HEADER."""
    reader = csv.reader(_lines(stream, file), strict=True)
    line = 0
    try:
        for line, row in enumerate(reader, start=1):
            if line == 1:
                _check_header(row, file)
            # A line break inside quotation marks would join rows. Real files have none.
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
            "this isn't proper CSV: a quotation mark isn't closed, or a line break is inside a row.",
            line=line + 1,
        ) from None
    if line == 0:
        raise file.refusal("the file is empty.")


def _check_header(row: list[str], file: _File) -> None:
    if row != HEADER:
        raise file.refusal(
            f"this isn't a street-level crime file from data.police.uk. Its first line must be “{','.join(HEADER)}”.",
            line=1,
        )


def _lines(stream: BinaryIO, file: _File) -> Iterator[str]:
    """Yield each line as text, with never more than LONGEST_LINE of it in memory."""
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
        raise file.refusal(f"{month.label} has not started yet.", line=line)
    if month < EARLIEST:
        raise file.refusal(
            f"data.police.uk has nothing before {EARLIEST.label}, but this line is for {month.label}.", line=line
        )
    return month
