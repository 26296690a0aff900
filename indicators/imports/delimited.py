"""What is in each cell of a CSV file? Pure.

Text that a spreadsheet would run as a formula is written with an apostrophe before it, and read
without.
"""

import csv
import io
from collections.abc import Iterator

SEPARATORS = (",", ";", "\t")


class CsvRefused(Exception):
    """Raised for text that isn't CSV, from a line on (None: from the start). Its text is a sentence for the user."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.line = line


def decoded(content: bytes) -> str:
    """Return the text: in UTF-8, or as older spreadsheet programs save it. Raises CsvRefused."""
    # cp1252 reads almost any bytes, so look for what no text has.
    if b"\x00" not in content:
        # Excel writes a byte order mark, which utf-8-sig takes off.
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise CsvRefused("This isn’t text, so it isn’t CSV. Save the sheet as “CSV UTF-8”, or send the workbook.")


def lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line, counted from 1.

    Raises CsvRefused at the line where cells can no longer be told apart.
    """
    # newline="" leaves line breaks to csv, which keeps those inside quotation marks.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        sentence = (
            f"A cell is longer than {csv.field_size_limit():,} characters."
            # csv.Error has no codes, only words.
            if "field larger" in str(error)
            else "This isn’t proper CSV: a quotation mark isn’t closed, or is inside a cell."
        )
        raise CsvRefused(f"{sentence} Nothing below it was read.", line) from None
