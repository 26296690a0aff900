"""Which versions of months were published since a moment?"""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from boards.models import PartnershipArea
from reporting.models import Snapshot


def list_published_since(area: PartnershipArea, since: datetime) -> list[Snapshot]:
    """Return the versions, the newest first; none that can still be taken back."""
    return list(_published_between(area, since, timezone.now()))


def _published_between(area: PartnershipArea, since: datetime, now: datetime) -> QuerySet[Snapshot]:
    published = Snapshot.objects.standing().filter(period__area=area, fresh_until__gt=since, fresh_until__lte=now)
    named = published.select_related("period").only(
        "version", "published_at", "published_by", "taken_at", "period__starts_on"
    )
    return named.order_by("-published_at", "-version")
