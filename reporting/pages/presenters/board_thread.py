"""What does a board's page show about challenges and offers?"""

from actions.selectors.threads import Said, filter_for_pack, list_asked, list_offered, offered_to
from boards.models import Board
from boards.permissions import Access
from core.selectors.by_hand import Read
from reporting.packs.selectors.issued import LAST_TOLD


def read_thread(access: Access, board: Board) -> tuple[Read[Said], Read[Said]]:
    """Return what asks for the challenges that its next pack will have, all those about its responsibilities, and what
    asks for its offers of support."""
    about = filter_for_pack(board, f"COALESCE({LAST_TOLD}, asked.raised_at)", (board.pk, *[access.area.pk] * 3))
    return list_asked.read(access, about), list_offered.read(access, offered_to(board))
