"""Counts the records of each kind in a file, by month. Rows are counted one by one, and none is stored. Pure.

A refusal names a row and a column, but never their content, which may be about somebody.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import PurePath
from traceback import extract_tb

from core.calendar import Month, read_parts
from core.texts import LONGEST_ENTRY, bounded, find_signs
from indicators.figures import NotAFigure, read_figure
from indicators.imports.figures import HEADER_WITHIN, read_month
from indicators.imports.tables import SEPARATORS, CsvRefused, decoded, lines, open_workbook, refuse_kind
from indicators.imports.xlsx import MB, ZIP, Cell, Limits, WorkbookRefused, as_typed, letters
from indicators.lines import LONGEST_COLUMN, Columns, same

MOST_ROWS, MOST_COLUMNS = 100_000, 200
LARGEST_FILE = 32 * MB  # bytes
# A column that isn't counted may tell what happened, in cells as long as Excel's longest.
LIMITS = Limits("records", MOST_ROWS + 100, MOST_COLUMNS, cells=1_500_000, unzipped=192 * MB, text=64 * MB, cell=32_767)

type Row = tuple[int, Sequence[Cell | None]]


class RecordsRefused(Exception):
    """Raised for a file that can't be counted. Its text is a sentence for the user, without any word of a record."""


class RecordsFailed(Exception):
    """Raised for our own fault while a file was read. Its text says where, without any word of a record."""


@contextmanager
def keeps_records_out() -> Iterator[None]:
    """Leave an exception's text out of logs and error reports: it may be the text of a cell."""
    try:
        yield
    except RecordsRefused:
        raise
    except Exception as fault:  # noqa: BLE001  # raised again, without its words
        at = extract_tb(fault.__traceback__)[-1]
        where = f"{PurePath(at.filename).name}, line {at.lineno}"
        # `from None`: a chained exception would take the words into the log after all.
        raise RecordsFailed(f"{type(fault).__name__} in {where}. Its message is left out.") from None


@dataclass(frozen=True, slots=True)
class RecordFile:
    """The rows of a file with their line numbers; its formulas, as (row, column) from 1; and the names of hidden
    sheets, which aren't read."""

    rows: Callable[[], Iterator[Row]]
    formulas: Sequence[tuple[int, int]] = field(default_factory=list)
    hidden: Sequence[str] = field(default_factory=list)

    def beginning(self, most: int) -> list[Row]:
        return list(islice(self.rows(), most))

    def rows_after(self, line: int, most: int | None = None) -> Iterator[Row]:
        """Yield the rows below a line that aren't empty. Raises RecordsRefused for too many rows."""
        filled = (row for row in self.rows() if row[0] > line and any(cell not in ("", None) for cell in row[1]))
        for number, row in enumerate(islice(filled, most), 1):
            if number > MOST_ROWS:
                raise RecordsRefused(f"The file has more than {MOST_ROWS:,} rows. Send fewer months at a time.")
            yield row


def read_record_file(content: bytes) -> RecordFile:
    """Raises RecordsRefused, with a sentence."""
    if not content.strip():
        raise RecordsRefused("The file is empty.")
    if sentence := refuse_kind(content):
        raise RecordsRefused(sentence)
    try:
        return _read_workbook(content) if content.startswith(ZIP) else _read_csv(decoded(content))
    except (WorkbookRefused, CsvRefused) as refused:
        raise RecordsRefused(str(refused)) from None


def _read_workbook(content: bytes) -> RecordFile:
    workbook = open_workbook(content, LIMITS)
    sheet = workbook.find_only_sheet("with the records")
    return RecordFile(lambda: enumerate(sheet.rows, 1), sheet.formulas, workbook.hidden)


def _read_csv(text: str) -> RecordFile:
    beginning = text[:20_000]
    separator = max(SEPARATORS, key=beginning.count)

    def rows() -> Iterator[Row]:
        try:
            for line, cells in lines(text, separator):
                if len(cells) > MOST_COLUMNS:
                    raise RecordsRefused(f"Line {line:,} has more than {MOST_COLUMNS} columns.")
                yield line, cells
        except CsvRefused as refused:
            at = f"Line {refused.line:,}: " if refused.line else ""
            raise RecordsRefused(f"{at}{refused}") from None

    return RecordFile(rows)


