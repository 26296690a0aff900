"""What does a file of populations say? CSV, with one age band of one year in each row. Pure."""

import re
from dataclasses import dataclass, field

from indicators.ages import AgesRefused, read_band
from indicators.figures import NotAFigure, read_figure, shorten
from indicators.imports.figures import Fault
from indicators.imports.open_data import read_rows

COLUMNS = ("ons_code", "name", "year", "age", "population")
LARGEST_FILE = 2 * 1024 * 1024  # bytes
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
    for line, cells in read_rows(content, COLUMNS, most=LARGEST_FILE, faults=file.faults):
        _read_row(line, cells, file)
    _compare_rows(file)
    file.faults.sort(key=lambda fault: fault.line)
    return file


def _read_row(line: int, cells: list[str], file: PopulationFile) -> None:
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
            sentence = f"{row.residents:,} residents are more than all ages together, {whole.residents:,}."
            file.faults.append(Fault(row.line, "population", sentence))
