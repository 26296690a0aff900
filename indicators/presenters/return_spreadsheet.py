"""Writes the file of a return as an OpenDocument spreadsheet: the same sheet as the workbook of
indicators.presenters.return_file. Only figure, state and note are unlocked, and there is no password.
"""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from core.opendocument import (
    CELL_STYLES,
    NAMESPACES,
    cell_style,
    pack,
    write_row,
    write_text,
    write_widths,
)
from indicators.entries import REASONS
from indicators.figures import LARGEST
from indicators.imports.figures import LABELS, LONGEST_NOTE
from indicators.presenters.return_file import NUMBER, OPEN, RULE, WIDTHS, ReturnFile, list_top
from indicators.selectors.returns import Box

OF = 'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
TO_FILL = f' fo:border="0.5pt solid {RULE}" fo:background-color="{OPEN}" style:cell-protect="none"'
QUIET = ' fo:color="#52606d"'
STYLES = "".join(
    (
        cell_style("r-question", cell=' fo:wrap-option="wrap"'),
        cell_style("r-place", text=' fo:font-weight="bold"'),
        cell_style("r-last", text=QUIET),
        cell_style("r-quiet", text=QUIET),
        cell_style("r-value", cell=TO_FILL, data="n0"),
        cell_style("r-state", cell=TO_FILL),
        cell_style("r-note", cell=f'{TO_FILL} fo:wrap-option="wrap"'),
    )
)
STYLED = ("question", "place", "last", "value", "state", "note")
# What the spreadsheet program itself refuses: the condition, and a title and a sentence.
CHECKED = {
    "value": (
        f"of:cell-content-is-whole-number() and cell-content-is-between(0,{LARGEST})",
        "Not a count",
        "Enter a whole number of 0 or more, or choose in the next column why there is none.",
    ),
    "state": (
        "of:cell-content-is-in-list({})".format(";".join(f'"{label}"' for label in REASONS.values())),
        "Not in the list",
        "Choose one from the list, or leave it empty where there is a figure.",
    ),
    "note": (
        f"of:cell-content-text-length()<={LONGEST_NOTE}",
        "Too long",
        f"A note has at most {LONGEST_NOTE} characters.",
    ),
}


def as_spreadsheet(file: ReturnFile) -> bytes:
    top = list_top(file)
    rows = "".join((*write_top(top), write_head(file), *(write_box(file, box, cells) for box, cells in file.rows)))
    columns = "".join(f'<table:table-column table:style-name="w{WIDTHS[name]}"/>' for name in file.sheet)
    content = (
        f'<office:document-content {NAMESPACES} {OF} office:version="1.3"><office:automatic-styles>'
        f"{write_widths(set(WIDTHS.values()))}{CELL_STYLES}{STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(write_checks())}"
        '<table:table table:name="Return" table:style-name="figures" table:protected="true">'
        f"{columns}{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return pack(
        content,
        title=file.title,
        marking=file.marking,
        made_at=None,
        sheet="Return",
        rows_in_view=len(top) + 2,
        columns_in_view=file.sheet.index("question") + 1,
    )


def write_checks() -> Iterator[str]:
    yield "<table:content-validations>"
    for name, (condition, title, sentence) in CHECKED.items():
        yield (
            f'<table:content-validation table:name="{name}" table:condition={quoteattr(condition)} '
            'table:allow-empty-cell="true" table:display-list="unsorted"><table:error-message '
            f'table:message-type="stop" table:display="true" table:title="{title}"><text:p>{sentence}</text:p>'
            "</table:error-message></table:content-validation>"
        )
    yield "</table:content-validations>"


def write_top(lines: list[str]) -> Iterator[str]:
    for line, style in zip(lines, ("marking", "title", *["text"] * len(lines)), strict=False):
        yield write_row([write_text(line, style) if line else "<table:table-cell/>"])
    yield write_row(["<table:table-cell/>"])


def write_head(file: ReturnFile) -> str:
    heads = {**LABELS, "question": "Question", "last": file.month.previous.label, "place": "Place"}
    row = write_row(write_text(heads[name], "head") for name in file.sheet)
    return f"<table:table-header-rows>{row}</table:table-header-rows>"


def write_box(file: ReturnFile, box: Box, cells: dict[str, str]) -> str:
    cells["state"] = {reason.value: label for reason, label in REASONS.items()}.get(cells["state"], cells["state"])
    return write_row(write_one(name, cells[name], box) for name in file.sheet)


def write_one(name: str, text: str, box: Box) -> str:
    style = f"r-{name}" if name in STYLED else "r-quiet"
    checked = f' table:content-validation-name="{name}"' if name in CHECKED else ""
    # Text that isn't a count as we write it stays as it was typed, with its fault.
    if name == "value" and NUMBER.fullmatch(text) and int(text) <= LARGEST:
        number = f'office:value-type="float" office:value="{int(text)}"'
        return (
            f'<table:table-cell table:style-name="{style}"{checked} {number}><text:p>{text}</text:p></table:table-cell>'
        )
    if not text:
        return f'<table:table-cell table:style-name="{style}"{checked}/>'
    note = (box.definition or "No definition.") if name == "question" else ""
    return write_text(text, style, more=checked, note=note)