def as_text(cell: Cell | None) -> str:
    """Return a cell as somebody would type it, without blanks around it."""
    return as_typed(cell).strip()


MOST_KINDS = 60  # in a file: somebody decides on each of them
MANY_KINDS = 10  # with so many, each needs two rows on average, or the column has no kinds
DATES_TO_DOUBT = 10  # with so many, one has a day above 12, unless the month comes first
PEOPLE = "person|child|victim|suspect|offender|client|patient|pupil|student|subject|nominal|member|customer|resident"
OF_PEOPLE = re.compile(
    rf"(?:(?:{PEOPLE}|full|first|last|family|given)s?'?\s*)?names?|sur\s?names?|fore\s?names?|nominals?"
    rf"|(?:{PEOPLE})s?(?:\s?(?:id|ref(?:erence)?|number|no))?|d\.?o\.?b\.?|date of birth|birth\s?date"
    r"|(?:home )?address|post\s?code|e-?mail(?: address)?|(?:tele)?phone(?: number)?|mobile(?: number)?|nhs(?: number)?"
    r"|ni(?: number| no)?|upn|(?:crime|case|incident)?\s?(?:id|ref(?:erence)?|number|no|urn)",
    re.IGNORECASE,
)
LONGEST_KIND = 120  # characters
SAMPLE = 50  # rows that are looked at to guess which column has the date
MOST_LINES = 5  # that a sentence names
# From the first mark on: to try each mark of many takes long.
A_TIME = re.compile(
    r"(?<![ T,])[ T,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?(?:Z| ?[+-]\d{2}:?\d{2})?$", re.ASCII | re.I
)
MONTH_FIRST = re.compile(r"(?:0?[1-9]|1[0-2])([/.-])(?:1[3-9]|2\d|3[01])\1\d{2}", re.ASCII)  # 10/31/2026
DAY_FIRST = re.compile(r"(\d{1,2})([/.-])\d{1,2}\2(?:\d{4}|\d{2})(?!\d)", re.ASCII)  # 31/10/2026
MONTHS_OF_A_YEAR = 12
CHOOSE = "Choose a column that has the kind of record."
MONTH_ALONE = re.compile(r"\d{1,2}/\d{4}", re.ASCII)  # 10/2026
DIGITS_ALONE = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)  # 20261031


class ColumnsMissing(RecordsRefused):
    """Raised where the file doesn't have the columns that are asked for."""

    def __init__(self, missing: Sequence[str], headings: Sequence[str]) -> None:
        lacks = " and ".join(f"“{name}”" for name in missing)
        super().__init__(f"The file has no column {lacks}. It has: {'; '.join(headings)}.")


@dataclass(slots=True)
class Tally:
    """What was counted: `rows` by month and kind, and with them the `sums` of a column, if one is summed. A kind is the
    file's own words, or "" without a column of kinds. The mapping leaves out `outside` rows. `undated` rows have no
    readable date, and some of their lines are named. The dates are `doubtful` if none has a day above 12: the month may
    come first."""

    rows: Counter[tuple[Month, str]] = field(default_factory=Counter)
    sums: Counter[tuple[Month, str]] | None = None
    outside: int = 0
    undated: int = 0
    undated_lines: list[int] = field(default_factory=list)
    is_doubtful: bool = False

    @property
    def read(self) -> int:
        """Return how many rows the file has."""
        return self.rows.total() + self.outside + self.undated

    @property
    def kinds(self) -> dict[str, int]:
        """Return how many rows each kind has, in alphabetical order."""
        kinds = Counter[str]()
        for (_, kind), rows in self.rows.items():
            kinds[kind] += rows
        return dict(sorted(kinds.items(), key=lambda item: item[0].casefold()))

    @property
    def months(self) -> list[Month]:
        return sorted({month for month, _ in self.rows})

    def count(self, month: Month, kind: str) -> int:
        return (self.rows if self.sums is None else self.sums)[month, kind]


@dataclass(frozen=True, slots=True)
class Headings:
    """The columns of a file in order, and the one that looks like the date."""

    names: list[str]
    month: str


# --- The headings -----------------------------------------------------------------------------------


