"""What was said of a month, by whom?"""

from boards.models import Board, ReportingPeriod
from reporting.models import Commentary


def find_commentary(period: ReportingPeriod, version: int, board: Board | None = None) -> Commentary | None:
    """What stands beside a version: the board's own words, or those for all boards; the newest up to that version. One
    query."""
    written = Commentary.objects.filter(period=period, version__lte=version).select_related("board", "written_by")
    newest = {each.board_id: each for each in written.order_by("version", "id")}
    return newest.get(board.pk if board else None) or newest.get(None)


def find_own_commentary(period: ReportingPeriod, version: int, board: Board | None) -> Commentary | None:
    """The one of this very version, for this board or for all. One query."""
    return Commentary.objects.filter(period=period, version=version, board=board).select_related("written_by").first()
