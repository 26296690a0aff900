"""What was done about an indicator, and when: actions that mean to move it, and highlights of its boards?

Statements by hand: see core.selectors.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from actions.models import Action, Highlight
from actions.workflow import ActionState
from boards.models import Board, PartnershipArea
from core.selectors import as_day, as_moment, fetch_rows
from core.statements import statement
from indicators.models import Indicator


class DoneAction(NamedTuple):
    """An action of the plan: when it starts, and when it was completed, if it was."""

    number: int
    title: str
    starts_on: date
    completed_at: datetime | None


class ToldHighlight(NamedTuple):
    """A highlight, by the day on which it began."""

    pk: int
    title: str
    starts_on: date


ACTIONS = statement(
    """
    SELECT action.number, action.title, action.starts_on, action.completed_at
    FROM {action} action JOIN {measure} measure ON measure.id = action.measure_id
    WHERE measure.area_id = %s AND measure.code = %s AND action.state <> %s
    ORDER BY action.starts_on, action.number
""",
    action=Action,
    measure=Indicator,
)
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


def list_actions_on(area: PartnershipArea, code: str) -> list[DoneAction]:
    """Those that mean to move the indicator of that code, without the archived ones: as actions.selectors.plan.rows_on
    has them. One query."""
    rows = fetch_rows(ACTIONS, [area.pk, code, ActionState.ARCHIVED.value])
    return [
        DoneAction(number, title, as_day(starts_on), completed_at and as_moment(completed_at))
        for number, title, starts_on, completed_at in rows
    ]


def list_highlights_of(area: PartnershipArea, boards: Sequence[str], *, first: date, last: date) -> list[ToldHighlight]:
    """Those of any of these boards that began on these days, without the archived ones. One query; none without a
    board."""
    if not boards:
        return []
    which = HIGHLIGHTS.format(codes=", ".join(["%s"] * len(boards)))
    rows = fetch_rows(which, [area.pk, str(first), str(last), *boards])
    return [ToldHighlight(pk, title, as_day(starts_on)) for pk, title, starts_on in rows]
