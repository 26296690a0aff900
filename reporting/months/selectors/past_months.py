"""Which months were opened for earlier figures and wait to be published together? What do they lack?"""

from itertools import takewhile
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q

from boards.models import PartnershipArea, ReportingPeriod
from boards.workflow import MonthStatus
from indicators.models import Submission
from indicators.trend import OWED
from reporting.models import IndicatorLine, SnapshotState


def list_past_months(area: PartnershipArea) -> list[ReportingPeriod]:
    """Return the months that were opened for earlier figures, and for which nobody started a return.
    The oldest first, and none after another unpublished month, because each shows the figures of those before it. Two
    queries.
    """
    begun = set(Submission.objects.filter(period__area=area).values_list("period", flat=True))
    waiting = ReportingPeriod.objects.filter(area=area).exclude(status=MonthStatus.PUBLISHED.value)
    in_order = waiting.select_related("area").order_by("starts_on")
    return list(takewhile(lambda period: period.for_history and period.pk not in begun, in_order))


class Lack(NamedTuple):
    """An indicator, and how many of the drafts lack its figure."""

    title: str
    owner: str
    months: int
    of: int


def list_lacks(periods: list[ReportingPeriod]) -> list[Lack]:
    """Return what the drafts of these months lack, for each indicator as a whole, in the page's order. One query."""
    owed = [state.value for state in OWED]
    lines = IndicatorLine.objects.filter(
        snapshot__period__in=[period.pk for period in periods],
        snapshot__state=SnapshotState.DRAFT.value,
        category_code="",
    )
    counted = (
        lines.order_by()
        .values("indicator_code")
        .annotate(
            title=Max("title"),
            owner=Max("owner_name"),
            place=Min("position"),
            months=Count("pk", filter=Q(state__in=owed)),
            of=Count("pk"),
        )
    )
    rows = counted.filter(months__gt=0).order_by("place", "indicator_code")
    return [Lack(*row) for row in rows.values_list("title", "owner", "months", "of")]
