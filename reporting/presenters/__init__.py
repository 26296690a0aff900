"""What does a month say, in words, to one audience?

`month_view` turns a snapshot into plain data; the page, the pack and the exports are renderings of
it, and none of them works anything out. Every figure passes the disclosure gate here.
"""

from reporting.presenters.changes import VersionChanges, changes_between
from reporting.presenters.exports import (
    MONTH_COLUMNS,
    export_rows,
    month_file,
    public_series_file,
    series_file,
)
from reporting.presenters.files import KINDS, FiguresFile, csv_text
from reporting.presenters.month import board_view, month_view
from reporting.presenters.newest import newest_view
from reporting.presenters.passport import HistoryRow, Passport, history_rows, passport_of
from reporting.presenters.public import (
    PUBLIC_COLUMNS,
    PublicView,
    opening,
    public_rows,
    public_stem,
    public_view,
    published_on,
    superseded_by_words,
)
from reporting.presenters.publishing import PublishingView, publishing_view
from reporting.presenters.series import (
    SERIES_COLUMNS,
    Series,
    SeriesPoint,
    SeriesView,
    chart_data,
    series_of_lines,
    series_rows,
    series_view,
)
from reporting.presenters.shapes import (
    BoardView,
    Breakdown,
    BreakdownRow,
    Completeness,
    LineView,
    MonthView,
    SectionView,
)
from reporting.presenters.whole_history import Wanted, history_file
from reporting.presenters.words import version_words

__all__ = [
    "KINDS",
    "MONTH_COLUMNS",
    "PUBLIC_COLUMNS",
    "SERIES_COLUMNS",
    "BoardView",
    "Breakdown",
    "BreakdownRow",
    "Completeness",
    "FiguresFile",
    "HistoryRow",
    "LineView",
    "MonthView",
    "Passport",
    "PublicView",
    "PublishingView",
    "SectionView",
    "Series",
    "SeriesPoint",
    "SeriesView",
    "VersionChanges",
    "Wanted",
    "board_view",
    "changes_between",
    "chart_data",
    "csv_text",
    "export_rows",
    "history_file",
    "history_rows",
    "month_file",
    "month_view",
    "newest_view",
    "opening",
    "passport_of",
    "public_rows",
    "public_series_file",
    "public_stem",
    "public_view",
    "published_on",
    "publishing_view",
    "series_file",
    "series_of_lines",
    "series_rows",
    "series_view",
    "superseded_by_words",
    "version_words",
]
