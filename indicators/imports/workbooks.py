"""What is in the workbook that somebody sent, from Excel (.xlsx) or OpenDocument (.ods)? Pure."""

from indicators.imports.ods import MIMETYPE, read_ods
from indicators.imports.workbook_parts import BROKEN, FIGURES, Limits, Workbook, WorkbookRefused, unpack
from indicators.imports.xlsx import TYPES, read_xlsx

NOT_A_WORKBOOK = "This file isn’t a workbook. Open it, and save it as .xlsx or .ods."
ENDINGS = (".xlsx", ".xlsm", ".ods")
FIRST_PARTS = {TYPES, MIMETYPE}  # either one marks a zip as a workbook


def open_workbook(content: bytes, limits: Limits = FIGURES) -> Workbook:
    """Return its sheets, read as they are asked for.

    Raises WorkbookRefused, with a sentence, for whatever isn't a plain workbook of reasonable size: at once, or at a
    sheet that can't be read.
    """
    parts = unpack(content, limits)
    if parts.keys() >= FIRST_PARTS:
        raise WorkbookRefused(BROKEN)  # two programs may disagree about which of the two it is
    if FIRST_PARTS.isdisjoint(parts):
        raise WorkbookRefused(NOT_A_WORKBOOK)
    return read_xlsx(parts, limits) if TYPES in parts else read_ods(parts, limits)
