"""Which changes of recording wait for a decision?"""

from django.db.models import QuerySet

from boards.models import PartnershipArea
from core.models import User
from indicators.models.recordings import RecordingChange
from indicators.workflow import RecordingState


def list_asked_by_others(area: PartnershipArea, person: User) -> QuerySet[RecordingChange]:
    """Return those that somebody else asked for. One query."""
    waiting = RecordingChange.objects.filter(indicator__area=area, state=RecordingState.ASKED.value)
    names = ("indicator__title", "indicator__code", "asked_by__name", "asked_by__email")
    others = waiting.exclude(asked_by=person).select_related("indicator", "asked_by")
    return others.only("applies_from", *names)
