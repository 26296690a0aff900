"""What does a board's page show about challenges and offers?"""

from actions.presenters.threads import Thread
from actions.selectors.threads import Said, filter_for_pack, list_asked, list_offered, offered_to
from boards.models import Board
from boards.permissions import Access
from core.selectors.by_hand import Read, at_once
from reporting.packs.selectors.issued import LAST_TOLD


def board_thread(access: Access, board: Board) -> Thread:
    """Return the challenges that its next pack will have, all those about its responsibilities, and its offers of
    support. One query.
    """
    return Thread(access.area.slug, *at_once(*read_thread(access, board)))


def read_thread(access: Access, board: Board) -> tuple[Read[Said], Read[Said]]:
    """Return what asks for the challenges, and what asks for the offers."""
    about = filter_for_pack(board, f"COALESCE({LAST_TOLD}, asked.raised_at)", (board.pk, *[access.area.pk] * 3))
    return list_asked.read(access, about), list_offered.read(access, offered_to(board))
