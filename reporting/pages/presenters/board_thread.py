"""What does a board's page show about challenges and offers?"""

from actions.presenters.threads import Thread
from actions.selectors.threads import filter_for_pack, list_asked, list_offered, offered_to
from boards.models import Board
from boards.permissions import Access
from reporting.packs.selectors.issued import LAST_TOLD


def board_thread(access: Access, board: Board) -> Thread:
    """Return the challenges that its next pack will have, all those about its responsibilities, and its offers of
    support. Two queries."""
    about = filter_for_pack(board, f"COALESCE({LAST_TOLD}, asked.raised_at)", (board.pk, *[access.area.pk] * 3))
    return Thread(access.area.slug, list_asked(access, about), list_offered(access, offered_to(board)))
