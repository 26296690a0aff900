"""Which commentaries does a month have?

Each page of a month with a commentary runs this, so the statement is by hand: see core.selectors.
"""

from datetime import datetime
from typing import NamedTuple

from boards.models import Board, ReportingPeriod
from core.models import User
from core.selectors import as_moment
from core.selectors.by_hand import Read, Rows, by_hand
from core.statements import statement
from reporting.models import Commentary

# A board's own words win, even over newer ones for all boards.
NEWEST = statement(
    """
    SELECT said.board_id, said.version, said.text, said.signed_as, said.written_at, writer.name, writer.email
    FROM {commentary} said JOIN {user} writer ON writer.id = said.written_by_id
    WHERE said.period_id = %s AND said.version <= %s AND (said.board_id IS NULL OR said.board_id = %s)
    ORDER BY said.board_id IS NULL, said.version DESC LIMIT 1
""",
    commentary=Commentary,
    user=User,
)


class Words(NamedTuple):
    """A commentary; `board_id` is None if it is for all boards."""

    board_id: int | None
    version: int
    text: str
    signed_as: str
    written_at: datetime
    written_by: str


@by_hand
def find_commentary(period: ReportingPeriod, version: int, board: Board | None = None) -> Read[Words | None]:
    """Return the commentary beside a version: the board's own, or the one for all boards; the newest up to that
    version. One query.
    """
    # No board has the key 0.
    return Read(NEWEST, [period.pk, version, board.pk if board else 0], _make)


def _make(rows: Rows) -> Words | None:
    for board_id, of, text, role, at, name, email in rows:
        return Words(board_id, of, text, role, as_moment(at), name or email)
    return None


def find_own_commentary(period: ReportingPeriod, version: int, board: Board | None) -> Commentary | None:
    """Return the commentary of this exact version, for this board or for all. One query."""
    return Commentary.objects.filter(period=period, version=version, board=board).select_related("written_by").first()
