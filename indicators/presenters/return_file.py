"""Writes the file of a return to fill in and send back: as a workbook, an OpenDocument spreadsheet or CSV.

indicators.imports.figures reads the same content back.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.sax.saxutils import quoteattr

import xlsxwriter

from boards.models import Agency
from core.calendar import Month, date_label
from core.files.opendocument import CELL_STYLES, NAMESPACES, cell_style, pack, write_row, write_text, write_widths
from core.files.sheets import guarded
from indicators.figures import LARGEST, REASONS, Entry
from indicators.imports.figures import AREA, COLUMNS, LABELS, LONGEST_NOTE
from indicators.selectors.returns import Box

NUMBER = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
NO_CHARACTERS = dict.fromkeys((0xFFFE, 0xFFFF))  # a workbook can't hold them
LONGEST_CELL = 32_000  # characters; a workbook holds a few more
INK, RULE, WASH, OPEN = "#1f2933", "#9aa5b1", "#f0f2f4", "#ffffff"
# The columns of the sheet: those we read back, and those that help to fill them in.
SHEET = ("question", "last", "value", "state", "note", "agency", "indicator", "category", "month", "area")
# What the spreadsheet program itself refuses: the condition as a workbook has it, a title and a sentence.
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "value": (
        {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": LARGEST},
        "Not a count",
        "Enter a whole number, 0 or more. If there is no figure, choose a reason in the next column.",
    ),
    "state": (
        {"validate": "list", "source": list(REASONS.values())},
        "Not in the list",
        "Choose a reason from the list. If there is a figure, leave this empty.",
    ),
    "note": (
        {"validate": "length", "criteria": "<=", "value": LONGEST_NOTE},
        "Too long",
        f"A note can have at most {LONGEST_NOTE} characters.",
    ),
}
WIDTHS = dict(zip(SHEET, (58, 16, 12, 21, 44, 14, 20, 18, 10, 12), strict=True)) | {"place": 20}


@dataclass(frozen=True, slots=True)
class ReturnPart:
    """One return in the file. `typed` has the form's entries and `last` the month before in words, both by the box's
    name."""

    agency: Agency
    due_on: date
    boxes: Sequence[Box]
    typed: Mapping[str, Entry]
    last: Mapping[str, str]

    def cells(self, box: Box, month: Month) -> dict[str, str]:
        """Return a row's cells: the codes, the entry, and what helps to fill it in."""
        typed = self.typed.get(box.name, Entry())
        return {
            "agency": self.agency.code,
            "indicator": box.indicator.code,
            "category": box.category.code if box.category else "",
            "month": str(month),
            AREA: self.agency.area.slug,
            "value": typed.value,
            "state": typed.reason,
            "note": typed.note,
            "place": self.agency.area.name,
            "question": ask_for(box),
            "last": self.last.get(box.name, ""),
        }


@dataclass(frozen=True, slots=True)
class ReturnFile:
    """The returns of a month that one person fills in, for one area or several."""

    month: Month
    parts: Sequence[ReturnPart]
    marking: str

    @property
    def is_of_several(self) -> bool:
        return len(self.parts) > 1

    @property
    def title(self) -> str:
        if self.is_of_several:
            return f"{self.month.label} figures for {len(self.parts)} returns"
        agency = self.parts[0].agency
        return f"{self.month.label} figures from {agency.name}, {agency.area.name}"

    def name(self, kind: str) -> str:
        """ "OFFICIAL-SENSITIVE anytown 2026-10 police.xlsx"; of several areas "… 2026-10 returns.xlsx"."""
        agency = self.parts[0].agency
        whose = f"{self.month} returns" if self.is_of_several else f"{agency.area.slug} {self.month} {agency.code}"
        return f"{self.marking} {whose}.{kind}".strip()

    @property
    def sheet(self) -> tuple[str, ...]:
        """Return the workbook's columns. With several returns, the first says whose each row is."""
        return ("place", *SHEET) if self.is_of_several else SHEET

    @property
    def rows(self) -> Iterator[tuple[Box, dict[str, str]]]:
        for part in self.parts:
            for box in part.boxes:
                yield box, part.cells(box, self.month)

    @property
    def worded_rows(self) -> Iterator[tuple[Box, dict[str, str]]]:
        """Yield them with each reason in words."""
        labels = {reason.value: label for reason, label in REASONS.items()}
        for box, cells in self.rows:
            yield box, cells | {"state": labels.get(cells["state"], cells["state"])}

    @property
    def heads(self) -> list[str]:
        """Return the heading of each column of the sheet."""
        named = {**LABELS, "question": "Question", "last": self.month.previous.label, "place": "Place"}
        return [named[name] for name in self.sheet]

    @property
    def due(self) -> str:
        days = {part.due_on for part in self.parts}
        if len(days) == 1:
            page = "page of your returns" if self.is_of_several else "return’s page"
            return f"Upload it on the {page}, and submit it there by {date_label(days.pop())}."
        return "Upload it on the page of your returns, and submit it there. That page says when each return is due."


def ask_for(box: Box) -> str:
    return f"{box.indicator.question} {box.category.name}" if box.category else box.indicator.question


