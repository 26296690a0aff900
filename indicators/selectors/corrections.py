"""Which corrections are waiting in an area?"""

from django.db.models import QuerySet

from boards.models import PartnershipArea
from indicators.models import Correction
from indicators.workflow import CorrectionState


def open_corrections(area: PartnershipArea) -> QuerySet[Correction]:
    """List the corrections that the coordinator has to decide, oldest first. One query, with all that the list
    shows."""
    asked = Correction.objects.filter(indicator__area=area, state=CorrectionState.ASKED.value)
    parts = ("indicator__owner", "category", "period__area", "asked_by")
    figures = ("was_state", "was_value", "new_state", "new_value", "reason", "asked_at")
    places = ("indicator__title", "indicator__code", "category__name", "category__code", "period__starts_on")
    names = ("indicator__owner__name", "period__area__slug", "asked_by__name", "asked_by__email")
    return asked.select_related(*parts).only(*figures, *places, *names).order_by("asked_at", "id")
