"""Which commentaries does a month have?"""

from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Q

from boards.models import Board, ReportingPeriod
from reporting.models import Commentary


class Words(NamedTuple):
    """A commentary; `board_id` is None if it is for all boards."""

    board_id: int | None
    version: int
    text: str
    signed_as: str
    written_at: datetime
    written_by: str


def find_commentary(period: ReportingPeriod, version: int, board: Board | None = None) -> Words | None:
    """Return the commentary beside a version: the board's own, or the one for all boards; the newest up to that
    version. One query.
    """
    said = Commentary.objects.filter(period=period, version__lte=version).select_related("written_by")
    for_board = Q(board=None) if board is None else Q(board=None) | Q(board=board)
    # A board's own words win, even over newer ones for all boards.
    newest = said.filter(for_board).order_by(F("board").asc(nulls_last=True), "-version").first()
    if newest is None:
        return None
    writer = newest.written_by
    return Words(
        newest.board_id, newest.version, newest.text, newest.signed_as, newest.written_at, writer.name or writer.email
    )


def find_own_commentary(period: ReportingPeriod, version: int, board: Board | None) -> Commentary | None:
    """Return the commentary of this exact version, for this board or for all. One query."""
    return Commentary.objects.filter(period=period, version=version, board=board).select_related("written_by").first()
