"""Which highlights did an indicator’s boards have, and when? actions.selectors.events has what may have changed it.

SQL written by hand: see core.selectors.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from actions.models import Highlight
from boards.models import Board, PartnershipArea
from core.selectors import as_day
from core.selectors.by_hand import Read, Rows, by_hand
from core.statements import statement


class ToldHighlight(NamedTuple):
    """A highlight, by its start date."""

    pk: int
    title: str
    starts_on: date


HIGHLIGHTS = statement(
    """
    SELECT highlight.id, highlight.title, highlight.starts_on FROM {highlight} highlight
    WHERE highlight.area_id = %s AND highlight.archived_at IS NULL
    AND highlight.starts_on >= %s AND highlight.starts_on <= %s
    AND EXISTS (
        SELECT 1 FROM {place} place JOIN {board} board ON board.id = place.board_id
        WHERE place.highlight_id = highlight.id AND board.code IN ({{codes}})
    )
    ORDER BY highlight.starts_on, highlight.id
""",
    highlight=Highlight,
    place=Highlight.boards.through,
    board=Board,
)


@by_hand
def list_board_highlights(
    area: PartnershipArea, boards: Sequence[str], *, first: date, last: date
) -> Read[list[ToldHighlight]]:
    """Return the highlights of any of these boards that started on these days, without archived ones. One query."""
    # NULL is the code of no board.
    which = HIGHLIGHTS.format(codes=", ".join(["%s"] * len(boards)) or "NULL")
    return Read(which, [area.pk, str(first), str(last), *boards], _make)


def _make(rows: Rows) -> list[ToldHighlight]:
    return [ToldHighlight(pk, title, as_day(starts_on)) for pk, title, starts_on in rows]