def read_headings(file: RecordFile) -> Headings:
    """Raises RecordsRefused."""
    line, cells = _find_headings(file, ())
    names = [text for text in map(as_text, cells) if text]
    dated = Counter[str]()
    for _, row in file.rows_after(line, SAMPLE):
        for cell, name in zip(row, map(as_text, cells), strict=False):
            dated[name] += bool(name) and (isinstance(cell, date) or find_month_in(as_text(cell)) is not None)
    best = max(names, key=dated.__getitem__)
    return Headings(names, best if dated[best] else "")


def _find_headings(file: RecordFile, wanted: Sequence[str]) -> tuple[int, Sequence[Cell | None]]:
    """Return the first row with all the wanted columns, or else the first as wide as the rows below it."""
    beginning = file.beginning(HEADER_WITHIN)
    filled = [sum(bool(as_text(cell)) for cell in cells) for _, cells in beginning]
    if not any(filled):
        raise RecordsRefused("The file is empty.")
    keys = {same(name) for name in wanted}
    if keys:
        for line, cells in beginning:
            if keys <= {same(as_text(cell)) for cell in cells}:
                return line, cells
    # A title above the table fills fewer cells than the headings do.
    return next(row for row, width in zip(beginning, filled, strict=True) if width >= 0.6 * max(filled))


def _find_places(cells: Sequence[Cell | None], columns: Columns) -> dict[str, int]:
    """Find the place of each column that is asked for. Raises RecordsRefused."""
    headings = [as_text(cell)[:LONGEST_COLUMN] for cell in cells]
    keys = [same(name) for name in headings]
    if missing := [name for name in columns.named if same(name) not in keys]:
        raise ColumnsMissing(missing, [name for name in headings if name])
    for name in columns.named:
        if keys.count(same(name)) > 1:
            raise RecordsRefused(f"Two columns of the file are called “{name}”. Give one of them another name.")
    return {name: keys.index(same(name)) for name in columns.named}


# --- The rows ---------------------------------------------------------------------------------------


def count_records(file: RecordFile, columns: Columns) -> Tally:
    """Raises ColumnsMissing or another RecordsRefused, with a sentence."""
    heading, cells = _find_headings(file, columns.named)
    places = _find_places(cells, columns)
    _refuse_formulas(file, places, after=heading)
    read_dates, read_kind = DatesReader(columns.month), KindsReader(columns.kind)
    wanted = {same(value) for value in columns.only_values}
    tally = Tally(sums=Counter() if columns.summed else None)
    for line, cells in file.rows_after(heading):
        row = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        if columns.only and same(as_text(row[columns.only])) not in wanted:
            tally.outside += 1
            continue
        month = read_dates(row[columns.month], line)
        if month is None:
            tally.undated += 1
            tally.undated_lines += [line] if len(tally.undated_lines) < MOST_LINES else []
            continue
        kind = read_kind(as_text(row[columns.kind]), line) if columns.kind else ""
        tally.rows[month, kind] += 1
        if tally.sums is not None:
            tally.sums[month, kind] += _read_amount(row[columns.summed], line, columns.summed)
    tally.is_doubtful = read_dates.is_doubtful
    if not tally.read:
        raise RecordsRefused("There is a row of headings but no row below it.")
    if not tally.rows:
        raise RecordsRefused(_nothing_counted(tally, columns))
    # That is free text, maybe about people, and must not reach a page.
    if len(tally.kinds) >= MANY_KINDS and 2 * len(tally.kinds) > tally.rows.total():
        raise RecordsRefused(f"Nearly every row has a different value under “{columns.kind}”. {CHOOSE}")
    return tally


def _nothing_counted(tally: Tally, columns: Columns) -> str:
    if tally.outside == tally.read:
        return f"No row has one of the values that you entered for “{columns.only}”, so nothing was counted."
    return f"No row has a date that we can read under “{columns.month}”. Write dates as 31/10/2026 or 2026-10-31."


def _refuse_formulas(file: RecordFile, places: dict[str, int], *, after: int) -> None:
    name_of = {place + 1: name for name, place in places.items()}
    for row, column in file.formulas:
        if row > after and column in name_of:
            raise RecordsRefused(
                f"{letters(column)}{row}, under “{name_of[column]}”, is a formula. Replace it with its value."
            )


def _read_amount(cell: Cell | None, line: int, column: str) -> int:
    text = as_text(cell)
    if not text:
        return 0
    try:
        return read_figure(text)
    except NotAFigure:
        raise RecordsRefused(f"Row {line:,}: the entry under “{column}” isn’t a whole number.") from None


