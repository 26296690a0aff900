"""What does a month say, in words, to one audience?

`month_view` turns a snapshot into plain data; the page, the pack and the exports are renderings of
it, and none of them works anything out. Every figure passes the disclosure gate here.
"""

from reporting.presenters.exports import export_rows
from reporting.presenters.month import board_view, month_view, newest_view
from reporting.presenters.shapes import (
    BoardView,
    Breakdown,
    BreakdownRow,
    Completeness,
    LineView,
    MonthView,
    SectionView,
)

__all__ = [
    "BoardView",
    "Breakdown",
    "BreakdownRow",
    "Completeness",
    "LineView",
    "MonthView",
    "SectionView",
    "board_view",
    "export_rows",
    "month_view",
    "newest_view",
]
