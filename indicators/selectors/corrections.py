"""Which corrections are waiting in an area?"""

from boards.models import PartnershipArea
from indicators.models import Correction
from indicators.workflow import CorrectionState


def open_corrections(area: PartnershipArea) -> list[Correction]:
    """List the corrections that the coordinator has to decide, oldest first. One query, with all that the list
    shows."""
    return list(
        Correction.objects.filter(indicator__area=area, state=CorrectionState.ASKED.value)
        .select_related("indicator__owner", "category", "period__area", "asked_by")
        .order_by("asked_at", "id")
    )
