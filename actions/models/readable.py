"""Who can read a challenge or an offer of support? This is the only place that decides it.

People who read drafts read all of them. Others read those that go to their board or agency, or were escalated to their
board. They also read those about their board's own responsibilities, actions and indicators. People on the strategic
group's board read everything in its area. A board's packs have exactly what its members read.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Self

from django.db.models import Exists, Model, Q, QuerySet

from boards.models import Board
from boards.permissions import Access
from boards.roles import STRATEGIC_GROUP
from indicators.models import IndicatorBoard


@dataclass(frozen=True, slots=True)
class Way:
    """A rule by which a row belongs to one of several boards (or agencies), given by id."""

    condition: Callable[[Collection[int]], Q]
    is_of_challenges: bool = False  # and not for offers


def _places(boards: Collection[int]) -> QuerySet[IndicatorBoard, int]:
    return IndicatorBoard.objects.filter(board__in=boards).values_list("indicator", flat=True)


def _groups(boards: Collection[int]) -> QuerySet[Board]:
    return Board.objects.filter(pk__in=boards, code=STRATEGIC_GROUP)


TO_BOARD = Way(lambda boards: Q(board__in=boards))
TO_AGENCY = Way(lambda agencies: Q(agency__in=agencies))
ESCALATED = Way(lambda boards: Q(escalated_to__in=boards), is_of_challenges=True)
ABOUT_OWN = (
    Way(lambda boards: Q(responsibility__board__in=boards)),
    Way(lambda boards: Q(action__board__in=boards)),
    Way(lambda boards: Q(indicator__in=_places(boards))),
)
# The seat on the board, not the role STRATEGIC: people with the role read drafts, and so everything.
ON_GROUP = Way(lambda boards: Q(Exists(_groups(boards))))
type Ways = list[tuple[Way, Collection[int]]]


def find_ways(access: Access) -> Ways | None:
    """Return the rules for this person; None if they read everything in the area, an empty list if they have no role in
    it."""
    if access.is_outsider:
        return []
    if access.reads_every_board:
        return None
    # Leads, approvers and second contacts: all of them read what goes to their agency.
    agencies = access.agencies
    return [*([(TO_AGENCY, agencies)] if agencies else []), *ways_of_boards(access.seated)]


def ways_of_boards(boards: Collection[int]) -> Ways:
    return [(way, boards) for way in (TO_BOARD, ESCALATED, *ABOUT_OWN, ON_GROUP)] if boards else []


def about_own(boards: Collection[int]) -> Q:
    """Return what concerns these boards themselves."""
    return _either((way, boards) for way in ABOUT_OWN)


def belong_to(board: Board) -> Q:
    """Return the filter for the challenges that its members read."""
    return _either(ways_of_boards([board.pk]))


def _either(ways: Iterable[tuple[Way, Collection[int]]]) -> Q:
    found = Q()
    for way, ids in ways:
        found |= way.condition(ids)
    return found


class ReadableQuerySet[Row: Model](QuerySet[Row]):
    """Challenges, or offers."""

    def readable_by(self, access: Access) -> Self:
        """Return those that this person may read."""
        return self.filter(area=access.area)._by(find_ways(access))

    def read_by_board(self, board: Board) -> Self:
        """Return those in a board's packs."""
        return self.filter(area=board.area_id)._by(ways_of_boards([board.pk]))

    def _by(self, ways: Ways | None) -> Self:
        if ways is None:
            return self
        # Offers are never escalated: they have no such column.
        has_chairs = any(field.name == "escalated_to" for field in self.model._meta.fields)
        ways = [(way, ids) for way, ids in ways if has_chairs or not way.is_of_challenges]
        # No way at all must be nobody: an empty Q would match every row.
        return self.filter(_either(ways)) if ways else self.none()
