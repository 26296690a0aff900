"""Publish a month."""

from django.db import transaction
from django.utils import timezone

from boards.models import ReportingPeriod
from boards.permissions import check_can_coordinate
from boards.services.months import locked
from boards.workflow import MONTH, MonthStatus
from core import audit
from core.models import User
from core.transitions import TransitionRefused
from reporting.models import Snapshot, SnapshotState
from reporting.rollup import roll_up


@transaction.atomic
def publish_month(period: ReportingPeriod, *, by: User) -> Snapshot:
    """Let the boards see a closed month, as its figures stand now.

    Raises PermissionDenied or TransitionRefused.
    """
    check_can_coordinate(period.area, by=by)
    period = locked(period)
    MONTH.check(before=MonthStatus(period.status), after=MonthStatus.PUBLISHED, thing=period.month.label)
    earlier = (
        ReportingPeriod.objects.filter(area=period.area, starts_on__lt=period.starts_on)
        .exclude(status=MonthStatus.PUBLISHED.value)
        .order_by("starts_on")
        .first()
    )
    if earlier is not None:
        # Its figures stand in this month's arrows and charts, and nobody has decided yet to show them.
        raise TransitionRefused(f"Publish {earlier.month.label} first: {period.month.label} shows its figures too.")
    # What is published is what the figures say at this moment, not what they said at the last sweep.
    roll_up(ReportingPeriod.objects.filter(pk=period.pk))
    snapshot = Snapshot.objects.filter(period=period).order_by("-version")[0]
    now = timezone.now()
    snapshot.state, snapshot.published_at, snapshot.published_by = SnapshotState.PUBLISHED, now, by
    snapshot.save(update_fields=["state", "published_at", "published_by"])
    period.status, period.published_at, period.published_by = MonthStatus.PUBLISHED, now, by
    period.save(update_fields=["status", "published_at", "published_by"])
    audit.record("month.published", period, by=by, area=period.area.slug, version=snapshot.version)
    return snapshot
