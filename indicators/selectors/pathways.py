"""Reads the pathways that an area has set up."""

from django.db.models import Prefetch, QuerySet

from boards.models import Board, PartnershipArea
from indicators.models import IndicatorBoard, Pathway, PathwayStep


def list_pathways(area: PartnershipArea, board: Board | None = None) -> list[Pathway]:
    """List the pathways in use with their steps, or those that a board has indicators of. Two queries; one if there is
    none."""
    return list(with_steps(_pathways(area, board)))


def find_pathway(area: PartnershipArea, code: str) -> Pathway | None:
    """Return a pathway in use with its steps. Two queries; one if there is none."""
    return with_steps(_pathways(area)).filter(code=code).first()


def list_titles(area: PartnershipArea, board: Board | None = None) -> list[tuple[str, str]]:
    """List the same, each by its title and its code. One query."""
    return list(_pathways(area, board).values_list("title", "code"))


def with_steps(pathways: QuerySet[Pathway]) -> QuerySet[Pathway]:
    return pathways.prefetch_related(Prefetch("steps", _steps().select_related("agency", "indicator", "category")))


def _steps() -> QuerySet[PathwayStep]:
    return PathwayStep.objects.in_use()


def _pathways(area: PartnershipArea, board: Board | None = None) -> QuerySet[Pathway]:
    pathways = Pathway.objects.in_use().filter(area=area)
    if board is None:
        return pathways
    its_own = IndicatorBoard.objects.filter(board=board).values("indicator")
    return pathways.filter(pk__in=_steps().filter(indicator__in=its_own).values("pathway"))
