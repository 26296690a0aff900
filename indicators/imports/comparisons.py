"""What does a file of comparison series say? CSV, with one month of one indicator in another area in each row. Pure."""

from dataclasses import dataclass, field

from core.months import Month
from indicators.figures import NotAFigure, read_figure, shorten
from indicators.imports.figures import Fault
from indicators.imports.open_data import read_rows

COLUMNS = ("indicator", "area", "month", "count")
LARGEST_FILE = 5 * 1024 * 1024  # bytes
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
    for line, cells in read_rows(content, COLUMNS, most=LARGEST_FILE, faults=file.faults):
        _read_row(line, cells, file)
    for key, months in file.series.items():
        # A series is stored with a place for each month, so one mistyped year would make it huge.
        if max(months) - min(months) >= MOST_MONTHS:
            sentence = f"{key[1]} spans more than {MOST_MONTHS // 12} years. Leave out the oldest."
            file.faults.append(Fault(file.begun_in[key], "month", sentence))
    file.faults.sort(key=lambda fault: fault.line)
    return file


def _read_row(line: int, cells: list[str], file: ComparisonFile) -> None:
    code, name, written, counted = (" ".join(cell.split()) for cell in cells)
    faults: list[Fault] = []
    if not code:
        faults.append(Fault(line, "indicator", "Enter the code of the indicator to compare it with."))
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
        faults.append(Fault(line, "month", f"{month.label} for {name} is there twice. Keep one of the two."))
    if faults or month is None:
        file.faults += faults
        return
    file.begun_in.setdefault(key, line)
    file.series.setdefault(key, {})[month] = count
