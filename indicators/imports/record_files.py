"""What is in the rows of a file of records, CSV or a workbook? It is read in memory and not stored. Pure."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath
from traceback import extract_tb

from indicators.imports.delimited import SEPARATORS, CsvRefused, decoded, lines
from indicators.imports.kinds import refuse_kind
from indicators.imports.workbook_parts import MB, ZIP, Cell, Limits, WorkbookRefused, as_typed, letters
from indicators.imports.workbooks import open_workbook

__all__ = [
    "LARGEST_FILE",
    "MOST_ROWS",
    "RecordFile",
    "RecordsFailed",
    "RecordsRefused",
    "as_text",
    "keeps_records_out",
    "letters",
    "read_record_file",
]

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