def as_csv(file: ReturnFile) -> bytes:
    """Write the marking, the header and a row for each box, in UTF-8 with a mark that Excel recognises."""
    columns = (*COLUMNS, AREA, "question", *(["place"] if file.is_of_several else []))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if file.marking:
        writer.writerow([file.marking])
    writer.writerow(columns)
    for _, cells in file.rows:
        # A spreadsheet program would run a text that starts like a formula.
        writer.writerow([guarded(cells[column]) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def as_workbook(file: ReturnFile) -> bytes:
    """Write a sheet with the questions. Only figure, state and note are unlocked, and there is no password."""
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        content,
        # Text stays text: none becomes a formula, a link or a number.
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    workbook.set_properties(
        {"title": file.title, "subject": file.marking, "author": "V+V Dashboard", "category": file.marking}
    )
    _Writer(workbook, file).write()
    workbook.close()
    return content.getvalue()


def list_top(file: ReturnFile) -> list[str]:
    """Return the lines above the table: the marking, the title, and what to do."""
    return [
        file.marking,
        file.title,
        "In the white cells, enter a figure (0 if there were none), or choose a reason and add a note.",
        "Blank rows change nothing. Point at a question to read its definition.",
        f"{file.due} You will see the changes before you save them.",
        "Counts only: write nothing about a person.",
    ]


class _Writer:
    """Writes the one sheet of a return's workbook."""

    def __init__(self, workbook: xlsxwriter.Workbook, file: ReturnFile) -> None:
        self.file, self.columns = file, file.sheet
        self.sheet = workbook.add_worksheet("Return")
        base = {"font_name": "Arial", "font_size": 11, "font_color": INK, "valign": "top"}
        line = {"bottom": 1, "bottom_color": RULE}
        to_fill = {"border": 1, "border_color": RULE, "bg_color": OPEN, "locked": False}
        styles: dict[str, dict[str, Any]] = {
            "marking": {"bold": True},
            "title": {"bold": True, "font_size": 15},
            "text": {},
            "head": {"bold": True, "text_wrap": True, "bg_color": WASH, "valign": "bottom", **line},
            "question": {"text_wrap": True, **line},
            "place": {"bold": True, **line},
            "quiet": {"font_color": "#52606d", **line},
            "last": {"align": "right", "font_color": "#52606d", **line},
            "value": {"align": "right", "num_format": "#,##0", **to_fill},
            "state": to_fill,
            "note": {"text_wrap": True, **to_fill},
        }
        self.style = {name: workbook.add_format({**base, **more}) for name, more in styles.items()}

    def write(self) -> None:
        top = self._write_top()
        for column, (name, head) in enumerate(zip(self.columns, self.file.heads, strict=True)):
            self.sheet.set_column(column, column, WIDTHS[name])
            self.sheet.write_string(top, column, head, self.style["head"])
        for row, (box, cells) in enumerate(self.file.worded_rows, start=top + 1):
            self._write_row(row, box, cells)
        self.sheet.freeze_panes(top + 1, self.columns.index("question") + 1)
        self.sheet.protect("", {"format_columns": True, "format_rows": True})
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        # 0 means as many pages down as it takes.
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(top)
        # In a header, “&” starts a code. No marking has one.
        self.sheet.set_header(f"&C{self.file.marking}")
        self.sheet.set_footer(f"&L{self.file.marking}&RPage &P of &N")

    def _write_top(self) -> int:
        """Write the lines above the table, and return the row of its header."""
        lines = list_top(self.file)
        for row, line in enumerate(lines):
            style = {0: "marking", 1: "title"}.get(row, "text")
            self.sheet.write_string(row, 0, _cell(line), self.style[style])
        return len(lines) + 1

    def _write_row(self, row: int, box: Box, cells: dict[str, str]) -> None:
        for column, name in enumerate(self.columns):
            style = self.style.get(name, self.style["quiet"])
            text = _cell(cells[name])
            # Text that isn't a count as we write it stays as it was typed, with its fault.
            if name == "value" and NUMBER.fullmatch(text) and int(text) <= LARGEST:
                self.sheet.write_number(row, column, int(text), style)
            elif text:
                self.sheet.write_string(row, column, text, style)
            else:
                self.sheet.write_blank(row, column, None, style)
        self.sheet.write_comment(
            row,
            self.columns.index("question"),
            _cell(box.definition) or "No definition.",
            {"x_scale": 2.5, "y_scale": 1.5},
        )
        self._check_as_typed(row)

    def _check_as_typed(self, row: int) -> None:
        """Add what the spreadsheet program itself refuses, each with a sentence."""
        for name, (condition, title, sentence) in REFUSED.items():
            column = self.columns.index(name)
            options = {**condition, "error_title": title, "error_message": sentence}
            self.sheet.data_validation(row, column, row, column, options)


def _cell(text: str) -> str:
    return text.translate(NO_CHARACTERS)[:LONGEST_CELL]


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
CONDITIONS = {
    "value": f"of:cell-content-is-whole-number() and cell-content-is-between(0,{LARGEST})",
    "state": "of:cell-content-is-in-list({})".format(";".join(f'"{label}"' for label in REASONS.values())),
    "note": f"of:cell-content-text-length()<={LONGEST_NOTE}",
}


def as_spreadsheet(file: ReturnFile) -> bytes:
    """Write the same sheet as an OpenDocument spreadsheet."""
    top = list_top(file)
    rows = "".join(
        (*write_top(top), write_head(file), *(write_box(file, box, cells) for box, cells in file.worded_rows))
    )
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
    for name, (_, title, sentence) in REFUSED.items():
        yield (
            f'<table:content-validation table:name="{name}" table:condition={quoteattr(CONDITIONS[name])} '
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
    row = write_row(write_text(head, "head") for head in file.heads)
    return f"<table:table-header-rows>{row}</table:table-header-rows>"


def write_box(file: ReturnFile, box: Box, cells: dict[str, str]) -> str:
    return write_row(write_one(name, cells[name], box) for name in file.sheet)


def write_one(name: str, text: str, box: Box) -> str:
    style = f"r-{name}" if name in STYLED else "r-quiet"
    checked = f' table:content-validation-name="{name}"' if name in REFUSED else ""
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
