"""What does a file of populations say? CSV, a band of a year a row. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from indicators.ages import AgesRefused, read_band
from indicators.figures import NotAFigure, read_figure, shorten
from indicators.imports.delimited import SEPARATORS, CsvRefused, decoded, lines
from indicators.imports.figures import Fault

COLUMNS = ("ons_code", "name", "year", "age", "population")
LARGEST_FILE = 2 * 1024 * 1024  # bytes
ONS_CODE = re.compile(r"[EWSNK][0-9]{8}", re.ASCII)
YEAR = re.compile(r"(19|20)[0-9]{2}", re.ASCII)


class PopulationsRefused(Exception):
    """A file that can't be read at all. Its text is a sentence for the user."""


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
    """A file read through: its rows, and whatever is wrong with them."""

    name: str
    rows: list[PopulationRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_population_file(content: bytes, *, name_of_file: str) -> PopulationFile:
    """Read the rows, and find everything that is wrong with them, all at once. Raises PopulationsRefused."""
    if len(content) > LARGEST_FILE:
        raise PopulationsRefused(
            f"The file is larger than {LARGEST_FILE // 1024**2} MB, so it isn’t read. Split it up."
        )
    file = PopulationFile(name_of_file)
    try:
        for line, cells in _rows_below_header(decoded(content)):
            _read_row(line, cells, file)
    except CsvRefused as refusal:
        if refusal.line is None:
            raise PopulationsRefused(str(refusal)) from None
        file.faults.append(Fault(refusal.line, "", str(refusal)))
    if not file.rows and not file.faults:
        raise PopulationsRefused("There is a header, and no row below it.")
    _compare_rows(file)
    file.faults.sort(key=lambda fault: fault.line)
    return file


def _rows_below_header(text: str) -> Iterator[tuple[int, list[str]]]:
    """Raises PopulationsRefused where the first row isn't the header."""
    for separator in SEPARATORS:
        rows = lines(text, separator)
        header = next(rows, (1, []))[1]
        if tuple(cell.strip().lower() for cell in header) == COLUMNS:
            return (row for row in rows if any(cell.strip() for cell in row[1]))
    raise PopulationsRefused(f"The first row has to be the header: {','.join(COLUMNS)}.")


def _read_row(line: int, cells: list[str], file: PopulationFile) -> None:
    if len(cells) != len(COLUMNS):
        file.faults.append(Fault(line, "", f"The row has {len(cells)} columns, and the header {len(COLUMNS)}."))
        return
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
            faults.append(Fault(line, "population", "Nothing can be a rate of 0 residents. Leave the row out."))
    if faults:
        file.faults += faults
    else:
        file.rows.append(PopulationRow(line, code, int(year), ages, residents))


def _compare_rows(file: PopulationFile) -> None:
    """None stands there twice, and no band has more residents than all ages together."""
    seen: dict[tuple[str, int, str], PopulationRow] = {}
    for row in file.rows:
        first = seen.setdefault(row.key, row)
        if first is not row:
            sentence = (
                f"{row.ages} of {row.ons_code} in {row.year} stands in line {first.line:,} already. Give it once."
            )
            file.faults.append(Fault(row.line, "age", sentence))
    for row in file.rows:
        whole = seen.get((row.ons_code, row.year, "all"))
        if whole is not None and row.residents > whole.residents:
            sentence = f"{row.residents:,} residents are more than all ages together, {whole.residents:,}."
            file.faults.append(Fault(row.line, "population", sentence))
