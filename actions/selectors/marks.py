"""Which highlights did an indicator’s boards have, and when? actions.selectors.events has what may have changed it.

SQL written by hand: see core.selectors.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from actions.models import Highlight
from boards.models import Board, PartnershipArea
from core.selectors import as_day, fetch_rows
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


def list_board_highlights(
    area: PartnershipArea, boards: Sequence[str], *, first: date, last: date
) -> list[ToldHighlight]:
    """Return the highlights of any of these boards that started on these days, without archived ones. One query; none
    without a board."""
    if not boards:
        return []
    which = HIGHLIGHTS.format(codes=", ".join(["%s"] * len(boards)))
    rows = fetch_rows(which, [area.pk, str(first), str(last), *boards])
    return [ToldHighlight(pk, title, as_day(starts_on)) for pk, title, starts_on in rows]
