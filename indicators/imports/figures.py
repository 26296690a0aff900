"""Reads files of figures: the one format, as CSV or a workbook, of a month's return and of years of history. Pure.

Each row is a figure, under the header `agency,indicator,category,month,value,state,note`. The header may have other
columns too, and up to eleven rows above it (the marking, a title, what to do). The services check whether the codes
exist.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from core.calendar import NAMES, Month
from core.files.sheets import is_formula, unguarded
from indicators.figures import READ_AS, REASONS, NotAFigure, read_figure, shorten
from indicators.imports.tables import ENDINGS, SEPARATORS, CsvRefused, decoded, lines, open_workbook, refuse_kind
from indicators.imports.xlsx import FIGURES, ZIP, WorkbookRefused, as_typed, letters
from indicators.trend import CellState

COLUMNS = ("agency", "indicator", "category", "month", "value", "state", "note")
AREA = "area"  # an optional column: the area's name in web addresses
# The columns' names in our template.
LABELS = {
    "agency": "Agency code",
    "indicator": "Indicator code",
    "category": "Category code",
    "month": "Month",
    "value": "Figure",
    "state": "If there is no figure",
    "note": "Note",
    "area": "Area code",
}
NAME_OF = {label.lower(): column for column, label in LABELS.items()} | {name: name for name in (*COLUMNS, AREA)}
STATE_OF = {
    name.lower(): reason.value
    for reason, label in REASONS.items()
    for name in (reason.value, reason.value.replace("_", " "), label, reason.label)
} | {CellState.FIGURE.value: CellState.FIGURE.value}
*_SOME, _LAST = (f"“{label}”" for label in REASONS.values())
REASONS_LISTED = f"{', '.join(_SOME)} or {_LAST}"  # the reasons, as a form names them

LARGEST_FILE = 2 * 1024 * 1024  # bytes
HEADER_WITHIN = 12  # rows
LONGEST_NOTE = 500
MOST_FAULTS = 300  # after so many faults, the rest of a file isn't read
MONTH_NAMES = {name[:length].lower(): number for number, name in enumerate(NAMES, 1) for length in (3, len(name))}


IS_A_FORMULA = "is a formula. Replace it with the number or the words that it shows."
type Place = tuple[int, str]  # line and column, as in a Fault
type Tell = Callable[[str, str], None]  # called with a column and what is wrong there


class FiguresRefused(Exception):
    """Raised for a file that can't be read at all. Its text is a sentence for the user."""


class NoHeader(FiguresRefused):
    """Raised for a file without our columns, such as somebody's own spreadsheet."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in one row: its line in the file, the column (one of COLUMNS, or a column's letter; empty for the whole
    row), and a sentence. If only several rows together are wrong, `beside` are the lines of the others."""

    line: int
    column: str
    sentence: str
    beside: tuple[int, ...] = ()

    @property
    def lines(self) -> tuple[int, ...]:
        return (self.line, *self.beside)

    @property
    def numbers(self) -> str:
        """ "s 75 and 219" after "line" or "row"; " 3" for one."""
        return f"{'s' if self.beside else ''} {join([f'{line:,}' for line in self.lines])}"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row, as text. `month` is "2026-10" and `state` a state's token where they could be read;
    without a value and a state, `state` is empty. `value` and `note` are as they were typed."""

    line: int
    agency: str
    indicator: str
    category: str
    month: str
    value: str
    state: str
    note: str
    area: str = ""

    @property
    def is_blank(self) -> bool:
        """Return whether the row has neither a figure nor a state."""
        return not (self.value.strip() or self.state or self.note.strip())

    @property
    def name(self) -> str:
        """ "lines.birmingham": the name of the figure's box in a return."""
        return f"{self.indicator}.{self.category}" if self.category else self.indicator


