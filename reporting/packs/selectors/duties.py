"""Which duties have no indicator?"""

from boards.models import Board, PartnershipArea, Responsibility
from reporting.models import IndicatorLine, Snapshot


def list_duties_without_indicator(
    area: PartnershipArea, snapshot: Snapshot, *, board: Board | None
) -> list[Responsibility]:
    """Return the duties of all boards or one whose board has no indicator in a version, each with its board. A duty
    itself names no indicator. Two queries.
    """
    lines = IndicatorLine.objects.filter(snapshot=snapshot, category_code="").order_by()
    measured = {code for boards in lines.values_list("boards", flat=True) for code in boards}
    duties = Responsibility.objects.filter(board__area=area, board__in=Board.objects.in_use())
    if board is not None:
        duties = duties.filter(board=board)
    in_order = duties.select_related("board").order_by("board__position", "board__name", "position", "id")
    return [duty for duty in in_order if duty.board.code not in measured]
