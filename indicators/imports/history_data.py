"""How do the counts of past months look as data, for a page that carries them or a row that waits? Pure."""

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from core.months import Month
from indicators.imports.figures import FigureFile, FigureRow
from indicators.imports.history import History
from indicators.imports.police_uk import PoliceMonth


def write_data(history: History) -> dict[str, Any]:
    """Return the counts as data that JSON can hold. A police file's rows aren't among them."""
    rows = history.figures.rows if history.figures is not None else None
    return {
        "name": history.name,
        "rows": None if rows is None else [astuple(row) for row in rows],
        "is_counted": history.figures is not None and history.figures.is_counted,
        "months": [
            [
                each.name_of_file,
                str(each.month),
                dict(each.counts),
                each.rows_read,
                each.rows_matched,
                each.rows_without_lsoa,
            ]
            for each in history.months
        ],
        "elsewhere": history.elsewhere,
        "told": history.told,
    }


def read_data(data: Mapping[str, Any]) -> History:
    """Return what write_data wrote."""
    rows = data["rows"]
    return History(
        data["name"],
        None if rows is None else FigureFile([FigureRow(*row) for row in rows], is_counted=data["is_counted"]),
        [PoliceMonth(name, Month.parse(month), *rest) for name, month, *rest in data["months"]],
        data["elsewhere"],
        data["told"],
    )