@dataclass(slots=True)
class FigureFile:
    """A file read through: its rows, and whatever is wrong with them. `columns` says where the columns are, by letter,
    in a workbook; it is empty for CSV. If it `is_counted`, it was made from records: no line of a file has its rows."""

    rows: list[FigureRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    columns: Mapping[str, str] = field(default_factory=dict)
    is_counted: bool = False

    @property
    def is_hopeless(self) -> bool:
        """Return whether there were too many faults to read on."""
        return len(self.faults) >= MOST_FAULTS

    def place(self, fault: Fault) -> str:
        """ "Row 9, Figure (E9)" in a workbook, "line 9, value" in CSV, "lines.london, 2026-10" of what was counted."""
        if self.is_counted:
            counted = [f"{row.name}, {row.month}" for row in self.rows if row.line in fault.lines]
            return join(counted) or "The file"
        if not self.columns:
            return f"Line{fault.numbers}, {fault.column}" if fault.column else f"Line{fault.numbers}"
        letter = self.columns.get(fault.column, fault.column)
        if not letter:
            return f"Row{fault.numbers}"
        label, cells = LABELS.get(fault.column), join([f"{letter}{line}" for line in fault.lines])
        return f"Row{fault.numbers}, {label} ({cells})" if label else f"Row{fault.numbers} ({cells})"


MOST_NAMED = 4  # of the lines that one fault is about


def join(names: Sequence[str]) -> str:
    """ "75 and 219"; of many, the first three and how many others."""
    if len(names) > MOST_NAMED:
        names = [*names[:3], f"{len(names) - 3} more"]
    *head, last = names or [""]
    return f"{', '.join(head)} and {last}" if head else last


def read_figure_file(content: bytes, *, name_of_file: str, most_rows: int = FIGURES.rows) -> FigureFile:
    """Read the rows and find every fault in one pass. It stops after about MOST_FAULTS, and the first fault says so.

    Raises FiguresRefused, with a sentence, if it isn't a file of figures at all.
    """
    # Size and kind first: nothing is parsed before they are known.
    if len(content) > LARGEST_FILE:
        raise FiguresRefused(
            f"The file is larger than {LARGEST_FILE // 1024**2} MB, so we didn’t read it. Split it up."
        )
    if not content.strip():
        raise FiguresRefused("The file is empty.")
    if sentence := refuse_kind(content):
        raise FiguresRefused(sentence)
    if not content.startswith(ZIP) and name_of_file.lower().endswith((*ENDINGS, ".xls")):
        raise FiguresRefused(
            "This isn’t a workbook, although its name says that it is. Open it, and save it as .xlsx or .ods."
        )
    try:
        return _read_workbook(content, most_rows) if content.startswith(ZIP) else _read_csv(content, most_rows)
    except (WorkbookRefused, CsvRefused) as refusal:
        raise FiguresRefused(str(refusal)) from None


# --- A workbook -----------------------------------------------------------------------------------


def _read_workbook(content: bytes, most_rows: int) -> FigureFile:
    nearest = ""
    for sheet in open_workbook(content).sheets:
        for index, cells in enumerate(sheet.rows[:HEADER_WITHIN]):
            header = _Header.of([as_typed(cell) for cell in cells])
            if header is None:
                continue
            if header.fault:
                nearest = nearest or header.fault
                continue
            file = FigureFile(columns={name: letters(place + 1) for name, place in header.places.items()})
            name_of = {letter: name for name, letter in file.columns.items()}
            formulas = {(row, name_of.get(letters(column), letters(column))) for row, column in sheet.formulas}
            file.faults += [Fault(row, name, f"This {IS_A_FORMULA}") for row, name in sorted(formulas)[:MOST_FAULTS]]
            rows = (
                (line, [as_typed(cell) for cell in cells])
                for line, cells in enumerate(sheet.rows[index + 1 :], start=index + 2)
            )
            return _read_rows(rows, header, file, reported=formulas, most_rows=most_rows)
    raise _refuse_header(nearest)


# --- CSV ------------------------------------------------------------------------------------------


def _read_csv(content: bytes, most_rows: int) -> FigureFile:
    text = decoded(content)
    nearest = ""
    for separator in SEPARATORS:
        for line, cells in _beginning(text, separator):
            header = _Header.of(cells)
            if header is None:
                continue
            if header.fault:
                nearest = nearest or header.fault
                continue
            file, formulas = FigureFile(), set[Place]()
            rows = ((at, line_cells) for at, line_cells in lines(text, separator) if at > line)
            whole = _whole_rows(rows, header, file, formulas)
            return _read_rows(whole, header, file, reported=formulas, most_rows=most_rows)
    raise _refuse_header(nearest)


def _beginning(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows in which the header may be."""
    with suppress(CsvRefused):  # another separator may split the cells correctly
        yield from islice(lines(text, separator), HEADER_WITHIN)


def _whole_rows(
    rows: Iterator[tuple[int, list[str]]], header: "_Header", file: FigureFile, formulas: set[Place]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that have the header's columns, their cells as text. Every other row becomes a fault. So does each
    formula, whose place is added to `formulas`."""
    name_of = {place: name for name, place in header.places.items()}
    try:
        for line, cells in rows:
            # Spreadsheets may add empty cells to the right of a table.
            while len(cells) > header.columns and not cells[-1].strip():
                cells.pop()
            if not any(cell.strip() for cell in cells):
                continue
            # Pass one more row on: _read_rows then says that it stopped there.
            if file.is_hopeless:
                yield line, cells
                return
            if len(cells) != header.columns:
                sentence = (
                    f"The row has {len(cells)} columns, but the header has {header.columns}. "
                    "Put quotation marks around a cell with a comma in it."
                )
                file.faults.append(Fault(line, "", sentence))
                continue
            for place, cell in enumerate(cells):
                if is_formula(cell):
                    name = name_of.get(place, "")
                    formulas.add((line, name))
                    file.faults.append(Fault(line, name, f"“{shorten(cell)}” {IS_A_FORMULA}"))
            # Our own files put an apostrophe before text that looks like a formula.
            yield line, [unguarded(cell) for cell in cells]
    except CsvRefused as refusal:
        file.faults.append(Fault(refusal.line or 1, "", str(refusal)))


# --- Both -----------------------------------------------------------------------------------------

NO_HEADER = (
    f"There is no header in the first {HEADER_WITHIN} rows. Add a row with these names, each in its own column: "
    f"{', '.join(COLUMNS)}."
)


def _refuse_header(fault: str) -> FiguresRefused:
    return FiguresRefused(fault) if fault else NoHeader(NO_HEADER)


@dataclass(frozen=True, slots=True)
class _Header:
    """Where each column is, counted from 0; or the fault of a row that is meant as a header."""

    places: Mapping[str, int]
    columns: int = 0  # of the header, named by it or not
    fault: str = ""

    @classmethod
    def of(cls, cells: Sequence[str]) -> "_Header | None":
        """Read a header; None for a row with fewer than three of the names, which isn't meant as one."""
        names = [NAME_OF.get(cell.strip().lower(), "") for cell in cells]
        places = {name: place for place, name in enumerate(names) if name}
        if len(places) < 3:
            return None
        twice = sorted(name for name in places if names.count(name) > 1)
        if twice:
            return cls({}, fault=f"The header has {_listed(twice)} twice.")
        missing = [name for name in COLUMNS if name not in places]
        columns = max(place for place, cell in enumerate(cells, 1) if cell.strip())
        return cls(places, columns, f"The header is missing {_listed(missing)}." if missing else "")


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _read_rows(
    rows: Iterable[tuple[int, list[str]]],
    header: _Header,
    file: FigureFile,
    *,
    reported: set[Place],
    most_rows: int,
) -> FigureFile:
    """Fill `file`. `reported` are the places whose fault it already has."""
    seen: dict[tuple[str, str, str, str], dict[str, int]] = {}  # the line by the area; a row may name none
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if file.is_hopeless:
            # First in the list, where people see it.
            sentence = f"There are at least {MOST_FAULTS} faults, so we stopped reading at line {line:,}."
            file.faults.append(Fault(1, "", sentence))
            break
        if len(file.rows) >= most_rows:
            more = "Split it up." if most_rows == FIGURES.rows else "Remove the rows that aren’t for this return."
            raise FiguresRefused(f"The file has more than {most_rows:,} rows of figures. {more}")
        typed = {name: cells[place] if place < len(cells) else "" for name, place in header.places.items()}
        row = _read_row(line, typed, file, reported)
        file.rows.append(row)
        before = seen.setdefault((row.agency, row.indicator, row.category, row.month), {})
        # A row without an area may be for any of them. Look up the others by area: a figure may have very many.
        same = before.values() if not row.area else (before[area] for area in ("", row.area) if area in before)
        first = min(same, default=0)
        if first:
            sentence = f"{row.name} for {row.month} is already in line {first:,}. Keep one of the two."
            file.faults.append(Fault(line, "indicator", sentence))
        before.setdefault(row.area, line)
    if not file.rows and not file.faults:
        raise FiguresRefused("There is a header but no row below it.")
    file.faults.sort(key=lambda fault: fault.line)
    return file


def _read_row(line: int, typed: Mapping[str, str], file: FigureFile, reported: set[Place]) -> FigureRow:
    def fault(column: str, sentence: str) -> None:
        if (line, column) not in reported:
            file.faults.append(Fault(line, column, sentence))

    agency, indicator, category, month, state, area = (
        typed.get(name, "").strip().lower() for name in ("agency", "indicator", "category", "month", "state", AREA)
    )
    value, note = typed["value"], typed["note"]
    for name, code in (("agency", agency), ("indicator", indicator)):
        if not code:
            fault(name, f"The {name} is missing.")
    try:
        month = str(read_month(month))
    except ValueError as error:
        fault("month", str(error) if month else "The month is missing.")
    state = _read_state(state, value, fault)
    if value.strip():
        try:
            read_figure(value)
        except NotAFigure as error:
            fault("value", str(error))
    if len(note) > LONGEST_NOTE:
        fault("note", f"Shorten the note to {LONGEST_NOTE} characters; it has {len(note):,}.")
    return FigureRow(line, agency, indicator, category, month, value, state, note, area)


def _read_state(typed: str, value: str, fault: Tell) -> str:
    if not typed:
        return CellState.FIGURE.value if value.strip() else ""
    if typed == CellState.WITHHELD:
        fault("state", "A withheld figure can’t be imported. Ask its agency for the figure itself.")
    elif typed not in STATE_OF:
        fault("state", f"“{shorten(typed)}” isn’t a reason we know. Enter {REASONS_LISTED}, or leave it empty.")
    elif STATE_OF[typed] == CellState.FIGURE and not value.strip():
        fault("value", "The state says that there is a figure, but there is none.")
    elif STATE_OF[typed] != CellState.FIGURE and value.strip():
        fault("value", "Enter a number or a reason why there is none, not both.")
    token: str = STATE_OF.get(typed, typed)
    return token


def read_month(text: str) -> Month:
    """Read "2026-10"; and what a spreadsheet makes of it: "Oct-26", "October 2026", 2026-10-01, 01/10/2026.

    Raises ValueError, with a sentence, for anything else.
    """
    text = text.strip()
    if match := re.fullmatch(r"([0-9]{4}-[0-9]{2})-01", text, re.ASCII):
        return Month.parse(match[1])
    if match := re.fullmatch(r"01/([0-9]{2})/([0-9]{4})", text, re.ASCII):
        return Month.parse(f"{match[2]}-{match[1]}")
    if match := re.fullmatch(r"([A-Za-z]{3,9})[- ]([0-9]{4}|[0-9]{2})", text, re.ASCII):
        number = MONTH_NAMES.get(match[1].lower())
        if number is not None:
            return Month.parse(f"{match[2] if len(match[2]) == 4 else f'20{match[2]}'}-{number:02}")
    return Month.parse(text)


# A cell of a copied block: in quotation marks, with "" for one inside; or plain text up to a tab or the line's end.
# The possessive *+ keep a paste without its closing quotation mark from being tried again and again.
CELL = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"(?=[\t\n]|\Z)|([^\t\n]*+))(\t|\n|\Z)')
REASON_OF = {name: token for name, token in STATE_OF.items() if token != CellState.FIGURE} | READ_AS
HEADS = NAME_OF | {"number": "value", "count": "value", "reason": "state"}
A_LETTER = re.compile(r"[^\W\d_]")
A_DIGIT = re.compile(r"[0-9]")


def read_lines(text: str) -> Iterator[list[str]]:
    """Yield the cells of a copied block, row by row. A line break within a cell becomes a blank."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    cells: list[str] = []
    for match in CELL.finditer(text):
        quoted, plain, end = match.groups()
        cell = plain if quoted is None else quoted.replace('""', '"')
        cells.append(" ".join(part.strip() for part in cell.split("\n") if part.strip()))
        if end != "\t":
            yield cells
            cells = []
        # The pattern also matches nothing at the very end, which isn't one more row.
        if not end:
            return


@dataclass(frozen=True, slots=True)
class Target:
    """A box, and its possible names in a table: the indicator's, and the category's where it is split."""

    name: str
    indicator: tuple[str, ...]
    category: tuple[str, ...] = ()


class Names:
    """The possible names of each box, alone or with the cells beside them."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self.by_text: dict[str, set[str]] = {}
        for target in targets:
            texts = {target.name, *target.indicator, *target.category}
            for indicator in target.indicator:
                for category in target.category:
                    texts |= {f"{indicator} {category}", f"{category} {indicator}"}
            for text in filter(None, map(tidy, texts)):
                self.by_text.setdefault(text, set()).add(target.name)
        self.indicators = {tidy(name) for target in targets for name in target.indicator}

    def find(self, cell: str) -> set[str]:
        """Return the boxes that a cell may mean."""
        # A number is a figure, even if a category is called so.
        return set() if is_figure(cell) else self.by_text.get(tidy(cell), set())

    def is_question(self, cell: str) -> bool:
        """Return whether it is an indicator's name, which categories may follow."""
        return tidy(cell) in self.indicators


def tidy(text: str) -> str:
    """Return its letters and digits in lower case, with one blank between words."""
    return " ".join(re.findall(r"\w+", text.replace("_", " ").casefold()))


def is_figure(cell: str) -> bool:
    try:
        read_figure(cell)
    except NotAFigure:
        return False
    return True


def looks_like_figure(cell: str) -> bool:
    """Return whether a cell is meant as a figure: "12", "39.4%", "0.4", "£12"; not "2026-10" or "3 to 22"."""
    return bool(A_DIGIT.search(cell)) and not A_LETTER.search(cell) and _month_number(cell) is None


def _month_number(cell: str) -> tuple[int | None, int] | None:
    """Return the year, where there is one, and the month that a header names; None for anything else."""
    number = MONTH_NAMES.get(cell.strip().lower())
    if number is not None:
        return None, number
    try:
        month = read_month(cell)
    except ValueError:
        return None
    return month.year, month.number


def is_month(cell: str, month: Month) -> bool | None:
    """Return whether it names this month; None where it names no month."""
    named = _month_number(cell)
    return None if named is None else named in ((None, month.number), (month.year, month.number))


def name_head(head: str) -> str:
    """Return one of a file's names for a column; any other header unchanged."""
    text = head.lower()
    return "note" if "note" in text or "comment" in text else HEADS.get(text, text)


def is_head(cell: str) -> bool:
    return cell.lower() in HEADS or _month_number(cell) is not None
