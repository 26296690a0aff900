"""Which figures of an area are split by place, in which months, and what are their greatest counts?"""

from django.db.models import Max

from boards.models import PartnershipArea
from boards.workflow import MonthStatus
from core.months import Month
from reporting.models import IndicatorLine, Snapshot, SnapshotState


def newest_versions(area: PartnershipArea, *, include_drafts: bool) -> dict[Month, int]:
    """Return the months that the reader may see, the oldest first, each with the key of its newest version. One
    query.
    """
    versions = Snapshot.objects.filter(period__area=area, withdrawal__isnull=True).order_by(
        "period__starts_on", "version"
    )
    if not include_drafts:
        versions = versions.filter(state=SnapshotState.PUBLISHED.value, period__status=MonthStatus.PUBLISHED.value)
    # The newest version of a month comes last, and wins.
    return {Month.of(day): key for day, key in versions.values_list("period__starts_on", "pk")}


def greatest_by_place(snapshots: list[int]) -> dict[str, int]:
    """Return the indicators that any of these versions splits by place, each with its greatest count of one place. One
    query.
    """
    lines = IndicatorLine.objects.filter(snapshot__in=snapshots, longitude__isnull=False)
    counts = lines.order_by().values_list("indicator_code").annotate(Max("value"))
    return {code: greatest or 0 for code, greatest in counts}
