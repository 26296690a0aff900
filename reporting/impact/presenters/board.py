"""What followed a board's events, as a month's pack shows it?"""

from collections.abc import Collection
from dataclasses import dataclass

from actions.selectors.events import Happening, NamedAim, list_expectations, list_happenings
from boards.models import Board, PartnershipArea
from core.months import Month
from reporting.impact.presenters.outcomes import OutcomeView, make_outcomes
from reporting.impact.presenters.page import ImpactView, make_impact
from reporting.impact.results import Outcome
from reporting.impact.selectors import list_board_codes

RECENT = 24  # months that are shown


@dataclass(frozen=True, slots=True)
class BoardImpact:
    """The outcomes, the newest first; and in full, the newest with a claimed change."""

    outcomes: tuple[OutcomeView, ...] = ()
    shown: ImpactView | None = None


def make_board_impact(area: PartnershipArea, board: Board | None, month: Month) -> BoardImpact:
    """Return the outcomes. An event of the whole area counts as a board's own too, for the board's indicators; without
    a board, all of the area's are shown. Ignores everything after the month. A dozen queries, or one if nothing
    happened.
    """
    happenings = [each for each in list_happenings(area) if month + -RECENT < each.first_after <= month]
    codes = list_board_codes(board) if board and happenings else set()
    pairs = [
        (happening, aim)
        for happening in reversed(happenings)
        for aim in happening.aims
        if board is None or is_own(happening, aim, board.code, codes)
    ]
    if not pairs:
        return BoardImpact()
    expectations = list_expectations(area)
    outcomes = make_outcomes(area, pairs, expectations, until=month)
    claimed = next((each for each in outcomes if each.outcome in (Outcome.FELL, Outcome.ROSE)), None)
    shown = None
    if claimed is not None:
        shown = make_impact(area, claimed.happening, claimed.aim, beside=(), expectations=expectations, until=month)
    return BoardImpact(tuple(outcomes), shown)


def is_own(happening: Happening, aim: NamedAim, board_code: str, codes: Collection[str]) -> bool:
    return happening.board_code == board_code or (not happening.board_code and aim.code in codes)