class DatesReader:
    """Reads the month of a cell, each text once. Its texts are deleted with it. Raises RecordsRefused for a date with
    its month first: other dates in the file would be read wrongly, and nobody would notice."""

    def __init__(self, column: str = "") -> None:
        self.column = column
        self.known: dict[str, Month | None] = {}
        self.days = Counter[int]()  # of dates that are numbers alone: before their month, or after it

    @property
    def is_doubtful(self) -> bool:
        """Return whether no day is above 12, of so many that one should be. If all are the same day, there is no
        doubt."""
        return self.days.total() >= DATES_TO_DOUBT and len(self.days) > 1 and max(self.days) <= MONTHS_OF_A_YEAR

    def __call__(self, cell: Cell | None, line: int) -> Month | None:
        if isinstance(cell, date):
            return Month.of(cell)
        text = as_text(cell)
        if match := DAY_FIRST.match(text):
            self.days[int(match[1])] += 1
        if text not in self.known:
            if MONTH_FIRST.match(text):
                raise RecordsRefused(
                    f"Row {line:,}: the date under “{self.column}” puts the month first. Write the day first, as "
                    "31/10/2026, or the year first, as 2026-10-31."
                )
            self.known[text] = find_month_in(text)
        return self.known[text]


def find_month_in(text: str) -> Month | None:
    """Return the month of a date, with or without a time, or of a month. None for anything else."""
    day = A_TIME.sub("", bounded(text, LONGEST_ENTRY))
    if match := DIGITS_ALONE.fullmatch(day):
        day = "-".join(match.groups())
    elif match := MONTH_ALONE.fullmatch(day):
        day = f"1/{day}"
    try:
        number, month, year = read_parts(day.casefold())
        return Month.of(date(year or 0, month, number))  # there is no year 0
    except ValueError:
        with suppress(ValueError):
            return read_month(day)
    return None


class KindsReader:
    """Reads the kind of a record, in the file's first wording. Raises RecordsRefused for values that can't be kinds:
    too many, too long, or about somebody."""

    def __init__(self, column: str) -> None:
        if OF_PEOPLE.fullmatch(" ".join(column.split())):
            raise RecordsRefused(f"“{column}” identifies a record, and does not say what kind it is. {CHOOSE}")
        self.column = column
        self.known: dict[str, str] = {}

    def __call__(self, text: str, line: int) -> str:
        key = same(text)
        if key not in self.known:
            self._check(text, line)
            self.known[key] = " ".join(text.split())
        return self.known[key]

    def _check(self, text: str, line: int) -> None:
        if len(self.known) >= MOST_KINDS:
            raise RecordsRefused(f"“{self.column}” has more than {MOST_KINDS} different values. {CHOOSE}")
        if len(text) > LONGEST_KIND:
            raise RecordsRefused(
                f"Row {line:,}: the entry under “{self.column}” has more than {LONGEST_KIND} characters. {CHOOSE}"
            )
        # Kinds are stored and shown, so nothing about a person may become one.
        if find_signs(text):
            raise RecordsRefused(
                f"Row {line:,}: the entry under “{self.column}” looks like something about a person. {CHOOSE}"
            )


NOT_COUNTED = ""  # what a kind of record counts as


@dataclass(frozen=True, slots=True)
class Counting:
    """A counted file and its way of counting, `name`. `kinds` says what each kind of record counts as, by the name of a
    box in a return, if somebody has decided. `first` and `last` are the months that the file covers, if somebody
    entered them. `hidden` are the sheets that weren't read."""

    name_of_file: str
    name: str
    columns: Columns
    tally: Tally
    kinds: Mapping[str, str] = field(default_factory=dict)
    first: Month | None = None
    last: Month | None = None
    hidden: Sequence[str] = ()

    def find_target(self, kind: str) -> str | None:
        """Return what a kind counts as; None where nobody has decided."""
        decided = {same(text): name for text, name in self.kinds.items()}
        return decided.get(same(kind))

    def is_decided(self, names: Iterable[str]) -> bool:
        """Return whether every kind has a decision, and each decision is one of the current `names`."""
        targets = {NOT_COUNTED, *names}
        return all(self.find_target(kind) in targets for kind in self.tally.kinds)
