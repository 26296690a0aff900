"""What does a board's page say of challenges and offers?"""

from actions.presenters.threads import Thread, offers, threads
from actions.selectors.threads import offered_to, on_page_of
from boards.models import Board, ReportingPeriod
from boards.permissions import Access
from boards.workflow import MonthStatus
from core.statements import statement
from indicators.disclosure import Audience
from reporting.models.packs import IssuedPack, PackKind
from reporting.models.snapshots import Snapshot

# As reporting.packs.presenters.sources has it: when the board got its last pack for partners; where it never had one,
# when the month before the newest was published.
LAST_TOLD = statement(
    """
    COALESCE(
        (SELECT MAX(pack.issued_at) FROM {pack} pack WHERE pack.board_id = %s
            AND pack.kind = '{kind}' AND pack.audience = '{audience}'),
        (SELECT MIN(snapshot.published_at) FROM {snapshot} snapshot WHERE snapshot.period_id = (
            SELECT period.id FROM {period} period
            WHERE period.area_id = %s AND period.status = '{published}'
            ORDER BY period.starts_on DESC LIMIT 1 OFFSET 1)),
        asked.raised_at)
""",
    kind=PackKind.MONTH.value,
    audience=Audience.PARTNERS.value,
    published=MonthStatus.PUBLISHED.value,
    pack=IssuedPack,
    snapshot=Snapshot,
    period=ReportingPeriod,
)


def board_thread(access: Access, board: Board) -> Thread:
    """What its next pack will have of challenges, and all about what it answers for; and what it is offered. Two
    queries."""
    about = on_page_of(board, LAST_TOLD, (board.pk, access.area.pk))
    return Thread(challenges=threads(access, about), offers=offers(access, offered_to(board)))
