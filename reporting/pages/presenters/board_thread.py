"""What does a board's page say of challenges and offers?"""

from actions.presenters.threads import Thread, offers, threads
from actions.selectors.threads import filter_for_pack, offered_to
from boards.models import Board
from boards.permissions import Access
from reporting.packs.selectors.issued import LAST_TOLD


def board_thread(access: Access, board: Board) -> Thread:
    """What its next pack will have of challenges, and all about what it answers for; and what it is offered. Two
    queries."""
    about = filter_for_pack(board, f"COALESCE({LAST_TOLD}, asked.raised_at)", (board.pk, *[access.area.pk] * 3))
    return Thread(challenges=threads(access, about), offers=offers(access, offered_to(board)))
