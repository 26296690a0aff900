"""What does a file of figures hold?"""

import csv
import io
from collections.abc import Iterable, Sequence

from indicators.imports.delimited import guarded
from reporting.presenters.shapes import MonthView

type Row = dict[str, str | int | float | None]


def csv_text(columns: Sequence[str], rows: Iterable[Row], *, marking: str) -> str:
    """The marking, where there is one, then a header and the rows. Text that a spreadsheet would run as
    a formula gets an apostrophe before it; a number that is negative stays one."""
    text = io.StringIO()
    if marking:
        text.write(f"{marking}\n")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: guarded(cell) if isinstance(cell, str) else cell for name, cell in row.items()} for row in rows
    )
    return text.getvalue()


def export_rows(view: MonthView) -> list[Row]:
    """Each line as `export_month` prints it."""
    return [
        {
            "indicator": line.code,
            "title": line.title,
            "category": line.category_code,
            "value": line.value,
            "state": line.state.value,
            "previous": line.previous,
            "change": line.change,
            "movement": line.movement.value,
            "no_arrow_reason": line.no_arrow_reason,
            "polarity": line.polarity.value,
            "lower": line.lower,
            "upper": line.upper,
            "signal": line.signal or None,
            "judgement": line.judgement or None,
        }
        for line in view.lines
    ]
