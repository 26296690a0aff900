"""What is in the rows of a file of open data, and which can't be read? CSV with a fixed header. Pure."""

from collections.abc import Iterator, Sequence

from indicators.imports.delimited import SEPARATORS, CsvRefused, decoded, lines
from indicators.imports.figures import Fault


class FileRefused(Exception):
    """A file that can't be read at all. Its text is a sentence for the user."""


def read_rows(
    content: bytes, columns: Sequence[str], *, most: int, faults: list[Fault]
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with as many cells as the header, and its line. Faults of other rows are added to `faults`. `most`
    is in bytes. Raises FileRefused."""
    if len(content) > most:
        raise FileRefused(f"The file is larger than {most // 1024**2} MB, so it isn’t read. Split it up.")
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
