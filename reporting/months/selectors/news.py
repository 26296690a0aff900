"""Which versions of months were published since a moment?"""

from datetime import datetime

from django.db.models import QuerySet

from boards.models import PartnershipArea
from reporting.models import Snapshot, SnapshotState


def list_published_since(area: PartnershipArea, since: datetime) -> QuerySet[Snapshot]:
    """The newest first. One query."""
    published = Snapshot.objects.filter(period__area=area, state=SnapshotState.PUBLISHED.value, published_at__gt=since)
    return published.select_related("period").order_by("-published_at", "-version")
