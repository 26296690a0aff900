"""Which corrections does an area wait for?"""

from boards.models import PartnershipArea
from indicators.models import Correction
from indicators.workflow import CorrectionState


def open_corrections(area: PartnershipArea) -> list[Correction]:
    """Those that the coordinator has to decide, the longest waiting first. One query, with what a list
    of them names."""
    return list(
        Correction.objects.filter(indicator__area=area, state=CorrectionState.ASKED.value)
        .select_related("indicator__owner", "category", "period__area", "asked_by")
        .order_by("asked_at", "id")
    )
