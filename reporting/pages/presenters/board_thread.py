"""What does a board's page show about challenges and offers?"""

from actions.presenters.threads import Thread
from actions.selectors.threads import asked_of, list_asked, list_offered, offered_to
from boards.models import Board
from boards.permissions import Access
from reporting.packs.selectors.issued import next_pack_tells_since


def board_thread(access: Access, board: Board) -> Thread:
    """Return the challenges that its next pack will have, all those about its responsibilities, and its offers of
    support. Five queries at most."""
    about = asked_of(board, closed_since=next_pack_tells_since(board))
    return Thread(list_asked(access, about), list_offered(access, offered_to(board)))
