"""Which bundles of packs are there, and which wait for a worker?"""

from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from reporting.models import PackBundle

# A worker reports after each pack. One that hasn't reported for this long is dead.
LAPSES_AFTER = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=1)
KEPT_FOR = timedelta(days=7)


def list_bundles(area: PartnershipArea) -> QuerySet[PackBundle]:
    """Return an area's bundles, the newest first, each with its file's `size` in bytes."""
    bundles = PackBundle.objects.filter(period__area=area).select_related("period__area", "asked_by")
    return bundles.annotate(size=F("file__size"))


def under_way(period: ReportingPeriod) -> PackBundle | None:
    """Return a month's unfinished bundle, if there is one."""
    return list_bundles(period.area).filter(period=period, finished_at=None).first()


def can_be_claimed() -> Q:
    """Match bundles that no worker is making: never started, or started by a worker that died."""
    return Q(finished_at=None) & (Q(claimed_at=None) | Q(claimed_at__lt=timezone.now() - LAPSES_AFTER))


def waiting_bundles() -> QuerySet[PackBundle]:
    """Return bundles that a worker can make, the oldest request first."""
    waiting = PackBundle.objects.filter(can_be_claimed()).select_related("period__area")
    return waiting.order_by("asked_at", "id")


def old_bundles() -> QuerySet[PackBundle]:
    """Return bundles that are old enough to delete."""
    return PackBundle.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR)
