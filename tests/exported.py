"""What does a file of figures say? Its rows, whatever its format."""

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

from indicators.imports.tables import open_workbook
from indicators.imports.xlsx import FIGURES as LIMITS
from tests.factories.workbooks import cells


def rows_of(content: bytes, kind: str, rows_are: str = "figures") -> list[dict[str, str]]:
    """What a file says, each cell as text."""
    if kind == "json":
        rows = json.loads(content)[rows_are]
        return [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows]
    if kind == "csv":
        text = content.decode("utf-8-sig")
        text = text.partition("\n")[2] if text.startswith("OFFICIAL") else text
        return list(csv.DictReader(io.StringIO(text, newline="")))
    if kind == "ods":
        return rows_of_spreadsheet(content)
    found = {place: text for place, (_, text) in cells(content).items()}
    head = 2 if found["A1"].startswith("OFFICIAL") else 1
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    columns = [*alphabet, *(f"A{letter}" for letter in alphabet)]
    letters = [letter for letter in columns if f"{letter}{head}" in found]
    last = max(int(re.sub(r"\D", "", place)) for place in found)
    return [
        {found[f"{letter}{head}"]: found.get(f"{letter}{row}", "") for letter in letters}
        for row in range(head + 1, last + 1)
    ]


def rows_of_spreadsheet(content: bytes) -> list[dict[str, str]]:
    sheet = next(iter(open_workbook(content, replace(LIMITS, columns=60)).sheets))
    written = [["" if cell is None else str(cell) for cell in row] for row in sheet.rows]
    head, *rows = written[1:] if written[0][0].startswith("OFFICIAL") else written
    return [dict(zip(head, row, strict=True)) for row in rows]


def plain(row: dict[str, str]) -> dict[str, Any]:
    """Numbers as numbers: a workbook may write fewer digits of them."""
    return {name: float(cell) if re.fullmatch(r"-?[0-9.]+(e-?\d+)?", cell) else cell for name, cell in row.items()}
